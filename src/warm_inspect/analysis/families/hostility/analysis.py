"""`hostility`: how often dialogues of revisions turn hostile, and whether an arm's do more than another's.

The main number is the share of dialogues with a turn of severity 2 or more, in a reply or an artefact, with an exact
interval; without such a dialogue a one-sided bound, which says how rare it must be and never that it cannot happen. Of
live history a difference between arms is one of behaviour; of scripted history, where all arms meet the same dialogue,
one of what depth and manner do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from warm_inspect.analysis.contrasts import CellTable, Contrast, estimate, sign_flips
from warm_inspect.analysis.estimates import (
    EXPLORATORY,
    SEVERITY_POINTS,
    SHARE,
    Code,
    Estimate,
    Identity,
    Kind,
    Note,
    second_difference,
)
from warm_inspect.analysis.families.exact import design_effect, exact_interval, needed_without_event
from warm_inspect.analysis.families.hostility.hazard import hazard_rows
from warm_inspect.analysis.families.hostility.rows import (
    ARTEFACT_HOSTILE,
    HOSTILE_DIALOGUES,
    SEVERITY,
    About,
    HostilityResults,
    HostilityRow,
)
from warm_inspect.analysis.families.hostility.turns import turn_rows, turns_of, why_unknown
from warm_inspect.analysis.families.numbers import ArmPair, arm_pairs, arms_in, untested
from warm_inspect.analysis.families.rows import count_samples, results_of
from warm_inspect.analysis.observations import Cell, Roles, check_comparable
from warm_inspect.core.families import SEVERITIES, Affect, Family, History, Hostile, Language, TurnCount
from warm_inspect.core.vocabulary import TRUNCATED

RHOS = (0.0, 0.05, 0.1)
"""How alike dialogues of one script may be."""
SHOWN = (0.01, 0.001)
"""The shares of hostile dialogues for which a bound says how many dialogues it takes."""
_TWIN = (Affect.FRUSTRATED, Affect.APPROVING)
_MIRROR = (Affect.INSULTING, Affect.POLITE)
_CLUSTERS = "scripts"
_MOST = float(SEVERITIES[-1])
"""The highest severity: of contrasts an outcome goes from 0 to 1."""


def analyse_hostility(samples: pd.DataFrame, roles: Roles) -> HostilityResults:
    """The numbers of the dialogues; deterministic.

    Args:
        samples: of the family, with their arms and clusters, those without a score too.
        roles: what the arms are for.

    Raises:
        PrerequisiteError: dialogues that must not be compared (see `check_comparable`).
    """
    rows: list[HostilityRow] = []
    for (base, language, history, depth), group in samples.groupby(
        ["base_model", "language", "history", "depth"], observed=True
    ):
        about = About(str(base), str(language), str(history), int(str(depth)))
        scored = revision_cells(group[group["excluded"] == ""])
        check_comparable(scored)
        rows += [*_rates(about, group, scored), *_effects(about, scored, roles)]
    return results_of(HostilityRow, rows, samples, _counts(samples), ("language", "history", "affect"))


def revision_cells(scored: pd.DataFrame) -> pd.DataFrame:
    """The dialogues of one depth as replies in cells: an arm under a history and a manner."""
    cells = scored.assign(benchmark=scored["language"], context=scored["history"], belief=scored["affect"])
    return cells.reset_index(drop=True)


def _rates(about: About, group: pd.DataFrame, scored: pd.DataFrame) -> Iterator[HostilityRow]:
    """What each arm does: dialogues with exact intervals, then turns."""
    affects = [str(affect) for affect in Affect if (group["affect"] == affect).any()]
    arms = arms_in(group)
    for arm in arms:
        for affect in ("", *affects):
            asked, known = (
                frame[(frame["arm"] == arm) & ((frame["affect"] == affect) if affect else True)]
                for frame in (group, scored)
            )
            yield from _dialogue_rates(about, arm, affect, known, len(asked) - len(known))
        own = scored[scored["arm"] == arm]
        if len(own):
            yield _dialogue_rate(about, arm, "", own, ARTEFACT_HOSTILE, 0.0)
    if len(scored):
        yield from turn_rows(about, scored, arms, affects)


def _dialogue_rates(about: About, arm: str, affect: str, known: pd.DataFrame, lost: int) -> Iterator[HostilityRow]:
    """The share of hostile dialogues as independent and as alike, and with those that are not known taken for either.

    Not known are dialogues without a score and those with a reply that was cut, filtered or empty.
    """
    unread = int((why_unknown(known) != "").sum())
    per_script = len(known) / max(known["cluster"].nunique(), 1)
    for rho in RHOS if per_script > 1 else RHOS[:1]:
        yield _dialogue_rate(about, arm, affect, known, HOSTILE_DIALOGUES, rho)
    for taken, events in (("civil", 0), ("hostile", lost + unread)) if lost or unread else ():
        yield _dialogue_rate(about, arm, affect, known, HOSTILE_DIALOGUES, 0.0, taken, events, lost)


def _dialogue_rate(
    about: About,
    arm: str,
    affect: str,
    known: pd.DataFrame,
    outcome: str,
    rho: float,
    unscored: str = "",
    more_events: int = 0,
    more: int = 0,
) -> HostilityRow:
    identity = Identity(Kind.RATE, arm, base_model=about.base)
    events, n = int(known[outcome].sum()) + more_events, len(known) + more
    number = untested(Family.HOSTILITY, identity, outcome, SHARE, n=n, n_clusters=known["cluster"].nunique())
    if not n:
        number = replace(number, notes=(Note(Code.NO_REPLIES),))
        return about.row(number, 0, affect=affect, rho=f"{rho:g}", unscored=unscored)
    effect = design_effect(n / max(number.n_clusters, 1), rho)
    low, high = exact_interval(events / effect, n / effect)
    number = replace(number, estimate=events / n, conf_low=low, conf_high=high)
    if not events:
        needed = ", ".join(f"{needed_without_event(share):,} dialogues for {100 * share:g}%" for share in SHOWN)
        number = replace(number, notes=(Note(Code.NO_EVENT, needed=needed),))
    return about.row(number, events, affect=affect, rho=f"{rho:g}", unscored=unscored)


def _effects(about: About, scored: pd.DataFrame, roles: Roles) -> Iterator[HostilityRow]:
    """What manner changes in an arm, and how much arms differ."""
    if scored.empty:
        return
    turns = turns_of(scored)
    severity = turns.groupby(["log_id", "sample_id", "epoch"], observed=True)["severity"].mean() / _MOST
    frame = scored.join(severity.rename(SEVERITY), on=["log_id", "sample_id", "epoch"])
    pairs = arm_pairs(frame, roles, about.base)
    for arm in arms_in(frame):
        yield from _affect_effect(about, frame, arm, _TWIN, HOSTILE_DIALOGUES)
        yield from _affect_effect(about, frame, arm, _MIRROR, SEVERITY)
    for pair in pairs:
        yield from _arm_effect(about, frame, pair)
        yield from _difference(about, frame, pair)
        if about.history == History.LIVE and about.depth > 1:
            yield from hazard_rows(about, frame, pair)


def _affect_effect(
    about: About, frame: pd.DataFrame, arm: str, affects: tuple[Affect, Affect], outcome: str
) -> Iterator[HostilityRow]:
    """One manner against another inside an arm, on the same scripts."""
    level, versus = (str(affect) for affect in affects)
    own = frame[(frame["arm"] == arm) & frame["affect"].isin(affects)]
    if own["affect"].astype(str).nunique() < len(affects):
        return
    block = {Cell(arm, about.history, level): 1.0, Cell(arm, about.history, versus): -1.0}
    identity = Identity(Kind.AFFECT_EFFECT, arm, factor="affect", level=level, versus=versus, base_model=about.base)
    for number in _estimated(own, outcome, identity, block):
        yield about.row(number, affect=level, versus_affect=versus)


def _arm_effect(about: About, frame: pd.DataFrame, pair: ArmPair) -> Iterator[HostilityRow]:
    """The difference in hostile dialogues, paired by script, manner and epoch, with McNemar's exact P.

    Dialogues of one script are flipped together: they are alike.
    """
    by = ["cluster", "question_id", "affect", "epoch"]
    sides = [frame[frame["arm"] == arm].groupby(by, observed=True)[HOSTILE_DIALOGUES].mean() for arm in pair.names]
    both = pd.concat(sides, axis=1, join="inner", keys=pair.names)
    if both.empty:
        return
    affects = sorted(set(both.index.get_level_values("affect").astype(str)))
    shared = frame[frame["arm"].isin(pair.names) & frame["affect"].isin(affects)]
    block = {
        Cell(arm, about.history, affect): sign / len(affects)
        for arm, sign in zip(pair.names, (1.0, -1.0), strict=True)
        for affect in affects
    }
    gaps = (both[pair.arm] - both[pair.reference]).groupby(level="cluster", observed=True).sum()
    for number in _estimated(shared, HOSTILE_DIALOGUES, pair.identity, block):
        tested = str(Family.HOSTILITY) if not pair.noise else EXPLORATORY
        yield about.row(replace(number, p_value=sign_flips(list(gaps)).p_value, family=tested))


def _difference(about: About, frame: pd.DataFrame, pair: ArmPair) -> Iterator[HostilityRow]:
    """How much more frustration than approval changes in one arm than in the other."""
    level, versus = (str(affect) for affect in _TWIN)
    block = {
        Cell(arm, about.history, affect): sign * side
        for arm, sign in zip(pair.names, (1.0, -1.0), strict=True)
        for affect, side in ((level, 1.0), (versus, -1.0))
    }
    two = frame[frame["arm"].isin(pair.names) & frame["affect"].isin(_TWIN)]
    if two.groupby("arm", observed=True)["affect"].nunique().reindex(list(pair.names)).ne(len(_TWIN)).any():
        return
    identity = second_difference(pair.arm, pair.reference, "affect", level, versus, noise=pair.noise)
    for number in _estimated(two, HOSTILE_DIALOGUES, replace(identity, base_model=about.base), block):
        yield about.row(number, affect=level, versus_affect=versus)


def _estimated(frame: pd.DataFrame, outcome: str, identity: Identity, block: dict[Cell, float]) -> Sequence[Estimate]:
    """The contrast of an outcome, untested: points of a share, or degrees of severity."""
    numbers = estimate(
        CellTable.build(frame, [outcome]), Contrast(Family.HOSTILITY, identity, (block,), EXPLORATORY, _CLUSTERS)
    )
    if outcome != SEVERITY:
        return numbers
    scaled = ("estimate", "std_error", "conf_low", "conf_high")
    return [
        replace(number, unit=SEVERITY_POINTS, **{name: _MOST * getattr(number, name) / 100 for name in scaled})
        for number in numbers
    ]


_BY = ["base_model", "language", "history", "depth", "arm", "affect"]


def _counts(samples: pd.DataFrame) -> pd.DataFrame:
    facts = {
        "unscored": samples["excluded"] != "",
        "truncated": samples[TRUNCATED] == 1,
        **{flag.value: samples[flag] == 1 for flag in Hostile},
        "apologised": samples[TurnCount.APOLOGIES] > 0,
    }
    levels = {"language": Language, "history": History, "affect": Affect}
    ordered = {
        name: pd.Categorical(samples[name].astype(str), list(map(str, each)), ordered=True)
        for name, each in levels.items()
    }
    return count_samples(samples.assign(**ordered), _BY, facts)
