"""The conditional logit against another program and by hand."""

import warnings
from math import log, sqrt

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.conditional_models import ConditionalLogit

from tests.made_logs import frame_of, grid
from warm_inspect.analysis.estimates import Code, arm_effect, not_estimable
from warm_inspect.analysis.regressions import conditional_log_odds, matched_pairs

FRAME = frame_of(grid({"original": 0.35, "neutral": 0.4, "warm": 0.6}, questions=40, benchmarks=("triviaqa", "medqa")))
WARM = arm_effect("warm", "original")


def test_conditional_logit_equals_another_program() -> None:
    (row,) = conditional_log_odds(matched_pairs(FRAME, "warm", "original", ["incorrect"]), ["incorrect"], WARM)
    data = FRAME[FRAME["arm"].isin(["original", "warm"])]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ConditionalLogit(
            data["incorrect"].to_numpy(),
            (data["arm"] == "warm").to_numpy(dtype=float)[:, None],
            groups=data["sample_id"].astype(str).to_numpy(),
        )
        # Its search stops early, so it is asked whether ours is the maximum.
        assert model.score(np.array([row.estimate])) == pytest.approx([0], abs=1e-8)
    assert row.n == len(data) // 2


def test_conditional_logit_clusters_by_question() -> None:
    # Question a: two pairs up; b: one up, one down; c, e and g: one up; f: one down. Share of ups 6 / 8, scores 2 / 4,
    # -2 / 4, three times 1 / 4 and -3 / 4. The six are worth 8^2 / (4 + 4 + 4 * 1) = 5.3 equal ones.
    pairs = pd.DataFrame({"cluster": list("aabbcdefg"), "y": [1.0, 1.0, 1.0, -1.0, 1.0, 0.0, 1.0, -1.0, 1.0]})
    (row,) = conditional_log_odds(pairs, ["y"], WARM)
    assert row.estimate == pytest.approx(log(3))
    assert row.std_error == pytest.approx(sqrt(6 / 5 * (4 + 4 + 3 * 1 + 9) / 16) / (8 * 0.75 * 0.25))
    assert (row.n, row.n_clusters) == (9, 6)
    assert row.df == pytest.approx(64 / 12 - 1)
    # Without e and g four questions differ, which is too few for an interval.
    (few,) = conditional_log_odds(pairs[~pairs["cluster"].isin(["e", "g"])], ["y"], WARM)
    assert few.estimate == pytest.approx(log(2))
    assert few.notes == (not_estimable(Code.FEWER_THAN_FIVE, unit="questions", n=4),)


@pytest.mark.parametrize("changes", [[0.0, 0.0], [1.0, 1.0]])
def test_conditional_logit_without_two_sides_is_not_estimable(changes: list[float]) -> None:
    (row,) = conditional_log_odds(pd.DataFrame({"cluster": ["a", "b"], "y": changes}), ["y"], WARM)
    assert np.isnan(row.estimate)
    assert row.notes[0].code is Code.NOT_ESTIMABLE


def test_conditional_logit_of_one_question_that_differs_both_ways_has_no_error() -> None:
    pairs = pd.DataFrame({"cluster": list("aaabc"), "y": [1.0, 1.0, -1.0, 0.0, 0.0]})
    (row,) = conditional_log_odds(pairs, ["y"], WARM)
    assert (row.estimate, row.n_clusters) == pytest.approx((log(2), 1))
    assert np.isnan(row.std_error)
    assert row.notes == (not_estimable(Code.FEWER_THAN_TWO_DIFFER),)
