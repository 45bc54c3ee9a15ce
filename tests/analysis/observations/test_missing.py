"""The one definition of a missing reply, which gate, rates, effects and traffics share."""

from typing import Any

import pytest

from tests.made_logs import Reply, collected_of, reply
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.observations import (
    MISSING,
    Missing,
    is_unknown,
    observe,
    replies_asked_for,
    unequal_missing,
    why_missing,
)

WHY: list[tuple[dict[str, Any], Missing]] = [
    ({}, Missing.NOT),
    ({"grade": "refusal"}, Missing.NOT),
    ({"truncated": 1.0}, Missing.CUT),
    ({"stop_reason": "content_filter"}, Missing.FILTERED),
    ({"grade": "unclear", "abstained": "ambiguous"}, Missing.ABSTAINED),
    # Older logs do not say whether matching abstained.
    ({"grade": "unclear", "abstained": None}, Missing.ABSTAINED),
    ({"grade": "unclear", "abstained": ""}, Missing.NOT),
    # Unclear is the grader's verdict.
    ({"grade": "unclear", "abstained": None, "grading": "model"}, Missing.NOT),
    ({"grade": "", "truncated": 0.0}, Missing.UNGRADED),
]


@pytest.mark.parametrize(("facts", "why"), WHY)
def test_a_reply_is_missing_for_one_reason(facts: dict[str, Any], why: Missing) -> None:
    made = {"grade": "correct"} | facts
    rows = [reply("q", **made), reply("r", grading=made.get("grading", "match"))]
    observed = observe(collected_of(rows))
    assert replies_asked_for(observed).set_index("question_id")[MISSING].to_dict() == {"q": why.value, "r": ""}
    if why is not Missing.UNGRADED:
        assert why_missing(observed.frame).tolist() == [why.value, ""]


def test_of_a_cut_reply_it_is_known_that_it_was_cut() -> None:
    replies = replies_asked_for(observe(collected_of([reply("q", truncated=1.0), reply("r", ""), reply("s")])))
    assert is_unknown(replies, "incorrect").tolist() == [True, False, True]
    assert is_unknown(replies, "truncated").tolist() == [False, False, True]


def hundred(arm: str, cut: int, ungraded: int = 0) -> list[Reply]:
    """A hundred replies of an arm, so many of them cut and so many without a grade."""
    rows = [reply(f"q{i}", "" if i < ungraded else "correct", arm=arm, log_id=arm) for i in range(100)]
    return [row | ({"truncated": 1.0} if ungraded <= i < ungraded + cut else {}) for i, row in enumerate(rows)]


@pytest.mark.parametrize(("cut", "warned"), [(1, False), (2, False), (3, True)])
def test_missing_that_differs_between_arms_is_told_from_one_point_on(cut: int, warned: bool) -> None:
    notes = list(unequal_missing(observe(collected_of([*hundred("original", 1), *hundred("warm", cut)]))))
    assert [note.code for note in notes] == [Code.UNEQUAL_MISSING] * warned


def test_each_arm_is_told_with_its_reasons() -> None:
    (note,) = unequal_missing(observe(collected_of([*hundred("original", 0), *hundred("warm", 4, 2)])))
    said = "original 0.0% (0 of 100); warm 6.0% (6 of 100: 4 cut, 2 without a grade)"
    assert note.values["arms"] == said
