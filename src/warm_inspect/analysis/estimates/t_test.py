"""The t test of an estimate: its interval, its power, and the smallest effect that it would find."""

from dataclasses import replace
from functools import lru_cache
from math import nan

import numpy as np
from scipy import stats
from scipy.optimize import brentq
from scipy.special import roots_legendre

from warm_inspect.analysis.estimates.estimate import ALPHA, Estimate, Floats

CONFIDENCE = 0.95
POWER = 0.8
"""Chance at which the smallest detectable effect would have been found."""
_NODES = 256


def wald(row: Estimate, std_error: float, df: float) -> Estimate:
    """The estimate with its standard error, two-sided t test (normal when `df` is infinite) and 95 % interval.

    The interval is cut off at the ends of the possible range.
    """
    statistic = row.estimate / std_error
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, df)) * std_error
    tested = replace(
        row,
        std_error=std_error,
        statistic=statistic,
        df=float(df),
        p_value=float(2 * stats.t.sf(abs(statistic), df)),
    )
    return tested.within(row.estimate - half, row.estimate + half)


def detectable(row: Estimate) -> float:
    """The smallest effect found with `POWER` at the two-sided 5 % level, in the row's unit; NaN without its error."""
    return smallest_effect(row.std_error, row.df, 1 - CONFIDENCE, POWER) if row.estimable else nan


def power(effect: float, error: float, df: float, alpha: float = ALPHA) -> float:
    """The chance that a two-sided t test at level alpha rejects, when effect and standard error are true."""
    if error == 0:
        return float(effect != 0)
    return _rejects(abs(effect) / error, df, alpha)


def smallest_effect(error: float, df: float, alpha: float = ALPHA, target: float = POWER) -> float:
    """The smallest effect that a two-sided t test at level alpha finds with the target power, in the error's unit."""
    return _distance(df, alpha, target) * error


@lru_cache
def _distance(df: float, alpha: float, target: float) -> float:
    """How many standard errors an effect must be away from zero to be found with the target power."""
    farthest = 1.0
    while _rejects(farthest, df, alpha) < target:
        farthest *= 2
    return float(brentq(lambda distance: _rejects(distance, df, alpha) - target, 0, farthest))


def _rejects(distance: float, df: float, alpha: float) -> float:
    """P(|T| > critical) for a noncentral t, by quadrature over the error's chi: library values fail at few df."""
    nodes, weights = _quadrature()
    error = np.sqrt(stats.chi2.ppf(nodes, df) / df)
    critical = float(stats.t.isf(alpha / 2, df)) * error
    return float(weights @ (stats.norm.sf(critical - distance) + stats.norm.cdf(-critical - distance)))


@lru_cache
def _quadrature() -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights on the probabilities from 0 to 1."""
    nodes, weights = roots_legendre(_NODES)
    return (nodes + 1) / 2, weights / 2
