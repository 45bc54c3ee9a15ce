"""The same contrasts under other assumptions: other errors, other models, other units of replication.

Two-way clustering and the bootstrap question the standard error; the conditional and the multinomial logit and GEE the
model; base models and training seeds what the result may be said of.
"""

from collections.abc import Iterator

import pandas as pd

from warm_inspect.analysis.contrasts.bootstrap import bootstrap
from warm_inspect.analysis.contrasts.condition_means import CellTable
from warm_inspect.analysis.contrasts.design import (
    ARM_EFFECT,
    PRIMARY_BELIEF,
    PRIMARY_CONDITION,
    PRIMARY_OUTCOME,
    Grid,
    all_contrasts,
)
from warm_inspect.analysis.contrasts.replicates import over_base_models, over_seeds
from warm_inspect.analysis.contrasts.two_way import two_way
from warm_inspect.analysis.estimates import Estimate
from warm_inspect.analysis.models.conditional_logit import conditional_logit, matched_pairs
from warm_inspect.analysis.models.gee import gee
from warm_inspect.analysis.models.multinomial import multinomial

CHECKED_OUTCOMES = (PRIMARY_OUTCOME, "incorrect", "not_correct")
"""The outcomes that are looked at more than one way."""


def sensitivity(frame: pd.DataFrame, grid: Grid) -> Iterator[Estimate]:
    """Every check that the observations allow; deterministic."""
    table = CellTable.build(frame, CHECKED_OUTCOMES)
    contrasts = [contrast for contrast in all_contrasts(grid) if not contrast.benchmark]
    for contrast in contrasts:
        yield from two_way(table, contrast)
    adopted = CellTable.build(frame, [PRIMARY_OUTCOME])
    for contrast in contrasts:
        if contrast.analysis == ARM_EFFECT and contrast.label.endswith(PRIMARY_CONDITION):
            yield from bootstrap(adopted, contrast)
    for arm, reference in grid.pairs:
        yield from _models(frame, grid, arm, reference)
    between = [contrast for contrast in contrasts if contrast.label.startswith(tuple(_starts(grid)))]
    yield from over_base_models(frame, between, CHECKED_OUTCOMES)
    yield from over_seeds(frame, between, CHECKED_OUTCOMES)


def _models(frame: pd.DataFrame, grid: Grid, arm: str, reference: str) -> Iterator[Estimate]:
    name = f"{arm} - {reference}"
    pairs = matched_pairs(frame, arm, reference, CHECKED_OUTCOMES)
    yield from conditional_logit(pairs, CHECKED_OUTCOMES, name)
    for belief in grid.beliefs:
        yield from conditional_logit(pairs[pairs["belief"] == belief], CHECKED_OUTCOMES, f"{name} | belief={belief}")
    yield from multinomial(frame, arm, reference, name)
    # It takes every pair of replies to a question, so it looks at the rows of the primary contrast's condition only.
    stated = frame[frame["belief"] == PRIMARY_BELIEF]
    if set(stated["arm"]) >= {arm, reference}:
        yield from gee(stated, arm, reference, PRIMARY_OUTCOME, f"{name}{PRIMARY_CONDITION}")


def _starts(grid: Grid) -> Iterator[str]:
    """How the labels of arm effects and of their second differences start."""
    for arm, reference in grid.pairs:
        yield f"{arm} - {reference}"
        yield f"({arm} - {reference}"
