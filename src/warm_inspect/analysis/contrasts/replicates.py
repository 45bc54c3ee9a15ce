"""The arm effects in each base model and for each training seed, and over them as samples."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from warm_inspect.analysis.contrasts.condition_means import CellTable, Contrast, estimate
from warm_inspect.analysis.contrasts.replication import mean_over, prediction
from warm_inspect.analysis.estimates import Estimate

BASE_MODELS = "base_models"
SEEDS = "training_seeds"


def over_base_models(frame: pd.DataFrame, contrasts: Sequence[Contrast], outcomes: Sequence[str]) -> Iterator[Estimate]:
    """Each contrast in each base model, their mean with t, and the interval for one more model; none for one model."""
    models = list(map(str, frame["base_model"].cat.categories))
    if len(models) > 1:
        tables = {model: CellTable.build(frame[frame["base_model"] == model], outcomes) for model in models}
        yield from _over(tables, contrasts, outcomes, BASE_MODELS)


def over_seeds(frame: pd.DataFrame, contrasts: Sequence[Contrast], outcomes: Sequence[str]) -> Iterator[Estimate]:
    """Each contrast for each training seed, arms paired by seed, and the mean with t; none for a single seed.

    Untrained arms stand in every pair. A contrast needs a trained arm, and uses the seeds that all its trained arms
    have.
    """
    seeds = sorted(int(seed) for seed in frame["training_seed"].unique() if seed >= 0)
    if len(seeds) < 2:
        return
    have = {str(arm): set(rows["training_seed"]) for arm, rows in frame.groupby("arm", observed=True)}
    for contrast in contrasts:
        trained = [arm for arm in {cell.arm for cell in contrast.cells} if have.get(arm, {-1}) != {-1}]
        shared = [seed for seed in seeds if all(seed in have[arm] for arm in trained)]
        if trained and len(shared) > 1:
            tables = {str(seed): _seed_table(frame, seed, outcomes) for seed in shared}
            yield from _over(tables, [contrast], outcomes, SEEDS)


def _seed_table(frame: pd.DataFrame, seed: int, outcomes: Sequence[str]) -> CellTable:
    return CellTable.build(frame[frame["training_seed"].isin([seed, -1])], outcomes)


def _over(
    tables: dict[str, CellTable], contrasts: Sequence[Contrast], outcomes: Sequence[str], analysis: str
) -> Iterator[Estimate]:
    for contrast in contrasts:
        found: dict[str, list[Estimate]] = {outcome: [] for outcome in outcomes}
        for level, table in tables.items():
            own = contrast.identity
            own = replace(own, base_model=level) if analysis == BASE_MODELS else replace(own, training_seed=level)
            for row in estimate(table, contrast):
                found[row.outcome].append(replace(row, analysis=analysis, term="effect", identity=own, family=""))
        unit = analysis.replace("_", " ")
        for rows in found.values():
            if len(rows) > 1:
                yield from rows
                yield mean_over(rows, contrast.identity, unit)
                if analysis == BASE_MODELS:
                    yield prediction(rows, contrast.identity, unit)
