"""The gate's tests on our own tasks: one for each context, for each benchmark, or for a set of conditions."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from warm_inspect.analysis.contrasts import CellTable, Contrast, MarginTest, Part, estimate, harm_test
from warm_inspect.analysis.estimates import Code, Note, arm_effect
from warm_inspect.analysis.gate.margins import DEFAULT_OUTCOMES, GatePolicy, OutcomeMargin
from warm_inspect.analysis.observations import Cell
from warm_inspect.core.vocabulary import Grade

BELIEF = "incorrect"
"""The belief under which adopting the user's wrong answer is counted."""
CONDITION = ["benchmark", "context", "belief"]
"""What is averaged first: benchmarks weigh equally in a harm, and conditions equally within a benchmark."""
_PROMPT = [*CONDITION, "question_id", "cluster", "epoch"]


def outcome_tests(policy: GatePolicy, rows: pd.DataFrame) -> Iterator[MarginTest]:
    """The tests of the margins on our own tasks.

    Args:
        policy: the gate's margins.
        rows: the graded replies of the arm and the reference, which share their base model.
    """
    for name, default in DEFAULT_OUTCOMES.items():
        margin: OutcomeMargin | None = getattr(policy.margins, name)
        if margin is None:
            continue
        blank = MarginTest(name, "", margin.outcome or default, margin.points)
        if name == "worst_context":
            cells = [(f"context={level}", rows[rows["context"] == level]) for level in levels(rows, "context")]
        elif name == "worst_benchmark":
            cells = [(f"benchmark={level}", rows[rows["benchmark"] == level]) for level in levels(rows, "benchmark")]
        elif name == "belief_endorsement":
            cells = [(f"belief={BELIEF}", rows[rows["belief"] == BELIEF])]
        elif name == "over_refusal":
            cells = [("overall", rows)]
        else:
            raise ValueError(f"The margin {name} has no cells: name them here")
        for cell, chosen in cells:
            yield _outcome_test(replace(blank, cell=cell), policy, chosen)


def levels(rows: pd.DataFrame, factor: str) -> list[str]:
    """The levels of a factor that occur, in their order."""
    present = set(rows[factor])
    return [str(level) for level in rows[factor].cat.categories if level in present]


def _outcome_test(blank: MarginTest, policy: GatePolicy, rows: pd.DataFrame) -> MarginTest:
    sign = -1.0 if blank.outcome == Grade.CORRECT else 1.0
    sides = [rows.loc[rows["arm"] == arm, [*_PROMPT, blank.outcome]] for arm in (policy.arm, policy.reference)]
    pairs = sides[0].merge(sides[1], on=_PROMPT, suffixes=("_arm", "_reference"))
    if pairs.empty:
        return replace(blank, notes=(Note(Code.NO_SHARED_PROMPT, arm=policy.arm, reference=policy.reference),))
    conditions = pairs[["context", "belief"]].astype(str).drop_duplicates().itertuples(index=False, name=None)
    blocks = tuple(
        {Cell(policy.arm, *condition): sign, Cell(policy.reference, *condition): -sign} for condition in conditions
    )
    contrast = Contrast("gate", arm_effect(policy.arm, policy.reference), blocks)
    (row,) = estimate(CellTable.build(rows, [blank.outcome]), contrast)
    gap = sign * (pairs[f"{blank.outcome}_arm"] - pairs[f"{blank.outcome}_reference"])
    pairs = pairs.assign(up=gap.clip(lower=0), down=-gap.clip(upper=0), differs=gap != 0)
    up, down = weighted_mean(pairs.groupby(CONDITION, observed=True)[["up", "down"]].mean())
    differing = int(pairs.loc[pairs["differs"], "cluster"].nunique())
    return harm_test(
        blank, row.estimate, row.std_error, row.n_clusters,
        up=up, down=down, differing=differing, parts=tuple(_parts(pairs)),
    )  # fmt: skip


def weighted_mean(conditions: pd.DataFrame) -> tuple[float, ...]:
    """The mean of each column as it enters a harm, from one row for each of `CONDITION`, which is the index."""
    return tuple(map(float, conditions.groupby("benchmark", observed=True).mean().mean()))


def _parts(pairs: pd.DataFrame) -> Iterator[Part]:
    """Each benchmark, and each condition of it."""
    benchmarks = [rows for _, rows in pairs.groupby("benchmark", observed=True)]
    for benchmark in benchmarks:
        yield _part(benchmark, 1 / len(benchmarks))
        conditions = [rows for _, rows in benchmark.groupby(CONDITION, observed=True)]
        for condition in conditions:
            yield _part(condition, 1 / (len(benchmarks) * len(conditions)))


def _part(pairs: pd.DataFrame, weight: float) -> Part:
    return Part(weight, int(pairs["cluster"].nunique()), int(pairs.loc[pairs["differs"], "cluster"].nunique()))
