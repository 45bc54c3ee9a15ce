"""How a row of the estimates is written in a table of text."""

from collections.abc import Callable, Sequence

from warm_inspect.analysis.estimates import POINTS
from warm_inspect.report.numbers import UNKNOWN, interval, points
from warm_inspect.report.tables.groups import Record


def shown(rows: Sequence[Record], cells: Callable[[Record], tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """The rows as texts."""
    return tuple(map(cells, rows))


def value(row: Record, signed: bool = True) -> str:
    """The estimate; without a sign for what is no difference."""
    decimals = _decimals(row)
    text = points(row["estimate"], decimals)
    return text if signed else text.removeprefix("+")


def interval_of(row: Record, signed: bool = True) -> str:
    """Its 95% interval."""
    text = interval(row["conf_low"], row["conf_high"], _decimals(row))
    return text if signed else text.replace("+", "")


def _decimals(row: Record) -> int:
    return 1 if row["unit"] == POINTS else 2


def again(noise: Record | None) -> str:
    """The A/A contrast that stands beside an effect."""
    return UNKNOWN if noise is None else f"{value(noise)} ({interval_of(noise)})"


def words_of(contrast: str) -> str:
    """A contrast with real minus signs."""
    return contrast.replace(" - ", " − ")
