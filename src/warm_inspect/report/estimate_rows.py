"""Rows of the estimates: as records, with what belongs beside each, and as the columns that their tables share."""

from collections.abc import Iterable, Mapping
from math import isnan
from typing import Any

import pandas as pd

from warm_inspect.analysis.contrasts import ARM_EFFECT, BEST, NOISE, SECOND_DIFFERENCE, WORST
from warm_inspect.analysis.estimates import (
    ALPHA,
    CONTRAST,
    PER_THOUSAND,
    PERCENT,
    POINTS,
    PRIMARY,
    Z_UNITS,
    Identity,
    Kind,
    identities,
)
from warm_inspect.analysis.study import FLIP_RATE
from warm_inspect.tables import (
    UNKNOWN,
    Column,
    ColumnKind,
    Mark,
    TableCell,
    bracketed,
    interval,
    p_value,
    points,
    whole,
)

Record = dict[str, Any]
_DECIMALS = {POINTS: 1, PERCENT: 1, PER_THOUSAND: 1, Z_UNITS: 2}
"""By unit; three for others."""
_NO_DIFFERENCE = (Kind.RATE, Kind.FLIP_RATE)


def records(frame: pd.DataFrame) -> list[Record]:
    """The rows of a frame as dicts."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def compared(row: Record) -> str:
    """What a row of the estimates compares, without the condition: `warm - original`."""
    return Identity.of(row).compared


def primary_first(names: Iterable[str], estimates: pd.DataFrame) -> list[str]:
    """Names of comparisons in their order, but those of the headlines first."""
    first = {identity.compared for identity in identities(estimates[estimates["family"] == PRIMARY])}
    return sorted(names, key=lambda name: name not in first)


def known(row: Record) -> bool:
    """Whether a row has an interval that can be drawn."""
    return not (isnan(row["estimate"]) or isnan(row["conf_low"]) or isnan(row["conf_high"]))


def flips_between(estimates: pd.DataFrame) -> dict[str, Record]:
    """The share of grades that changed between two arms, by the name of their comparison: `warm - original`."""
    rows = records(estimates[(estimates["analysis"] == FLIP_RATE) & (estimates["term"] == CONTRAST)])
    return {Identity.of(row).pair: row for row in rows}


def noise_beside(estimates: pd.DataFrame) -> dict[tuple[str, str], Record]:
    """The contrasts of the rerun with the original, which show the noise beside an effect, by condition and outcome."""
    rows = records(estimates[(estimates["analysis"] == NOISE) & (estimates["term"] == CONTRAST)])
    return {(Identity.of(row).condition, row["outcome"]): row for row in rows}


def beside(row: Record, noise: Mapping[tuple[str, str], Record]) -> Record | None:
    """The rerun's contrast under the condition of an effect between arms or a second difference; None without one."""
    between = row["analysis"] in (ARM_EFFECT, SECOND_DIFFERENCE)
    return noise.get((Identity.of(row).condition, row["outcome"])) if between else None


Cases = Mapping[tuple[str, str], tuple[Record, Record]]
"""The best and the worst case of a contrast, by its label and outcome."""


def cases_beside(estimates: pd.DataFrame) -> Cases:
    """The contrasts with every missing reply at its best and at its worst; those of a traffic have their own table."""
    rows = estimates[estimates["term"].isin([BEST, WORST]) & (estimates["kind"] != Kind.TRAFFIC_EFFECT)]
    both: dict[tuple[str, str], dict[str, Record]] = {}
    for row in records(rows):
        both.setdefault((row["contrast"], row["outcome"]), {})[row["term"]] = row
    return {key: (pair[BEST], pair[WORST]) for key, pair in both.items() if len(pair) == 2}


def if_missing_column(cases: Cases) -> Column[Record]:
    """The estimate at the best and at the worst case of the replies that are missing; unknown where none is."""

    def show(row: Record) -> str:
        pair = cases.get((row["contrast"], row["outcome"]))
        return UNKNOWN if pair is None else " to ".join(value(case) for case in pair)

    return Column("if missing", show)


def minus(label: str) -> str:
    """A label with real minus signs."""
    return label.replace(" - ", " − ")


def value(row: Record, decimals: int | None = None) -> str:
    """The estimate, with its sign where it is a difference."""
    return _signed(points(row["estimate"], _decimals(row, decimals)), row)


def row_of(estimates: pd.DataFrame, term: str, identity: Identity, outcome: str) -> Record | None:
    """The row of one number; None where the estimates lack it."""
    wanted = {"term": term, "outcome": outcome} | vars(identity)
    rows = records(estimates[(estimates[list(wanted)] == list(wanted.values())).all(axis=1)])
    return rows[0] if rows else None


def interval_of(row: Record, decimals: int | None = None) -> str:
    """The 95 % interval of a row as text, `−1.2 to +3.4`; with plus signs only where the number is a difference."""
    return _signed(interval(row["conf_low"], row["conf_high"], _decimals(row, decimals)), row)


def _decimals(row: Record, wanted: int | None) -> int:
    return _DECIMALS.get(row["unit"], 3) if wanted is None else wanted


def _signed(text: str, row: Record) -> str:
    """The text, without plus signs where the number is no difference."""
    return text.replace("+", "") if row["kind"] in _NO_DIFFERENCE else text


def contrast_column(heading: str = "contrast") -> Column[Record]:
    """The column that says what is compared, under which condition."""
    return Column(heading, lambda row: minus(row["contrast"]), ColumnKind.WORDS)


def estimate_column(heading: str = "effect", decimals: int | None = None) -> Column[Record]:
    """The number itself, with a dagger where it has limits."""
    return Column(heading, lambda row: TableCell(value(row, decimals), Mark.NOTE if row["note"] else Mark.NONE))


def interval_column(decimals: int | None = None) -> Column[Record]:
    """The column of the 95 % interval."""
    return Column("95% interval", lambda row: interval_of(row, decimals))


def n_column(unit: str) -> Column[Record]:
    """How many of these units enter."""
    return Column(f"n {unit}", lambda row: whole(row["n"]))


def clusters_column(unit: str) -> Column[Record]:
    """How many independent units there are."""
    return Column(unit, lambda row: whole(row["n_clusters"]) if row["n_clusters"] else UNKNOWN)


OUTCOME: Column[Record] = Column("outcome", lambda row: str(row["outcome"]), ColumnKind.WORDS)
INTERVAL = interval_column()
P: Column[Record] = Column("P", lambda row: p_value(row["p_value"]))
P_ADJUSTED: Column[Record] = Column("P adj.", lambda row: p_value(row["p_adjusted"]))
BRACKETS = "Where two P values of a row fall on different sides of 5%, one in brackets does not decide."
"""Belongs into the caption of a table with the two columns that follow."""
P_BESIDE_ADJUSTED: Column[Record] = Column("P", lambda row: deciding_p(row, "p_value"))
P_ADJUSTED_BESIDE: Column[Record] = Column("P adj.", lambda row: deciding_p(row, "p_adjusted"))


def deciding_p(row: Record, name: str) -> str:
    """One of the two P values of a row; in brackets where it does not decide and they contradict each other."""
    contradict = (row["p_value"] < ALPHA) != (row["p_adjusted"] < ALPHA) and not isnan(row["p_adjusted"])
    return bracketed(row[name], contradict and row["decides"] != name)


ID: Column[Record] = Column("id", lambda row: str(row["estimate_id"]), ColumnKind.CODE)
LIMITS: Column[Record] = Column("limits", lambda row: str(row["note"]), ColumnKind.NOTE)
