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
    # a: (1 - 0) * 1/4 of 4 questions = .25; b: 2 of 2 minus 1 of 2 = .5; mean .375, not 2/6.
    frame = cells_frame(
        {"a": {"warm": [1, 0, 0, 0], "original": [0, 0, 0, 0]}, "b": {"warm": [1, 1], "original": [1, 0]}}
    )
    row = only(frame)
    assert row.estimate == pytest.approx(37.5)
    # Influence: a: (d - 1/4) / 4 / 2 = 3/32, -1/32 x 3; b: (d - 1/2) / 2 / 2 = +-1/8. G = N = 6, K = 2.
    squares = (9 + 3) / 32**2 + 2 / 64
    assert row.std_error == pytest.approx(100 * sqrt(squares * 6 / 5 * 5 / 4))
    assert (row.n, row.n_clusters, row.df) == (6, 6, 5)


def test_clusters_share_their_influence() -> None:
    frame = cells_frame({"a": {"warm": [1, 1, 0, 0, 1, 1], "original": [0, 0, 0, 0, 0, 0]}})
    frame["cluster"] = frame["question_id"].map({f"a{i}": f"c{i // 2}" for i in range(6)})
    row = only(frame)
    # Deviations from 2/3 add up within pairs: 2/3, -4/3, 2/3, each over 6. G = 3, N = 6, K = 1.
    assert row.std_error == pytest.approx(100 * sqrt((4 + 16 + 4) / 9 / 36 * 3 / 2 * 5 / 5))
    assert (row.n, row.n_clusters, row.df) == (6, 3, 2)


def test_epochs_count_as_one_question() -> None:
    once = cells_frame({"a": {"warm": [1, 0.5, 0], "original": [0, 0, 0.5]}})
    other = once.assign(y=once["y"].replace(0.5, 1.0))
    twice = pd.concat([other, once.assign(y=once["y"].replace(0.5, 0.0))])
    assert only(twice) == only(once)


def test_half_pairs_are_dropped_from_both_sides_and_counted() -> None:
    nan = float("nan")
    row = only(cells_frame({"a": {"warm": [1, 1, nan, 0], "original": [0, nan, 1, 0]}}))
    whole = only(cells_frame({"a": {"warm": [1, 0], "original": [0, 0]}}))
    assert (row.estimate, row.std_error, row.n) == (whole.estimate, whole.std_error, 2)
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


def test_one_question_is_not_estimable() -> None:
    row = only(cells_frame({"a": {"warm": [1], "original": [0]}}))
    assert (row.estimate, row.estimable) == (100, False)
    assert row.notes[0] == not_estimable(Code.FEWER_THAN_TWO_IN_BENCHMARK, unit="questions")


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
    # A deviation of 1 in b weighs 1 / 2 / small; a: (1 - 1/300) / 600 and 299 times 1/300/600.
    n = 300 + small
    squares = (1 - 1 / 300) / 600**2 + 1 / (2 * small) ** 2
    assert row.std_error == pytest.approx(100 * sqrt(squares * n / (n - 1) * (n - 1) / (n - 2)))
    assert Note(Code.SILENT_STRATA, unit="questions", strata="b") in row.notes
    # With all of both alike the bound is 1 - .05 ** (1 / 12) = 22 points with 6 questions, 0.5 with 300.
    assert row.conf_high - row.conf_low < 2 * most
    assert row.conf_high > (5 if small == 6 else 0.5)


def test_a_benchmark_that_differs_adds_no_error_that_was_not_seen() -> None:
    values = {"warm": [1, 0, 0, 0], "original": [0, 0, 0, 0]}
    assert Code.SILENT_STRATA not in codes(only(cells_frame({"a": values, "b": values})))
