"""The same contrasts under other assumptions: other errors, other models, other units of replication.

Two-way clustering and the bootstrap question the standard error; the conditional and the multinomial logit the
model; base models and training seeds what the result may be said of.
"""

from collections.abc import Iterator

import pandas as pd

from warm_inspect.analysis.contrasts.bootstrap import bootstrap
from warm_inspect.analysis.contrasts.condition_means import CellTable
from warm_inspect.analysis.contrasts.design import (
    ARM_EFFECT,
    PRIMARY_OUTCOME,
    Grid,
    all_contrasts,
    arm_effect,
    like_primary,
)
from warm_inspect.analysis.contrasts.replicates import over_base_models, over_seeds
from warm_inspect.analysis.contrasts.two_way import two_way
from warm_inspect.analysis.estimates import Estimate
from warm_inspect.analysis.models.conditional_logit import conditional_logit, matched_pairs
from warm_inspect.analysis.models.multinomial import multinomial

CHECKED_OUTCOMES = (PRIMARY_OUTCOME, "incorrect", "not_correct")
"""The outcomes that are looked at more than one way."""


def sensitivity(frame: pd.DataFrame, grid: Grid) -> Iterator[Estimate]:
    """Every check that the observations allow; deterministic."""
    table = CellTable.build(frame, CHECKED_OUTCOMES)
    contrasts = [contrast for contrast in all_contrasts(grid) if not contrast.identity.benchmark]
    for contrast in contrasts:
        yield from two_way(table, contrast)
    adopted = CellTable.build(frame, [PRIMARY_OUTCOME])
    for contrast in contrasts:
        if contrast.analysis == ARM_EFFECT and like_primary(contrast.identity):
            yield from bootstrap(adopted, contrast)
    for arm, reference in grid.pairs:
        yield from _models(frame, grid, arm, reference)
    between = [contrast for contrast in contrasts if contrast.identity.reference]
    yield from over_base_models(frame, between, CHECKED_OUTCOMES)
    yield from over_seeds(frame, between, CHECKED_OUTCOMES)


def _models(frame: pd.DataFrame, grid: Grid, arm: str, reference: str) -> Iterator[Estimate]:
    pairs = matched_pairs(frame, arm, reference, CHECKED_OUTCOMES)
    yield from conditional_logit(pairs, CHECKED_OUTCOMES, arm_effect(arm, reference))
    for belief in grid.beliefs:
        stated = pairs[pairs["belief"] == belief]
        yield from conditional_logit(stated, CHECKED_OUTCOMES, arm_effect(arm, reference, belief=belief))
    yield from multinomial(frame, arm, reference)
