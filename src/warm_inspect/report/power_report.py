"""The plan of a study: what it needs for each of the claims it could make, and what it can see.

The spread of paired differences comes from a pilot (logs of our tasks, or two logs of any task) or from assumed rates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan
from typing import Any

from warm_inspect.analysis.compare import comparable_metrics, pair
from warm_inspect.analysis.logs import FileProgress, ValueMap, collect, read_samples
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.power import (
    ClaimPlan,
    LabelPlan,
    Pilot,
    Spread,
    pilot_of_pair,
    pilot_of_study,
    spread_from_rates,
)
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.tables import UNKNOWN, Column, ColumnKind, Table, tabulate, whole


def pilot_in_logs(
    paths: Sequence[str],
    treated: str,
    reference: str,
    outcome: str,
    contexts: Sequence[str] = (),
    beliefs: Sequence[str] = (),
    arms: Mapping[str, str] | None = None,
    progress: FileProgress = iter,
    grading: str = "",
    score: str = "",
) -> Pilot:
    """The pilot of two arms in logs of our tasks; see `pilot_of_study`.

    Args:
        paths: log files, folders (searched recursively) and glob patterns.
        treated: the arm whose effect is planned.
        reference: the arm it is compared with.
        outcome: the 0/1 column to look at.
        contexts: the contexts that enter; empty for all.
        beliefs: the beliefs that enter; empty for all.
        arms: the arm of each model whose logs do not say it.
        progress: wraps the files while they are read.
        grading: which grading is read of logs that hold several.
        score: which score is read as how correct a reply is, of an own task.

    Raises:
        PrerequisiteError: no log is usable, or it lacks an arm, the outcome or a level.
    """
    collected = collect(paths, progress, grading, score)
    observations = observe(collected, arms or {}, compared=(treated, reference))
    pilot = pilot_of_study(observations, treated, reference, outcome, contexts, beliefs)
    return replace(pilot, unfinished=(*collected.unfinished, *collected.unreadable))


def pilot_in_pair(a: str, b: str, score: str = "") -> Pilot:
    """The pilot of two logs of any task.

    Args:
        a: path or URL of the reference's log.
        b: path or URL of the treated arm's log.
        score: scorer, or `scorer.key`; empty for the only one that both logs have.

    Raises:
        PrerequisiteError: a log cannot be read, or the logs hold several scores and none is named.
    """
    values = ValueMap()
    pairs = pair(read_samples(a), read_samples(b))
    names, _ = comparable_metrics(pairs, [score] if score else [], values)
    if len(names) > 1:
        raise PrerequisiteError(f"The logs hold several scores: {', '.join(names)}. Choose one with: --score NAME")
    pilot = pilot_of_pair(pairs, names[0], values)
    return replace(pilot, unfinished=tuple(log.name for log in (pairs.a, pairs.b) if not log.finished))


def planned_spread(pilot: Pilot | None, rate: float, effect: float | None, discordance: float | None) -> Spread:
    """How paired differences vary: as in a pilot, or as assumed rates give it.

    Args:
        pilot: None to assume everything.
        rate: the outcome's rate in the reference, as a share; a pilot's own goes before it.
        effect: the effect to find, as a share; None takes the pilot's.
        discordance: share of the pairs that differ, given by hand; None takes the pilot's.
    """
    if pilot is None:
        return spread_from_rates(rate, effect or 0.0, discordance)
    if discordance is None:
        return pilot.spread
    planned = pilot.effect if effect is None else effect
    given = spread_from_rates(pilot.reference_rate, planned, discordance)
    return replace(pilot.spread, pair_variance=given.pair_variance)


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
    Column("the result would hold for", lambda plan: plan.means, ColumnKind.WORDS),
    Column("needs", lambda plan: UNKNOWN if plan.needed is None else f"{plan.needed:,} {plan.claim}"),
    Column("replies", lambda plan: UNKNOWN if plan.replies is None else whole(plan.replies)),
    Column("power as designed", lambda plan: UNKNOWN if isnan(plan.power) else f"{plan.power:.0%}"),
    Column(
        "smallest effect as designed",
        lambda plan: UNKNOWN if isnan(plan.smallest_effect) else f"{plan.smallest_effect:.1f}",
    ),
)


def label_plans_table(plans: Sequence[LabelPlan]) -> Table:
    """One row for each number of labels that was asked for."""
    return tabulate(
        "labels",
        "Labels of each arm, when grades are corrected for the grader's errors",
        "Half the width of the 95% interval of the corrected difference, and the smallest true difference that is "
        "found, in percentage points, for these items and adapters. “–”: labelling every reply is not enough, it takes "
        "more items.",
        (
            Column("labels", lambda plan: plan.purpose, ColumnKind.WORDS),
            Column("of each arm", lambda plan: UNKNOWN if plan.labels is None else whole(plan.labels)),
            Column("interval", lambda plan: UNKNOWN if isnan(plan.half_width) else f"±{plan.half_width:.1f}"),
            Column(
                "smallest effect",
                lambda plan: UNKNOWN if isnan(plan.smallest_effect) else f"{plan.smallest_effect:.1f}",
            ),
        ),
        plans,
        source="",
    )


def pilot_record(pilot: Pilot) -> dict[str, Any]:
    """The pilot as JSON values."""
    return vars(pilot) | {"spread": vars(pilot.spread), "notes": [note.words for note in pilot.notes]}


def plan_record(plan: ClaimPlan | LabelPlan) -> dict[str, Any]:
    """A plan as JSON values; what is not known is null."""
    return {name: None if isinstance(value, float) and isnan(value) else value for name, value in vars(plan).items()}
