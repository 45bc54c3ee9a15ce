"""What some rows can tell: gaps that no fit can fill, and separation, where the likelihood has no maximum."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from warm_inspect.analysis.models.patterns import CLUSTER, Floats, Patterns
from warm_inspect.analysis.models.specs import LENGTH, RegressionSpec

SEPARATION = "separation"
"""How the reason starts for which a penalised fit is the remedy."""


def gap(spec: RegressionSpec, data: pd.DataFrame, arms: Sequence[str]) -> str:
    """Why the rows cannot answer the question, before any fit; empty when they can.

    Args:
        spec: the regression.
        data: its rows, `treated` 0 or 1.
        arms: the reference and the treated arm.
    """
    for treated, arm in enumerate(arms):
        own = data[data["treated"] == treated]
        missing = set(data[spec.by]) - set(own[spec.by]) if spec.by else set()
        if own.empty or missing:
            where = f" under {spec.by} {', '.join(sorted(missing))}" if missing else ""
            return f"no graded reply of {arm}{where}"
    if LENGTH in spec.terms and LENGTH not in data:
        return "cell counts hold no reply length"
    if spec.clustered and CLUSTER in data and data[CLUSTER].nunique() < 2:
        return "fewer than two questions"
    if spec.by and data[spec.by].nunique() < 2:
        return f"only one level of {spec.by}"
    if LENGTH in spec.terms and (data[LENGTH] < 0).any():
        return "the logs do not hold the length of every reply"
    if data[spec.outcome].nunique() < 2:
        return f"{spec.outcome} is {data[spec.outcome].iloc[0]:.0f} in every reply"
    return ""


def separation(x: Floats, patterns: Patterns, names: Sequence[str]) -> str:
    """Why no maximum of the likelihood exists; empty when it does.

    A direction that never lowers the fit of any row and raises that of some has no maximum. The linear programme
    finds one if there is one. Source: Konis 2007, Linear programming algorithms for detecting separated data.
    """
    from scipy.optimize import linprog

    scaled = x / np.abs(x).max(axis=0)
    if np.linalg.matrix_rank(scaled) < scaled.shape[1]:
        return "the terms are collinear: some combination of levels has no rows"
    signed = np.concatenate([scaled[patterns.hits > 0], -scaled[patterns.hits < patterns.n]])
    solution = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1))
    if solution.status == 0 and -solution.fun < 1e-6:
        return ""
    columns = [name for name, value in zip(names, solution.x, strict=True) if abs(value) > 1e-6]
    return f"{SEPARATION}: the outcome never or always occurs along {', '.join(columns)}"
