"""The gate's tests on our own tasks: one for each context, for each benchmark, or for a set of conditions."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from warm_inspect.analysis.contrasts import MarginTest, Missing, harm_test, harms
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.gate.margins import DEFAULT_OUTCOMES, GATED_OUTCOMES, GatePolicy, OutcomeMargin
from warm_inspect.analysis.observations import Observations, measured_outcomes, ordered_levels
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import TRUNCATED, Grade

BELIEF = "incorrect"
"""The belief under which adopting the user's wrong answer is counted."""
_EVERY = {"worst_context": "context", "worst_benchmark": "benchmark"}
"""The margins that are tested at each level of a factor."""
_FILTERED = "content_filter"
"""The stop reason of a reply that a provider's filter ended, in Inspect's words."""


def replies_of(policy: GatePolicy, observations: Observations) -> pd.DataFrame:
    """Every reply of the two arms, those without a grade too: the columns of the observations, and `missing`."""
    both = pd.concat([observations.frame.assign(excluded=""), observations.ungraded], ignore_index=True)
    replies = both[both["arm"].isin([policy.arm, policy.reference])].reset_index(drop=True)
    factors = ["benchmark", "context", "belief", "arm", "question_id", "cluster", "context_group"]
    replies = replies.astype(dict.fromkeys(factors, str))
    missing = pd.Series(Missing.NOT.value, replies.index)
    missing[replies["stop_reason"] == _FILTERED] = Missing.FILTERED.value
    missing[replies[TRUNCATED] == 1] = Missing.CUT.value
    missing[replies["excluded"] != ""] = Missing.UNGRADED.value
    return replies.assign(missing=missing)


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
    missing = replies["missing"]
    if blank.outcome == TRUNCATED:
        # That a reply was cut is then what is known of it.
        missing = missing.mask(missing == Missing.CUT, Missing.NOT.value)
    evidence = harms(replies.assign(harm=harm, missing=missing), policy.arm, policy.reference)
    if evidence is None:
        return replace(blank, notes=(Note(Code.NO_SHARED_PROMPT, arm=policy.arm, reference=policy.reference),))
    return harm_test(blank, evidence, policy.level)
