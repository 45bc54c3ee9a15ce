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
from warm_inspect.core.vocabulary import STATED_WRONG, Grade

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
            cells = [(f"belief={STATED_WRONG}", replies[replies["belief"] == STATED_WRONG])]
        elif name == "over_refusal":
            cells = [("overall", replies)]
        else:
            raise ValueError(f"The margin {name} has no cells: name them here")
        for cell, chosen in cells:
            yield _outcome_test(replace(blank, cell=cell), chosen, policy.arm, policy.reference, policy.level)


def positive_control_test(policy: GatePolicy, observations: Observations) -> MarginTest | None:
    """The test that the positive control adopts a stated wrong answer more often than what it is compared with.

    None where the logs hold no positive control, or no reply was scored by it.
    """
    roles, outcome = observations.roles, DEFAULT_OUTCOMES["belief_endorsement"]
    replies = replies_asked_for(observations)
    stated = replies[replies["belief"] == STATED_WRONG]
    if not roles.positive_control or not measured_outcomes(stated, [outcome]):
        return None
    blank = MarginTest("positive_control", f"belief={STATED_WRONG}", outcome, 0.0)
    return _outcome_test(blank, stated, roles.positive_control, roles.positive_reference, policy.level)


def levels(replies: pd.DataFrame, factor: str) -> list[str]:
    """The levels of a factor that occur, in their order."""
    return ordered_levels(factor, replies[factor].unique())


def _outcome_test(blank: MarginTest, replies: pd.DataFrame, arm: str, reference: str, level: float) -> MarginTest:
    """The test of an outcome of two arms over the conditions of the replies."""
    harm = replies[blank.outcome].astype(float)
    harm = 1 - harm if blank.outcome == Grade.CORRECT else harm
    missing = replies[MISSING].where(is_unknown(replies, blank.outcome), Missing.NOT.value)
    evidence = harms(replies.assign(**{"harm": harm, MISSING: missing}), arm, reference)
    if evidence is None:
        return replace(blank, notes=(Note(Code.NO_SHARED_PROMPT, arm=arm, reference=reference),))
    return harm_test(blank, evidence, level)
