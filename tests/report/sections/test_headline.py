"""The answer says what the interval says, with chance beside it, and is about warmth after a passed check alone."""

from dataclasses import replace
from html import escape
from math import nan
from typing import Any

import pytest

from tests.made_logs import collected_of, grid, study_of
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import AnalysedStudy, analyse
from warm_inspect.report.sections.answer_rows import answer_table, comparing_options
from warm_inspect.report.sections.effects import claims
from warm_inspect.report.sections.headline import Headline, conclusion, focus_arm, headlines
from warm_inspect.report.sections.headline_values import headline_record
from warm_inspect.report.study_report import render
from warm_inspect.tables import p_value, points


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


@pytest.mark.slow
def test_the_number_stands_beside_chance(plain_study: AnalysedStudy) -> None:
    top = answer(plain_study)
    assert top.effect is not None
    assert top.noise is not None
    assert top.conclusion == "more"
    assert top.effect["contrast"] == "warm - neutral | belief=incorrect"
    assert top.noise["contrast"] == "original_repeat - original | belief=incorrect"
    said = " ".join(top.sentences)
    assert f"{top.effect['estimate']:+.1f} points" in said
    assert f"{top.noise['estimate']:+.1f} (" in said
    page = render(plain_study)
    assert escape(top.lead) in page
    assert f"n&nbsp;=&nbsp;{top.effect['n']} pairs" in page


def answer(study: AnalysedStudy) -> Headline:
    """The one answer of a study."""
    (only,) = headlines(study)
    return only


@pytest.mark.parametrize("status", ["failed", "not_run", ""])
def test_without_a_passed_check_the_answer_is_about_the_change(status: str) -> None:
    samples = [
        sample | {"warmth_check": status if sample["arm"] == "warm" else "passed"}
        for sample in grid({"neutral": 0.2, "warm": 0.9})
    ]
    top = answer(study_of(samples))
    assert top.conclusion == "more"
    assert top.checks == ((status,) if status else ())
    (said,) = [sentence for sentence in top.after if "not about warmth" in sentence]
    # A check that the logs do not hold may have been run.
    assert ("failed" in said) == (status == "failed")
    assert ("not in these logs" in said and "--warmth" in said) == (status != "failed")
    assert "not run" not in said


def test_a_passed_check_allows_a_word_about_warmth() -> None:
    assert not any("not about warmth" in said for said in answer(study_of(grid({"neutral": 0.2, "warm": 0.9}))).after)


def test_one_failed_adapter_of_two_is_told() -> None:
    samples = grid({"neutral": 0.2, "warm": 0.9})
    other = [
        sample | {"training_seed": 1, "warmth_check": "failed", "log_id": "second", "log_file": "second.eval"}
        for sample in samples
        if sample["arm"] == "warm"
    ]
    assert answer(study_of([*samples, *other])).checks == ("failed", "passed")


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


def test_a_control_that_moved_is_a_caution_of_the_study() -> None:
    samples = [
        sample | {"warmth_check": "failed" if sample["arm"] == "neutral" else "passed"}
        for sample in grid({"neutral": 0.2, "warm": 0.9})
    ]
    study = study_of(samples)
    assert answer(study).checks == ("passed",)
    assert Note(Code.WARMTH_MOVED, arm="neutral", where="") in study.warnings


@pytest.mark.slow
def test_what_is_not_shown_comes_with_what_would_have_been_seen() -> None:
    top = answer(study_of(grid({"neutral": 0.4, "warm": 0.4})))
    assert top.conclusion == "no_difference"
    assert top.lead.startswith("Not shown")
    assert top.detectable is not None
    assert f"{top.detectable['estimate']:.1f} points would have been seen" in " ".join(top.after)


def test_an_unmeasured_chance_is_told_with_its_cost() -> None:
    top = answer(study_of(grid({"neutral": 0.4, "warm": 0.4}, 12)))
    assert top.noise is None
    assert f"takes {12 * 4} calls" in " ".join(top.after)


@pytest.mark.parametrize(
    ("agreeing", "warm", "seen"), [(0.9, 0.4, True), (0.9, 0.95, True), (0.2, 0.4, False), (0.2, 0.95, False)]
)
@pytest.mark.slow
def test_the_positive_control_comes_first_seen_or_not(agreeing: float, warm: float, seen: bool) -> None:
    study = study_of(grid({"neutral": 0.4, "warm": warm, "agreeing": agreeing, "answering": 0.2}, 30))
    top = answer(study)
    assert top.positive is not None
    assert top.positive_detectable is not None
    assert top.sentences[:2] == (top.before, f"{top.lead}.")
    assert top.before.startswith("Positive control seen: agreeing" if seen else "Positive control not seen: agreeing")
    for number in ("estimate", "conf_low", "conf_high"):
        assert f"{top.positive[number]:+.1f}" in top.before
    assert f"{top.positive_detectable['estimate']:.1f} would be seen" in top.before
    assert ("says nothing about warmth" in top.before) is not seen
    assert "warm" not in top.before.replace("about warmth", "")
    page = render(study)
    box = page[page.index('<section id="headline"') :]
    assert box.index(escape(top.before)) < box.index(escape(top.lead))
    assert f'class="before {"passed" if seen else "failed"}"' in box
    assert headline_record(top)["positive_control"] == {
        "arm": "agreeing",
        "reference": "answering",
        "seen": seen,
        "number": {name: top.positive[name] for name in ("estimate", "conf_low", "conf_high")},
    }


@pytest.mark.slow
def test_a_positive_control_that_shares_no_stated_wrong_answer_is_not_measured() -> None:
    plain = grid({"answering": 0.2}, 12, beliefs=("none",))
    top = answer(study_of(grid({"neutral": 0.4, "warm": 0.4, "agreeing": 0.9}, 12) + plain))
    assert top.before.startswith("Positive control not measured")
    assert "says nothing about warmth" in top.before
    assert headline_record(top)["positive_control"]["number"] is None


@pytest.mark.slow
def test_a_positive_control_without_an_interval_is_not_estimable() -> None:
    top = answer(study_of(grid({"neutral": 0.4, "warm": 0.4, "agreeing": 0.9, "answering": 0.2}, 3)))
    assert top.positive is not None
    assert top.before.startswith("Positive control not estimable (")
    assert top.positive["note"].removeprefix("not estimable: ") in top.before
    assert (top.before.count("not estimable"), top.lead.count("not estimable")) == (1, 1)
    assert "says nothing about warmth" in top.before
    assert headline_record(top)["positive_control"]["seen"] is False


@pytest.mark.slow
def test_without_a_positive_control_nothing_comes_before_the_finding() -> None:
    top = answer(study_of(grid({"neutral": 0.4, "warm": 0.4}, 12)))
    assert top.sentences[0] == f"{top.lead}."
    assert headline_record(top)["positive_control"] is None


@pytest.mark.slow
def test_the_positive_control_has_no_answer_of_its_own() -> None:
    answers = headlines(study_of(grid({"original": 0.3, "agreeing": 0.9, "answering": 0.2}, 12)))
    assert [each.design.arm for each in answers] == ["original"]
    assert answers[0].before
    alone = headlines(study_of(grid({"agreeing": 0.9, "answering": 0.2}, 4)))
    assert [each.design.arm for each in alone] == ["agreeing", "answering"]


@pytest.mark.slow
def test_several_base_models_give_the_interval_for_one_more() -> None:
    arms = {"neutral": 0.2, "warm": 0.8}
    top = answer(study_of(grid(arms, base_model="a") + grid(arms, 10, base_model="b", log_id="b")))
    assert top.predicted is not None
    assert f"{top.predicted['conf_low']:+.1f} to {top.predicted['conf_high']:+.1f}" in " ".join(top.after)


def test_logs_without_a_compared_condition_say_what_to_run() -> None:
    top = answer(study_of(grid({"m": 0.4}, 4, ("none",), ("none",))))
    assert top.conclusion == "absent"
    assert "-T beliefs=" in top.lead


@pytest.mark.slow
def test_arms_without_roles_are_answered_alone_with_the_options_that_compare_them() -> None:
    study = study_of(grid({"a - b": 0.2, "later": 0.9}))
    assert [each.design.arm for each in headlines(study)] == ["a - b", "later"]
    assert "--reference 'a - b' --treated later" in comparing_options(study)
    assert comparing_options(study_of(grid({"neutral": 0.2, "warm": 0.9}))) == ""


@pytest.mark.slow
def test_the_focus_is_the_warm_arm_else_the_first_treated_one() -> None:
    cases = {("original", "cold", "warm"): "warm", ("original", "original_repeat", "cold"): "cold", ("warm",): ""}
    for arms, expected in cases.items():
        assert focus_arm(study_of(grid(dict.fromkeys(arms, 0.5), questions=4))) == expected


@pytest.mark.slow
def test_missing_replies_stand_beside_the_finding_and_in_the_first_box() -> None:
    rows = grid({"original": 0.3, "warm": 0.7}, 20, ("none",), ("none", "incorrect"))
    warm = [row for row in rows if row["arm"] == "warm" and row["belief"] == "incorrect"]
    for row in warm[:12]:
        row["truncated"] = 1.0
    study = study_of(rows)
    top = answer(study)
    assert top.conclusion == "more"
    assert top.best is not None
    assert top.worst is not None
    assert top.effect is not None
    assert top.best["estimate"] < top.effect["estimate"] < top.worst["estimate"]
    assert conclusion(top.best) != "more"
    said = " ".join(top.after)
    assert f"{top.best['estimate']:+.1f} points" in said
    assert "depends on what they would have been" in said
    assert [note.code for note in top.cautions] == [Code.UNEQUAL_MISSING]
    box, _, rest = render(study).partition("</section>")
    assert escape(top.cautions[0].sentence) in box
    assert escape(top.cautions[0].sentence) not in rest
    assert headline_record(top)["if_missing"]["worst"]["estimate"] == pytest.approx(top.worst["estimate"])
    ends = f"{points(top.best['estimate'])} to {points(top.worst['estimate'])}"
    for table in (answer_table(study), claims(study)):
        heading = [column.heading for column in table.columns].index("if missing")
        assert table.rows[0][heading].text == ends


@pytest.mark.slow
def test_a_margin_that_was_named_is_tested_beside_the_headline() -> None:
    collected = collected_of(grid({"original": 0.3, "warm": 0.7}, 20, ("none",), ("none", "incorrect")))
    study = analyse(observe(collected), collected, equivalence_margin=80.0)
    top = answer(study)
    assert top.equivalent
    assert any("Shown to be within 80 points" in sentence for sentence in top.after)
    record = headline_record(top)["equivalence"]
    assert (record["margin"], record["equivalent"]) == (80, True)
    assert record["interval_90"][0] > headline_record(top)["number"]["conf_low"]
    table = claims(study)
    heading = [column.heading for column in table.columns].index("P within ±80")
    assert table.rows[0][heading].text == p_value(record["p_value"])
    narrow = replace(top, margin=1.0, equivalence=(top.equivalence or {}) | {"p_value": 0.2})
    assert any("Not shown to be within 1 points" in sentence for sentence in narrow.after)
