"""Contrasts of cell means: equal to textbook tests, honest under the null, exact without variance."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from warm_inspect.analysis.contrasts import CellTable, Contrast, estimate
from warm_inspect.analysis.estimates import Code, Estimate, Note, arm_effect, not_estimable
from warm_inspect.analysis.observations import Cell

WARM, ORIGINAL = Cell("warm", "none", "none"), Cell("original", "none", "none")
EFFECT = arm_effect("warm", "original")
SOME = {Code.SOME_CONDITIONS, Code.SOME_CONDITIONS_OF_BENCHMARKS}
DIFFERENCE = Contrast("test", EFFECT, ({WARM: 1.0, ORIGINAL: -1.0},))


def codes(row: Estimate) -> set[Code]:
    return {note.code for note in row.notes}


def cells_frame(values: Mapping[str, Mapping[str, Sequence[float]]]) -> pd.DataFrame:
    """An observations frame of one context and belief: `values[benchmark][arm]` lists the outcome of each question."""
    rows = [
        {"benchmark": benchmark, "arm": arm, "question_id": f"{benchmark}{i}", "y": value}
        for benchmark, arms in values.items()
        for arm, column in arms.items()
        for i, value in enumerate(column)
    ]
    frame = pd.DataFrame(rows).assign(base_model="tiny", context="none", belief="none")
    return frame.assign(cluster=frame["benchmark"] + ":" + frame["question_id"]).dropna()


def only(frame: pd.DataFrame, contrast: Contrast = DIFFERENCE) -> Estimate:
    (row,) = estimate(CellTable.build(frame, ["y"]), contrast)
    return row


def test_one_block_in_one_benchmark_is_the_paired_t_test() -> None:
    warm, original = [1, 1, 0, 1, 1, 0, 0, 1, 1, 1], [0, 1, 0, 0, 1, 1, 0, 0, 0, 1]
    row = only(cells_frame({"a": {"warm": warm, "original": original}}))
    reference = stats.ttest_rel(warm, original)
    interval = reference.confidence_interval()
    assert row.estimate == pytest.approx(30)  # 7/10 - 4/10
    assert (row.statistic, row.p_value, row.df) == pytest.approx((reference.statistic, reference.pvalue, 9))
    assert (row.conf_low, row.conf_high) == pytest.approx((100 * interval.low, 100 * interval.high))


def test_benchmarks_weigh_equally_whatever_their_size() -> None:
    a, b = [1, 0, 0, 0, 1, 0, 0, 0], [1, 1, 1, 0, 0]
    row = only(cells_frame({"a": {"warm": a, "original": [0] * 8}, "b": {"warm": b, "original": [0] * 5}}))
    assert row.estimate == pytest.approx(100 * (0.25 + 0.6) / 2)
    # The variance of a mean of two means, and the degrees of freedom of Welch and Satterthwaite at equal variances.
    assert row.std_error == pytest.approx(100 * sqrt((np.var(a, ddof=1) / 8 + np.var(b, ddof=1) / 5) / 4))
    assert row.df == pytest.approx((1 / 8 + 1 / 5) ** 2 / (1 / 8**2 / 7 + 1 / 5**2 / 4))
    assert (row.n, row.n_clusters) == (13, 13)


def test_clusters_share_their_influence() -> None:
    frame = cells_frame({"a": {"warm": [1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0], "original": [0] * 12}})
    frame["cluster"] = frame["question_id"].map({f"a{i}": f"c{i // 2}" for i in range(12)})
    row = only(frame)
    # Deviations from 5/12 add up within pairs: 7, -5, 7, -5, 1, -5 sixths, each over 12. Six clusters of equal size.
    assert row.std_error == pytest.approx(100 * sqrt((49 + 25 + 49 + 25 + 1 + 25) / 36 / 144 * 6 / 5))
    assert (row.n, row.n_clusters, row.df) == pytest.approx((12, 6, 5))


def test_a_large_cluster_counts_as_one_whose_mean_was_taken_out() -> None:
    warm = [1, 1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0]
    frame = cells_frame({"a": {"warm": warm, "original": [0] * 12}})
    frame["cluster"] = ["big" if i < 4 else f"a{i}" for _ in range(2) for i in range(12)]
    row = only(frame)
    # The delete-one-cluster jackknife: (G - 1) / G times the squared changes, G = 9.
    groups = [range(4), *([i] for i in range(4, 12))]
    without = [np.mean([value for i, value in enumerate(warm) if i not in group]) for group in groups]
    assert row.std_error == pytest.approx(100 * sqrt(8 / 9 * np.sum((np.array(without) - np.mean(warm)) ** 2)))
    assert row.df < 8
    assert Note(Code.FEW_CLUSTERS, n=9, unit="questions") in row.notes


SADLY = Cell("", "emotion_sad", "none")


def two_conditions(many: Sequence[float], few: Sequence[float]) -> Estimate:
    """The effect over a plain condition and one that only the first questions met."""
    frames = [cells_frame({"a": {"warm": values, "original": [0] * len(values)}}) for values in (many, few)]
    frame = pd.concat([frames[0], frames[1].assign(context=SADLY.context)])
    blocks = ({WARM: 1.0, ORIGINAL: -1.0}, {SADLY._replace(arm="warm"): 1.0, SADLY._replace(arm="original"): -1.0})
    return only(frame, Contrast("test", EFFECT, blocks))


def test_a_small_condition_adds_the_error_of_its_own_mean() -> None:
    many, few = np.array([1, 0] * 10), np.array([1, 0, 0, 1, 0])
    row = two_conditions(many.tolist(), few.tolist())
    moved = (many - 0.5) / 20 * sqrt(20 / 19)
    moved[:5] += (few - 0.4) / 5 * sqrt(5 / 4)
    assert row.estimate == pytest.approx(45)
    assert row.std_error == pytest.approx(100 * sqrt((moved**2).sum()) / 2)
    # Nearly all of the error is that of five questions.
    assert 4 < row.df < 8
    assert Note(Code.FEW_CLUSTERS, n=5, unit="questions") in row.notes


@pytest.mark.parametrize("few", [1, 3, 4])
def test_a_condition_of_fewer_than_five_questions_has_no_interval(few: int) -> None:
    row = two_conditions([1, 0] * 100, ([1, 0] * 2)[:few])
    assert not row.estimable
    assert (isnan(row.conf_low), isnan(row.conf_high), isnan(row.p_value)) == (True, True, True)
    assert row.notes[0] == not_estimable(Code.FEWER_THAN_FIVE, unit="questions", n=few)


def test_questions_of_all_benchmarks_count_for_a_condition() -> None:
    # Two of three questions differ in each of four benchmarks: twelve questions, and a variance for every benchmark.
    row = only(cells_frame({name: {"warm": [1, 1, 0], "original": [0] * 3} for name in "abcd"}))
    assert row.df == pytest.approx(8)
    assert row.std_error == pytest.approx(100 * sqrt((2 / 3) * (1 / 3) / 2 / 4))
    assert Note(Code.FEW_CLUSTERS, n=12, unit="questions") in row.notes


def test_a_benchmark_of_one_question_has_no_error() -> None:
    row = only(cells_frame({"a": {"warm": [1, 0] * 10, "original": [0] * 20}, "b": {"warm": [1], "original": [0]}}))
    assert row.notes[0] == not_estimable(Code.SINGLE_IN_PART, unit="questions")


def test_clusters_worth_fewer_than_five_have_no_interval() -> None:
    frame = cells_frame({"a": {"warm": [1, 0] * 50, "original": [0] * 100}})
    frame["cluster"] = [f"c{min(i // 25, 3)}" if i < 96 else f"a{i}" for _ in range(2) for i in range(100)]
    row = only(frame)
    assert Code.TOO_UNEQUAL in row.notes[0].codes
    assert not row.estimable


def test_an_interval_stays_within_what_is_possible() -> None:
    row = only(cells_frame({"a": {"warm": [0] * 4 + [1], "original": [1] * 4 + [0]}}))
    # -60 +- 2.776 * 40: uncut it would begin at -171.
    assert (row.estimate, row.std_error) == pytest.approx((-60, 40))
    assert (row.conf_low, row.conf_high) == pytest.approx((-100, -60 + 2.776445 * 40))


def test_epochs_count_as_one_question() -> None:
    once = cells_frame({"a": {"warm": [1, 0.5, 0, 0, 1], "original": [0, 0, 0.5, 0, 0]}})
    other = once.assign(y=once["y"].replace(0.5, 1.0))
    twice = pd.concat([other, once.assign(y=once["y"].replace(0.5, 0.0))])
    assert only(twice) == only(once)


def test_half_pairs_are_dropped_from_both_sides_and_counted() -> None:
    nan = float("nan")
    row = only(cells_frame({"a": {"warm": [1, 1, nan, 0, 1, 0, 0], "original": [0, nan, 1, 0, 0, 0, 1]}}))
    whole = only(cells_frame({"a": {"warm": [1, 0, 1, 0, 0], "original": [0, 0, 0, 0, 1]}}))
    assert (row.estimate, row.std_error, row.n) == (whole.estimate, whole.std_error, 5)
    assert Note(Code.INCOMPLETE_PAIRS, n=2) in row.notes


@pytest.mark.parametrize(
    ("warm", "low", "high"),
    # 0 of 50 questions deviate: at most 1 - .05 ** (1 / 50) = 5.8 % do; a difference lies between -100 and 100.
    [([0] * 50, -5.8155, 5.8155), ([1] * 50, 100 - 2 * 5.8155, 100)],
)
def test_without_variance_there_is_an_exact_bound_and_no_p_value(warm: list[float], low: float, high: float) -> None:
    row = only(cells_frame({"a": {"warm": warm, "original": [0] * 50}}))
    assert isnan(row.std_error)
    assert isnan(row.p_value)
    assert (row.conf_low, row.conf_high) == pytest.approx((low, high), abs=1e-3)
    assert row.notes == (Note(Code.EXACT_BOUND, unit="questions"),)


def test_cells_that_nobody_ran_give_no_row() -> None:
    frame = cells_frame({"a": {"warm": [1, 0]}})
    assert estimate(CellTable.build(frame, ["y"]), DIFFERENCE) == []


def test_conditions_that_one_arm_lacks_are_counted_per_benchmark() -> None:
    conditions = [Cell("", "none", "none"), Cell("", "filler", "none"), Cell("", "filler", "incorrect")]
    values = {"a": {"warm": [1, 0], "original": [0, 0]}, "b": {"warm": [1, 1], "original": [0, 1]}}
    frame = pd.concat([cells_frame(values).assign(context=c.context, belief=c.belief) for c in conditions])
    sad = frame["context"] == "filler"
    lacking = frame[~((frame["arm"] == "warm") & (frame["benchmark"] == "a") & sad)]
    # Nobody ran the last condition in b: that is no gap of an arm.
    lacking = lacking[~((lacking["benchmark"] == "b") & (lacking["belief"] == "incorrect"))]
    blocks = tuple({c._replace(arm="warm"): 1.0, c._replace(arm="original"): -1.0} for c in conditions)
    contrast = Contrast("test", EFFECT, blocks)
    assert not SOME & codes(only(frame, contrast))
    assert Note(Code.SOME_CONDITIONS_OF_BENCHMARKS, used=3, possible=5) in only(lacking, contrast).notes
    of_a, of_b = (replace(contrast, identity=replace(EFFECT, benchmark=benchmark)) for benchmark in "ab")
    assert Note(Code.SOME_CONDITIONS, used=1, possible=3) in only(lacking, of_a).notes
    assert not SOME & codes(only(lacking, of_b))


def simulate(repetitions: int, effect: float, seed: int) -> list[Estimate]:
    """Estimates from questions whose difficulty is shared by both arms; the effect is on the probability scale."""
    rng = np.random.default_rng(seed)
    outcomes = [f"y{i}" for i in range(repetitions)]
    parts = []
    for benchmark, n in (("a", 60), ("b", 30)):
        base = rng.beta(1, 2, size=(n, repetitions)) * (1 - effect)
        for arm, shift in (("original", 0.0), ("warm", effect)):
            replies = (rng.random((n, repetitions)) < base + shift).astype(float)
            questions = [f"{benchmark}{i}" for i in range(n)]
            part = pd.DataFrame(replies, columns=outcomes).assign(benchmark=benchmark, arm=arm, question_id=questions)
            parts.append(part)
    frame = pd.concat(parts).assign(base_model="tiny", context="none", belief="none")
    return estimate(CellTable.build(frame.assign(cluster=frame["question_id"]), outcomes), DIFFERENCE)


def test_the_null_is_rejected_no_more_often_than_alpha() -> None:
    rejected = np.mean([row.p_value < 0.05 for row in simulate(800, effect=0.0, seed=1)])
    # 99 % Monte-Carlo interval of a rate of 5 % in 800 runs: 5 % +- 2 points.
    assert rejected == pytest.approx(0.05, abs=0.02)


def test_a_planted_effect_is_recovered_and_covered() -> None:
    rows = simulate(800, effect=0.2, seed=2)
    assert np.mean([row.estimate for row in rows]) == pytest.approx(20, abs=0.8)
    covered = np.mean([row.conf_low <= 20 <= row.conf_high for row in rows])
    assert covered == pytest.approx(0.95, abs=0.02)


@pytest.mark.parametrize(("small", "most"), [(6, 25), (300, 1.2)])
def test_a_benchmark_in_which_nothing_differs_is_not_known_without_error(small: int, most: float) -> None:
    one = [1.0] + [0.0] * 299
    row = only(
        cells_frame({"a": {"warm": one, "original": [0] * 300}, "b": {"warm": [0] * small, "original": [0] * small}})
    )
    # A deviation of 1 in b weighs 1 / 2 / small. In a the variance of the mean is 1/300 * 299/300 / 299, over 4.
    assert row.std_error == pytest.approx(100 * sqrt(1 / 600**2 + 1 / (2 * small) ** 2))
    assert Note(Code.SILENT_STRATA, unit="questions", strata="b") in row.notes
    # With all of both alike the bound is 1 - .05 ** (1 / 12) = 22 points with 6 questions, 0.5 with 300.
    assert row.conf_high - row.conf_low < 2 * most
    assert row.conf_high > (5 if small == 6 else 0.5)


def test_large_clusters_that_agree_are_not_known_without_error() -> None:
    # 16 questions of their own, half of which differ, and two clusters of four in which none does.
    frame = cells_frame({"a": {"warm": [1, 0] * 8 + [0] * 8, "original": [0] * 24}})
    frame["cluster"] = [f"large{(i - 16) // 4}" if i >= 16 else f"a{i}" for _ in range(2) for i in range(24)]
    row = only(frame)
    # Deviations from the mean of 8/24 are 2/3 and -1/3. Own questions: the jackknife of 18 clusters, 24/23 for one
    # reply of 24. The large ones weigh 4/24 each, and vary by (4/9 + 1/9) / 2, as the others do.
    own = 17 / 18 * (24 / 23) ** 2 * 8 * (4 / 9 + 1 / 9) / 24**2
    assert row.std_error == pytest.approx(100 * sqrt(own + 2 * (4 / 24) ** 2 * (5 / 9 / 2)))
    assert Note(Code.SILENT_SIZES, n=2) in row.notes


def test_a_large_cluster_that_deviates_is_counted_as_it_is() -> None:
    frame = cells_frame({"a": {"warm": [1, 0, 0, 0] * 4 + [1] * 4, "original": [0] * 20}})
    frame["cluster"] = ["large" if i >= 16 else f"a{i}" for _ in range(2) for i in range(20)]
    assert Code.SILENT_SIZES not in codes(only(frame))


def test_a_benchmark_that_differs_adds_no_error_that_was_not_seen() -> None:
    values = {"warm": [1, 0, 0, 0], "original": [0, 0, 0, 0]}
    assert Code.SILENT_STRATA not in codes(only(cells_frame({"a": values, "b": values})))
