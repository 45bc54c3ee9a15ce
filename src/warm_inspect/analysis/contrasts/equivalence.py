"""Equivalence: whether an effect is shown to lie within a margin that was named before the data.

Two one-sided tests (TOST): both a fall and a rise of the size of the margin must be excluded, each by the test of the
release gate (`bounded_mean`), so that what the sample may have missed is never taken as harmless. The larger P value
decides. The interval is the 90 % one of t; where it lies within the margin and the tests do not, a note says so.
Missing replies count against equivalence on either side: the rise is tested with them at their worst, the fall at their
best.

Source: Schuirmann 1987, doi 10.1007/BF01068419.
"""

from dataclasses import replace
from math import nan
from typing import NamedTuple

import numpy as np
from scipy import stats

from warm_inspect.analysis.contrasts.bounded_mean import p_reaches
from warm_inspect.analysis.contrasts.bounds import BEST, WORST, ReplyBounds
from warm_inspect.analysis.contrasts.condition_means import CellTable, Contrast, components_of, estimate
from warm_inspect.analysis.estimates import ALPHA, Code, Estimate, Floats, Note

EQUIVALENCE = "equivalence"
"""The term of an equivalence test, and of its 90 % interval."""


class Changes(NamedTuple):
    """What each cluster adds to an effect, from -weight to weight, and what it weighs. Shapes: (cluster,)."""

    sums: Floats
    weights: Floats


def two_one_sided_tests(row: Estimate, changes: Changes, margin: float) -> Estimate:
    """The test that an effect lies within the margin, with its 90 % interval.

    Args:
        row: the effect with its error.
        changes: what it is the sum of, as shares of the largest change that there can be.
        margin: percentage points.
    """
    return _tested(row, (row, row), (changes, changes), margin)


def equivalence_test(
    table: CellTable, contrast: Contrast, outcome: str, bounds: ReplyBounds | None, margin: float
) -> Estimate | None:
    """The equivalence test of a contrast; None when no block is complete anywhere.

    Args:
        table: replies with a grade.
        contrast: the effect.
        outcome: which of the table's outcomes.
        bounds: the bounds of every reply; None where none is missing.
        margin: percentage points.
    """
    plain = _only(table, outcome)
    rows = estimate(plain, contrast)
    if not rows:
        return None
    cases = (plain, plain)
    if bounds and bounds.misses(contrast):
        cases = (_only(bounds.at(contrast, BEST), outcome), _only(bounds.at(contrast, WORST), outcome))
    low, high = (estimate(case, contrast)[0] for case in cases)
    fall, rise = (_changes(case, contrast, low.possible[1] / 100) for case in cases)
    return _tested(rows[0], (low, high), (fall, rise), margin)


def _tested(
    row: Estimate, ends: tuple[Estimate, Estimate], changes: tuple[Changes, Changes], margin: float
) -> Estimate:
    """The test of a fall by the first of the changes and of a rise by the second, and the interval of the two ends."""
    # The difference of two differences can be twice as large as that of two rates.
    limit = margin / row.possible[1]
    fall, rise = changes
    # The test that is harder to pass decides.
    p_value = max(p_reaches(limit, -fall.sums, fall.weights), p_reaches(limit, rise.sums, rise.weights))
    low, high = _end(ends[0], -1), _end(ends[1], 1)
    notes = [Note(Code.MARGIN, points=margin)]
    if -margin < low and high < margin and p_value > ALPHA:
        notes.append(Note(Code.INTERVAL_WITHIN_MARGIN, p=p_value))
    tested = replace(row, term=EQUIVALENCE, statistic=nan, p_value=p_value, notes=(*notes, *row.notes))
    return tested.within(low, high)


def _end(row: Estimate, sign: int) -> float:
    """The end of the 90 % interval on one side; where all questions agree, that of the exact bound."""
    if not row.estimable:
        return row.conf_low if sign < 0 else row.conf_high
    return row.estimate + sign * float(stats.t.ppf(1 - ALPHA, row.df)) * row.std_error


def _only(table: CellTable, outcome: str) -> CellTable:
    return replace(table, outcomes=(outcome,), values=table.values[[table.outcomes.index(outcome)]])


def _changes(table: CellTable, contrast: Contrast, whole: float) -> Changes:
    """The changes of the only outcome of a table, `whole` being the largest that there can be."""
    components = components_of(table, contrast)
    if components is None:
        raise ValueError("a contrast with an estimate has components")
    sums = np.bincount(components.cluster, (components.differences[0] * components.share).sum(axis=1) / whole)
    weights = np.bincount(components.cluster, (components.complete * components.share).sum(axis=1))
    used = weights > 0
    return Changes(sums[used].astype(np.float64), weights[used].astype(np.float64))
