"""Cluster bootstrap of a contrast: a check of its standard error that assumes no formula.

Questions are drawn with replacement within their benchmark, with all their replies. Seeded, so that equal input gives
equal numbers.
"""

from dataclasses import replace

import numpy as np

from warm_inspect.analysis.contrasts.condition_means import CellTable, Contrast, named, parts
from warm_inspect.analysis.estimates import CONFIDENCE, Estimate
from warm_inspect.analysis.notes import Code, not_estimable

BOOTSTRAP = "bootstrap"
RESAMPLES = 2_000
_SEED = 0


def bootstrap(table: CellTable, contrast: Contrast, resamples: int = RESAMPLES) -> list[Estimate]:
    """The contrast with its bootstrap error and percentile interval, for each outcome."""
    found = parts(table, contrast)
    if found is None:
        return []
    entering = found.entering
    labels, clusters = np.unique(found.cluster[entering], return_inverse=True)
    stratum = found.stratum[entering]
    benchmark = np.unique(np.array(table.benchmarks)[stratum], return_inverse=True)[1]
    draws = _draws(clusters, benchmark, len(labels), resamples)
    # Per cluster, stratum and block: complete units and sums of their differences.
    strata, blocks = len(table.names), len(found.blocks)
    place = clusters * strata + stratum
    count = _sums(found.complete[entering].astype(np.float64), place, len(labels) * strata)
    weighed = draws @ count.reshape(len(labels), strata * blocks)
    rows = []
    for i, point in enumerate(found.points):
        row = named(table.outcomes[i], contrast, float(point), int(found.complete.sum()), len(labels))
        row = replace(row, term=BOOTSTRAP, family="")
        if len(labels) < 2:
            rows.append(replace(row, notes=(not_estimable(Code.FEWER_THAN_TWO, unit=contrast.clusters),)))
            continue
        sums = _sums(found.differences[i, entering], place, len(labels) * strata)
        means = draws @ sums.reshape(len(labels), strata * blocks) / np.maximum(weighed, 1)
        estimates = 100 * means @ found.weight.ravel()
        spread = float(estimates.std(ddof=1))
        if spread < 1e-10:
            rows.append(replace(row, notes=(not_estimable(Code.ALL_AGREE, unit=contrast.clusters),)))
            continue
        low, high = np.quantile(estimates, [0.5 - CONFIDENCE / 2, 0.5 + CONFIDENCE / 2])
        low, high = min(float(low), row.estimate), max(float(high), row.estimate)
        rows.append(replace(row, std_error=spread, conf_low=low, conf_high=high))
    return rows


def _draws(clusters: np.ndarray, benchmark: np.ndarray, n: int, resamples: int) -> np.ndarray:
    """How often each cluster is drawn; shape (resample, cluster)."""
    rng = np.random.default_rng(_SEED)
    home = np.zeros(n, dtype=np.intp)
    home[clusters] = benchmark
    draws = np.zeros((resamples, n))
    for code in np.unique(home):
        members = np.flatnonzero(home == code)
        draws[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=resamples)
    return draws


def _sums(values: np.ndarray, place: np.ndarray, n: int) -> np.ndarray:
    return np.stack([np.bincount(place, column, n) for column in values.T], axis=1)
