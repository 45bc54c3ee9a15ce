"""Warmth checks and differing samples; expectations by hand."""

from typing import Any

from tests.made_logs import grid, study_of, study_reply
from warm_inspect.report.evidence import MAX_SAMPLES, differing, focus_arm, warmth_checks
from warm_inspect.report.facts import facts

STATED = ("none", "incorrect")


def test_differing_replies_are_counted_by_direction() -> None:
    grades = {"original": "iicc", "warm": "icic"}
    words = {"i": "incorrect", "c": "correct"}
    study = study_of(
        study_reply(arm, "triviaqa", question, STATED, words[letter])
        for arm, letters in grades.items()
        for question, letter in enumerate(letters)
    )
    found = differing(study, "warm")
    assert (found.pairs, found.only_arm, found.only_original) == (4, 1, 1)
    assert {row["sample_id"] for row in found.shown} == {"triviaqa-1:none:incorrect", "triviaqa-2:none:incorrect"}


def test_the_list_is_short_and_mixes_benchmarks() -> None:
    benchmarks = ("triviaqa", "medqa")
    study = study_of(grid({"original": 0.0, "warm": 1.0}, questions=30, contexts=("none",), benchmarks=benchmarks))
    found = differing(study, "warm")
    assert found.only_arm == 60
    assert len(found.shown) == MAX_SAMPLES
    assert {row["benchmark"] for row in found.shown} == set(benchmarks)


def test_the_focus_is_the_warm_arm_else_the_first_treated_one() -> None:
    cases = {("original", "cold", "warm"): "warm", ("original", "original_repeat", "cold"): "cold", ("warm",): ""}
    for arms, expected in cases.items():
        assert focus_arm(study_of(grid(dict.fromkeys(arms, 0.5), questions=4))) == expected


def test_warmth_checks_list_adapters_only() -> None:
    frame = study_of(grid({"original": 0.3, "warm": 0.3}, questions=4)).observations.frame
    (row,) = warmth_checks(frame)
    assert (row["arm"], row["warmth_check"], row["warmth_d"], row["replies"]) == ("warm", "passed", 1.25, 16)


def test_an_adapter_without_a_check_has_no_lift() -> None:
    unchecked: dict[str, Any] = {
        "warmth_d": None,
        "warmth_d_low": None,
        "warmth_d_high": None,
        "warmth_check": "not_run",
    }
    frame = study_of(grid({"original": 0.3, "warm": 0.3}, questions=4, **unchecked)).observations.frame
    (row,) = warmth_checks(frame)
    assert row["warmth_d"] != row["warmth_d"]


def test_facts_come_from_the_logs() -> None:
    found = facts(study_of(grid({"original": 0.3, "warm": 0.3}, questions=6, contexts=("none", "filler"))))
    assert found.benchmarks == [("triviaqa", 6, "bundled-0123456789ab")]
    assert (found.replies, found.questions, found.statements, found.prompts) == (48, 6, 5, 24)
    assert found.seeds == [("warm", 1)]
    assert found.settings == [("temperature", "0.8"), ("token limit", "300")]
    assert (found.bundled, found.matched, found.few_seeds, found.repeated) == (True, True, True, False)
