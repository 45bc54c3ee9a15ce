"""The conditional logit against another program and by hand."""

import warnings
from math import log, sqrt

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.conditional_models import ConditionalLogit

from tests.made_logs import grid, study_of
from warm_inspect.analysis.estimates import Code, arm_effect, not_estimable
from warm_inspect.analysis.regressions import conditional_log_odds, matched_pairs

FRAME = study_of(
    grid({"original": 0.35, "neutral": 0.4, "warm": 0.6}, questions=40, benchmarks=("triviaqa", "medqa"))
).observations.frame
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
    # Question a: two pairs up; b: one up, one down; c: one up. Share of ups 4 / 5, scores 2 / 5, -3 / 5, 1 / 5.
    pairs = pd.DataFrame({"cluster": list("aabbcd"), "y": [1.0, 1.0, 1.0, -1.0, 1.0, 0.0]})
    (row,) = conditional_log_odds(pairs, ["y"], WARM)
    assert row.estimate == pytest.approx(log(4))
    assert row.std_error == pytest.approx(sqrt(1.5 * (4 + 9 + 1) / 25) / (5 * 0.8 * 0.2))
    assert (row.n, row.n_clusters, row.df) == (6, 3, 2)


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
