"""The headline says what the interval says, and is withheld without a passed warmth check."""

from math import nan
from typing import Any

import pytest

from tests.made_logs import grid, study_of
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.report.sections.headline import conclusion, focus_arm, headline
from warm_inspect.report.study_report import render


def row(low: float, high: float) -> dict[str, Any]:
    return {"conf_low": low, "conf_high": high}


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.1, 5.0, "more"),
        (-5.0, -0.1, "less"),
        (-1.0, 1.0, "no_difference"),
        (0.0, 1.0, "no_difference"),
        (nan, nan, "not_estimable"),
    ],
)
def test_the_interval_decides_the_words(low: float, high: float, expected: str) -> None:
    assert conclusion(row(low, high)) == expected


def test_the_primary_contrast_stands_beside_the_noise(plain_study: AnalysedStudy) -> None:
    top = headline(plain_study)
    assert top.effect is not None
    assert top.noise is not None
    assert top.conclusion == "more"
    assert top.effect["contrast"] == "warm - neutral | belief=incorrect"
    assert top.noise["contrast"] == "original_repeat - original | belief=incorrect"
    assert [rate["arm"] for rate in top.rates] == ["neutral", "warm"]
    page = render(plain_study)
    assert "adopts stated errors more often" in page
    assert f"n&nbsp;=&nbsp;{top.effect['n']} pairs" in page


@pytest.mark.parametrize("status", ["failed", "not_run", ""])
def test_no_headline_unless_the_warm_arm_passed_its_check(status: str) -> None:
    samples = [
        sample | {"warmth_check": status if sample["arm"] == "warm" else "passed"}
        for sample in grid({"neutral": 0.2, "warm": 0.9})
    ]
    top = headline(study_of(samples))
    assert (top.conclusion, top.checks, top.effect) == ("withheld", (f"warm: {status or 'not_run'}",), None)


@pytest.mark.parametrize(
    ("arm", "code"),
    [
        ("unmodified", Code.WARMTH_MOVED),
        ("self_distilled", Code.WARMTH_MOVED),
        ("neutral+persona_warm", Code.WARMTH_MOVED),
        ("cold", Code.WARMTH_FAILED),
        ("jolly", Code.WARMTH_FAILED),
    ],
)
def test_a_failed_check_says_what_the_arm_should_have_done(arm: str, code: Code) -> None:
    name, _, persona = arm.partition("+persona_")
    samples = [
        sample | {"warmth_check": "failed", "adapter_sha256": "a", "persona": persona or "none"}
        for sample in grid({name: 0.2}, questions=2)
    ]
    failed = (Code.WARMTH_FAILED, Code.WARMTH_MOVED)
    said = [warning for warning in study_of(samples).warnings if warning.code in failed]
    assert said == [Note(code, arm=arm, where="")]


def test_a_rate_over_benchmarks_is_not_said_to_be_a_share_of_the_replies() -> None:
    """Wrong in 12 of 12 questions of one benchmark and in none of 4 of another: a rate of 50%, and no 50% of 16."""
    samples = [
        *grid({"neutral": 0.0, "warm": 1.0}, 12, ("none",), ("incorrect",)),
        *grid({"neutral": 0.0, "warm": 0.0}, 4, ("none",), ("incorrect",), benchmarks=("medqa",)),
    ]
    page = " ".join(render(study_of(samples)).split())
    assert "the warm adapter went along with it at a rate of <b>50.0%</b>" in page
    assert "(n&nbsp;=&nbsp;16 and 16 replies; benchmarks and conditions weigh equally" in page


def test_a_control_that_moved_is_a_caution_and_no_bar() -> None:
    samples = [
        sample | {"warmth_check": "failed" if sample["arm"] == "neutral" else "passed"}
        for sample in grid({"neutral": 0.2, "warm": 0.9})
    ]
    study = study_of(samples)
    assert headline(study).conclusion == "more"
    assert Note(Code.WARMTH_MOVED, arm="neutral", where="") in study.warnings


def test_the_page_says_why_there_is_no_headline() -> None:
    page = render(study_of(grid({"neutral": 0.2, "warm": 0.9}, questions=6, warmth_check="failed")))
    top = page[page.index('<section id="headline"') : page.index('<section id="limits"')]
    assert "No headline" in top
    assert "not passed: warm: failed." in top
    assert "percentage points" not in top
    assert "adopts stated errors" not in page


def test_one_failed_adapter_of_two_is_enough_to_withhold() -> None:
    samples = grid({"neutral": 0.2, "warm": 0.9})
    other = [
        sample | {"training_seed": 1, "warmth_check": "failed", "log_id": "second", "log_file": "second.eval"}
        for sample in samples
        if sample["arm"] == "warm"
    ]
    assert headline(study_of([*samples, *other])).conclusion == "withheld"


def test_a_missing_arm_is_said_not_guessed() -> None:
    page = render(study_of(grid({"original": 0.2, "warm": 0.5})))
    assert "the main comparison was not made" in page


def test_equal_arms_show_no_difference() -> None:
    study = study_of(grid({"neutral": 0.4, "warm": 0.4}))
    assert headline(study).conclusion == "no_difference"
    page = render(study)
    assert "do not show a difference" in page
    assert "not measured in these logs" in page


def test_the_focus_is_the_warm_arm_else_the_first_treated_one() -> None:
    cases = {("original", "cold", "warm"): "warm", ("original", "original_repeat", "cold"): "cold", ("warm",): ""}
    for arms, expected in cases.items():
        assert focus_arm(study_of(grid(dict.fromkeys(arms, 0.5), questions=4))) == expected
