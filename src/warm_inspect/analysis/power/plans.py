"""Plans: for each claim a study could make, how much it needs and what it would see."""

from dataclasses import dataclass, replace
from math import nan

from warm_inspect.analysis.power.power import (
    ALPHA,
    CLAIMS,
    TARGET,
    Design,
    Spread,
    needed,
    power,
    smallest_effect,
    standard_error,
)
from warm_inspect.core.errors import PrerequisiteError

MEANING = {
    "items": "these statements, these adapters",
    "statements": "any statements of this kind",
    "seeds": "training of this kind, on these items",
}
"""What a study may claim when its error is drawn from these units."""


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
    effect: float | None, spread: Spread, design: Design, alpha: float = ALPHA, target: float = TARGET
) -> list[ClaimPlan]:
    """A plan for each claim.

    Args:
        effect: the effect to find, in percentage points; None to ask only what the design can see.
        spread: how paired differences vary.
        design: the size of the study. Each claim counts its own units anew and takes the other sizes from here.
        alpha: two-sided level, divided among the design's arms.
        target: chance at which the effect should be found.
    """
    return [_plan(claim, effect, spread, design, alpha, target) for claim in CLAIMS]


def _plan(claim: str, effect: float | None, spread: Spread, design: Design, alpha: float, target: float) -> ClaimPlan:
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
