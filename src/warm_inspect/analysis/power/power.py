"""Power of paired comparisons: what a test finds, and how many items, statements and seeds a study needs.

The difference of an arm and its reference on one prompt varies with the item, the statement, the training seed, and
the pair itself. What a study may claim decides which of these is drawn anew, and with it the error and its degrees of
freedom:

- `items`: these statements and these adapters. Errors clustered by item, items - 1 degrees of freedom.
- `statements`: statements of this kind. Means of statements differ, statements - 1 degrees of freedom.
- `seeds`: training of this kind, on these items. Arms paired by seed, seeds - 1 degrees of freedom.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy import stats
from scipy.optimize import brentq

from warm_inspect.core.errors import PrerequisiteError

ALPHA = 0.05
TARGET = 0.8
"""Chance at which an effect should be found."""
CLAIMS = ("items", "statements", "seeds")
MOST = 1_000_000
"""Items, statements or seeds beyond which a study is called impossible."""
_NODES = 256


@dataclass(frozen=True)
class Spread:
    """How the paired differences vary, as shares from 0 to 1 (0.05 = 5 percentage points)."""

    pair_variance: float
    """Variance of the difference on one prompt, between items and within."""
    item_icc: float | None = None
    """Correlation of the differences on two prompts of one item; None when unknown, and the worst case is taken."""
    statement_sd: float | None = None
    """Standard deviation of the effect between statements; None when unknown."""
    seed_sd: float | None = None
    """Standard deviation of the effect between training seeds; None when unknown."""


@dataclass(frozen=True)
class Design:
    """The size of a study."""

    items: int
    conditions: int = 1
    """Prompts of each item that enter the contrast, in each arm."""
    statements: int = 1
    """Distinct statements that voice these conditions."""
    seeds: int = 1
    """Training seeds of each arm."""
    arms: int = 1
    """Arms tested against the reference; the level is divided among them, the first step of Holm's method."""

    @property
    def replies(self) -> int:
        """Model replies in all: every arm and the reference, under every seed."""
        return (self.arms + 1) * self.items * self.conditions * self.seeds


def spread_from_rates(reference: float, effect: float, discordance: float | None = None) -> Spread:
    """The spread of pairs of 0/1 outcomes.

    Args:
        reference: rate of the outcome in the reference arm, from 0 to 1.
        effect: how much the arm's rate is higher, as a share.
        discordance: share of pairs whose outcomes differ; by default as if the arms answered independently, so that
            pairing gains nothing.

    Raises:
        PrerequisiteError: a rate lies outside 0 to 1, or the discordance cannot come with these rates.
    """
    treated = reference + effect
    if not (0 <= reference <= 1 and 0 <= treated <= 1):
        raise PrerequisiteError(
            f"A rate of {reference:.1%} and an effect of {100 * effect:+.1f} points give {treated:.1%}: rates lie "
            "between 0 and 100 %. Give another --rate or --effect."
        )
    if discordance is None:
        discordance = reference * (1 - treated) + treated * (1 - reference)
    least, most = abs(effect), min(reference + treated, 2 - reference - treated)
    if not least - 1e-12 <= discordance <= most + 1e-12:
        raise PrerequisiteError(
            f"With rates of {reference:.1%} and {treated:.1%}, between {least:.1%} and {most:.1%} of the pairs differ, "
            f"not {discordance:.1%}. Give another --discordance."
        )
    return Spread(discordance - effect**2)


def standard_error(spread: Spread, design: Design, claim: str) -> tuple[float, int]:
    """The standard error of the mean difference, as a share, and its degrees of freedom.

    Raises:
        PrerequisiteError: the claim needs a standard deviation that is unknown, or two units to compare.
    """
    pairs = design.items * design.conditions
    shared = 1.0 if spread.item_icc is None else spread.item_icc
    by_item = spread.pair_variance * (1 + (design.conditions - 1) * shared) / pairs
    if claim == "items":
        units, variance = design.items, by_item
    elif claim == "statements":
        units = design.statements
        variance = _known(spread.statement_sd, claim) ** 2 / units + by_item
    else:
        units = design.seeds
        # What an item does under every seed is no noise here: the claim is about these items.
        residual = spread.pair_variance * (1 - (spread.item_icc or 0.0)) / pairs
        variance = (_known(spread.seed_sd, claim) ** 2 + residual) / units
    if units < 2:
        raise PrerequisiteError(f"A claim beyond one of the {claim} needs at least 2 {claim}. Plan with: --{claim} 5")
    return sqrt(variance), units - 1


def power(effect: float, error: float, df: float, alpha: float = ALPHA) -> float:
    """The chance that a two-sided t test at level alpha rejects, when effect and standard error are true."""
    if error == 0:
        return float(effect != 0)
    return _rejects(abs(effect) / error, df, alpha)


def smallest_effect(error: float, df: float, alpha: float = ALPHA, target: float = TARGET) -> float:
    """The smallest effect that a two-sided t test at level alpha finds with the target power, in the error's unit."""
    return _distance(df, alpha, target) * error


def needed(
    claim: str, effect: float, spread: Spread, design: Design, alpha: float = ALPHA, target: float = TARGET
) -> int | None:
    """The fewest items, statements or seeds (the claim's units) that reach the target power, the rest as designed.

    None when no number does, for example because the statements' spread alone is too large for their number.
    """

    def reached(units: int) -> bool:
        error, df = standard_error(spread, replace(design, **{claim: units}), claim)
        return power(effect, error, df, alpha / design.arms) >= target

    return first_reaching(reached)


def first_reaching(reached: Callable[[int], bool]) -> int | None:
    """The smallest number from 2 to `MOST` that meets a condition which then stays met; None when there is none."""
    high = 2
    while not reached(high):
        if high >= MOST:
            return None
        high = min(2 * high, MOST)
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return max(high, 2)


def _known(value: float | None, claim: str) -> float:
    if value is None:
        raise PrerequisiteError(
            f"How much the effect varies between {claim} is not known. Give it in points: --{claim[:-1]}-sd 3"
        )
    return value


@lru_cache
def _distance(df: float, alpha: float, target: float) -> float:
    """How many standard errors an effect must be away from zero to be found with the target power."""
    farthest = 1.0
    while _rejects(farthest, df, alpha) < target:
        farthest *= 2
    return float(brentq(lambda distance: _rejects(distance, df, alpha) - target, 0, farthest))


def _rejects(distance: float, df: float, alpha: float) -> float:
    """P(|T| > critical) for a noncentral t, by quadrature over the error's chi: library values fail at few df."""
    nodes, weights = _quadrature()
    error = np.sqrt(stats.chi2.ppf(nodes, df) / df)
    critical = float(stats.t.isf(alpha / 2, df)) * error
    return float(weights @ (stats.norm.sf(critical - distance) + stats.norm.cdf(-critical - distance)))


@lru_cache
def _quadrature() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Gauss-Legendre nodes and weights on the probabilities from 0 to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return (nodes + 1) / 2, weights / 2
