"""What some rows can tell: gaps that no fit can fill, and separation, where the likelihood has no maximum."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from warm_inspect.analysis.models.patterns import CLUSTER, Floats, Patterns
from warm_inspect.analysis.models.specs import LENGTH, RegressionSpec
from warm_inspect.analysis.notes import Code, Note


def gap(spec: RegressionSpec, data: pd.DataFrame, arms: Sequence[str]) -> Note | None:
    """Why the rows cannot answer the question, before any fit; None when they can.

    Args:
        spec: the regression.
        data: its rows, `treated` 0 or 1.
        arms: the reference and the treated arm.
    """
    for treated, arm in enumerate(arms):
        own = data[data["treated"] == treated]
        missing = set(data[spec.by]) - set(own[spec.by]) if spec.by else set()
        if missing:
            return Note(Code.NO_REPLY_UNDER, arm=arm, factor=spec.by, levels=", ".join(sorted(missing)))
        if own.empty:
            return Note(Code.NO_REPLY, arm=arm)
    if LENGTH in spec.terms and LENGTH not in data:
        return Note(Code.COUNTS_LACK_LENGTHS)
    if spec.clustered and CLUSTER in data and data[CLUSTER].nunique() < 2:
        return Note(Code.FEWER_THAN_TWO, unit="questions")
    if spec.by and data[spec.by].nunique() < 2:
        return Note(Code.ONE_LEVEL, factor=spec.by)
    if LENGTH in spec.terms and (data[LENGTH] < 0).any():
        return Note(Code.NO_LENGTHS)
    if data[spec.outcome].nunique() < 2:
        return Note(Code.CONSTANT_OUTCOME, outcome=spec.outcome, value=float(data[spec.outcome].iloc[0]))
    return None


def separation(x: Floats, patterns: Patterns, names: Sequence[str]) -> Note | None:
    """Why no maximum of the likelihood exists; None when it does.

    A direction that never lowers the fit of any row and raises that of some has no maximum. The linear programme
    finds one if there is one. Source: Konis 2007, Linear programming algorithms for detecting separated data.
    """
    from scipy.optimize import linprog

    scaled = x / np.abs(x).max(axis=0)
    if np.linalg.matrix_rank(scaled) < scaled.shape[1]:
        return Note(Code.COLLINEAR)
    signed = np.concatenate([scaled[patterns.hits > 0], -scaled[patterns.hits < patterns.n]])
    solution = linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1))
    if solution.status == 0 and -solution.fun < 1e-6:
        return None
    columns = [name for name, value in zip(names, solution.x, strict=True) if abs(value) > 1e-6]
    return Note(Code.SEPARATION, columns=", ".join(columns))
