"""From draws in log-odds to rates: what each cell gives on average over questions, and how replies to it spread.

An average over a normal effect is a Gauss-Hermite sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import expit

from warm_inspect.analysis.estimates import Floats
from warm_inspect.analysis.hierarchical.layout import Codes, Layout, Mask, RandomEffects
from warm_inspect.analysis.hierarchical.sampling import Draws

_NODES = 31
Places = tuple[Codes, Codes]
"""Indices of the questions, shape (n, 1), and of the columns, shape (1, m)."""


@dataclass(frozen=True)
class Rates:
    """The rate of each cell in each stratum, a base model and a benchmark, as draws; NaN where there is no reply."""

    given: Floats
    """Over other questions, for the statements, adapters and base models of the logs; shape (draw, stratum, cell)."""
    drawn: Floats
    """Over others of all of these; the same shape."""
    benchmarks: tuple[str, ...]
    """The benchmark of each stratum."""
    replies: Floats
    """How many replies there are; shape (stratum, cell)."""
    questions: Floats
    """How many questions have one; shape (stratum, cell)."""


def rates_of(layout: Layout, draws: Draws) -> Rates:
    """The rates that the draws give."""
    mean = _flat(draws.mean)
    variance = _flat(draws.sd) ** 2
    bases = layout.columns["base_model"].to_numpy()
    strata = [(base, code) for base in dict.fromkeys(bases) for code in range(len(layout.benchmarks))]
    shape = (len(strata), len(layout.cells))
    given, drawn = (np.full((len(mean), *shape), np.nan) for _ in range(2))
    replies, questions = np.zeros(shape), np.zeros(shape)
    ours = [each.source.repeats for each in layout.effects]
    for i, (base, benchmark) in enumerate(strata):
        asked = layout.benchmark == benchmark
        for j in range(len(layout.cells)):
            mine = (layout.cell == j) & (bases == base)
            counted = layout.replies[np.ix_(asked, mine)]
            if not counted.any():
                continue
            replies[i, j], questions[i, j] = counted.sum(), (counted.sum(axis=1) > 0).sum()
            centre = mean[:, benchmark, j]
            where = places(asked, mine)
            reached = reaching(layout.effects, layout, where, counted > 0)
            spread = variance[:, ours & reached].sum(axis=1)
            levels, weights = _levels_given(layout, where, counted > 0)
            given[:, i, j] = sum(
                weight * mean_rate(centre + _offset(layout, draws, level), spread)
                for level, weight in zip(levels, weights, strict=True)
            )
            drawn[:, i, j] = mean_rate(centre, variance[:, reached].sum(axis=1))
    return Rates(given, drawn, tuple(layout.benchmarks[code] for _, code in strata), replies, questions)


def places(questions: Mask, columns: Mask) -> Places:
    """Where these questions meet these columns."""
    return np.flatnonzero(questions)[:, None], np.flatnonzero(columns)[None, :]


def reaching(effects: Sequence[RandomEffects], layout: Layout, where: Places, answered: Mask) -> Mask:
    """Which sets of effects have a level for the replies of a stratum and cell; shape (effect,)."""
    questions = len(layout.of_question)
    shared = [bool((each.codes[where][answered] >= 0).any()) for each in effects[questions:]]
    return np.array([True] * questions + shared)


def mean_rate(logit: Floats, variance: Floats) -> Floats:
    """The mean of the rate over a normal effect of this variance; shapes (draw,)."""
    nodes, weights = _hermite()
    return np.asarray(expit(logit[:, None] + np.sqrt(variance)[:, None] * nodes) @ weights)


def mean_sampling_variance(logit: Floats, variance: Floats) -> Floats:
    """The mean of rate times 1 minus rate over a normal effect: the variance left when all effects are known."""
    nodes, weights = _hermite()
    rate = expit(logit[:, None] + np.sqrt(variance)[:, None] * nodes)
    return np.asarray((rate * (1 - rate)) @ weights)


def _levels_given(layout: Layout, where: Places, answered: Mask) -> tuple[list[list[int]], Floats]:
    """The combinations of levels of what is given that the replies have, and the share of each."""
    codes = [each.codes[where][answered] for each in layout.shared if not each.source.repeats]
    if not codes:
        return [[]], np.ones(1)
    levels, counts = np.unique(np.stack(codes, axis=1), axis=0, return_counts=True)
    return levels.tolist(), counts / counts.sum()


def _offset(layout: Layout, draws: Draws, levels: Sequence[int]) -> Floats:
    """What these levels add, in log-odds; shape (draw,)."""
    given = [values for each, values in zip(layout.shared, draws.shared, strict=True) if not each.source.repeats]
    added = np.zeros(draws.sd.shape[0] * draws.sd.shape[1])
    for values, level in zip(given, levels, strict=True):
        if level >= 0:
            added = added + _flat(values)[:, level]
    return added


def _flat(values: Floats) -> Floats:
    """The draws of all chains in a row."""
    return values.reshape(-1, *values.shape[2:])


@cache
def _hermite() -> tuple[Floats, Floats]:
    """Nodes and weights of a standard normal."""
    # The mean of a logistic over a normal has no closed form; Gauss and Hermite's nodes integrate it.
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    return nodes, weights / weights.sum()
