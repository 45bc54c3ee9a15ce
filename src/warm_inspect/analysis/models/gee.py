"""Generalised estimating equations: the arm's effect when the replies to one question are alike to some degree.

A sensitivity check beside the conditional logit: a logistic mean with benchmark, base model and context, one common
correlation between any two replies to a question (exchangeable), and errors that hold when that correlation is wrong.

Source: Liang and Zeger 1986, Longitudinal data analysis using generalized linear models.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import nan, sqrt

import numpy as np
import pandas as pd

from warm_inspect.analysis.estimates import LOG_ODDS, POINTS, ROUNDING, Estimate, wald
from warm_inspect.analysis.models.estimable import separation
from warm_inspect.analysis.models.patterns import CLUSTER, Floats, Patterns

GEE = "gee"
GEE_LOG_ODDS = "gee_log_odds"
_FACTORS = ("benchmark", "base_model", "context")
_STEPS = 100


@dataclass(frozen=True)
class GeeFit:
    """One fit. Without convergence there are no numbers."""

    converged: bool
    problem: str = ""
    """Why there is no fit; empty when there is one."""
    log_odds: float = nan
    log_odds_error: float = nan
    effect: float = nan
    """Mean change of the predicted probability over all rows, from -1 to 1."""
    effect_error: float = nan
    correlation: float = nan
    """Between two replies to one question, beyond what the covariates say."""
    n: int = 0
    n_clusters: int = 0


def gee(frame: pd.DataFrame, arm: str, reference: str, outcome: str, label: str) -> Iterator[Estimate]:
    """The marginal effect in points and the log-odds of the arm.

    Args:
        frame: rows of an observations frame; the caller picks the condition.
        arm: the treated arm.
        reference: the arm it is compared with.
        outcome: a column of 0 and 1.
        label: the contrast's name.
    """
    fitted = fit_gee(frame, arm, reference, outcome)
    for term, unit, value, error in (
        (GEE, POINTS, 100 * fitted.effect, 100 * fitted.effect_error),
        (GEE_LOG_ODDS, LOG_ODDS, fitted.log_odds, fitted.log_odds_error),
    ):
        row = Estimate("sensitivity", term, outcome, label, value, unit, n=fitted.n, n_clusters=fitted.n_clusters)
        if not fitted.converged:
            yield replace(row, note=f"not estimable: {fitted.problem}")
        else:
            note = f"correlation of replies to one question {fitted.correlation:.2f}"
            yield replace(wald(row, error, fitted.n_clusters - 1), note=note)


def fit_gee(frame: pd.DataFrame, arm: str, reference: str, outcome: str) -> GeeFit:
    """The fit, by statsmodels; errors with the factor G / (G - 1) over G questions."""
    data = frame[frame["arm"].isin([arm, reference])]
    data = data.assign(treated=(data["arm"] == arm).astype(float))
    refused = GeeFit(False, n=len(data), n_clusters=data[CLUSTER].nunique())
    if data["treated"].nunique() < 2:
        return replace(refused, problem="only one arm has replies")
    if data[outcome].nunique() < 2:
        return replace(refused, problem=f"{outcome} is {data[outcome].iloc[0]:.0f} in every reply")
    if refused.n_clusters < 2:
        return replace(refused, problem="fewer than two questions")
    factors = [factor for factor in _FACTORS if data[factor].nunique() > 1]
    patterns = Patterns.of(data, [*factors, "treated"], outcome)
    names, design = _design(patterns.frame, factors)
    if problem := separation(design, patterns, names):
        return replace(refused, problem=problem)
    return _solved(data, _design(data, factors)[1], outcome, refused)


def _design(rows: pd.DataFrame, factors: list[str]) -> tuple[list[str], Floats]:
    """The names and columns of the mean: intercept, every level but the first, and the arm as the last column."""
    names, columns = ["1"], [np.ones(len(rows))]
    for factor in factors:
        for level in sorted(rows[factor].astype(str).unique())[1:]:
            names.append(f"{factor}={level}")
            columns.append((rows[factor] == level).to_numpy(dtype=np.float64))
    return [*names, "arm"], np.column_stack([*columns, rows["treated"].to_numpy(dtype=np.float64)])


def _solved(data: pd.DataFrame, x: Floats, outcome: str, refused: GeeFit) -> GeeFit:
    import statsmodels.api as sm

    model = sm.GEE(
        data[outcome].to_numpy(dtype=np.float64),
        x,
        groups=pd.factorize(data[CLUSTER])[0],
        family=sm.families.Binomial(),
        cov_struct=sm.cov_struct.Exchangeable(),
    )
    with warnings.catch_warnings():
        # What it warns of is asked for below.
        warnings.simplefilter("ignore")
        found = model.fit(maxiter=_STEPS)
    if found is None or not found.converged or not np.isfinite(found.cov_robust).all():
        return replace(refused, problem="the fit did not converge; the conditional logit stands in")
    beta = np.asarray(found.params, dtype=np.float64)
    groups = refused.n_clusters
    covariance = groups / (groups - 1) * np.asarray(found.cov_robust, dtype=np.float64)
    effect, gradient = _effect(x, beta)
    variances = float(covariance[-1, -1]), float(gradient @ covariance @ gradient)
    # Of arms that agree they are zero but for rounding, which may be negative.
    if min(variances) < ROUNDING**2:
        return replace(refused, problem="the standard error is zero, all questions agree")
    return replace(
        refused,
        converged=True,
        log_odds=float(beta[-1]),
        log_odds_error=sqrt(variances[0]),
        effect=effect,
        effect_error=sqrt(variances[1]),
        correlation=float(found.cov_struct.dep_params),
    )


def _effect(x: Floats, beta: Floats) -> tuple[float, Floats]:
    """The mean change of the probability from the reference to the arm, and its gradient in the coefficients."""
    effect, gradient = 0.0, np.zeros(len(beta))
    for sign, treated in ((1.0, 1.0), (-1.0, 0.0)):
        design = x.copy()
        design[:, -1] = treated
        p = 1 / (1 + np.exp(-(design @ beta)))
        effect += sign * float(p.mean())
        gradient += sign * (p * (1 - p)) @ design / len(x)
    return effect, gradient
