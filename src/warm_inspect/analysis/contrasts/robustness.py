"""The same contrasts with other standard errors, and over other units of replication.

- Bootstrap: questions drawn with replacement within their benchmark, with all their replies; an error that assumes no
  formula. Seeded, so that equal input gives equal numbers.
- Two-way: clustered by question and by statement, which holds for other statements of the same kind too. The variance
  is that over questions plus that over statements minus that over their pairs. Replies without a statement add to the
  first alone. Few statements voice a context, so the test is against t with S - 1 degrees of freedom, where S counts
  the statements of the context that has fewest; a mean over S statements costs a factor S / (S - 1).
- Replicates: base models, or training seeds, as a random sample of what could have been used. They weigh equally and
  their spread is the error, so that no effect is stated more surely than it repeats.

Source: Cameron, Gelbach and Miller 2011, Robust inference with multiway clustering.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import nan, sqrt

import numpy as np
import pandas as pd
from scipy import stats

from warm_inspect.analysis.contrasts.condition_means import (
    CellTable,
    Codes,
    Components,
    Contrast,
    components_of,
    estimate,
    named,
)
from warm_inspect.analysis.estimates import CONFIDENCE, Code, Estimate, Floats, Identity, Note, not_estimable, wald

BOOTSTRAP, TWO_WAY = "bootstrap", "two_way"
"""Terms of the same contrast with another error."""
BASE_MODELS, SEEDS = "base_models", "training_seeds"
"""Analyses over replicates."""
MEAN, PREDICTION = "random_effects_mean", "prediction_interval"
"""Terms of the numbers over replicates."""
RESAMPLES = 2_000
_SEED = 0


def bootstrap(table: CellTable, contrast: Contrast, resamples: int = RESAMPLES) -> list[Estimate]:
    """The contrast with its bootstrap error and percentile interval, for each outcome."""
    components = components_of(table, contrast)
    if components is None:
        return []
    entering = components.entering
    labels, clusters = np.unique(components.cluster[entering], return_inverse=True)
    stratum = components.stratum[entering]
    benchmark = np.unique(np.array(table.benchmarks)[stratum], return_inverse=True)[1]
    draws = _draws(clusters, benchmark, len(labels), resamples)
    # Per cluster, stratum and block: complete units and sums of their differences.
    strata, blocks = len(table.names), len(components.blocks)
    place = clusters * strata + stratum
    count = _sums(components.complete[entering].astype(np.float64), place, len(labels) * strata)
    weighed = draws @ count.reshape(len(labels), strata * blocks)
    too_few = components.errors.too_few(contrast.clusters)
    rows = []
    for i, point in enumerate(components.points):
        row = named(table.outcomes[i], contrast, float(point), int(components.complete.sum()), len(labels))
        row = replace(row, term=BOOTSTRAP, family="")
        if too_few:
            rows.append(replace(row, notes=(too_few,)))
            continue
        sums = _sums(components.differences[i, entering], place, len(labels) * strata)
        means = draws @ sums.reshape(len(labels), strata * blocks) / np.maximum(weighed, 1)
        estimates = 100 * means @ components.weight.ravel()
        spread = float(estimates.std(ddof=1))
        if spread < 1e-10:
            rows.append(replace(row, notes=(not_estimable(Code.ALL_AGREE, unit=contrast.clusters),)))
            continue
        low, high = np.quantile(estimates, [0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2])
        # Percentiles of a skewed distribution may leave out the estimate, which an interval must hold.
        low, high = min(float(low), row.estimate), max(float(high), row.estimate)
        rows.append(replace(row, std_error=spread, conf_low=low, conf_high=high))
    return rows


def _draws(clusters: np.ndarray, benchmark: np.ndarray, n: int, resamples: int) -> np.ndarray:
    """How often each cluster is drawn; shape (resample, cluster)."""
    rng = np.random.default_rng(_SEED)
    home = np.zeros(n, dtype=np.intp)
    home[clusters] = benchmark
    # Drawing with replacement gives multinomial counts; within a benchmark, whose number of questions is designed.
    draws = np.zeros((resamples, n))
    for code in np.unique(home):
        members = np.flatnonzero(home == code)
        draws[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=resamples)
    return draws


def _sums(values: np.ndarray, place: np.ndarray, n: int) -> np.ndarray:
    return np.stack([np.bincount(place, column, n) for column in values.T], axis=1)


def two_way(table: CellTable, contrast: Contrast) -> list[Estimate]:
    """The contrast with errors clustered both ways, for each outcome; none when no statement enters.

    `n_clusters` counts the statements.
    """
    components = components_of(table, contrast)
    if components is None:
        return []
    by_statement, contexts = _influence_by_statement(table, components)
    statements = [len(codes) for codes in contexts]
    if not statements:
        return []
    clusters: Codes = np.unique(components.cluster[components.entering], return_inverse=True)[1].astype(np.intp)
    errors = components.errors
    rows = []
    for i, point in enumerate(components.points):
        row = named(table.outcomes[i], contrast, float(point), int(components.complete.sum()), sum(statements))
        row = replace(row, term=TWO_WAY, family="", notes=(Note(Code.OTHER_STATEMENTS),))
        if too_few := errors.too_few(contrast.clusters):
            rows.append(replace(row, notes=(too_few,)))
            continue
        if min(statements) < 2:
            rows.append(replace(row, notes=(not_estimable(Code.SINGLE_STATEMENT),)))
            continue
        over_questions = float(errors.variance[i])
        variance = _two_way_variance(over_questions, by_statement[i, components.entering], clusters, contexts)
        std_error = 100 * float(np.sqrt(variance))
        if std_error > 1e-10:
            rows.append(wald(row, std_error, min(statements) - 1))
        else:
            rows.append(replace(row, notes=(not_estimable(Code.ALL_AGREE, unit=contrast.clusters),)))
    return rows


def _influence_by_statement(table: CellTable, components: Components) -> tuple[Floats, list[list[int]]]:
    """The influence of each unit through each statement, and the statements of each context.

    Shape of the first: (outcome, unit, statement).
    """
    values, codes = table.values[:, components.units], table.statement[components.units]
    member = (np.arange(len(table.names))[:, None] == components.stratum).astype(float)
    influence = np.zeros((len(table.outcomes), values.shape[1], int(codes.max()) + 1))
    contexts: dict[str, set[int]] = {}
    for b, block in enumerate(components.blocks):
        complete = components.complete[:, b]
        count = np.maximum(member @ complete, 1)
        for cell, coefficient in block.items():
            column = table.columns[cell]
            spoken = complete & (codes[:, column] >= 0)
            if not spoken.any():
                continue
            filled = np.where(complete, values[:, :, column], 0.0)
            means = filled @ member.T / count
            # Split over the cells of the block, as each cell has a statement of its own.
            own = coefficient * (filled - means[:, components.stratum]) * components.share[:, b]
            rows = np.flatnonzero(spoken)
            influence[:, rows, codes[rows, column]] += own[:, rows]
            contexts.setdefault(cell.context, set()).update(codes[rows, column].tolist())
    return influence, [sorted(statements) for statements in contexts.values()]


def _two_way_variance(over_questions: float, by_statement: Floats, clusters: Codes, contexts: list[list[int]]) -> float:
    """The two-way variance of one outcome, never below the one over questions alone.

    Args:
        over_questions: the variance over questions alone.
        by_statement: shape (unit, statement).
        clusters: the code of each unit's question; shape (unit,).
        contexts: the statements of each context.
    """
    groups = int(clusters.max()) + 1
    factor = groups / (groups - 1)
    over_statements, over_pairs = 0.0, 0.0
    for codes in contexts:
        own = by_statement[:, codes]
        over_statements += len(codes) / (len(codes) - 1) * float((own.sum(axis=0) ** 2).sum())
        over_pairs += factor * sum(float((np.bincount(clusters, column) ** 2).sum()) for column in own.T)
    # The difference of the last two may come out negative, though a further source of chance takes none away.
    return max(over_questions, over_questions + over_statements - over_pairs)


def over_base_models(frame: pd.DataFrame, contrasts: Sequence[Contrast], outcomes: Sequence[str]) -> Iterator[Estimate]:
    """Each contrast in each base model, their mean with t, and the interval for one more model; none for one model."""
    models = list(map(str, frame["base_model"].cat.categories))
    if len(models) > 1:
        tables = {model: CellTable.build(frame[frame["base_model"] == model], outcomes) for model in models}
        yield from _over_replicates(tables, contrasts, outcomes, BASE_MODELS)


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
            yield from _over_replicates(tables, [contrast], outcomes, SEEDS)


def _seed_table(frame: pd.DataFrame, seed: int, outcomes: Sequence[str]) -> CellTable:
    return CellTable.build(frame[frame["training_seed"].isin([seed, -1])], outcomes)


def _over_replicates(
    tables: dict[str, CellTable], contrasts: Sequence[Contrast], outcomes: Sequence[str], analysis: str
) -> Iterator[Estimate]:
    for contrast in contrasts:
        by_outcome: dict[str, list[Estimate]] = {outcome: [] for outcome in outcomes}
        for level, table in tables.items():
            own = contrast.identity
            own = replace(own, base_model=level) if analysis == BASE_MODELS else replace(own, training_seed=level)
            for row in estimate(table, contrast):
                by_outcome[row.outcome].append(replace(row, analysis=analysis, term="effect", identity=own, family=""))
        unit = analysis.replace("_", " ")
        for rows in by_outcome.values():
            if len(rows) > 1:
                yield from rows
                yield mean_over(rows, contrast.identity, unit)
                yield prediction(rows, contrast.identity, unit)


def mean_over(rows: Sequence[Estimate], identity: Identity, unit: str) -> Estimate:
    """The mean over replicates with t and replicates - 1 degrees of freedom.

    Args:
        rows: the same estimate in each replicate.
        identity: what the mean is about.
        unit: what a replicate is, in the plural, for notes.
    """
    values = np.array([row.estimate for row in rows])
    row = _template(rows, identity, float(values.mean()))
    if len(values) < 2:
        return replace(row, notes=(not_estimable(Code.FEWER_THAN_TWO, unit=unit),))
    std_error = float(values.std(ddof=1)) / sqrt(len(values))
    if std_error < 1e-10:
        return replace(row, notes=(not_estimable(Code.REPLICATES_AGREE, unit=unit),))
    return wald(row, std_error, len(values) - 1)


def prediction(rows: Sequence[Estimate], identity: Identity, unit: str) -> Estimate:
    """The interval in which the effect of one more replicate is expected, with the mean as its estimate.

    The spread of the estimates holds their own sampling error too: the interval is for one more study of this size.
    """
    mean = mean_over(rows, identity, unit)
    bare = replace(mean, term=PREDICTION, std_error=nan, statistic=nan, df=nan, p_value=nan)
    if not mean.estimable:
        return bare
    k = len(rows)
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, k - 1)) * mean.std_error * sqrt(k + 1)
    return replace(bare, df=k - 1.0).within(mean.estimate - half, mean.estimate + half)


def _template(rows: Sequence[Estimate], identity: Identity, value: float) -> Estimate:
    first = rows[0]
    return Estimate(
        analysis=first.analysis,
        term=MEAN,
        outcome=first.outcome,
        identity=identity,
        estimate=value,
        unit=first.unit,
        n=sum(row.n for row in rows),
        n_clusters=len(rows),
    )
