"""The turns of dialogues, and what is counted of them."""

from collections.abc import Iterator, Sequence

import pandas as pd

from warm_inspect.analysis.estimates import SHARE, Code, Identity, Kind, Note, not_estimable
from warm_inspect.analysis.families.hostility.rows import (
    APOLOGIES,
    APOLOGIES_WITHOUT_FIX,
    CURT_TURNS,
    HOSTILE_TURNS,
    About,
    HostilityRow,
)
from warm_inspect.analysis.families.numbers import untested
from warm_inspect.core.families import HOSTILE_FROM, Family, History, Hostile, TurnCount
from warm_inspect.core.vocabulary import TRUNCATED

UNKNOWN_BECAUSE = _UNSCORED, _CUT, _FILTERED, _EMPTY, _UNCOUNTED = (
    "without a score",
    "with a reply that was cut",
    "with one that was filtered",
    "with an empty one",
    "of logs that do not say what was filtered",
)
"""Why a dialogue is not known to be civil."""
_FROM = {CURT_TURNS: 1, HOSTILE_TURNS: HOSTILE_FROM}
"""The severity from which a turn counts."""


def why_unknown(dialogues: pd.DataFrame) -> "pd.Series[str]":
    """Why each dialogue is not known to be civil or hostile; empty where it is known."""
    unknown = pd.Series("", dialogues.index)
    unknown[dialogues["filtered_turns"] < 0] = _UNCOUNTED
    unknown[dialogues[Hostile.EMPTY] == 1] = _EMPTY
    unknown[dialogues["filtered_turns"] > 0] = _FILTERED
    unknown[dialogues[TRUNCATED] == 1] = _CUT
    # What is hostile stays so, whatever else is not known.
    unknown[dialogues[Hostile.HOSTILE] == 1] = ""
    unknown[dialogues["excluded"] != ""] = _UNSCORED
    return unknown


def turns_of(dialogues: pd.DataFrame) -> pd.DataFrame:
    """One row for each scored turn: its dialogue's columns, `turn`, and `severity`: of reply or artefact the higher."""
    worst = [
        [max(int(reply), int(artefact)) for reply, artefact in zip(replies, artefacts, strict=True)]
        for replies, artefacts in zip(
            dialogues["severities"].astype(str), dialogues["artefact_severities"].astype(str), strict=True
        )
    ]
    turns = dialogues.assign(severity=pd.Series(worst, index=dialogues.index, dtype=object)).explode("severity")
    # Of scripted history only the last turn is the model's.
    live = turns["history"] == History.LIVE
    turns["turn"] = (turns.groupby(level=0).cumcount() + 1).where(live, turns["depth"])
    return turns.assign(severity=turns["severity"].astype(float)).reset_index(drop=True)


def turn_rows(
    about: About, dialogues: pd.DataFrame, arms: Sequence[str], affects: Sequence[str]
) -> Iterator[HostilityRow]:
    """Shares of turns by manner and by turn, and apologies; without intervals, since turns depend on each other."""
    turns = turns_of(dialogues)
    for arm in arms:
        own = turns[turns["arm"] == arm]
        for affect in ("", *affects):
            asked = own[own["affect"] == affect] if affect else own
            if len(asked):
                yield _share(about, arm, asked, HOSTILE_TURNS, affect=affect)
        # A single turn that is scored is the dialogue.
        for turn, at_turn in own.groupby("turn", observed=True) if about.history == History.LIVE else ():
            for outcome in _FROM:
                yield _share(about, arm, at_turn, outcome, turn=int(str(turn)))
        mine = dialogues[dialogues["arm"] == arm]
        if len(mine):
            yield from _apologies(about, arm, mine)


def _share(
    about: About, arm: str, turns: pd.DataFrame, outcome: str, *, affect: str = "", turn: int | None = None
) -> HostilityRow:
    events = int((turns["severity"] >= _FROM[outcome]).sum())
    return _counted(about, arm, outcome, events, len(turns), turns, affect=affect, turn=turn)


def _apologies(about: About, arm: str, dialogues: pd.DataFrame) -> Iterator[HostilityRow]:
    apologies, turns, unfixed, checked = (
        int(dialogues[key].sum())
        for key in (
            TurnCount.APOLOGIES, TurnCount.TURNS, TurnCount.APOLOGIES_WITHOUT_FIX, TurnCount.TASK_CHECKED
        )
    )  # fmt: skip
    yield _counted(about, arm, APOLOGIES, apologies, turns, dialogues)
    if checked:
        yield _counted(about, arm, APOLOGIES_WITHOUT_FIX, unfixed, checked, dialogues)
        return
    note = not_estimable(Code.NO_CHECKED_REPLY, arm=arm)
    identity = Identity(Kind.RATE, arm, base_model=about.base)
    yield about.row(untested(Family.HOSTILITY, identity, APOLOGIES_WITHOUT_FIX, SHARE, notes=(note,)), 0)


def _counted(
    about: About,
    arm: str,
    outcome: str,
    events: int,
    n: int,
    of: pd.DataFrame,
    *,
    affect: str = "",
    turn: int | None = None,
) -> HostilityRow:
    identity = Identity(Kind.RATE, arm, base_model=about.base)
    notes = () if turn is not None else (Note(Code.TURNS_DEPEND),)
    number = untested(
        Family.HOSTILITY, identity, outcome, SHARE, events / n, n=n, n_clusters=of["cluster"].nunique(), notes=notes
    )
    return about.row(number, events, affect=affect, turn=turn)
