"""The columns that tables of the estimates share."""

from warm_inspect.analysis import identity
from warm_inspect.analysis.estimates import PERCENT, POINTS, Z_UNITS
from warm_inspect.report.rows import Record
from warm_inspect.tables import UNKNOWN, Cell, Column, Kind, Mark, interval, p_value, points, whole

_DECIMALS = {POINTS: 1, PERCENT: 1, Z_UNITS: 2}
"""By unit; three for others."""
_NO_DIFFERENCE = (identity.Kind.RATE, identity.Kind.FLIP_RATE)


def minus(label: str) -> str:
    """A label with real minus signs."""
    return label.replace(" - ", " − ")


def value(row: Record, decimals: int | None = None) -> str:
    """The estimate, with its sign where it is a difference."""
    return _signed(points(row["estimate"], _decimals(row, decimals)), row)


def interval_of(row: Record, decimals: int | None = None) -> str:
    """Its 95% interval."""
    return _signed(interval(row["conf_low"], row["conf_high"], _decimals(row, decimals)), row)


def _decimals(row: Record, wanted: int | None) -> int:
    return _DECIMALS.get(row["unit"], 3) if wanted is None else wanted


def _signed(text: str, row: Record) -> str:
    """The text, without plus signs where the number is no difference."""
    return text.replace("+", "") if row["kind"] in _NO_DIFFERENCE else text


def contrast(heading: str = "contrast") -> Column[Record]:
    """What the row is about."""
    return Column(heading, lambda row: minus(row["contrast"]), Kind.WORDS)


def estimate(heading: str = "effect", decimals: int | None = None) -> Column[Record]:
    """The number itself, with a dagger where it has limits."""
    return Column(heading, lambda row: Cell(value(row, decimals), Mark.NOTE if row["note"] else Mark.NONE))


def interval_column(decimals: int | None = None) -> Column[Record]:
    """Its interval."""
    return Column("95% interval", lambda row: interval_of(row, decimals))


def n(unit: str) -> Column[Record]:
    """How many of these units enter."""
    return Column(f"n {unit}", lambda row: whole(row["n"]))


def clusters(unit: str) -> Column[Record]:
    """How many independent units there are."""
    return Column(unit, lambda row: whole(row["n_clusters"]) if row["n_clusters"] else UNKNOWN)


OUTCOME: Column[Record] = Column("outcome", lambda row: str(row["outcome"]), Kind.WORDS)
INTERVAL = interval_column()
P: Column[Record] = Column("P", lambda row: p_value(row["p_value"]))
P_ADJUSTED: Column[Record] = Column("P adj.", lambda row: p_value(row["p_adjusted"]))
ID: Column[Record] = Column("id", lambda row: str(row["estimate_id"]), Kind.CODE)
LIMITS: Column[Record] = Column("limits", lambda row: str(row["note"]), Kind.NOTE)
