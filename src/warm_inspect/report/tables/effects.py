"""Effects: the claims, and every contrast of condition means with what chance gives beside it."""

from collections.abc import Callable, Iterable, Mapping

import pandas as pd

from warm_inspect.analysis.contrasts.design import (
    ARM_EFFECT,
    BELIEF_EFFECT,
    CONTEXT_EFFECT,
    NOISE,
    PRIMARY_OUTCOME,
    REPEAT,
    SECOND_DIFFERENCE,
)
from warm_inspect.analysis.estimates import CONTRAST, EXPLORATORY, PRIMARY, SECONDARY
from warm_inspect.analysis.headline import headline_effects
from warm_inspect.analysis.identity import Identity
from warm_inspect.analysis.identity import Kind as Compared
from warm_inspect.analysis.study import FLIP_RATE, MINIMUM_DETECTABLE
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.report.rows import Record, beside, compared, flips_between, noise_beside, primary_first, records
from warm_inspect.report.tables.estimates import (
    ID,
    INTERVAL,
    LIMITS,
    OUTCOME,
    P_ADJUSTED,
    P,
    clusters,
    contrast,
    estimate,
    interval_of,
    minus,
    n,
    value,
)
from warm_inspect.tables import UNKNOWN, Column, Kind, Table, p_value, percent, tabulate, whole

_RUNS = Identity(Compared.NOISE, REPEAT, ORIGINAL).pair
"""The comparison of the two runs of the original model."""


def claims(estimates: pd.DataFrame) -> Table:
    """The primary contrast, then the named secondary ones."""
    rows = records(estimates[(estimates["term"] == CONTRAST) & estimates["family"].isin([PRIMARY, SECONDARY])])
    rows.sort(key=lambda row: row["family"] != PRIMARY)
    # The primary contrast is alone in its family: its P value needs no adjustment.
    adjusted = Column[Record](
        "P adj.", lambda row: p_value(row["p_adjusted"]) if row["family"] == SECONDARY else UNKNOWN
    )
    return tabulate(
        "claims",
        "The primary contrast and the named secondary ones",
        "Percentage points. The primary contrast comes first and alone; P of the others is adjusted by Holm. "
        "“Original twice” is the same contrast between two runs of the original model: what chance alone gives. "
        "n counts complete pairs.",
        (
            contrast(), OUTCOME, estimate(), INTERVAL, P, adjusted, _chance(noise_beside(estimates)), n("pairs"),
            clusters("questions"), ID, LIMITS,
        ),
        rows,
    )  # fmt: skip


def effects(estimates: pd.DataFrame) -> list[Table]:
    """A table for each comparison of arms, then of contexts, of beliefs, of second differences, and of grades."""
    rows = records(estimates[estimates["term"] == CONTRAST])
    between = [row for row in rows if row["analysis"] in (ARM_EFFECT, NOISE) and not row["versus"]]
    within = [row for row in rows if row["analysis"] in (CONTEXT_EFFECT, BELIEF_EFFECT)]
    second = [row for row in rows if row["analysis"] in (SECOND_DIFFERENCE, NOISE) and row["versus"]]
    pairs = _by(between, compared)
    found = {f"Effects of {minus(name)}": pairs[name] for name in primary_first(pairs)}
    found |= _by(within, lambda row: f"Effects of {minus(compared(row))} inside each arm")
    found |= _by(second, lambda row: f"Second differences of {minus(compared(row))}")
    found |= _by([row for row in rows if row["analysis"] == FLIP_RATE], lambda row: "Grades that differ between arms")
    noise, flips = noise_beside(estimates), flips_between(estimates)
    return [
        _effects(f"effects-{i}", title, own, noise, _changed(own[0], flips))
        for i, (title, own) in enumerate(found.items(), start=1)
    ]


def first_effects(estimates: pd.DataFrame) -> Table:
    """The few effects that come first: what the experiment asks."""
    return _effects("first-effects", "Effects", records(headline_effects(estimates)), noise_beside(estimates))


def detectable(estimates: pd.DataFrame) -> Table:
    """What each comparison of arms could have found."""
    return tabulate(
        "detectable",
        "The smallest effects this study could have seen",
        f"On {PRIMARY_OUTCOME}, in percentage points: found in four studies like this out of five, at the two-sided 5% "
        "level. Smaller effects may be there unseen. n counts pairs.",
        (
            contrast(), Column("smallest effect", lambda row: f"±{row['estimate']:.1f}"), n("pairs"),
            clusters("questions"), ID,
        ),
        records(estimates[estimates["term"] == MINIMUM_DETECTABLE]),
    )  # fmt: skip


def _effects(
    name: str, title: str, rows: Iterable[Record], noise: Mapping[tuple[str, str], Record], notes: Iterable[str] = ()
) -> Table:
    """The outcomes of each contrast."""
    return tabulate(
        name,
        title,
        "Percentage points, errors clustered by question.",
        (
            Column("contrast", _heading, Kind.WORDS), OUTCOME, estimate(), INTERVAL, P, P_ADJUSTED, _chance(noise),
            n("pairs"), clusters("questions"), ID, LIMITS,
        ),
        rows,
        grouped=True,
        notes=notes,
    )  # fmt: skip


def _heading(row: Record) -> str:
    return minus(row["contrast"]) + (" (exploratory)" if row["family"] == EXPLORATORY else "")


def _chance(noise: Mapping[tuple[str, str], Record]) -> Column[Record]:
    """The same contrast between two runs of the original model."""

    def again(row: Record) -> str:
        found = beside(row, noise)
        return UNKNOWN if found is None else f"{value(found)} ({interval_of(found)})"

    return Column("original twice", again, detail=True)


def _changed(row: Record, flips: Mapping[str, Record]) -> list[str]:
    """How many grades changed between the arms of a comparison, and between the two runs of the original."""
    name = compared(row)
    if row["analysis"] not in (ARM_EFFECT, NOISE) or row["versus"] or name not in flips:
        return []
    said = f"Rate at which grades changed from arm to arm: {_rate(flips[name])}"
    if _RUNS in flips and name != _RUNS:
        said += f"; between two runs of the original: {_rate(flips[_RUNS])}"
    return [f"{said}. Benchmarks and conditions weigh equally."]


def _rate(row: Record) -> str:
    return f"{percent(row['estimate'] / 100)} (n = {whole(row['n'])} pairs)"


def _by(rows: Iterable[Record], name: Callable[[Record], str]) -> dict[str, list[Record]]:
    """Rows by name, in the order in which the names first come."""
    found: dict[str, list[Record]] = {}
    for row in rows:
        found.setdefault(name(row), []).append(row)
    return found
