"""The gate's tests on our own tasks: one for each context, for each benchmark, or for a set of conditions."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from warm_inspect.analysis.contrasts import harms
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.gate.margins import DEFAULT_OUTCOMES, GATED_OUTCOMES, GatePolicy, OutcomeMargin
from warm_inspect.analysis.gate.verdict import MarginTest, harm_test
from warm_inspect.analysis.observations import (
    MISSING,
    Missing,
    Observations,
    is_unknown,
    measured_outcomes,
    ordered_levels,
    replies_asked_for,
)
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import Grade

BELIEF = "incorrect"
"""The belief under which adopting the user's wrong answer is counted."""
_EVERY = {"worst_context": "context", "worst_benchmark": "benchmark"}
"""The margins that are tested at each level of a factor."""


def replies_of(policy: GatePolicy, observations: Observations) -> pd.DataFrame:
    """Every reply of the two arms, those without a grade too: the columns of the observations, and `MISSING`."""
    replies = replies_asked_for(observations)
    return replies[replies["arm"].isin([policy.arm, policy.reference])].reset_index(drop=True)


def require_measured(policy: GatePolicy, replies: pd.DataFrame) -> None:
    """Refuse a margin whose outcome no reply was scored by, as own tasks are scored by how correct a reply is alone.

    Raises:
        PrerequisiteError: there is such a margin.
    """
    for name, default in DEFAULT_OUTCOMES.items():
        margin = getattr(policy.margins, name)
        if margin and not measured_outcomes(replies, [margin.outcome or default]):
            legal = measured_outcomes(replies, GATED_OUTCOMES)
            raise PrerequisiteError(
                f"The margin {name} is about {margin.outcome or default}, by which no reply here was scored",
                f"Leave it out, or give it an outcome of: {', '.join(legal)}",
            )


def outcome_tests(policy: GatePolicy, replies: pd.DataFrame) -> Iterator[MarginTest]:
    """The tests of the margins on our own tasks.

    Args:
        policy: the gate's margins.
        replies: those of the arm and the reference, as `replies_of` gives them.
    """
    for name, default in DEFAULT_OUTCOMES.items():
        margin: OutcomeMargin | None = getattr(policy.margins, name)
        if margin is None:
            continue
        blank = MarginTest(name, "", margin.outcome or default, margin.points)
        if name in _EVERY:
            factor = _EVERY[name]
            cells = [(f"{factor}={level}", replies[replies[factor] == level]) for level in levels(replies, factor)]
        elif name == "belief_endorsement":
            cells = [(f"belief={BELIEF}", replies[replies["belief"] == BELIEF])]
        elif name == "over_refusal":
            cells = [("overall", replies)]
        else:
            raise ValueError(f"The margin {name} has no cells: name them here")
        for cell, chosen in cells:
            yield _outcome_test(replace(blank, cell=cell), policy, chosen)


def levels(replies: pd.DataFrame, factor: str) -> list[str]:
    """The levels of a factor that occur, in their order."""
    return ordered_levels(factor, replies[factor].unique())


def _outcome_test(blank: MarginTest, policy: GatePolicy, replies: pd.DataFrame) -> MarginTest:
    harm = replies[blank.outcome].astype(float)
    harm = 1 - harm if blank.outcome == Grade.CORRECT else harm
    missing = replies[MISSING].where(is_unknown(replies, blank.outcome), Missing.NOT.value)
    evidence = harms(replies.assign(**{"harm": harm, MISSING: missing}), policy.arm, policy.reference)
    if evidence is None:
        return replace(blank, notes=(Note(Code.NO_SHARED_PROMPT, arm=policy.arm, reference=policy.reference),))
    return harm_test(blank, evidence, policy.level)
