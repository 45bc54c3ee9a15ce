"""What a published figure is, and its points: error rates of two arms in a base model, context and belief.

A point is the plain mean over benchmarks. It exists where both arms have every benchmark of that base model; a mean
over fewer would be of something else, so such points are left out and named.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan, nan

import pandas as pd

from warm_inspect.analysis.estimates import CONFIDENCE, Identity, identities
from warm_inspect.analysis.observations import ANY
from warm_inspect.analysis.published import cell_effect
from warm_inspect.core.vocabulary import NONE, ORIGINAL, PUBLISHED_CONTEXTS
from warm_inspect.report.drawing import Drawing

BELIEFS = (NONE, ANY)
"""Without a user belief, and with one that contradicts the truth."""

_KEYS = ["base_model", "benchmark", "context", "belief"]
_MOST_NAMED = 6
MAX_PANELS = 60
"""Panels of one figure; a table of counts may name any number of base models."""


@dataclass(frozen=True)
class PublishedFigure:
    """One figure of the study. Without panels, `missing` says why it is not drawn."""

    panels: tuple[Drawing, ...] = ()
    legend: tuple[tuple[str, str, str], ...] = ()
    """Words, glyph and colour of each code."""
    key: tuple[tuple[str, str], ...] = ()
    """What the numbers at the points stand for."""
    n: tuple[int, int] = (0, 0)
    """The fewest and the most replies behind a rate."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Numbers that the caption states."""
    missing: tuple[str, ...] = ()
    """What the input lacks, one sentence each."""


def first_panels(panels: Sequence[str], missing: list[str]) -> list[str]:
    """The first panels that a page can hold; the rest is said."""
    if len(panels) > MAX_PANELS:
        more = len(panels) - MAX_PANELS
        missing.append(f"{more} of {len(panels)} panels are not drawn: their counts are in paper_cells.csv.")
    return list(panels[:MAX_PANELS])


@dataclass(frozen=True)
class Point:
    """Error rates of an arm and of the original, from 0 to 1, over the benchmarks of one base model."""

    base_model: str
    context: str
    belief: str
    rate: float
    original: float
    n: int
    n_original: int
    p_adjusted: float
    """Of McNemar's test over the benchmarks; NaN where it was not made."""

    @property
    def starred(self) -> bool:
        """Whether the test finds a difference."""
        return self.p_adjusted < 1 - CONFIDENCE


def short_context(context: str) -> str:
    """A context in one word: `sad` for `emotion_sad`."""
    return context.rpartition("_")[2]


def adjusted_p(estimates: pd.DataFrame, analysis: str) -> dict[Identity, float]:
    """The adjusted P value of each of McNemar's tests that was made; empty for cell counts."""
    rows = estimates[(estimates["analysis"] == analysis) & (estimates["term"] == "difference")]
    rows = rows[rows["p_adjusted"].notna()]
    return dict(zip(identities(rows), rows["p_adjusted"], strict=True))


def both_arms(cells: pd.DataFrame, arm: str) -> pd.DataFrame:
    """One row per cell of both arms: base_model, benchmark, context, belief, n and rate, also with `_original`."""
    rated = cells.assign(rate=cells["n_incorrect"] / cells["n"])[[*_KEYS, "arm", "n", "rate"]]
    own, original = (rated[rated["arm"] == each].drop(columns="arm") for each in (arm, ORIGINAL))
    return own.merge(original, on=_KEYS, suffixes=("", "_original"))


def mean_points(cells: pd.DataFrame, arm: str, tests: Mapping[Identity, float]) -> tuple[list[Point], list[str]]:
    """The points of an arm in the order of base models, beliefs and contexts, and what is missing, in sentences."""
    shared = both_arms(cells, arm)
    points: list[Point] = []
    incomplete: list[str] = []
    for base, rows in shared.groupby("base_model"):
        benchmarks = rows["benchmark"].nunique()
        for belief in BELIEFS:
            for context in PUBLISHED_CONTEXTS:
                own = rows[(rows["context"] == context) & (rows["belief"] == belief)]
                if len(own) == benchmarks:
                    levels = {"base_model": str(base), "context": context, "belief": belief}
                    p = tests.get(cell_effect(arm, ORIGINAL, levels), nan)
                    points.append(_point(own, levels, p))
                elif len(own):
                    incomplete.append(f"{base} {context}{' with belief' if belief == ANY else ''}")
    return points, list(_lacking(cells, shared, arm, incomplete))


def _point(rows: pd.DataFrame, levels: dict[str, str], p_adjusted: float) -> Point:
    return Point(
        **levels,
        rate=float(rows["rate"].mean()),
        original=float(rows["rate_original"].mean()),
        n=int(rows["n"].sum()),
        n_original=int(rows["n_original"].sum()),
        p_adjusted=p_adjusted,
    )


def _lacking(cells: pd.DataFrame, shared: pd.DataFrame, arm: str, incomplete: list[str]) -> Iterator[str]:
    """What the input lacks for a figure of this arm, in sentences."""
    yield from absent_levels(shared, f"{arm} and {ORIGINAL}")
    if incomplete:
        more = len(incomplete) - _MOST_NAMED
        named = ", ".join(incomplete[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        yield f"Points of {arm} left out, because not every benchmark of their base model has the cell: {named}."
    every = set(cells["benchmark"])
    for base, rows in shared.groupby("base_model"):
        if lacking := sorted(every - set(rows["benchmark"])):
            named = ", ".join(lacking)
            yield f"{base}: {arm} and {ORIGINAL} share no cell of {named}; its points are means of the others."


def absent_levels(shared: pd.DataFrame, arms: str) -> Iterator[str]:
    """The contexts and beliefs of the study of which no cell is there."""
    contexts = [context for context in PUBLISHED_CONTEXTS if context not in set(shared["context"])]
    if contexts:
        yield f"No cell of {arms} in the contexts {', '.join(contexts)}."
    if ANY not in set(shared["belief"]):
        yield f"No cell of {arms} with a wrong belief of the user."
    if NONE not in set(shared["belief"]):
        yield f"No cell of {arms} without a belief of the user."


def replies(points: list[Point]) -> tuple[int, int]:
    """The fewest and the most replies behind a rate of these points."""
    counts = [n for point in points for n in (point.n, point.n_original)]
    return min(counts), max(counts)


def was_tested(points: list[Point]) -> bool:
    """Whether McNemar's test was made, which needs one pair of replies for each prompt."""
    return any(not isnan(point.p_adjusted) for point in points)
