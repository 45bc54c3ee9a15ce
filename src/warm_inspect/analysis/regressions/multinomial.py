"""Multinomial logistic regression of the grade: correct, incorrect, refusal and unclear at once.

The marginal effects of an arm on the four shares add up to zero, so that a fall in errors can be told from a rise in
refusals. Fitted on covariate patterns by Newton's method; errors clustered by question (CRV1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from warm_inspect.analysis.estimates import (
    POINTS,
    ROUNDING,
    Code,
    Estimate,
    Floats,
    Identity,
    Note,
    clustered,
    not_estimable,
    worth_of,
)
from warm_inspect.analysis.regressions.likelihood import Patterns
from warm_inspect.core.vocabulary import Grade

MULTINOMIAL = "multinomial"
_FACTORS = ("benchmark", "base_model", "context", "belief")
_STEPS = 60
_LARGEST = 25.0
"""A coefficient beyond this, in log-odds, is on its way to infinity."""


@dataclass(frozen=True)
class _Data:
    """Counts by pattern and grade; the first grade is the reference."""

    x: Floats
    """Shape: (pattern, column); the last column is the arm."""
    counts: Floats
    """Shape: (pattern, grade)."""
    patterns: tuple[Patterns, ...]
    """The patterns with each grade as the outcome."""


def multinomial_effects(frame: pd.DataFrame, effect: Identity) -> Iterator[Estimate]:
    """The marginal effect of an arm on the share of each grade, in points.

    Args:
        frame: an observations frame.
        effect: the arm and the reference that it is compared with.
    """
    arm, reference = effect.arm, effect.reference
    data = frame[frame["arm"].isin([arm, reference])]
    data = data.assign(treated=(data["arm"] == arm).astype(float))
    grades = [grade.value for grade in Grade if data[grade].sum() > 0]
    n_clusters = data["cluster"].nunique()
    rows = [
        Estimate(
            MULTINOMIAL, "marginal_effect", grade, effect, float("nan"), POINTS, n=len(data), n_clusters=n_clusters
        )
        for grade in grades
    ]
    problem = _why_no_fit(data, grades, (reference, arm), n_clusters)
    built = None if problem else _build(data, grades)
    fitted = _fit(built) if built else None
    if built is None or fitted is None:
        reason = problem or Note(Code.NO_CONVERGENCE_OF_GRADES if built else Code.NO_SHARED_CONDITION)
        yield from (replace(row, notes=(Note(Code.NOT_ESTIMABLE, reason=reason),)) for row in rows)
        return
    values, errors, worths = _effects(built, fitted, n_clusters, len(data))
    for row, value, error, worth in zip(rows, values, errors, worths, strict=True):
        point, std_error = replace(row, estimate=100 * float(value)), 100 * float(error)
        if std_error > ROUNDING:
            yield clustered(point, std_error, float(worth))
        else:
            yield replace(point, notes=(not_estimable(Code.ZERO_ERROR),))


def _why_no_fit(data: pd.DataFrame, grades: Sequence[str], arms: Sequence[str], n_clusters: int) -> Note | None:
    """Why there is no fit; None when there may be one."""
    if len(grades) < 2:
        return Note(Code.ONE_GRADE, grade=grades[0]) if grades else Note(Code.NO_REPLIES)
    if n_clusters < 2:
        return Note(Code.FEWER_THAN_TWO, unit="questions")
    for treated, arm in enumerate(arms):
        own = data[data["treated"] == treated]
        never = [grade for grade in grades if own[grade].sum() == 0]
        if own.empty or never:
            return Note(Code.GRADE_NEVER_GIVEN, arm=arm, grades=", ".join(never))
    return None


def _build(data: pd.DataFrame, grades: Sequence[str]) -> _Data | None:
    """The design and the counts; None when the conditions tell the arm, so that no column is the arm's own."""
    factors = [factor for factor in _FACTORS if data[factor].nunique() > 1]
    patterns = tuple(Patterns.of(data, [*factors, "treated"], grade) for grade in grades)
    frame = patterns[0].frame
    dummies = [
        (frame[factor] == level).to_numpy(dtype=np.float64)
        for factor in factors
        for level in sorted(frame[factor].astype(str).unique())[1:]
    ]
    x = np.column_stack([np.ones(len(frame)), *dummies, frame["treated"].to_numpy(dtype=np.float64)])
    # Conditions that only occur together leave columns that others already tell.
    ranks = [0, *(np.linalg.matrix_rank(x[:, : i + 1]) for i in range(x.shape[1]))]
    kept = [i for i in range(x.shape[1]) if ranks[i + 1] > ranks[i]]
    if kept[-1] != x.shape[1] - 1:
        return None
    return _Data(x[:, kept], np.column_stack([each.hits for each in patterns]), patterns)


def _probabilities(x: Floats, beta: Floats) -> Floats:
    """The share of each grade; `beta` has the shape (grade - 1, column)."""
    eta = np.column_stack([np.zeros(len(x)), x @ beta.T])
    odds = np.exp(eta - eta.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _information(x: Floats, p: Floats, n: Floats) -> Floats:
    """The negative Hessian; the coefficients of one grade stand together."""
    k, columns = p.shape[1] - 1, x.shape[1]
    blocks = np.empty((k * columns, k * columns))
    for i in range(k):
        for j in range(k):
            # The covariance of a multinomial draw: p_i (1 - p_i), and -p_i p_j between two grades.
            weight = n * p[:, i + 1] * ((i == j) - p[:, j + 1])
            blocks[i * columns : (i + 1) * columns, j * columns : (j + 1) * columns] = x.T @ (x * weight[:, None])
    return blocks


def _fit(data: _Data) -> Floats | None:
    """The coefficients of highest likelihood, shape (grade - 1, column); None when there are none."""
    x, counts = data.x, data.counts
    n = counts.sum(axis=1)
    beta = np.zeros((counts.shape[1] - 1, x.shape[1]))
    for _ in range(_STEPS):
        p = _probabilities(x, beta)
        gradient = ((counts - n[:, None] * p)[:, 1:].T @ x).ravel()
        try:
            step = np.linalg.solve(_information(x, p, n), gradient).reshape(beta.shape)
        except np.linalg.LinAlgError:
            return None
        # A full step from a flat place can overshoot to where all probabilities are 0 or 1.
        beta = beta + step * min(1.0, 3.0 / max(float(np.abs(step).max()), 1e-300))
        if not np.isfinite(beta).all() or np.abs(beta).max() > _LARGEST:
            return None
        if np.abs(step).max() < 1e-10:
            return beta
    return None


def _effects(data: _Data, beta: Floats, n_clusters: int, rows: int) -> tuple[Floats, Floats, Floats]:
    """The mean change of each grade's share, its clustered delta-method error, and what the clusters are worth for it.

    Change and error are shares. Shapes: (grade,).
    """
    x, counts = data.x, data.counts
    n, k, columns = counts.sum(axis=1), beta.shape[0], x.shape[1]
    p = _probabilities(x, beta)
    bread = np.linalg.inv(_information(x, p, n))
    # The score of a coefficient of grade g is x (y_g - p_g): that of a binary fit with the grade's own probability.
    scores = np.column_stack([data.patterns[g + 1].cluster_scores(x, p[:, g + 1]) for g in range(k)])
    factor = n_clusters / (n_clusters - 1) * (rows - 1) / (rows - beta.size)
    one, zero = x.copy(), x.copy()
    one[:, -1], zero[:, -1] = 1.0, 0.0
    share = n / n.sum()
    effect = np.zeros(k + 1)
    gradient = np.zeros((k + 1, beta.size))
    for sign, design in ((1, one), (-1, zero)):
        q = _probabilities(design, beta)
        effect += sign * (share @ q)
        for g in range(k + 1):
            for h in range(k):
                slope = q[:, g] * ((g == h + 1) - q[:, h + 1])
                gradient[g, h * columns : (h + 1) * columns] += sign * ((share * slope) @ design)
    # Cluster by cluster: a covariance formed first leaves arms that agree an error of the root of rounding.
    moved = gradient @ bread
    influence = moved @ scores.T
    return effect, np.sqrt(factor * (influence**2).sum(axis=1)), _worths(data, moved, p)


def _worths(data: _Data, moved: Floats, p: Floats) -> Floats:
    """What the clusters are worth for each effect, by the working variance of each: that of a multinomial draw.

    Args:
        data: the fitted counts.
        moved: what a unit of each coefficient's score moves each effect by; shape (grade, coefficient).
        p: the fitted shares; shape (pattern, grade).
    """
    cluster_n = data.patterns[0].cluster_n
    if cluster_n is None:
        raise ValueError("these patterns have no clusters")
    columns = data.x.shape[1]
    worths = []
    for effect in moved:
        slopes = data.x @ effect.reshape(-1, columns).T
        variance = (p[:, 1:] * slopes**2).sum(axis=1) - (p[:, 1:] * slopes).sum(axis=1) ** 2
        worths.append(worth_of(cluster_n @ variance))
    return np.array(worths)
