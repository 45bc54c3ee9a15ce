"""Other errors, models and replicates, each against an independent computation."""

import warnings
from math import log, sqrt

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.discrete.conditional_models import ConditionalLogit

from tests.made_logs import asked_twice, grid, study_of, study_reply
from warm_inspect.analysis.contrasts import (
    CellTable,
    Contrast,
    bootstrap,
    estimate,
    grid_of,
    over_base_models,
    over_seeds,
)
from warm_inspect.analysis.estimates import Code, arm_effect, not_estimable
from warm_inspect.analysis.observations import Cell
from warm_inspect.analysis.regressions import conditional_log_odds, matched_pairs, multinomial_effects
from warm_inspect.analysis.study.analysis import robustness_checks

FRAME = study_of(
    grid({"original": 0.35, "neutral": 0.4, "warm": 0.6}, questions=40, benchmarks=("triviaqa", "medqa"))
).observations.frame
EFFECT = {Cell("warm", "none", "incorrect"): 1.0, Cell("original", "none", "incorrect"): -1.0}
WARM = arm_effect("warm", "original")
CONTRAST = Contrast("arm_effect", arm_effect("warm", "original", belief="incorrect"), (EFFECT,))


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


def test_multinomial_equals_another_program() -> None:
    rows = list(multinomial_effects(FRAME, "warm", "original"))
    data = FRAME[FRAME["arm"].isin(["original", "warm"])]
    treated = (data["arm"] == "warm").to_numpy(dtype=float)
    levels = {"benchmark": "medqa", "context": "filler", "belief": "incorrect"}
    columns = [data[name].astype(str) == level for name, level in levels.items()]
    x = np.column_stack([np.ones(len(data)), treated, *[column.to_numpy(dtype=float) for column in columns]])
    grades = [row.outcome for row in rows]
    assert grades == ["correct", "incorrect", "unclear"]
    y = data[grades].to_numpy().argmax(axis=1)
    fitted = sm.MNLogit(y, x).fit(disp=0, method="newton", tol=1e-12)
    one, zero = x.copy(), x.copy()
    one[:, 1], zero[:, 1] = 1, 0

    def effects(params: np.ndarray) -> np.ndarray:
        change = fitted.model.predict(params, one) - fitted.model.predict(params, zero)
        return np.asarray(100 * change.mean(axis=0))

    assert [row.estimate for row in rows] == pytest.approx(list(effects(fitted.params)), abs=1e-6)
    # The sandwich by hand: scores of each reply summed by question, effects differentiated numerically.
    p = fitted.predict(x)
    scores = np.concatenate([((y == g)[:, None] - p[:, [g]]) * x for g in (1, 2)], axis=1)
    sums = pd.DataFrame(scores).groupby(data["cluster"].astype(str).to_numpy()).sum().to_numpy()
    bread = np.linalg.inv(-fitted.model.hessian(fitted.params))
    groups, n, k = len(sums), len(data), scores.shape[1]
    covariance = groups / (groups - 1) * (n - 1) / (n - k) * bread @ (sums.T @ sums) @ bread
    flat = fitted.params.ravel(order="F")
    gradient = np.empty((3, k))
    for i in range(k):
        step = np.zeros(k)
        step[i] = 1e-5
        up, down = ((flat + sign * step).reshape(fitted.params.shape, order="F") for sign in (1, -1))
        gradient[:, i] = (effects(up) - effects(down)) / 2e-5
    errors = np.sqrt(np.einsum("gi,ij,gj->g", gradient, covariance, gradient))
    assert [row.std_error for row in rows] == pytest.approx(list(errors), rel=1e-5)
    assert sum(row.estimate for row in rows) == pytest.approx(0, abs=1e-9)


def test_multinomial_says_when_a_grade_never_occurs() -> None:
    data = FRAME[~((FRAME["arm"] == "warm") & (FRAME["unclear"] == 1))]
    rows = list(multinomial_effects(data, "warm", "original"))
    assert {row.notes for row in rows} == {(not_estimable(Code.GRADE_NEVER_GIVEN, arm="warm", grades="unclear"),)}


def test_multinomial_tells_the_arm_only_where_the_arms_share_a_condition() -> None:
    apart = (FRAME["arm"] == "warm") == (FRAME["context"] == "filler")
    rows = list(multinomial_effects(FRAME[apart], "warm", "original"))
    assert all(np.isnan(row.estimate) for row in rows)
    assert {row.notes for row in rows} == {(not_estimable(Code.NO_SHARED_CONDITION),)}
    # One shared condition is enough: the design has a column of the arm's own.
    shared = apart | (FRAME["belief"] == "incorrect")
    assert all(row.estimable for row in multinomial_effects(FRAME[shared], "warm", "original"))


@pytest.mark.parametrize("seed", range(3))
def test_multinomial_of_arms_that_agree_has_no_error_of_rounding(seed: int) -> None:
    rows = list(multinomial_effects(asked_twice(seed), "warm", "original"))
    assert len(rows) == 3
    for row in rows:
        assert row.estimate == pytest.approx(0, abs=1e-9)
        assert row.notes == (not_estimable(Code.ZERO_ERROR),)


def test_the_bootstrap_of_arms_that_agree_has_no_interval() -> None:
    (row,) = bootstrap(CellTable.build(asked_twice(0), ["incorrect"]), CONTRAST)
    assert row.estimate == 0
    assert np.isnan([row.std_error, row.conf_low, row.conf_high]).all()
    assert row.notes == (not_estimable(Code.ALL_AGREE, unit="questions"),)


def test_the_bootstrap_agrees_with_the_clustered_error_and_repeats() -> None:
    table = CellTable.build(FRAME, ["incorrect"])
    (row,), (again,) = bootstrap(table, CONTRAST), bootstrap(table, CONTRAST)
    (reference,) = estimate(table, CONTRAST)
    assert row == again
    assert row.estimate == pytest.approx(reference.estimate)
    # 2,000 resamples: the error's own error is 1.6 %; the formula's small-sample factor adds about 2 %.
    assert row.std_error == pytest.approx(reference.std_error, rel=0.08)
    assert row.conf_low == pytest.approx(reference.conf_low, abs=2.5)


def test_base_models_are_replicates() -> None:
    rows = [
        row | {"base_model": name, "log_id": f"{row['log_id']}-{name}", "model": name}
        for name, shares in (("a", (0.3, 0.5)), ("b", (0.4, 0.4)), ("c", (0.2, 0.7)))
        for row in grid(dict(zip(("original", "warm"), shares, strict=True)), questions=20)
    ]
    frame = study_of(rows).observations.frame
    found = list(over_base_models(frame, [CONTRAST], ["incorrect"]))
    effects = [row.estimate for row in found[:3]]
    assert [row.contrast for row in found[:3]] == [f"{CONTRAST.identity.label}, base_model={name}" for name in "abc"]
    for name, effect in zip("abc", effects, strict=True):
        own = frame[(frame["base_model"] == name) & (frame["context"] == "none") & (frame["belief"] == "incorrect")]
        means = own.groupby("arm", observed=True)["incorrect"].mean()
        assert effect == pytest.approx(100 * (means["warm"] - means["original"]))
    mean, ahead = found[3:]
    error = np.std(effects, ddof=1) / sqrt(3)
    assert (mean.estimate, mean.std_error, mean.df) == pytest.approx((np.mean(effects), error, 2))
    assert ahead.conf_high - ahead.estimate == pytest.approx(4.302653 * np.std(effects, ddof=1) * sqrt(4 / 3))
    assert list(over_base_models(FRAME, [CONTRAST], ["incorrect"])) == []


def test_seeds_pair_trained_arms_and_share_the_untrained_one() -> None:
    """Warm and neutral have the seeds 0, 1, 2; in seed 2 the two are alike."""
    wrong = {("neutral", 0): 2, ("neutral", 1): 3, ("neutral", 2): 5, ("warm", 0): 6, ("warm", 1): 5, ("warm", 2): 5}
    stated = ("none", "incorrect")
    rows = [
        study_reply(arm, "triviaqa", i, stated, "incorrect" if i < count else "correct", training_seed=seed)
        | {"log_id": f"{arm}{seed}"}
        for (arm, seed), count in wrong.items()
        for i in range(10)
    ]
    rows += [study_reply("original", "triviaqa", i, stated, "correct", training_seed=-1) for i in range(10)]
    frame = study_of(rows).observations.frame
    against = {
        name: Contrast(
            "arm_effect", arm_effect("warm", name), ({Cell("warm", *stated): 1.0, Cell(name, *stated): -1.0},)
        )
        for name in ("neutral", "original")
    }
    paired = list(over_seeds(frame, [against["neutral"]], ["incorrect"]))
    assert [row.estimate for row in paired] == pytest.approx([40, 20, 0, 20])
    assert (paired[-1].std_error, paired[-1].df) == pytest.approx((20 / sqrt(3), 2))
    alone = list(over_seeds(frame, [against["original"]], ["incorrect"]))
    assert [row.estimate for row in alone] == pytest.approx([60, 50, 50, 160 / 3])
    assert list(over_seeds(FRAME, [CONTRAST], ["incorrect"])) == []


def test_every_check_is_made_once() -> None:
    rows = list(robustness_checks(FRAME, grid_of(FRAME)))
    keys = [(row.analysis, row.term, row.contrast, row.outcome) for row in rows]
    assert len(set(keys)) == len(keys)
    assert {"two_way", "bootstrap", "conditional_logit", "marginal_effect"} <= {row.term for row in rows}
