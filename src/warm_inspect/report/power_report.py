"""What a planned study needs for each of the claims it could make."""

from collections.abc import Sequence
from math import isnan

from warm_inspect.analysis.power import ClaimPlan
from warm_inspect.tables import UNKNOWN, Column, Kind, Table, tabulate, whole


def plans_table(plans: Sequence[ClaimPlan], effect: float | None) -> Table:
    """One row per claim. Notes say why a number is missing.

    Args:
        plans: a plan for each claim.
        effect: the effect to find, in percentage points; None when it was only asked what the design can see.
    """
    return tabulate(
        "plans",
        "What this design can see" if effect is None else f"To find {effect:+g} points",
        "Each claim counts its own units anew; power and the smallest effect, in percentage points, are those of the "
        "design as given.",
        _COLUMNS,
        plans,
        notes=[f"{plan.means}: {plan.note}" for plan in plans if plan.note],
        source="",
    )


_COLUMNS: tuple[Column[ClaimPlan], ...] = (
    Column("the result would hold for", lambda plan: plan.means, Kind.WORDS),
    Column("needs", lambda plan: UNKNOWN if plan.needed is None else f"{plan.needed:,} {plan.claim}"),
    Column("replies", lambda plan: UNKNOWN if plan.replies is None else whole(plan.replies)),
    Column("power as designed", lambda plan: UNKNOWN if isnan(plan.power) else f"{plan.power:.0%}"),
    Column(
        "smallest effect as designed",
        lambda plan: UNKNOWN if isnan(plan.smallest_effect) else f"{plan.smallest_effect:.1f}",
    ),
)
