"""Rates and differences of arms, as graded and corrected: the estimators on the observations of a study."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import isnan, nan

import numpy as np
import pandas as pd

from warm_inspect.analysis.contrasts import CellTable, Contrast, Grid, components_of, grid_of
from warm_inspect.analysis.estimates import (
    POINTS,
    Code,
    Estimate,
    Floats,
    Identity,
    Kind,
    Note,
    arm_effect,
    not_estimable,
    wald,
)
from warm_inspect.analysis.grader_error.agreement import LENGTH_BANDS, MIN_OF_CLASS, length_band
from warm_inspect.analysis.grader_error.estimators import (
    Estimated,
    Labelled,
    prediction_powered,
    rogan_gladen,
    sensitivity,
    specificity,
)
from warm_inspect.analysis.grader_error.labels import CORRECTED_OUTCOMES, KINDS, kind_column, label_column, with_labels
from warm_inspect.analysis.observations import ALL, Cell, Observations
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.grading.labels import LabelledReply

GRADER_ERROR = "grader_error"
"""The analysis of the corrected differences of arms."""
PREDICTION_POWERED = "prediction_powered"
ROGAN_GLADEN = "rogan_gladen"
METHODS = {PREDICTION_POWERED: prediction_powered, ROGAN_GLADEN: rogan_gladen}
"""The terms of the corrected differences, with their estimators."""

LEAST = 30
"""Labelled replies of an arm, under the conditions of a number, from which it is corrected: below, the error of a
corrected difference is no longer known (`bench/grader_error`)."""

RATE_COLUMNS = (
    "arm", "belief", "length", "outcome", "n", "labelled", "graded", "sensitivity", "specificity",
    *(f"{method}{part}" for method in METHODS for part in ("", "_low", "_high")),
)  # fmt: skip
"""The columns of the corrected rates: `belief` and `length` are `all` where a row pools over them; `n` and `labelled`
count replies; the others are shares, with the ends of 95 % intervals, which may lie beyond 0 and 1."""


@dataclass(frozen=True)
class Corrected:
    """Rates and differences of arms, corrected by the labels for errors of the grading."""

    estimates: tuple[Estimate, ...]
    """For each difference of arms, overall and under each belief, outcome and method."""
    rates: pd.DataFrame
    """For each arm, overall and under each belief, of all lengths and of each, and outcome; see `RATE_COLUMNS`."""
    notes: tuple[Note, ...]
    """What the labels lack."""


NOT_CORRECTED = Corrected((), pd.DataFrame(columns=list(RATE_COLUMNS)), ())
"""What there is without labels."""


def corrected(observations: Observations, labels: Sequence[LabelledReply]) -> Corrected:
    """The rates and differences of the arms, corrected by the labels.

    Raises:
        PrerequisiteError: as in `with_labels`, or no arm has `LEAST` labelled replies.
    """
    frame, notes = with_labels(observations.frame, labels)
    grid = grid_of(frame, observations.roles)
    counts = {arm: int(frame.loc[frame["arm"] == arm, label_column("incorrect")].sum()) for arm in grid.arms}
    if max(counts.values()) < LEAST:
        more = ", ".join(f"{arm} {LEAST - n}" for arm, n in counts.items())
        raise PrerequisiteError(
            f"No arm has the {LEAST} labelled replies that a correction takes. It takes so many more of each arm: "
            f"{more}. Draw them with: warm-inspect label export LOGS"
        )
    lacking = [_lacking(arm, n) for arm, n in counts.items() if n < LEAST]
    lacking += [note for arm, n in counts.items() if n >= LEAST for note in _benchmarks_lacking(frame, arm)]
    table = _table(frame)
    estimates = [row for contrast in _contrasts(grid) for row in _estimates(frame, table, contrast)]
    rates = pd.DataFrame(_rates(frame, grid), columns=list(RATE_COLUMNS))
    return Corrected(tuple(estimates), rates, (*notes, *lacking))


def _contrasts(grid: Grid) -> Iterator[Contrast]:
    """Each arm against its reference, overall and under each belief."""
    for (arm, reference), belief in product(grid.pairs, ("", *grid.beliefs)):
        identity = arm_effect(arm, reference, noise=grid.roles.repeats(arm, reference), belief=belief)
        conditions = product(grid.contexts, [belief] if belief else grid.beliefs)
        blocks = tuple({Cell(arm, *each): 1.0, Cell(reference, *each): -1.0} for each in conditions)
        yield Contrast(GRADER_ERROR, identity, blocks)


def _table(frame: pd.DataFrame) -> CellTable:
    """The condition means of the grades and of the kinds of labelled replies, outcome by outcome."""
    return CellTable.build(
        frame,
        [column for name in CORRECTED_OUTCOMES for column in (name, *(kind_column(name, kind) for kind in KINDS))],
    )


def _estimates(frame: pd.DataFrame, table: CellTable, contrast: Contrast) -> Iterator[Estimate]:
    """The difference of two arms by each method, for each outcome; none when no question met both."""
    whole = components_of(table, contrast)
    if whole is None:
        return
    identity = contrast.identity
    arms = {arm: _of_arm(table, contrast, arm) for arm in (identity.arm, identity.reference)}
    for outcome, (method, estimator) in product(CORRECTED_OUTCOMES, METHODS.items()):
        row = Estimate(
            analysis=GRADER_ERROR,
            term=method,
            outcome=outcome,
            identity=identity,
            estimate=nan,
            unit=POINTS,
            n=int(whole.complete.sum()),
            n_clusters=len(np.unique(whole.cluster[whole.entering])),
        )
        counts = {arm: _labelled_count(frame, outcome, arm, identity.belief) for arm in arms}
        lacking = [_lacking(arm, n) for arm, n in counts.items() if n < LEAST]
        if lacking:
            yield replace(row, notes=tuple(lacking))
            continue
        sides = {arm: estimator(*sums[outcome]) for arm, sums in arms.items()}
        uninformed = [_uninformed(arm, *arms[arm][outcome]) for arm, side in sides.items() if isnan(side.point)]
        if uninformed:
            yield replace(row, notes=tuple(uninformed))
            continue
        difference = sides[identity.arm] - sides[identity.reference]
        row = replace(row, estimate=100 * float(difference.point))
        if isnan(difference.std_error):
            yield replace(row, notes=(not_estimable(Code.FEWER_THAN_TWO, unit="labelled questions"),))
            continue
        said = ", ".join(f"{n} of {arm}" for arm, n in counts.items())
        corrected_row = wald(row, 100 * float(difference.std_error), float(difference.df))
        yield replace(corrected_row, notes=(Note(Code.LABELS, labelled=said),))


def _of_arm(table: CellTable, contrast: Contrast, arm: str) -> dict[str, tuple[Estimated, Labelled]]:
    """For each outcome, what one arm adds to a contrast: its graded rate, and its labelled replies weighed alike."""
    components = components_of(_of_cells(table, contrast, arm), contrast)
    assert components is not None
    sign = next(value for cell, value in components.blocks[0].items() if cell.arm == arm)
    clusters = np.unique(components.cluster, return_inverse=True)[1]
    size = int(clusters.max()) + 1

    def by_question(values: Floats) -> Floats:
        return np.bincount(clusters, values, size).astype(np.float64)

    sums = {}
    for place, outcome in enumerate(CORRECTED_OUTCOMES):
        # The table holds, for each outcome in turn, the grade and then the kinds of labelled replies (see `_table`).
        grade = place * (1 + len(KINDS))
        kinds = slice(grade + 1, grade + 1 + len(KINDS))
        graded = Estimated(
            point=np.asarray(sign * components.points[grade]),
            influence=by_question(sign * components.influence[grade]),
            unseen=np.zeros(()),
            df=np.asarray(size - 1.0),
        )
        weights = sign * components.differences[kinds] * components.share
        hits, misses, false_alarms, spared = (by_question(kind.sum(axis=1)) for kind in weights)
        labelled = Labelled(hits, misses, false_alarms, spared, _equal_weights(weights.sum(axis=0)))
        sums[outcome] = (graded, labelled)
    return sums


def _of_cells(table: CellTable, contrast: Contrast, arm: str) -> CellTable:
    """The cells of a contrast, those of the other arms set to zero.

    Every step to the components of a contrast is linear in the values, so that what is left is the arm's own part;
    which pairs are complete stays as it is.
    """
    cells = [cell for cell in table.columns if cell in contrast.cells]
    columns = [table.columns[cell] for cell in cells]
    return replace(
        table,
        columns={cell: i for i, cell in enumerate(cells)},
        values=np.array([float(cell.arm == arm) for cell in cells]) * table.values[:, :, columns],
        statement=table.statement[:, columns],
    )


def _equal_weights(weights: Floats) -> Floats:
    """How many replies of equal weight tell as much as these do (Kish's effective sample size); 0 without any."""
    squares = float((weights**2).sum())
    return np.asarray(weights.sum() ** 2 / squares if squares else 0.0)


def _rates(frame: pd.DataFrame, grid: Grid) -> Iterator[tuple[str | float, ...]]:
    """The rows of the corrected rates."""
    band = frame["reply_chars"].map(length_band)
    for length in (ALL, *LENGTH_BANDS):
        rows = frame if length == ALL else frame[band == length]
        if rows.empty:
            continue
        table = _table(rows)
        for arm, belief in product(grid.arms, ("", *grid.beliefs)):
            conditions = product(grid.contexts, [belief] if belief else grid.beliefs)
            blocks = tuple({Cell(arm, *each): 1.0} for each in conditions)
            contrast = Contrast(GRADER_ERROR, Identity(Kind.RATE, arm, belief=belief), blocks)
            if components_of(table, contrast) is None:
                continue
            n = int(_selected(rows, arm, belief).sum())
            for outcome, (graded, labelled) in _of_arm(table, contrast, arm).items():
                kinds = rows.loc[_selected(rows, arm, belief), [kind_column(outcome, kind) for kind in KINDS]] > 0
                counts = [int(kind.sum()) for _, kind in kinds.items()]
                shares = _shares(graded, labelled, counts)
                yield (arm, belief or ALL, length, outcome, n, sum(counts), *shares)


def _shares(graded: Estimated, labelled: Labelled, counts: Sequence[int]) -> Iterator[float]:
    """The graded rate, what is known of its misreading, and the corrected rates with their intervals.

    Args:
        graded: the rate as graded.
        labelled: the labelled replies.
        counts: how many replies are of each of `KINDS`.
    """
    yield float(graded.point)
    for share, n in ((sensitivity, counts[0] + counts[1]), (specificity, counts[2] + counts[3])):
        yield float(share(labelled).point) if n >= MIN_OF_CLASS else nan
    for estimator in METHODS.values():
        if sum(counts) < LEAST:
            yield from (nan, nan, nan)
            continue
        rate = estimator(graded, labelled)
        yield from (float(rate.point), *map(float, rate.interval()))


def _selected(frame: pd.DataFrame, arm: str, belief: str) -> "pd.Series[bool]":
    return (frame["arm"] == arm) & ((frame["belief"] == belief) | (not belief))


def _labelled_count(frame: pd.DataFrame, outcome: str, arm: str, belief: str) -> int:
    return int(frame.loc[_selected(frame, arm, belief), label_column(outcome)].sum())


def _lacking(arm: str, n: int) -> Note:
    return Note(Code.ARM_LABELS_LACKING, n=n, arm=arm, more=LEAST - n)


def _benchmarks_lacking(frame: pd.DataFrame, arm: str) -> Iterator[Note]:
    """A note when labels are of some of the benchmarks only, for example of those whose text may be shown."""
    own = frame[frame["arm"] == arm]
    labelled = own.groupby("benchmark", observed=True)[label_column("incorrect")].sum()
    if missing := [str(benchmark) for benchmark, n in labelled.items() if not n]:
        yield Note(Code.LABELS_OF_SOME_BENCHMARKS, arm=arm, benchmarks=" and ".join(missing))


def _uninformed(arm: str, graded: Estimated, labelled: Labelled) -> Note:
    """Why the misreading of an arm cannot be inverted."""
    hits, spared = float(sensitivity(labelled).point), float(specificity(labelled).point)
    if isnan(hits) or isnan(spared):
        return Note(Code.ONE_LABEL_OF_ARM, arm=arm)
    return Note(Code.GRADES_UNINFORMED, arm=arm, sensitivity=hits, specificity=spared)
