"""Tests that the harm's mean lies below a limit: the gate's own, and others that it could have been.

Each takes clusters' mean differences, shape (repetition, cluster), of equal weight, and gives a P value for each
repetition. Of the betting, Bernstein and Hoeffding tests it is proved that their level holds for bounded values.
Source: Johnson 1978, doi 10.1080/01621459.1978.10480051, for the skewness-corrected t test; Waudby-Smith and Ramdas
2024, doi 10.1093/jrsssb/qkad009, for betting; Maurer and Pontil 2009, arXiv 0907.3740, for empirical Bernstein.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import stats

from warm_inspect.analysis.contrasts import not_negative

Floats = npt.NDArray[np.float64]
_BETS = np.exp(np.linspace(-5, -1e-9, 40))


def gaffke(values: Floats, weights: Floats, limit: float) -> Floats:
    """The gate's test, 1 where P is surely above 1 / e. `values` are those of clusters that may weigh differently.

    The density of a sum of exponential numbers is log-concave: the sum is not negative with a chance of 1 / e or
    more where its mean is not.
    """
    largest = weights.max()
    distance = ((values - limit) * (weights / largest)).round(6)
    p = np.ones(len(values))
    near = distance.sum(axis=1) + 1 - limit < 0
    if not near.any():
        return p
    distinct, codes = np.unique(distance[near], return_inverse=True)
    rows = np.arange(near.sum())[:, None] * len(distinct)
    counts = np.bincount((codes.reshape(-1, len(weights)) + rows).ravel(), minlength=near.sum() * len(distinct))
    shapes, again = np.unique(counts.reshape(-1, len(distinct)), axis=0, return_inverse=True)
    unseen = np.ones((len(shapes), 1))
    of_shape = not_negative(np.append(distinct, 1 - limit), np.concatenate([shapes.astype(float), unseen], axis=1))
    p[near] = of_shape[again.ravel()]
    return p


def t_test(values: Floats, weights: Floats, limit: float) -> Floats:
    """The ordinary clustered t test (CRV1)."""
    n = values.shape[1]
    mean = values @ weights
    error = np.sqrt(((weights * (values - mean[:, None])) ** 2).sum(axis=1) * n / (n - 1))
    return np.asarray(stats.t.cdf((mean - limit) / np.maximum(error, 1e-12), n - 1))


def skewness_corrected(values: Floats, limit: float) -> Floats:
    """Johnson's modified t test."""
    n = values.shape[1]
    mean, spread = values.mean(axis=1), np.maximum(values.std(axis=1, ddof=1), 1e-9)
    third = ((values - mean[:, None]) ** 3).mean(axis=1)
    away = mean - limit
    moved = away + third / (6 * spread**2 * n) + third * away**2 / (3 * spread**4)
    return np.asarray(stats.t.cdf(moved / (spread / np.sqrt(n)), n - 1))


def betting(values: Floats, limit: float) -> Floats:
    """A mixture of 40 fixed bets that the mean lies below the limit."""
    bets = _BETS / (1 - limit)
    capital = np.stack([np.log1p(bet * (limit - values)).sum(axis=1) for bet in bets])
    most = capital.max(axis=0)
    return np.asarray(np.exp(-most) / np.exp(capital - most).mean(axis=0))


def empirical_bernstein(values: Floats, limit: float) -> Floats:
    """1 where the bound at 5 % reaches the limit, else 0."""
    n, logs = values.shape[1], np.log(2 / 0.05)
    bound = values.mean(axis=1) + values.std(axis=1, ddof=1) * np.sqrt(2 * logs / n) + 2 * 7 * logs / (3 * (n - 1))
    return (bound >= limit).astype(float)


def hoeffding(values: Floats, limit: float) -> Floats:
    """Hoeffding's inequality for values from -1 to 1."""
    away = np.maximum(limit - values.mean(axis=1), 0)
    return np.asarray(np.exp(-values.shape[1] * away**2 / 2))


OTHERS: dict[str, Callable[[Floats, float], Floats]] = {
    "skewness-corrected t": skewness_corrected,
    "betting": betting,
    "empirical Bernstein": empirical_bernstein,
    "Hoeffding": hoeffding,
}
