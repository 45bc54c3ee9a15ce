"""Logistic regressions with clustered or model-based errors, and their average marginal effects in percentage points.

The marginal effect of a condition is the mean, over the condition's rows of both arms, of the predicted probability
with the treated arm minus that with the reference; its standard error comes by the delta method. Where the data are
separated, a penalised fit (Firth) stands beside the statement that there is no maximum of the likelihood.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from warm_inspect.analysis.estimates import (
    LOG_ODDS,
    POINTS,
    ROUNDING,
    Code,
    Estimate,
    Floats,
    Identity,
    Kind,
    Note,
    clustered,
    not_estimable,
    wald,
    worth_of,
)
from warm_inspect.analysis.observations import WEIGHT, weights
from warm_inspect.analysis.regressions.likelihood import CLUSTER, Patterns, firth, maximum, separation
from warm_inspect.analysis.regressions.specs import LENGTH, RegressionSpec

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LENGTH_UNIT = 100
"""Characters over which the association with length is stated."""

_STRATA = ("benchmark", "base_model")
"""The factors that the fits of one specification may be restricted to in turn."""
_KINDS: Mapping[str, Kind] = {
    "context_group": Kind.CONTEXT_EFFECT, "context": Kind.CONTEXT_EFFECT, "belief": Kind.BELIEF_EFFECT,
}  # fmt: skip
"""What the main effect of each factor of `By` is, in the reference arm."""
_FACTOR = re.compile(r"C\((\w+)\)")
"""A factor of a term, as in `C(context)`."""
_COLUMN = re.compile(r"\b(?!C\()\w+")
"""A column of a term: any name but the `C` before a bracket."""


@dataclass(frozen=True)
class RegressionResult:
    """One fit. When it is not estimable, `problem` says why and the numbers, if any, are those of a penalised fit."""

    spec: RegressionSpec
    arm: str
    reference: str
    outcome: str
    n: int
    """Replies."""
    n_clusters: int
    """Questions; 0 when the rows do not name them."""
    dropped: tuple[str, ...] = ()
    """Terms that dropped out because their factor has a single level."""
    problem: Note | None = None
    """Why it is not estimable: single level, empty cell, separation, no convergence; None when it is."""
    names: tuple[str, ...] = ()
    """The coefficients' names, in formulaic's grammar."""
    coefficients: Floats = field(default_factory=lambda: np.empty(0))
    """Log-odds, in the order of `names`."""
    root: Floats = field(default_factory=lambda: np.empty((0, 0)))
    """A matrix R whose R'R is the covariance. An error from R is exact to rounding, one from R'R to its square root."""
    working: Floats = field(default_factory=lambda: np.empty((0, 0)))
    """What a reply of each pattern adds to the coefficients, times its working standard deviation; shape (pattern,
    coefficient)."""
    cluster_n: "csr_matrix | None" = None
    """Replies of each cluster and pattern; None without clusters."""
    estimates: tuple[Estimate, ...] = ()

    @property
    def covariance(self) -> Floats:
        """Covariance of the coefficients, clustered (CRV1) or model-based, in the order of `names`."""
        return np.asarray(self.root.T @ self.root)


@dataclass(frozen=True)
class _Design:
    """The columns of a regression for some covariate patterns, each as it is and as either arm would have it."""

    names: tuple[str, ...]
    """The columns' names, in formulaic's grammar."""
    x: Floats
    """The patterns as they are; shape (pattern, column), as the other two."""
    treated: Floats
    """The patterns, had all been replies of the treated arm."""
    untreated: Floats

    @classmethod
    def of(cls, terms: Sequence[str], patterns: pd.DataFrame) -> "_Design":
        """The design of these terms.

        Args:
            terms: in formulaic's grammar.
            patterns: distinct covariate rows, `treated` 0 or 1.
        """
        from formulaic import model_matrix

        # One matrix of both halves: to build a matrix costs more than to fill it.
        both = pd.concat([patterns.assign(treated=value) for value in (1.0, 0.0)], ignore_index=True)
        matrix = model_matrix(" + ".join(terms), both)
        treated, untreated = np.split(matrix.to_numpy(dtype=np.float64), 2)
        x = np.where(patterns["treated"].to_numpy()[:, None] == 1, treated, untreated)
        return cls(tuple(matrix.columns), x, treated, untreated)


def rows_of(spec: RegressionSpec, frame: pd.DataFrame, arm: str, reference: str) -> pd.DataFrame:
    """The rows of an observations frame, or of cell counts, that a regression of two arms is fitted to."""
    rows = frame["arm"].isin([arm, reference])
    for column, level in spec.where.items():
        rows &= frame[column] == level
    return frame[rows]


def fit(spec: RegressionSpec, frame: pd.DataFrame, outcome: str, arm: str, reference: str) -> RegressionResult:
    """The regression of an outcome on one arm against its reference, over observations or cell counts.

    Raises:
        ValueError: a term is of a column that the rows lack. Of `LENGTH` alone that is a result: not estimable.
    """
    if unknown := _columns(spec) - {*frame.columns, "treated", LENGTH}:
        raise ValueError(f"{spec.name}: the rows have no {', '.join(sorted(unknown))} for the terms {spec.terms}")
    needed = frame.columns.isin([*_columns(spec), outcome, CLUSTER, WEIGHT, *spec.where, "arm"])
    rows = rows_of(spec, frame.loc[:, needed], arm, reference)
    data = rows.assign(treated=(rows["arm"] == arm).astype(float))
    for column in data.columns[data.dtypes == "category"]:
        data[column] = data[column].cat.remove_unused_categories()
    terms, dropped = _estimable_terms(spec.terms, data)
    n_clusters = data[CLUSTER].nunique() if CLUSTER in data else 0
    replies = round(float(weights(data).sum()))
    result = RegressionResult(spec, arm, reference, outcome, replies, n_clusters, dropped)
    if problem := _why_no_fit(result, data):
        return _refused(result, problem)
    patterns = Patterns.of(data, sorted({name for term in terms for name in _COLUMN.findall(term)}), outcome)
    design = _Design.of(terms, patterns.frame)
    if problem := separation(design.x, patterns, design.names):
        refused = _refused(result, problem)
        return _penalised(refused, problem, design, patterns) if problem.code is Code.SEPARATION else refused
    beta = maximum(design.x, patterns)
    if beta is None:
        problem = Note(Code.NO_CONVERGENCE)
        return _penalised(_refused(result, problem), problem, design, patterns)
    return _completed(result, design, patterns, beta)


def _columns(spec: RegressionSpec) -> set[str]:
    named = {name for term in spec.terms for name in _COLUMN.findall(term)}
    return named | {name for term in spec.terms for name in _FACTOR.findall(term)}


def _estimable_terms(terms: Sequence[str], data: pd.DataFrame) -> tuple[list[str], tuple[str, ...]]:
    """The terms whose factors vary, and the ones that drop out."""
    single = {term for term in terms for factor in _FACTOR.findall(term) if data[factor].nunique() < 2}
    return [term for term in terms if term not in single], tuple(term for term in terms if term in single)


def _why_no_fit(result: RegressionResult, data: pd.DataFrame) -> Note | None:
    """Why the rows cannot answer the question, before any fit; None when they can.

    Args:
        result: the regression, before its fit.
        data: its rows, `treated` 0 or 1.
    """
    spec, outcome = result.spec, result.outcome
    for treated, arm in enumerate((result.reference, result.arm)):
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
    if data[outcome].nunique() < 2:
        return Note(Code.CONSTANT_OUTCOME, outcome=outcome, value=float(data[outcome].iloc[0]))
    return None


def _refused(result: RegressionResult, problem: Note) -> RegressionResult:
    note = Note(Code.NOT_ESTIMABLE, reason=problem)
    row = replace(_row(result, "marginal_effect", "", np.nan, POINTS), notes=(note,))
    return replace(result, problem=problem, estimates=(row,))


def _penalised(refused: RegressionResult, problem: Note, design: _Design, patterns: Patterns) -> RegressionResult:
    """The refusal, followed by the effects of the penalised fit under names of their own."""
    beta = firth(design.x, patterns)
    if beta is None:
        return refused
    done = _completed(replace(refused, estimates=()), design, patterns, beta)
    note = Note(Code.PENALISED, reason=problem)
    rows = [replace(row, term=f"penalised_{row.term}", notes=(note, *row.notes)) for row in done.estimates]
    return replace(done, estimates=(*refused.estimates, *rows))


def _completed(result: RegressionResult, design: _Design, patterns: Patterns, beta: Floats) -> RegressionResult:
    x = design.x
    p = _probability(x @ beta)
    inverse = _inverse_root(x, p, patterns)
    done = replace(
        result,
        names=design.names,
        coefficients=beta,
        root=_root(result.spec, x, p, inverse, patterns),
        working=(x @ inverse @ inverse.T) * np.sqrt(p * (1 - p))[:, None],
        cluster_n=patterns.cluster_n,
    )
    return replace(done, estimates=tuple(_effects(done, design, patterns)))


def _inverse_root(x: Floats, p: Floats, patterns: Patterns) -> Floats:
    """The inverse of the root R of the information R'R, whose inverse is then R^-1 R^-1'."""
    return np.linalg.inv(np.linalg.qr(x * np.sqrt(patterns.n * p * (1 - p))[:, None], mode="r"))


def _root(spec: RegressionSpec, x: Floats, p: Floats, inverse: Floats, patterns: Patterns) -> Floats:
    """A root of the covariance: of the inverse information, or of the sandwich over clusters.

    The sandwich has the factor G / (G - 1) * (N - 1) / (N - K) (CRV1).
    """
    if not spec.clustered or patterns.cluster_n is None:
        return np.asarray(inverse.T)
    scores = patterns.cluster_scores(x, p)
    groups, n, k = len(scores), patterns.total, x.shape[1]
    factor = groups / (groups - 1) * (n - 1) / (n - k)
    return np.asarray(np.linalg.qr(np.sqrt(factor) * scores @ inverse @ inverse.T, mode="r"))


def _effects(result: RegressionResult, design: _Design, patterns: Patterns) -> Iterator[Estimate]:
    """Per condition: the marginal effect in points, the effect in log-odds, and its difference from the reference.

    The condition's own log-odds in the reference arm, and the association with length, follow.
    """
    beta, by, frame = result.coefficients, result.spec.by, patterns.frame
    one, zero = design.treated, design.untreated
    levels = list(frame[by].cat.categories) if by else [""]
    first: Floats | None = None
    for level in levels:
        rows = (frame[by] == level).to_numpy() if by else np.ones(len(frame), dtype=bool)
        share = patterns.n[rows] / patterns.n[rows].sum()
        p_one, p_zero = _probability(one[rows] @ beta), _probability(zero[rows] @ beta)
        # How far each coefficient moves the difference of the two probabilities, for the delta method.
        slope = (p_one * (1 - p_one))[:, None] * one[rows] - (p_zero * (1 - p_zero))[:, None] * zero[rows]
        effect = 100 * float(share @ (p_one - p_zero))
        yield _tested(result, "marginal_effect", level, effect, 100 * share @ slope, POINTS)
        # The same in every row of a level: arms differ by their own column and by its product with the level.
        change = (one[rows] - zero[rows])[0]
        yield _tested(result, "treated", level, float(change @ beta), change, LOG_ODDS)
        if first is None:
            first = change
        else:
            extra = change - first
            yield _tested(result, "interaction", level, float(extra @ beta), extra, LOG_ODDS)
            yield _condition(result, level, levels[0])
    if LENGTH in result.names:
        yield _length(result, design.x, patterns)


def _condition(result: RegressionResult, level: str, reference: str) -> Estimate:
    """What a condition does to the log-odds in the reference arm: its main coefficient."""
    pick = np.array([name == f"C({result.spec.by})[T.{level}]" for name in result.names], dtype=np.float64)
    row = _tested(result, "condition", level, float(pick @ result.coefficients), pick, LOG_ODDS)
    kind = _KINDS[result.spec.by]
    identity = Identity(
        kind, result.reference, factor=result.spec.by, level=level, versus=reference, fitted_with=result.arm
    )
    return replace(row, identity=identity)


def _length(result: RegressionResult, x: Floats, patterns: Patterns) -> Estimate:
    """The association of the outcome with `LENGTH_UNIT` more characters: the mean slope of the probability."""
    place = result.names.index(LENGTH)
    share = patterns.n / patterns.n.sum()
    beta, p = result.coefficients, _probability(x @ result.coefficients)
    slope = p * (1 - p)
    # The product rule: the slope p (1 - p) moves with every coefficient, the length's own coefficient by itself.
    gradient = beta[place] * ((share * slope * (1 - 2 * p)) @ x)
    gradient[place] += share @ slope
    scale = 100 * LENGTH_UNIT
    effect = scale * float(share @ slope) * float(beta[place])
    row = _tested(result, "length_association", "", effect, scale * gradient, POINTS)
    longer = Identity(Kind.ASSOCIATION, result.arm, result.reference, factor=LENGTH, level=str(LENGTH_UNIT))
    return replace(row, identity=longer, notes=(Note(Code.ASSOCIATION), *row.notes))


def _probability(log_odds: Floats) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(log_odds))


def _tested(result: RegressionResult, term: str, level: str, value: float, gradient: Floats, unit: str) -> Estimate:
    """One estimate with its delta-method test: t by what its clusters are worth, or normal without clusters."""
    notes = [Note(Code.DROPPED_TERMS, terms=", ".join(result.dropped))] if result.dropped else []
    if result.spec.clustered and not result.n_clusters:
        notes.append(Note(Code.MODEL_BASED_ERRORS))
    std_error = float(np.linalg.norm(result.root @ gradient))
    row = replace(_row(result, term, level, value, unit), notes=tuple(notes))
    if std_error < ROUNDING * (1e-3 if term == "length_association" else 1):
        return replace(row, notes=(not_estimable(Code.ZERO_ERROR), *notes))
    if not result.spec.clustered or result.cluster_n is None:
        return wald(row, std_error, inf)
    working = result.cluster_n @ (result.working @ gradient) ** 2
    return clustered(row, std_error, worth_of(working))


def _row(result: RegressionResult, term: str, level: str, value: float, unit: str) -> Estimate:
    # What every regression is restricted to, no context or no belief, its name says; the others differ in these.
    conditions: dict[str, str] = {name: to for name, to in result.spec.where.items() if name in _STRATA}
    if level:
        conditions[result.spec.by] = level
    return Estimate(
        analysis=result.spec.name,
        term=term,
        outcome=result.outcome,
        identity=Identity(Kind.ARM_EFFECT, result.arm, result.reference, **conditions),
        estimate=value,
        unit=unit,
        n=result.n,
        n_clusters=result.n_clusters,
    )
