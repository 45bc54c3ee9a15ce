"""Exact tests of paired differences: McNemar's, and sign flips of whole clusters."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, prod

import numpy as np
from scipy import stats

MAX_EXACT = 200_000
"""Distinct sign patterns up to which the sign-flip distribution is enumerated."""
DRAWS = 20_000
"""Random sign patterns beyond that."""
_TIE = 1e-9
"""Sums that are this close count as equal: a pattern as extreme as the one seen belongs to the P value."""


@dataclass(frozen=True)
class McNemar:
    """McNemar's exact test of pairs of 0/1 values; both P values are NaN without a discordant pair."""

    only_a: int
    only_b: int
    p_value: float
    """Two-sided exact P: binomial with chance 1/2 over the discordant pairs."""
    mid_p: float
    """Both tails with half the probability of the table seen: less conservative, its level is close to nominal.

    Source: Fagerland, Lydersen, Laake 2013, doi 10.1186/1471-2288-13-91.
    """


@dataclass(frozen=True)
class SignFlips:
    """The permutation test that exchanges the two logs' values within each cluster."""

    p_value: float
    """Two-sided; NaN when no cluster differs."""
    exact: bool
    """Whether every sign pattern was counted; else `DRAWS` seeded ones were."""


def mcnemar(only_a: int, only_b: int) -> McNemar:
    """McNemar's exact test of the two discordant counts."""
    n = only_a + only_b
    if n == 0:
        return McNemar(only_a, only_b, nan, nan)
    least = min(only_a, only_b)
    mid_p = 2 * stats.binom.cdf(least, n, 0.5) - stats.binom.pmf(least, n, 0.5)
    return McNemar(only_a, only_b, float(stats.binomtest(least, n, 0.5).pvalue), float(mid_p))


def cohens_g(only_a: int, only_b: int) -> float:
    """How far discordant pairs lean to one side, from 0 to 0.5; NaN without any. It does not grow with their number.

    Source: Cohen 1988, Statistical power analysis for the behavioral sciences, chapter 5.
    """
    discordant = only_a + only_b
    return abs(only_a / discordant - 0.5) if discordant else nan


def sign_flips(sums: Sequence[float], seed: int = 0) -> SignFlips:
    """The sign-flip test of the clusters' summed differences, which under the null are as likely to be negative.

    Clusters of one size are counted together: their sum is binomial, so that for 0/1 values without clusters the
    enumeration is complete at any number of pairs, and equal to McNemar's exact test.
    """
    # Sums that differ by rounding alone are one size.
    sizes, counts = np.unique(np.abs(np.asarray(sums, dtype=np.float64)).round(9), return_counts=True)
    moving = sizes > 0
    sizes, counts = sizes[moving], counts[moving]
    if not sizes.size:
        return SignFlips(nan, exact=True)
    limit = abs(float(np.sum(sums))) - _TIE
    if prod(int(count) + 1 for count in counts) <= MAX_EXACT:
        totals, chances = np.zeros(1), np.ones(1)
        for size, count in zip(sizes, counts, strict=True):
            plus = np.arange(count + 1)
            totals = np.add.outer(totals, size * (2 * plus - count)).ravel()
            chances = np.multiply.outer(chances, stats.binom.pmf(plus, count, 0.5)).ravel()
        return SignFlips(min(1.0, float(chances[np.abs(totals) >= limit].sum())), exact=True)
    rng = np.random.default_rng(seed)
    drawn = np.zeros(DRAWS)
    for size, count in zip(sizes, counts, strict=True):
        drawn += size * (2 * rng.binomial(count, 0.5, size=DRAWS) - count)
    extreme = int((np.abs(drawn) >= limit).sum())
    # The pattern seen is one of them: a P value of zero would claim more than the draws can show.
    return SignFlips((extreme + 1) / (DRAWS + 1), exact=False)
