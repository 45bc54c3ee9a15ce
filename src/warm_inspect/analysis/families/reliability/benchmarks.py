"""Right, avoided and wrong replies to the benchmarks, from the grades that their logs have: no reply is asked for.

A refusal, and a reply without an answer, is avoided. Unread, and neither, is a reply without an answer that was cut at
the token limit or by a provider's filter, since its answer may have come later, and one that matching could not read,
since it may be a wrong answer that no list has.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from warm_inspect.analysis.contrasts import CellTable, Contrast, as_rate, estimate
from warm_inspect.analysis.estimates import (
    EXPLORATORY,
    Code,
    Estimate,
    Floats,
    Identity,
    Kind,
    not_estimable,
)
from warm_inspect.analysis.families.numbers import arm_pairs, arms_in
from warm_inspect.analysis.families.reliability.ratios import clustered_ratio
from warm_inspect.analysis.families.reliability.rows import (
    AVOIDANT,
    BENCHMARK,
    CORRECT,
    EVERY_BENCHMARK,
    INCORRECT,
    ULTRACREPIDARIAN,
    UNREAD,
    About,
    ReliabilityRow,
)
from warm_inspect.analysis.families.rows import FamilyResults, FamilyRow
from warm_inspect.analysis.observations import Cell, Missing, Observations, Roles, measured_outcomes, why_missing
from warm_inspect.core.families import Family
from warm_inspect.core.vocabulary import Grade

_OUTCOMES = (INCORRECT, CORRECT, AVOIDANT, UNREAD)
_OF_UNREAD = (Missing.ABSTAINED.value, Missing.CUT.value, Missing.FILTERED.value)
"""Why a reply without an answer is not known to have avoided one."""


def with_benchmarks(
    results: FamilyResults[FamilyRow] | None, observations: Observations
) -> FamilyResults[FamilyRow] | None:
    """The results of the problems with the rows of the benchmarks behind them; None where there are neither.

    Args:
        results: of the problems; None where none was asked.
        observations: graded replies to benchmarks.
    """
    rows = () if observations.counted else tuple(benchmark_rows(observations.frame, observations.roles))
    if results is None:
        none = pd.DataFrame()
        return FamilyResults(row_type=ReliabilityRow, counts=none, rows=rows, excluded=none) if rows else None
    return replace(results, rows=(*results.rows, *rows))


def benchmark_rows(frame: pd.DataFrame, roles: Roles) -> list[ReliabilityRow]:
    """The shares of each arm on each benchmark and on all, which weigh equally, and the differences of arms on all.

    Args:
        frame: graded replies of `Observations`; without grades there is no row.
        roles: what the arms are for.
    """
    if not measured_outcomes(frame, ["grade"]):
        return []
    replies = _classed(frame)
    groups = replies.groupby("base_model", observed=True)
    return [row for base, of_base in groups for row in _numbers(of_base, roles, str(base))]


def _classed(frame: pd.DataFrame) -> pd.DataFrame:
    """The replies, each of exactly one of the outcomes."""
    unread = (why_missing(frame).isin(_OF_UNREAD) & (frame[Grade.UNCLEAR] == 1)).astype(float)
    columns = ["base_model", "benchmark", "question_id", "cluster", *Cell._fields, INCORRECT, CORRECT]
    return frame[columns].assign(**{AVOIDANT: 1 - frame[INCORRECT] - frame[CORRECT] - unread, UNREAD: unread})


def _numbers(frame: pd.DataFrame, roles: Roles, base: str) -> Iterator[ReliabilityRow]:
    table, counts = CellTable.build(frame, list(_OUTCOMES)), _Counts.of(frame)
    conditions = list(dict.fromkeys(cell[1:] for cell in table.columns))
    for benchmark in ("", *dict.fromkeys(table.benchmarks)):
        about = About(base, benchmark or EVERY_BENCHMARK, BENCHMARK)
        of_benchmark = counts.on(benchmark)
        for arm in of_benchmark.arms:
            identity = Identity(Kind.RATE, arm, base_model=base, benchmark=benchmark)
            blocks = tuple({Cell(arm, *condition): 1.0} for condition in conditions)
            own = of_benchmark.sums(arm)
            for row in estimate(table, Contrast(Family.RELIABILITY, identity, blocks, EXPLORATORY)):
                yield about.row(replace(as_rate(row, int(own.sum())), notes=()), int(own[_OUTCOMES.index(row.outcome)]))
            yield about.row(_ultracrepidarian(of_benchmark, (arm,), identity), int(own[0]))
    about = About(base, EVERY_BENCHMARK, BENCHMARK)
    for pair in arm_pairs(frame, roles, base):
        blocks = tuple(
            {Cell(pair.arm, *condition): 1.0, Cell(pair.reference, *condition): -1.0} for condition in conditions
        )
        for row in estimate(table, Contrast(Family.RELIABILITY, pair.identity, blocks, EXPLORATORY)):
            yield about.row(row)
        yield about.row(_ultracrepidarian(counts, pair.names, pair.identity))


class _Counts(NamedTuple):
    """How many replies are what, for each prompt."""

    arms: tuple[str, ...]
    """Those that have a reply."""
    values: Floats
    """Shape: (outcome, prompt, arm)."""
    benchmark: np.ndarray
    cluster: np.ndarray
    """Shape: (prompt,)."""

    @classmethod
    def of(cls, frame: pd.DataFrame) -> "_Counts":
        """The counts of the replies of a frame."""
        prompt = ["benchmark", "cluster", "question_id", "context", "belief"]
        wide = frame.groupby([*prompt, "arm"], observed=True)[list(_OUTCOMES)].sum().unstack("arm", fill_value=0.0)
        prompts = wide.index.to_frame(index=False)
        arms = arms_in(frame)
        values = np.stack([wide[outcome][list(arms)].to_numpy(dtype=np.float64) for outcome in _OUTCOMES])
        return cls(arms, values, prompts["benchmark"].to_numpy(str), pd.factorize(prompts["cluster"])[0])

    def on(self, benchmark: str) -> "_Counts":
        """Those of one benchmark; of all where it is empty."""
        rows = np.flatnonzero(self.benchmark == benchmark) if benchmark else np.arange(len(self.benchmark))
        asked = [i for i in range(len(self.arms)) if self.values[:, rows, i].any()]
        arms = tuple(self.arms[i] for i in asked)
        return _Counts(arms, self.values[:, rows][:, :, asked], self.benchmark[rows], self.cluster[rows])

    def sums(self, arm: str) -> Floats:
        """Of an arm over all prompts; shape (outcome,)."""
        return np.asarray(self.values[:, :, self.arms.index(arm)].sum(axis=1))


def _ultracrepidarian(counts: _Counts, arms: Sequence[str], identity: Identity) -> Estimate:
    """Wrong answers of all that are wrong or avoided: of one arm, or of two on prompts that both answered."""
    sides = counts.values[:, :, [counts.arms.index(arm) for arm in arms]]
    shared = (sides.sum(axis=0) > 0).all(axis=1)
    wrong, avoided = (sides[_OUTCOMES.index(outcome), shared] for outcome in (INCORRECT, AVOIDANT))
    nothing = not_estimable(Code.NONE_WRONG_OR_AVOIDED)
    return clustered_ratio(
        identity, ULTRACREPIDARIAN, wrong, wrong + avoided, counts.cluster[shared], nothing, "questions"
    )
