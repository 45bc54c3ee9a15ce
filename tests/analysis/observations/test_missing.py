"""The one definition of a missing reply, which gate, rates, effects and traffics share."""

from typing import Any

import pytest

from tests.made_logs import Reply, collected_of, reply
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.observations import (
    MISSING,
    Missing,
    is_unknown,
    never_run,
    observe,
    replies_asked_for,
    unequal_missing,
    why_missing,
)
from warm_inspect.core.vocabulary import RERUN

WHY: list[tuple[dict[str, Any], Missing]] = [
    ({}, Missing.NOT),
    ({"grade": "refusal"}, Missing.NOT),
    ({"truncated": 1.0}, Missing.CUT),
    ({"stop_reason": "content_filter"}, Missing.FILTERED),
    # Whatever the grading makes of nothing, and of nothing but thoughts.
    ({"grade": "unclear", "reply_chars": 0}, Missing.EMPTY),
    ({"grade": "unclear", "reply_chars": 0, "abstained": None, "grading": "model"}, Missing.EMPTY),
    ({"grade": "unclear", "abstained": "empty_reply", "grading": "model"}, Missing.EMPTY),
    ({"grade": "unclear", "reply_chars": 0, "truncated": 1.0}, Missing.CUT),
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


@pytest.mark.parametrize("arm", ["original", "warm"])
def test_prompts_that_one_arm_never_ran_are_missing_of_it(arm: str) -> None:
    arms = {each: hundred(each, 0) for each in ("original", "warm")}
    arms[arm] = arms[arm][5:]
    (note,) = unequal_missing(observe(collected_of([*arms["original"], *arms["warm"]])))
    assert f"{arm} 5.0% (5 of 100: 5 never run)" in str(note.values["arms"])


def asked(arm: str, questions: int, epochs: int, seeds: int = 1) -> list[Reply]:
    """So many questions in so many epochs, of so many adapters of an arm."""
    return [
        reply(f"q{i}", arm=arm, epoch=epoch, training_seed=seed, log_id=f"{arm}-{seed}")
        for i in range(questions)
        for epoch in range(1, epochs + 1)
        for seed in range(seeds)
    ]


@pytest.mark.parametrize(
    ("warm", "said"),
    [
        ((98, 5), "2.0% (10 of 500: 10 never run)"),
        ((50, 5), "50.0% (250 of 500: 250 never run)"),
        ((100, 1), "80.0% (400 of 500: 400 never run)"),
        # Two adapters of warm, each of which should have been asked 500 times.
        ((50, 5, 2), "50.0% (500 of 1,000: 500 never run)"),
    ],
)
def test_what_was_never_run_counts_in_each_epoch_and_of_each_adapter(warm: tuple[int, ...], said: str) -> None:
    (note,) = unequal_missing(observe(collected_of([*asked("original", 100, 5), *asked("warm", *warm)])))
    assert note.values["arms"] == f"original 0.0% (0 of 500); warm {said}"


def test_an_arm_that_only_shows_noise_may_be_asked_less() -> None:
    arms = [*hundred("original", 0), *hundred("warm", 0), *hundred(RERUN, 0)[50:]]
    assert list(unequal_missing(observe(collected_of(arms)))) == []


def test_a_condition_that_an_arm_never_met_is_no_missing_reply() -> None:
    sad = [reply(f"q{i}", arm="warm", context="emotion_sad", log_id="warm") for i in range(100)]
    assert never_run(replies_asked_for(observe(collected_of([*hundred("original", 0), *sad])))) == {
        "original": 0, "warm": 0,
    }  # fmt: skip
