"""The logistic likelihood over covariate patterns: its maximum, why it may have none, and Firth's penalised one.

Rows are grouped by their covariates: the likelihood stays as it is, and 440,000 rows become some hundred patterns.
Where the outcome is separated, Firth's penalty gives finite coefficients.

Source: Firth 1993, Bias reduction of maximum likelihood estimates; Heinze and Schemper 2002, A solution to the problem
of separation in logistic regression.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from warm_inspect.analysis.estimates import Code, Floats, Note
from warm_inspect.analysis.observations import weights

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_STEPS = 200
_LARGEST_STEP = 2.0
"""Log-odds that one coefficient may move in one step."""
CLUSTER = "cluster"


@dataclass(frozen=True)
class Patterns:
    """The distinct covariate rows of some replies, with their counts over all rows and by cluster."""

    frame: pd.DataFrame
    """The distinct covariate rows."""
    n: Floats
    """Replies of each pattern."""
    hits: Floats
    """Replies of each pattern whose outcome is 1."""
    cluster_n: "csr_matrix | None"
    """Replies of each cluster and pattern, shape (cluster, pattern); None when the rows do not name their clusters."""
    cluster_hits: "csr_matrix | None"

    @classmethod
    def of(cls, data: pd.DataFrame, columns: Sequence[str], outcome: str) -> "Patterns":
        """The patterns of a frame over some of its columns."""
        weight = weights(data)
        y = data[outcome].to_numpy(dtype=np.float64)
        groups = data.groupby(list(columns), observed=True)
        code = groups.ngroup().to_numpy().astype(np.intp)
        # In the order of the codes: groupby sorts both alike.
        frame = groups.size().reset_index()[list(columns)]
        size = len(frame)
        by_cluster = [None, None]
        if CLUSTER in data:
            by_cluster = [
                _counts(pd.factorize(data[CLUSTER])[0], code, values, size) for values in (weight, weight * y)
            ]
        return cls(
            frame=frame,
            n=np.asarray(np.bincount(code, weight, size), dtype=np.float64),
            hits=np.asarray(np.bincount(code, weight * y, size), dtype=np.float64),
            cluster_n=by_cluster[0],
            cluster_hits=by_cluster[1],
        )

    @property
    def total(self) -> int:
        """The number of replies, over all patterns."""
        return round(float(self.n.sum()))

    def cluster_scores(self, x: Floats, p: Floats) -> Floats:
        """The gradient of the log-likelihood, summed by cluster; shape (cluster, column of `x`)."""
        if self.cluster_n is None or self.cluster_hits is None:
            raise ValueError("these patterns have no clusters")
        return np.asarray(self.cluster_hits @ x - self.cluster_n @ (p[:, None] * x))


def _counts(cluster: npt.NDArray[np.intp], code: npt.NDArray[np.intp], values: Floats, size: int) -> "csr_matrix":
    from scipy.sparse import csr_matrix

    return csr_matrix((values, (cluster, code)), shape=(int(cluster.max()) + 1, size))


def separation(x: Floats, patterns: Patterns, names: Sequence[str]) -> Note | None:
    """Why no maximum of the likelihood exists; None when it does.

    A direction that never lowers the fit of any row and raises that of some has no maximum. The linear programme
    finds one if there is one. Source: Konis 2007, Linear programming algorithms for detecting separated data.
    """
    from scipy.optimize import linprog

    # Lengths of replies are hundreds and factors 0 or 1: at one scale, one tolerance fits all columns.
    scaled = x / np.abs(x).max(axis=0)
    if np.linalg.matrix_rank(scaled) < scaled.shape[1]:
        return Note(Code.COLLINEAR)
    # A separating direction has no negative product with x where the outcome occurs, nor with -x where it does not.
    signed = np.concatenate([scaled[patterns.hits > 0], -scaled[patterns.hits < patterns.n]])
    solution = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1))
    if solution.status == 0 and -solution.fun < 1e-6:
        return None
    columns = [name for name, value in zip(names, solution.x, strict=True) if abs(value) > 1e-6]
    return Note(Code.SEPARATION, columns=", ".join(columns))


def maximum(x: Floats, patterns: Patterns) -> Floats | None:
    """The coefficients of highest likelihood; None when the fit does not converge."""
    import statsmodels.api as sm

    # One weighted row per pattern and outcome: counts of a saturated model look like perfect separation to statsmodels.
    y = np.repeat([1.0, 0.0], len(x))
    counts = np.concatenate([patterns.hits, patterns.n - patterns.hits])
    model = sm.GLM(y, np.concatenate([x, x]), family=sm.families.Binomial(), freq_weights=counts)
    fitted = model.fit(tol=1e-10, wls_method="qr")
    return np.asarray(fitted.params, dtype=np.float64) if fitted.converged else None


def firth(x: Floats, patterns: Patterns) -> Floats | None:
    """The coefficients that maximise the likelihood times the root of the information's determinant.

    Args:
        x: the design; shape (pattern, coefficient), of full rank.
        patterns: the counts.

    Returns:
        Log-odds; shape (coefficient,). None when the search does not converge.
    """
    from scipy.special import expit

    # The determinant changes by a constant with the scale of a column, so the maximum stays where it is.
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
        # Firth's score: each row counts h / 2 more replies of either outcome, h being its leverage.
        leverage = variance * np.einsum("ij,jk,ik->i", z, inverse, z)
        step = inverse @ (z.T @ (patterns.hits - patterns.n * p + leverage * (0.5 - p)))
        largest = float(np.abs(step).max())
        if not np.isfinite(largest):
            return None
        # A full step from a flat place can overshoot to where all probabilities are 0 or 1.
        beta += step * min(1.0, _LARGEST_STEP / max(largest, 1e-300))
        if largest < 1e-10:
            return np.asarray(beta / scale)
    return None
