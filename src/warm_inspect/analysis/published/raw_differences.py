"""Raw differences between arms: plain means over cells of base model and benchmark, as the study prints some of them.

A cell's error is binomial, as if its replies were independent; the cells weigh equally.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, nan

import numpy as np
import pandas as pd

from warm_inspect.analysis.contrasts import mean_over, prediction
from warm_inspect.analysis.estimates import (
    PERCENT,
    POINTS,
    Code,
    Estimate,
    Floats,
    Identity,
    Note,
    arm_effect,
    not_estimable,
    second_difference,
    wald,
)
from warm_inspect.analysis.observations import weights
from warm_inspect.core.vocabulary import NONE

OUTCOME = "incorrect"
"""The one outcome of the published analysis."""
RAW = "raw_cells"
RAW_BASE_MODELS = "raw_base_models"
RELATIVE = "relative_increase"
DIFFERENCE = "difference"

_STRATA = ("base_model", "benchmark")
_PLAIN = {"context": NONE, "belief": NONE}


@dataclass(frozen=True)
class _Cells:
    """The error rates of two arms in the cells that both have, shape (cell,) each."""

    frame: pd.DataFrame
    """The base model and the benchmark of each cell."""
    treated: Floats
    reference: Floats
    n_treated: Floats
    n_reference: Floats

    @property
    def difference(self) -> Floats:
        return self.treated - self.reference

    @property
    def variance(self) -> Floats:
        """The binomial variance of each cell's difference; shape (cell,)."""
        own = self.treated * (1 - self.treated) / self.n_treated
        return own + self.reference * (1 - self.reference) / self.n_reference

    @property
    def replies(self) -> int:
        return round(float(self.n_treated.sum() + self.n_reference.sum()))


def raw_effects(frame: pd.DataFrame, arm: str, reference: str) -> Iterator[Estimate]:
    """Raw differences, relative increases, and the effects over base models, of published rows.

    Args:
        frame: rows of replies or of counts, with `incorrect`.
        arm: the treated arm.
        reference: the arm it is compared with.
    """
    for group in frame["context_group"].cat.categories:
        for belief in frame["belief"].cat.categories:
            cells = _cells(frame, arm, reference, {"context_group": group, "belief": belief})
            yield from _mean(cells, arm_effect(arm, reference, context_group=group, belief=belief))
    plain = _cells(frame, arm, reference, _PLAIN)
    for benchmark in frame["benchmark"].cat.categories:
        chosen = _only(plain, "benchmark", [benchmark])
        identity = arm_effect(arm, reference, context_group=NONE, belief=NONE, benchmark=benchmark)
        yield from _mean(chosen, identity)
    yield from _relative(plain, arm_effect(arm, reference))
    yield from _over_models(frame, arm, reference)


def _cells(frame: pd.DataFrame, arm: str, reference: str, where: Mapping[str, str]) -> _Cells:
    rows = frame["arm"].isin([arm, reference])
    for column, level in where.items():
        rows &= frame[column] == level
    data = frame.loc[rows, [*_STRATA, "arm", OUTCOME]].assign(n=weights(frame)[rows.to_numpy()])
    data["hits"] = data["n"] * data[OUTCOME]
    wide = pd.DataFrame(data.groupby([*_STRATA, "arm"], observed=True)[["n", "hits"]].sum().unstack("arm"))
    sums = wide.reindex(columns=pd.MultiIndex.from_product([["n", "hits"], [arm, reference]])).dropna()
    n_treated, n_reference = (sums["n", each].to_numpy(dtype=np.float64) for each in (arm, reference))
    return _Cells(
        frame=sums.index.to_frame(index=False),
        treated=sums["hits", arm].to_numpy(dtype=np.float64) / n_treated,
        reference=sums["hits", reference].to_numpy(dtype=np.float64) / n_reference,
        n_treated=n_treated,
        n_reference=n_reference,
    )


def _only(cells: _Cells, column: str, levels: Collection[str]) -> _Cells:
    """The cells with one of these levels."""
    rows = cells.frame[column].isin(levels).to_numpy()
    return _Cells(
        cells.frame[rows],
        cells.treated[rows],
        cells.reference[rows],
        cells.n_treated[rows],
        cells.n_reference[rows],
    )


def _row(
    identity: Identity, term: str, value: float, unit: str, n: int, analysis: str = RAW, notes: tuple[Note, ...] = ()
) -> Estimate:
    return Estimate(analysis, term, OUTCOME, identity, value, unit, n=n, notes=notes)


def _tested(row: Estimate, std_error: float) -> Estimate:
    if std_error > 1e-10:
        return wald(row, std_error, inf)
    return replace(row, notes=(not_estimable(Code.ZERO_ERROR_OF_CELLS),))


def _mean(cells: _Cells, identity: Identity, analysis: str = RAW, term: str = DIFFERENCE) -> Iterator[Estimate]:
    """The mean difference over cells; nothing without a cell of both arms."""
    k = len(cells.difference)
    if k:
        row = _row(identity, term, 100 * float(cells.difference.mean()), POINTS, cells.replies, analysis)
        yield _tested(row, 100 * float(np.sqrt(cells.variance.sum())) / k)


def _relative(plain: _Cells, identity: Identity) -> Iterator[Estimate]:
    """How much higher the error rate is, in percent of the reference's, per benchmark and on average over them."""
    values, variances = [], []
    for benchmark in plain.frame["benchmark"].unique():
        cells = _only(plain, "benchmark", [benchmark])
        own_identity = replace(identity, benchmark=str(benchmark))
        own, other = float(cells.treated.mean()), float(cells.reference.mean())
        if other == 0:
            reason = (not_estimable(Code.NO_REFERENCE_ERROR),)
            yield _row(own_identity, RELATIVE, nan, PERCENT, cells.replies, notes=reason)
            continue
        k = len(cells.treated)
        v_own = float((cells.treated * (1 - cells.treated) / cells.n_treated).sum()) / k**2
        v_other = float((cells.reference * (1 - cells.reference) / cells.n_reference).sum()) / k**2
        value = 100 * (own / other - 1)
        # The delta method for the ratio of two independent rates.
        variance = 100**2 * (v_own / other**2 + v_other * own**2 / other**4)
        values.append(value)
        variances.append(variance)
        yield _tested(_row(own_identity, RELATIVE, value, PERCENT, cells.replies), float(np.sqrt(variance)))
    if values:
        row = _row(identity, RELATIVE, float(np.mean(values)), PERCENT, plain.replies)
        yield _tested(row, float(np.sqrt(np.sum(variances))) / len(values))


def _over_models(frame: pd.DataFrame, arm: str, reference: str) -> Iterator[Estimate]:
    """The effect in each base model, benchmarks weighing equally, and over them: plain, and what a context adds."""
    plain, overall = _cells(frame, arm, reference, _PLAIN), arm_effect(arm, reference)
    yield from _models(list(_each_model(plain, overall)), overall)
    for context in frame["context"].cat.categories:
        if context == NONE:
            continue
        cued = _cells(frame, arm, reference, {"context": context, "belief": NONE})
        change = second_difference(arm, reference, "context", context, NONE)
        yield from _models(list(_changes(cued, plain, change)), change)


def _models(rows: Sequence[Estimate], identity: Identity) -> Iterator[Estimate]:
    yield from rows
    if rows:
        yield mean_over(rows, identity, "base models")
        yield prediction(rows, identity, "base models")


def _each_model(cells: _Cells, identity: Identity) -> Iterator[Estimate]:
    for model in cells.frame["base_model"].unique():
        own = replace(identity, base_model=str(model))
        yield from _mean(_only(cells, "base_model", [model]), own, RAW_BASE_MODELS, "effect")


def _changes(cued: _Cells, plain: _Cells, identity: Identity) -> Iterator[Estimate]:
    """The difference of two effects in each base model, over the benchmarks that have both."""
    keys = list(_STRATA)
    both = cued.frame.merge(plain.frame, on=keys)
    for model in both["base_model"].unique():
        shared = both.loc[both["base_model"] == model, "benchmark"]
        one, other = (_only(_only(cells, "base_model", [model]), "benchmark", set(shared)) for cells in (cued, plain))
        value = 100 * float(one.difference.mean() - other.difference.mean())
        own = replace(identity, base_model=str(model))
        row = _row(own, "effect", value, POINTS, one.replies + other.replies, RAW_BASE_MODELS)
        variance = float(one.variance.sum() + other.variance.sum())
        yield _tested(row, 100 * float(np.sqrt(variance)) / len(shared))
