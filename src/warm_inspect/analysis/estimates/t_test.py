"""The t test of an estimate: its interval, its power, and the smallest effect that it would find."""

from dataclasses import replace
from functools import lru_cache
from math import nan

import numpy as np
from scipy import stats
from scipy.optimize import brentq
from scipy.special import roots_legendre

from warm_inspect.analysis.estimates.estimate import ALPHA, Estimate, Floats
from warm_inspect.analysis.estimates.notes import Code, Note, not_estimable

CONFIDENCE = 0.95
POWER = 0.8
"""Chance at which the smallest detectable effect would have been found."""
ENOUGH = 5
"""Below this many independent units, or as many equal ones as unequal ones are worth, there is no interval."""
FEW = 20
"""Below this many the interval has a note."""
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


def clustered(row: Estimate, std_error: float, worth: float) -> Estimate:
    """The t test of an estimate whose error is clustered by question, or why there is none.

    Its degrees of freedom are those of the equal clusters that the clusters are worth; the rule of five and the note
    under twenty are those of contrasts.

    Args:
        row: the estimate, with its clusters counted.
        std_error: in its unit.
        worth: how many clusters of equal working variance would know as much (Satterthwaite): at most `n_clusters`.
    """
    worth = min(round(worth, 6), row.n_clusters)
    if worth < ENOUGH:
        few = row.n_clusters < ENOUGH
        unit: dict[str, str | float] = {"unit": "questions", "n": row.n_clusters if few else worth}
        return replace(
            row, notes=(not_estimable(Code.FEWER_THAN_FIVE if few else Code.TOO_UNEQUAL, **unit), *row.notes)
        )
    tested = wald(row, std_error, worth - 1)
    if worth >= FEW:
        return tested
    few = row.n_clusters < FEW
    note = Note(
        Code.FEW_CLUSTERS if few else Code.UNEQUAL_CLUSTERS, unit="questions", n=row.n_clusters if few else worth
    )
    return replace(tested, notes=(note, *row.notes))


def worth_of(working: Floats) -> float:
    """How many clusters of equal working variance clusters of these are worth: (sum v)^2 / sum v^2.

    Args:
        working: the variance that each cluster adds to an estimate if its model holds; shape (cluster,).
    """
    squares = float((working**2).sum())
    return float(working.sum()) ** 2 / squares if squares > 0 else 0.0


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
