"""One-sided tests and bounds of a weighted mean of independent values from -1 to 1, whatever their distribution.

Gaffke's test. Let each value, minus the hypothetical mean, be multiplied by its own standard exponential; add one
further value, the worst that is possible, for what the sample may have missed. P is the probability that the sum is not
negative. For values of two kinds it is the exact binomial test; for many values of small spread it comes near the t
test; and a rare, large value that no sample holds is never forgotten, because it is in every sum. Nothing is assumed of
how alike the prompts of a cluster are, or of the skewness of the clusters.

That its level holds is proved for values of two kinds and a conjecture for all others, without a counter-example so
far. `bench/gate/error_rates.py` looks for one. Tests whose level is proved in general (betting, empirical Bernstein,
Hoeffding) need several times as many questions: docs/gate.md has the numbers.
Source: Gaffke 2005, Mathematical Methods of Statistics 14, 451-467; Learned-Miller and Thomas 2019, arXiv 1905.06208.
"""

from math import pi

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

Floats = npt.NDArray[np.float64]

# At a limit of 1 the further value would add nothing.
_ALMOST = 1 - 1e-9
# Nodes of the trapezoidal rule; its error falls exponentially with their density.
_NODES = np.linspace(0, 16, 321)
_STEP = float(_NODES[1])
_HALVINGS = 30


def p_reaches(limit: float, values: Floats, weights: Floats, copies: float = 1.0) -> float:
    """P of the hypothesis that the mean is at least `limit`; small means that it lies below.

    With unequal weights the further value, the worst possible one, has the largest weight.

    Args:
        limit: from -1 to below 1.
        values: what each cluster adds to the mean: a value from -1 to 1 times the cluster's weight; shape (cluster,).
        weights: positive, with sum 1; shape (cluster,).
        copies: how often each cluster counts, to look at larger samples of the same kind.
    """
    # Values that differ by rounding alone are one term of the sum, whose cost grows with its terms.
    distance = ((values - limit * weights) / weights.max()).round(12)
    distinct, counts = np.unique(distance, return_counts=True)
    return float(not_negative(np.append(distinct, 1 - limit), np.append(copies * counts, 1.0)[None])[0])


def upper_bound(level: float, values: Floats, weights: Floats) -> float:
    """The bound that the mean stays below with confidence 1 - `level`; at most 1. Arguments as in `p_reaches`."""
    if p_reaches(_ALMOST, values, weights) > level:
        return 1.0
    return float(brentq(lambda limit: p_reaches(limit, values, weights) - level, -1.0, _ALMOST, xtol=1e-12))


def not_negative(values: Floats, shapes: Floats) -> Floats:
    """The probability that a sum of independent gamma variables, each times a value, is not negative; shape (sample,).

    The characteristic function is integrated along the vertical line through its saddle point, where the integrand
    does not oscillate.

    Args:
        values: distinct or not, one of them positive; shape (term,).
        shapes: the gamma variables' shapes, of the largest value's above 0; shape (sample, term).
    """
    # The saddle point lies below the pole of the largest value; the slope there rises.
    low, high = np.zeros(len(shapes)), np.full(len(shapes), 1 / values.max())
    for _ in range(_HALVINGS):
        point = (low + high) / 2
        slope = (shapes * values / (1 - point[:, None] * values)).sum(axis=1) - 1 / point
        low, high = np.where(slope < 0, point, low), np.where(slope < 0, high, point)
    point = (low + high) / 2
    curvature = (shapes * (values / (1 - point[:, None] * values)) ** 2).sum(axis=1) + 1 / point**2
    width = curvature[:, None] ** -0.5
    # By the sine the nodes lie close at the saddle point, and reach far out where the integrand is small.
    line = point[:, None] + 1j * width * np.sinh(_NODES)
    logs = -np.log(line)
    for value, shape in zip(values, shapes.T, strict=True):
        logs -= shape[:, None] * np.log(1 - line * value)
    # The integrand's values below the real axis are conjugate to those above, so the real part of one half is enough.
    terms = np.exp(logs).real * width * np.cosh(_NODES)
    return np.asarray(np.clip(_STEP * (terms.sum(axis=1) - terms[:, 0] / 2) / pi, 0, 1))
