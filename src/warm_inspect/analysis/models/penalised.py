"""Firth's penalised logistic regression: finite coefficients where the likelihood has no maximum.

Source: Firth 1993, Bias reduction of maximum likelihood estimates; Heinze and Schemper 2002, A solution to the problem
of separation in logistic regression.
"""

import numpy as np

from warm_inspect.analysis.models.patterns import Floats, Patterns

_STEPS = 200
_LARGEST_STEP = 2.0
"""Log-odds that one coefficient may move in one step."""


def firth(x: Floats, patterns: Patterns) -> Floats | None:
    """The coefficients that maximise the likelihood times the root of the information's determinant.

    Args:
        x: the design; shape (pattern, coefficient), of full rank.
        patterns: the counts.

    Returns:
        Log-odds; shape (coefficient,). None when the search does not converge.
    """
    from scipy.special import expit

    scale = np.abs(x).max(axis=0)
    z = x / scale
    beta = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        p = expit(z @ beta)
        variance = patterns.n * p * (1 - p)
        try:
            inverse = np.linalg.inv(z.T @ (z * variance[:, None]))
        except np.linalg.LinAlgError:
            return None
        leverage = variance * np.einsum("ij,jk,ik->i", z, inverse, z)
        step = inverse @ (z.T @ (patterns.hits - patterns.n * p + leverage * (0.5 - p)))
        largest = float(np.abs(step).max())
        if not np.isfinite(largest):
            return None
        beta += step * min(1.0, _LARGEST_STEP / max(largest, 1e-300))
        if largest < 1e-10:
            return np.asarray(beta / scale)
    return None
