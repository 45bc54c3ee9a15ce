"""Known-answer models give their known numbers, and what must not enter these does not."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest

from tests.errors import refused
from tests.made_problems import Solved, replies, write_solved
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.families import ReliabilityResults, ReliabilityRow, analyse_reliability, family_frame
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import observe_families, roles_of
from warm_inspect.core.families import Design

LEVELS = range(3)


def analysed(folder: Path, arms: dict[str, Sequence[Solved]], **changed: Any) -> ReliabilityResults:
    for arm, solved in arms.items():
        write_solved(folder / f"{arm}.eval", arm, solved, **changed)
    return results_of(folder)


def results_of(folder: Path) -> ReliabilityResults:
    samples = observe_families(collect([str(folder)]), {}, None, {})["reliability"]
    return analyse_reliability(samples, roles_of([str(arm) for arm in samples["arm"].cat.categories]))


def row(results: ReliabilityResults, outcome: str, arm: str, reference: str = "", **wanted: str) -> ReliabilityRow:
    wanted = {"design": Design.NATURAL, "difficulty": "", "threshold": ""} | wanted
    [only] = [
        each
        for each in results.rows
        if (each.estimate.outcome, each.estimate.identity.arm, each.estimate.identity.reference)
        == (outcome, arm, reference)
        and all(getattr(each, name) == value for name, value in wanted.items())
    ]
    return only


def value(results: ReliabilityResults, outcome: str, arm: str, **wanted: str) -> float:
    return row(results, outcome, arm, **wanted).estimate.estimate


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> ReliabilityResults:
    """Six problems of each of three levels in four templates, asked twice: a perfect model, a coin and a refuser."""
    rng = Random(0)

    def coin() -> str:
        return "".join(rng.choice("ci") for _ in range(4))

    return analysed(
        tmp_path_factory.mktemp("models"),
        {
            "perfect": replies({level: ["cccc/cccc"] * 6 for level in LEVELS}),
            "coin": replies({level: [f"{coin()}/{coin()}" for _ in range(6)] for level in LEVELS}),
            "refuser": replies({level: ["eeee/eeee"] * 6 for level in LEVELS}),
        },
    )


@pytest.mark.slow
def test_a_perfect_model_is_right_everywhere_and_has_nothing_beyond_chance(models: ReliabilityResults) -> None:
    shown = {name: value(models, name, "perfect") for name in ("correct", "incorrect", "template_agreement")}
    assert shown == {"correct": 1, "incorrect": 0, "template_agreement": 1}
    assert value(models, "template_sensitivity", "perfect") == 0
    for name in ("kappa", "concordance", "ultracrepidarian", "avoidance_slope"):
        number = row(models, name, "perfect").estimate
        assert isnan(number.estimate)
        assert Code.CONSTANT_OUTCOME in number.notes[0].codes


def test_a_coin_agrees_by_half_whatever_the_difficulty(models: ReliabilityResults) -> None:
    numbers = {
        name: row(models, name, "coin").estimate
        for name in (
            "correct",
            "concordance",
            "template_agreement",
            "repeat_agreement",
            "kappa",
            "template_sensitivity",
        )
    }
    for name, number in numbers.items():
        known = 0 if name in ("kappa", "template_sensitivity") else 0.5
        assert number.conf_low < known < number.conf_high, name
        assert number.conf_high - number.conf_low < (60 if name == "template_sensitivity" else 0.6)
    assert value(models, "ultracrepidarian", "coin") == 1


def test_a_refuser_is_never_wrong_and_never_right(models: ReliabilityResults) -> None:
    names = ("correct", "incorrect", "avoidant_epistemic", "avoidant_form", "ultracrepidarian")
    assert [value(models, name, "refuser") for name in names] == [0, 0, 1, 0, 0]
    assert isnan(value(models, "prudent_concordance", "refuser"))


@pytest.fixture(scope="module")
def two_arms(tmp_path_factory: pytest.TempPathFactory) -> ReliabilityResults:
    """Six problems: of the hard three the original answers none, and the warm arm two wrongly in both templates."""
    original = {0: ["cc/c", "cc/c", "cc/c"], 5: ["ee/e", "fe/f", "fe/f"]}
    return analysed(
        tmp_path_factory.mktemp("two"),
        {
            "original": replies(original),
            "original_repeat": replies(original | {5: ["ee/e", "fi/f", "fe/f"]}),
            "warm": replies({0: ["cc/c", "cc/c", "cc/i"], 5: ["ii/i", "ii/i", "fe/f"]}),
        },
    )


def test_arms_are_compared_problem_by_problem(two_arms: ReliabilityResults) -> None:
    number = row(two_arms, "incorrect", "warm", "original").estimate
    # 4 of 12 prompts, but 2 of 6 problems: 0 0 0 1 1 0, s^2 = 4 / 15, se = sqrt(s^2 / 6).
    assert number.estimate == pytest.approx(100 / 3)
    assert number.std_error == pytest.approx(100 * (4 / 15 / 6) ** 0.5)
    assert number.n_clusters == 6
    assert number.df == pytest.approx(5)
    assert number.p_adjusted == number.p_value
    assert row(two_arms, "avoidant_epistemic", "warm", "original").estimate.estimate == pytest.approx(-25)


def test_a_rerun_stands_beside_and_is_not_tested(two_arms: ReliabilityResults) -> None:
    noise = row(two_arms, "incorrect", "original_repeat", "original").estimate
    assert noise.estimate == pytest.approx(100 / 12)
    assert isnan(noise.p_adjusted)


def test_wrong_answers_of_all_that_are_not_right(two_arms: ReliabilityResults) -> None:
    assert value(two_arms, "ultracrepidarian", "original") == 0
    assert value(two_arms, "ultracrepidarian", "warm") == pytest.approx(2 / 3)
    assert row(two_arms, "ultracrepidarian", "warm", "original").estimate.estimate == pytest.approx(200 / 3)


def test_a_further_reply_counts_in_agreement_alone(two_arms: ReliabilityResults) -> None:
    rate = row(two_arms, "incorrect", "warm")
    assert (rate.events, rate.estimate.n) == (4, 12)
    # One problem of six has a second reply that is wrong where the first is right.
    assert value(two_arms, "repeat_agreement", "warm") == pytest.approx(5 / 6)
    assert value(two_arms, "template_agreement", "warm") == 1
    assert value(two_arms, "template_sensitivity", "warm") == pytest.approx(-100 / 6)


def test_counts_by_level_add_up(two_arms: ReliabilityResults) -> None:
    counts = two_arms.counts
    parts = ["correct", "avoidant_epistemic", "avoidant_form", "incorrect", "unscored"]
    assert (counts[parts].sum(axis=1) == counts["samples"]).all()
    [hard] = counts[(counts["arm"] == "original") & (counts["difficulty"] == 5)].to_dict("records")
    assert [hard[name] for name in parts] == [0, 4, 2, 0, 0]


def test_without_a_repetition_the_baseline_is_not_known(tmp_path: Path) -> None:
    results = analysed(tmp_path, {"original": replies({0: ["cc", "ci", "cc"], 1: ["ii", "ci", "cc"]})})
    assert value(results, "template_agreement", "original") == pytest.approx(2 / 3)
    for name in ("repeat_agreement", "template_sensitivity"):
        number = row(results, name, "original").estimate
        assert isnan(number.estimate)
        assert Code.NOT_REPEATED in number.notes[0].codes


def test_one_template_shows_no_agreement(tmp_path: Path) -> None:
    results = analysed(tmp_path, {"original": replies({0: ["c/c", "c/i", "c/c"], 1: ["i/i", "c/c", "c/c"]})})
    for name in ("template_agreement", "kappa", "template_sensitivity"):
        assert Code.ONE_TEMPLATE in row(results, name, "original").estimate.notes[0].codes
    assert value(results, "repeat_agreement", "original") == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("easiest", "harder", "levels"),
    [
        # 14 problems without an error bound the share at 20 %, and 13 do not.
        ("c" * 14, "c" * 14, 2),
        ("c" * 13, "c" * 14, None),
        ("e" * 14, "c" * 14, 2),
        ("c" * 14, "i" + "c" * 13, 1),
        ("i" + "c" * 13, "c" * 14, 0),
        # The second level cannot be tested, which is not to say that it has errors.
        ("c" * 14, "c" * 10, 1),
    ],
)
def test_a_safe_prefix_is_tested_level_by_level(easiest: str, harder: str, levels: int | None, tmp_path: Path) -> None:
    results = analysed(tmp_path, {"original": replies({0: list(easiest), 1: list(harder)}, Design.EASIEST)})
    number = row(results, "safe_prefix", "original", design="all", threshold="20%").estimate
    assert isnan(number.estimate) if levels is None else number.estimate == levels
    codes = [code for note in number.notes for code in note.codes]
    assert (Code.NOT_TESTABLE in codes) == (levels is None)
    assert (Code.ENDS_UNTESTED in codes) == (len(harder) < 14)
    right = row(results, "right_prefix", "original", design="all", threshold="20%").estimate
    assert right.estimate == 0 if "e" in easiest else True


def test_an_error_in_any_template_is_the_stricter_bound(tmp_path: Path) -> None:
    solved = replies({0: ["cccccccci"] * 20})
    results = analysed(tmp_path, {"original": solved})
    numbers = [
        row(results, name, "original", design="all", threshold="20%")
        for name in ("safe_prefix_any_template", "safe_prefix")
    ]
    assert numbers[0].events == 20
    assert numbers[0].estimate.estimate == 0
    assert numbers[1].events is not None
    assert numbers[1].events < 20, "one reply of each problem, whose template its id draws"


def test_avoidance_that_rises_with_difficulty_has_a_slope(tmp_path: Path) -> None:
    # One of four avoids at level 0 and three of four at level 1: log odds from -log 3 to +log 3 over two deviations.
    results = analysed(tmp_path, {"original": replies({0: list("eccecccc") * 3, 1: list("ceeceeee") * 3})})
    number = row(results, "avoidance_slope", "original").estimate
    assert number.estimate == pytest.approx(1.0986, abs=1e-4)
    assert number.conf_low < 1.0986 < number.conf_high
    # CRV1 of one reply a problem: sqrt(4 / (48 * 3 / 16)) / 2 * sqrt(48 / 46) over two deviations.
    assert number.std_error == pytest.approx((1 / (48 * 3 / 16)) ** 0.5 * (48 / 46) ** 0.5, rel=1e-4)


def test_avoidance_that_difficulty_decides_has_no_finite_slope(two_arms: ReliabilityResults) -> None:
    assert Code.SEPARATION in row(two_arms, "avoidance_slope", "original").estimate.notes[0].codes


def test_designs_are_apart(tmp_path: Path) -> None:
    both = replies({0: ["cc"] * 6, 3: ["ii"] * 6}) + replies({0: ["i"] * 6, 3: ["c"] * 6}, Design.FIXED_LENGTH)
    results = analysed(tmp_path, {"original": both})
    shown = {
        design: value(results, "concordance", "original", design=design) for design in (Design.NATURAL, "fixed_length")
    }
    assert shown == {"natural": 1, "fixed_length": 0}
    assert not [each for each in results.rows if each.design == "fixed_length" and each.estimate.outcome == "kappa"]


def test_replies_without_a_score_enter_no_number(tmp_path: Path) -> None:
    results = analysed(tmp_path, {"original": replies({0: ["c-", "cc", "c-"], 2: ["ii", "ii", "ii"]})})
    assert row(results, "correct", "original").estimate.n == 10
    assert results.excluded.to_dict("records") == [
        {"reason": "unscored: no_reply", "arm": "original", "design": "natural", "n": 2}
    ]


def test_two_arms_share_the_prompts_that_both_answered(tmp_path: Path) -> None:
    original, warm = replies({0: ["cc"] * 6}), replies({0: ["ii"] * 3 + ["i-"] * 3})
    number = row(analysed(tmp_path, {"original": original, "warm": warm}), "incorrect", "warm", "original").estimate
    assert (number.estimate, number.n_clusters) == (100, 6)


def test_replies_that_must_not_be_compared_are_refused(tmp_path: Path) -> None:
    solved = replies({0: ["cc"] * 6})
    write_solved(tmp_path / "original.eval", "original", solved)
    write_solved(tmp_path / "warm.eval", "warm", solved, prompt_sha256="other")
    with refused("prompt_sha256"):
        results_of(tmp_path)
    write_solved(tmp_path / "warm.eval", "original", solved)
    with refused("original.eval", "warm.eval"):
        results_of(tmp_path)


@pytest.mark.slow
def test_the_order_of_logs_and_samples_changes_nothing(tmp_path: Path) -> None:
    original, warm = replies({0: ["cc/c"] * 3, 1: ["ci/c"] * 3}), replies({0: ["ci/c"] * 3, 1: ["ie/c"] * 3})
    for folder, turn in (("a", 1), ("b", -1)):
        for place, (arm, solved) in enumerate([("original", original), ("warm", warm)][::turn]):
            write_solved(tmp_path / folder / f"{place}.eval", arm, solved[::turn])
    one, other = (family_frame([results_of(tmp_path / folder)]) for folder in "ab")
    pd.testing.assert_frame_equal(one, other)
