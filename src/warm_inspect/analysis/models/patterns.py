"""Rows grouped by their covariates: the likelihood stays as it is, and 440,000 rows become some hundred patterns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float64]

WEIGHT = "weight"
"""The column that says for how many replies a row stands; frames without it hold one reply per row."""
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
        """Replies behind the patterns."""
        return round(float(self.n.sum()))

    def cluster_scores(self, x: Floats, p: Floats) -> Floats:
        """The gradient of the log-likelihood, summed by cluster; shape (cluster, column of `x`)."""
        if self.cluster_n is None or self.cluster_hits is None:
            raise ValueError("these patterns have no clusters")
        return np.asarray(self.cluster_hits @ x - self.cluster_n @ (p[:, None] * x))


def weights(data: pd.DataFrame) -> Floats:
    """For how many replies each row stands."""
    return data[WEIGHT].to_numpy(dtype=np.float64) if WEIGHT in data else np.ones(len(data))


def _counts(cluster: npt.NDArray[np.intp], code: npt.NDArray[np.intp], values: Floats, size: int) -> "csr_matrix":
    from scipy.sparse import csr_matrix

    return csr_matrix((values, (cluster, code)), shape=(int(cluster.max()) + 1, size))
