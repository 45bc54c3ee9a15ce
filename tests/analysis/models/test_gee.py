"""GEE against its estimating equations solved by hand, statsmodels' formula interface, and cases without a fit."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from tests.report.studies import asked_twice, grid, study_of
from warm_inspect.analysis.contrasts.design import PRIMARY_OUTCOME, grid_of
from warm_inspect.analysis.models.gee import fit_gee, gee
from warm_inspect.analysis.models.patterns import Floats
from warm_inspect.analysis.models.robustness import sensitivity

FRAME = study_of(
    grid({"original": 0.35, "warm": 0.6}, questions=25, benchmarks=("triviaqa", "medqa"))
).observations.frame


def rows(**counts: list[float]) -> pd.DataFrame:
    """Replies of each arm to questions a, b, c ...: one each."""
    records = [
        {"arm": arm, "y": value, "cluster": f"q{i}", "benchmark": "own", "base_model": "tiny", "context": "none"}
        for arm, values in counts.items()
        for i, value in enumerate(values)
    ]
    return pd.DataFrame(records)


def solved(x: np.ndarray, y: np.ndarray, groups: np.ndarray, rho: float) -> tuple[np.ndarray, np.ndarray]:
    """The root of the estimating equations at a given correlation, and the sandwich with G / (G - 1), from scratch."""
    beta = np.zeros(x.shape[1])
    for _ in range(200):
        bread, meat, score = np.zeros((len(beta),) * 2), np.zeros((len(beta),) * 2), np.zeros(len(beta))
        for group in np.unique(groups):
            xi, yi = x[groups == group], y[groups == group]
            p = 1 / (1 + np.exp(-(xi @ beta)))
            sd = np.sqrt(p * (1 - p))
            v = np.outer(sd, sd) * np.where(np.eye(len(p)) == 1, 1.0, rho)
            d = xi * (sd**2)[:, None]
            u = d.T @ np.linalg.solve(v, yi - p)
            bread += d.T @ np.linalg.solve(v, d)
            meat += np.outer(u, u)
            score += u
        beta = beta + np.linalg.solve(bread, score)
        if np.abs(score).max() < 1e-12:
            break
    n = len(np.unique(groups))
    inverse = np.linalg.inv(bread)
    return beta, n / (n - 1) * inverse @ meat @ inverse


def test_it_solves_the_estimating_equations() -> None:
    fitted = fit_gee(FRAME, "warm", "original", "incorrect")
    columns = [FRAME["benchmark"] == "triviaqa", FRAME["context"] == "filler", FRAME["arm"] == "warm"]
    x = np.column_stack([np.ones(len(FRAME)), *[column.to_numpy(dtype=float) for column in columns]])
    groups = pd.factorize(FRAME["cluster"])[0]
    beta, covariance = solved(x, FRAME["incorrect"].to_numpy(), groups, fitted.correlation)
    assert fitted.converged
    assert fitted.log_odds == pytest.approx(beta[-1], abs=1e-6)
    assert fitted.log_odds_error == pytest.approx(np.sqrt(covariance[-1, -1]), abs=1e-6)

    def effect(params: Floats) -> float:
        one: Floats = np.array(x, dtype=np.float64)
        zero = one.copy()
        one[:, -1], zero[:, -1] = 1, 0
        return float((1 / (1 + np.exp(-one @ params)) - 1 / (1 + np.exp(-zero @ params))).mean())

    step = 1e-6 * np.eye(len(beta))
    gradient = np.array([(effect(beta + each) - effect(beta - each)) / 2e-6 for each in step])
    assert fitted.effect == pytest.approx(effect(beta), abs=1e-6)
    assert fitted.effect_error == pytest.approx(np.sqrt(gradient @ covariance @ gradient), abs=1e-6)


def test_it_equals_the_formula_interface() -> None:
    data = FRAME.assign(
        treated=(FRAME["arm"] == "warm").astype(float),
        y=FRAME["incorrect"],
        **{name: FRAME[name].astype(str) for name in ("benchmark", "context", "cluster")},
    )
    other = smf.gee(
        "y ~ treated + C(benchmark) + C(context)",
        "cluster",
        data=data,
        family=sm.families.Binomial(),
        cov_struct=sm.cov_struct.Exchangeable(),
    ).fit(ctol=1e-10, maxiter=200)
    points, log_odds = gee(FRAME, "warm", "original", "incorrect", "x")
    assert log_odds.estimate == pytest.approx(other.params["treated"], abs=1e-6)
    clusters = log_odds.n_clusters
    assert log_odds.std_error == pytest.approx(other.bse["treated"] * np.sqrt(clusters / (clusters - 1)), abs=1e-6)
    assert (log_odds.n, clusters, log_odds.df) == (400, 50, 49)
    assert 0 < points.conf_low < points.estimate < points.conf_high < 100
    assert points.unit == "percentage_points"


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ({"warm": [1.0, 1.0], "original": [1.0, 1.0]}, "y is 1 in every reply"),
        ({"warm": [1.0, 1.0, 1.0], "original": [1.0, 0.0, 0.0]}, "separation"),
        ({"warm": [1.0, 0.0]}, "only one arm has replies"),
        ({"warm": [1.0], "original": [0.0]}, "fewer than two questions"),
    ],
)
def test_what_cannot_be_fitted_says_why(replies: dict[str, list[float]], said: str) -> None:
    fitted = fit_gee(rows(**replies), "warm", "original", "y")
    assert not fitted.converged
    assert said in fitted.problem
    for row in gee(rows(**replies), "warm", "original", "y", "x"):
        assert np.isnan(row.estimate)
        assert row.note == f"not estimable: {fitted.problem}"


def test_a_fit_that_stops_early_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    real = sm.GEE.fit

    def short(self: Any, **settings: Any) -> Any:
        return real(self, **(settings | {"maxiter": 1, "ctol": 0.0}))

    monkeypatch.setattr(sm.GEE, "fit", short)
    fitted = fit_gee(FRAME, "warm", "original", "incorrect")
    assert not fitted.converged
    assert "did not converge" in fitted.problem


def test_the_study_has_it_for_the_condition_of_the_primary_contrast() -> None:
    found = [row for row in sensitivity(FRAME, grid_of(FRAME)) if row.term in ("gee", "gee_log_odds")]
    assert {(row.contrast, row.outcome) for row in found} == {("warm - original | belief=incorrect", PRIMARY_OUTCOME)}
    assert len(found) == 2


@pytest.mark.parametrize("seed", range(3))
def test_arms_that_agree_have_no_error_of_rounding(seed: int) -> None:
    stated = asked_twice(seed)
    fitted = fit_gee(stated[stated["belief"] == "incorrect"], "warm", "original", "incorrect")
    assert fitted.problem == "the standard error is zero, all questions agree"


def test_one_question_that_differs_is_told_from_rounding() -> None:
    stated = asked_twice(0)
    first = stated.index[(stated["arm"] == "warm") & (stated["belief"] == "incorrect")][0]
    stated.loc[first, "incorrect"] = 1 - stated.loc[first, "incorrect"]
    fitted = fit_gee(stated[stated["belief"] == "incorrect"], "warm", "original", "incorrect")
    assert fitted.converged
    # One of 120 pairs: the mean and its error, over 40 questions of 3 prompts, are both 1 / 120.
    assert abs(fitted.effect) == pytest.approx(1 / 120, rel=0.1)
    assert fitted.effect_error == pytest.approx(1 / 120, rel=0.1)
