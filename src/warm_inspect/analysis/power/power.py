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
from math import nan, sqrt

from warm_inspect.analysis.estimates import ALPHA, POWER, power, smallest_effect
from warm_inspect.core.errors import PrerequisiteError

MEANING = {
    "items": "these statements, these adapters",
    "statements": "any statements of this kind",
    "seeds": "training of this kind, on these items",
}
"""What a study may claim when its error is drawn from these units."""
CLAIMS = ("items", "statements", "seeds")
MOST = 1_000_000
"""Items, statements or seeds beyond which a study is called impossible."""


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
class StudySize:
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


def standard_error(spread: Spread, design: StudySize, claim: str) -> tuple[float, int]:
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


def needed(
    claim: str, effect: float, spread: Spread, design: StudySize, alpha: float = ALPHA, target: float = POWER
) -> int | None:
    """The fewest items, statements or seeds (the claim's units) that reach the target power, the rest as designed.

    None when no number does, for example because the statements' spread alone is too large for their number.
    """

    def reached(units: int) -> bool:
        error, df = standard_error(spread, replace(design, **{claim: units}), claim)
        return power(effect, error, df, alpha / design.arms) >= target

    return first_reaching(reached)


def first_reaching(reached: Callable[[int], bool]) -> int | None:
    """The smallest number from 2 to `MOST` that meets a monotone condition; None when no number does."""
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


@dataclass(frozen=True)
class ClaimPlan:
    """What one claim needs, with the rest of the design as given. Effects are in percentage points."""

    claim: str
    """`items`, `statements` or `seeds`: the units that vary, of which so many are needed."""
    means: str
    """What the study may then claim, in words."""
    needed: int | None = None
    """Units that reach the target power; None when no number does, or when `note` says what is not known."""
    replies: int | None = None
    """Model replies in all with that number."""
    power: float = nan
    """Chance to find the target effect with the design as given."""
    smallest_effect: float = nan
    """The smallest effect that the design as given finds with the target power."""
    note: str = ""


def plan_study(
    effect: float | None, spread: Spread, design: StudySize, alpha: float = ALPHA, target: float = POWER
) -> list[ClaimPlan]:
    """The units that each claim of a study needs, and the smallest effect that the study can detect.

    Args:
        effect: the effect to find, in percentage points; None to ask only what the design can see.
        spread: how paired differences vary.
        design: the size of the study. Each claim counts its own units anew and takes the other sizes from here.
        alpha: two-sided level, divided among the design's arms.
        target: chance at which the effect should be found.
    """
    return [_plan(claim, effect, spread, design, alpha, target) for claim in CLAIMS]


def _plan(
    claim: str, effect: float | None, spread: Spread, design: StudySize, alpha: float, target: float
) -> ClaimPlan:
    plan: dict[str, float | int | str | None] = {}
    share = None if effect is None else effect / 100
    try:
        if share is not None:
            units = needed(claim, share, spread, design, alpha, target)
            plan["needed"] = units
            if units is None:
                plan["note"] = f"no number of {claim} is enough: the rest of the design must grow"
            else:
                # Without a claim beyond these adapters, one of each arm is enough.
                seeds = units if claim == "seeds" else 1
                plan["replies"] = replace(design, **{claim: units, "seeds": seeds}).replies
        error, df = standard_error(spread, design, claim)
    except PrerequisiteError as problem:
        plan.setdefault("note", str(problem))
    else:
        level = alpha / design.arms
        plan["smallest_effect"] = 100 * smallest_effect(error, df, level, target)
        plan["power"] = nan if share is None else power(share, error, df, level)
    return ClaimPlan(claim, MEANING[claim], **plan)  # type: ignore[arg-type]
