"""How much of the spread of single replies is question, statement, training seed, base model, and sampling.

Within a cell of a benchmark (one arm under one condition) the variance of a reply, 0 or 1, is that of the rate, which
the effects make, and what is left when all effects are known, the sampling. The first is divided among the effects in
proportion to their variances in log-odds. Cells weigh equally.
"""

from dataclasses import dataclass

import numpy as np

from warm_inspect.analysis.estimates import CONFIDENCE, Floats
from warm_inspect.analysis.hierarchical.layout import Layout, Source
from warm_inspect.analysis.hierarchical.probabilities import mean_rate, mean_sampling_variance, places, reaching
from warm_inspect.analysis.hierarchical.sampling import Draws

SPREAD_COLUMNS = (
    "arm", "reference", "outcome", "source", "effect", "levels", "sd", "sd_low", "sd_high", "share", "share_low",
    "share_high",
)  # fmt: skip
"""The columns of the decomposition, in order. `sd` is in log-odds and `share` from 0 to 1, each the posterior median
with its 95 % interval; the sum over a source stands in a row whose `effect` is empty."""


@dataclass(frozen=True)
class Part:
    """One set of effects, or all of one source together."""

    source: Source
    effect: str
    """Empty for the sum over a source."""
    levels: int
    """How many different ones there are; of the sum, of the source itself."""
    sd: tuple[float, float, float]
    """Median, low and high, in log-odds; NaN for the sampling, which has none."""
    share: tuple[float, float, float]
    """Median, low and high of the share of the variance of a reply."""


def spread_of(layout: Layout, draws: Draws) -> list[Part]:
    """The parts, source by source, the sum over a source first; the shares of the sums add up to 1 in each draw."""
    variance = draws.sd.reshape(-1, draws.sd.shape[2]) ** 2
    mean = draws.mean.reshape(-1, *draws.mean.shape[2:])
    total, sampling, divided = np.zeros(len(mean)), np.zeros(len(mean)), np.zeros_like(variance)
    for benchmark in range(len(layout.benchmarks)):
        for cell in range(len(layout.cells)):
            where = places(layout.benchmark == benchmark, layout.cell == cell)
            answered = layout.replies[where] > 0
            if not answered.any():
                continue
            logit = mean[:, benchmark, cell]
            mine = variance * reaching(layout.effects, layout, where, answered)
            whole = mine.sum(axis=1)
            rate = mean_rate(logit, whole)
            left = mean_sampling_variance(logit, whole)
            total += rate * (1 - rate)
            sampling += left
            # Rates do not divide exactly: what the effects explain is shared as their variances in log-odds are.
            divided += (rate * (1 - rate) - left)[:, None] * mine / whole[:, None]
    parts = []
    for source in dict.fromkeys(each.source for each in layout.effects):
        members = [i for i, each in enumerate(layout.effects) if each.source is source]
        count = _count(layout, source)
        sums = variance[:, members].sum(axis=1)
        parts.append(Part(source, "", count, _middle(np.sqrt(sums)), _middle(divided[:, members].sum(axis=1) / total)))
        for i in members:
            effect = layout.effects[i]
            levels = effect.levels * (len(layout.hits) if effect in layout.of_question else 1)
            share = _middle(divided[:, i] / total)
            parts.append(Part(source, effect.name, levels, _middle(np.sqrt(variance[:, i])), share))
    nothing = (np.nan, np.nan, np.nan)
    return [*parts, Part(Source.SAMPLING, "", int(layout.replies.sum()), nothing, _middle(sampling / total))]


def _count(layout: Layout, source: Source) -> int:
    """How many questions, statements, ... there are."""
    if source is Source.QUESTION:
        return len(layout.hits)
    return next(each.levels for each in layout.effects if each.source is source)


def _middle(values: Floats) -> tuple[float, float, float]:
    low, high = (1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2
    median, least, most = np.quantile(values, [0.5, low, high])
    return float(median), float(least), float(most)
