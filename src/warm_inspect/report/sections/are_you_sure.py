"""Doubted answers: what doubt changes beyond asking again, by arm; and how first answers ended."""

from collections.abc import Sequence
from itertools import groupby
from math import isnan
from typing import Any

from warm_inspect.analysis.estimates import Kind, in_words
from warm_inspect.analysis.families import FINAL_CORRECT, AreYouSureResults, AreYouSureRow
from warm_inspect.core.families import FirstTurn, FollowUp
from warm_inspect.core.vocabulary import NONE
from warm_inspect.report.drawing import COLOURS, RULE, SHAPES, Drawing, drawing, house_style
from warm_inspect.report.estimate_rows import Record, minus, records
from warm_inspect.tables import (
    UNKNOWN,
    Column,
    ColumnKind,
    Mark,
    Table,
    TableCell,
    count_column,
    interval,
    p_value,
    percent,
    points,
    tabulate,
    text_column,
    whole,
)

_SOURCE = "families.csv"
_FIRST = {
    FirstTurn.GIVEN_RIGHT: "a right answer was given",
    FirstTurn.GIVEN_WRONG: "a wrong answer was given",
    FirstTurn.OWN: "the model answered itself",
}
_WIDTH, _ROW, _FOOT = 4.4, 0.42, 0.45
"""Inches: width of a panel, height of one row of it, and of the axis below."""


def doubt_effects(results: AreYouSureResults) -> Table:
    """What a challenge changes beyond a neutral re-ask, in each arm and between arms."""
    return tabulate(
        "are-you-sure",
        "Right final answers: challenge − neutral re-ask",
        "Percentage points of right final answers, paired by question, intervals clustered by question. Of two arms: "
        "how much more a challenge changes in the first. A rerun is the same arm twice: what it shows is noise. P is "
        "adjusted by Benjamini and Hochberg over the differences of arms after given answers; other rows are not "
        "tested.",
        (_FIRST_ANSWER, _ARM, _BASE, _EFFECT, _INTERVAL, _P_ADJUSTED, _QUESTIONS, _LIMITS),
        [row for row in results.rows if _is_main(row)],
        grouped=True,
        source=_SOURCE,
    )


def doubt_sets(results: AreYouSureResults) -> Table:
    """The same by set of items, and what agreement changes beyond a neutral re-ask."""
    return tabulate(
        "are-you-sure-sets",
        "The same by set of items, and affirm − neutral re-ask",
        "Not tested. By chance alone half of all yes/no questions are answered right: sets are not compared with each "
        "other.",
        (
            _FIRST_ANSWER,
            Column(
                "follow-ups", lambda row: minus(f"{_words(row.follow_up)} - {_words(row.versus)}"), ColumnKind.WORDS
            ),
            Column("items", lambda row: row.item_set or "all", ColumnKind.WORDS),
            _ARM,
            _BASE,
            _EFFECT,
            _INTERVAL,
            _QUESTIONS,
            _LIMITS,
        ),
        [row for row in results.rows if row.versus and not _is_main(row)],
        grouped=True,
        source=_SOURCE,
    )


def doubt_shares(results: AreYouSureResults) -> Table:
    """Caving and self-correction, each of its own first answers."""
    return tabulate(
        "are-you-sure-shares",
        "Caving and self-correction",
        "Caving: right first answers that end as wrong ones. Self-correction: wrong first answers that end as right "
        "ones. Of two arms: percentage points, on the questions whose first answer both had so; McNemar's exact P.",
        (
            Column("share", lambda row: f"{_words(row.estimate.outcome)}, {_place(row)}", ColumnKind.WORDS),
            _ARM,
            Column("follow-up", lambda row: _words(row.follow_up), ColumnKind.WORDS),
            Column(
                "of", lambda row: UNKNOWN if row.events is None else f"{whole(row.events)} of {whole(row.estimate.n)}"
            ),
            Column("value", _value),
            _INTERVAL,
            Column("P", lambda row: p_value(row.estimate.p_value)),
            _LIMITS,
        ),
        [row for row in results.rows if row.estimate.outcome != FINAL_CORRECT],
        grouped=True,
        source=_SOURCE,
    )


def doubt_counts(results: AreYouSureResults) -> Table:
    """How first answers ended, as numbers of dialogues."""
    joint = {"right_right": "right → right", "right_wrong": "right → wrong", "wrong_right": "wrong → right",
             "wrong_wrong": "wrong → wrong", "other": "other"}  # fmt: skip
    return tabulate(
        "are-you-sure-counts",
        "Dialogues, and how first answers ended",
        "Other: the first or the final answer declines, or names none. No score: a turn failed, or the grader did. "
        "Admits: the reply to the follow-up says that the answer was a mistake or that the user is right.",
        (
            Column("first answer", lambda row: _group(row["first_turn"], row["context"]), ColumnKind.WORDS),
            text_column("arm"),
            Column("follow-up", lambda row: _words(row["follow_up"]), ColumnKind.WORDS),
            count_column("dialogues", "dialogues"),
            count_column("unscored", "no score"),
            count_column("truncated", "cut"),
            *(count_column(name, heading) for name, heading in joint.items()),
            count_column("admits_mistake", "admits"),
        ),
        sorted(records(results.counts), key=_order),
        grouped=True,
        source=_SOURCE,
    )


def doubt_exclusions(results: AreYouSureResults) -> Table:
    """The dialogues without a score, by reason."""
    return tabulate(
        "are-you-sure-exclusions",
        "Dialogues without a score",
        "They enter no number.",
        (*map(text_column, ("reason", "arm", "first_turn", "follow_up")), count_column("n", "n dialogues")),
        records(results.excluded),
        source=_SOURCE,
    )


def doubt_tables(results: AreYouSureResults) -> list[Table]:
    """The tables of the section that have rows; the one that answers first."""
    makers = (doubt_effects, doubt_counts, doubt_shares, doubt_sets, doubt_exclusions)
    return [table for table in (make(results) for make in makers) if table.rows]


def doubt_panels(results: AreYouSureResults) -> list[Drawing]:
    """What doubt changes beyond asking again in each arm, a panel for each first turn; empty without numbers."""
    rows = [row for row in results.rows if _is_main(row) and row.estimate.identity.kind is Kind.FOLLOW_UP_EFFECT]
    with house_style():
        return [
            _panel(name, list(members), f"are-you-sure-{i}")
            for i, (name, members) in enumerate(groupby(rows, key=_place))
        ]


def _panel(name: str, rows: Sequence[AreYouSureRow], ident: str) -> Drawing:
    from matplotlib.figure import Figure

    height = _ROW * len(rows) + _FOOT
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes((0.3, _FOOT / height, 0.67, 1 - _FOOT / height))
    labels = [_arm(row).replace("+", "\n+") for row in rows]
    axes.set(xlim=(-108, 108), ylim=(len(rows) - 0.5, -0.5), yticks=range(len(rows)), yticklabels=labels)
    axes.set_xlabel("challenge − neutral re-ask, percentage points")
    axes.tick_params(left=False)
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=RULE, linewidth=1.2, zorder=1)
    for place, row in enumerate(rows):
        number, colour = row.estimate, COLOURS[place % len(COLOURS)]
        if not isnan(number.conf_low):
            axes.plot([number.conf_low, number.conf_high], [place, place], color=colour, linewidth=1.5, zorder=3)
        axes.plot([number.estimate], [place], SHAPES[place % len(SHAPES)], color=colour, markersize=6, zorder=4)
    said = "; ".join(
        f"{_arm(row)} {points(row.estimate.estimate)} ({interval(row.estimate.conf_low, row.estimate.conf_high)}, "
        f"n {row.estimate.n_clusters})"
        for row in rows
    )
    return drawing(figure, ident, f"Where {name}", f"Right final answers, challenge minus neutral re-ask: {said}.")


def _is_main(row: AreYouSureRow) -> bool:
    return bool(row.versus) and row.follow_up == FollowUp.CHALLENGE and not row.item_set


def _order(row: Record) -> tuple[Any, ...]:
    # Arms and follow-ups are in their order already, and sorting keeps it.
    return row["base_model"], row["context"], list(FirstTurn).index(FirstTurn(row["first_turn"]))


def _place(row: AreYouSureRow) -> str:
    return _group(row.first_turn, row.context)


def _group(first_turn: str, context: str) -> str:
    where = _FIRST[FirstTurn(first_turn)]
    return where if context == NONE else f"{where}, after {context}"


def _arm(row: AreYouSureRow) -> str:
    return minus(row.estimate.identity.pair) if row.estimate.identity.reference else row.estimate.identity.arm


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(row: AreYouSureRow) -> str:
    shown = percent if row.estimate.identity.kind is Kind.RATE else points
    return shown(row.estimate.estimate)


def _interval(row: AreYouSureRow) -> str:
    low, high = row.estimate.conf_low, row.estimate.conf_high
    if row.estimate.identity.kind is not Kind.RATE:
        return interval(low, high)
    return UNKNOWN if isnan(low) else f"{percent(low)} to {percent(high)}"


_FIRST_ANSWER = Column("first answer", _place, ColumnKind.WORDS)
_ARM = Column[AreYouSureRow](
    "arm", lambda row: _arm(row) + (" (rerun)" if row.estimate.identity.kind is Kind.NOISE else ""), ColumnKind.WORDS
)
_BASE = Column[AreYouSureRow]("base model", lambda row: row.estimate.identity.base_model, ColumnKind.WORDS, detail=True)
_EFFECT = Column[AreYouSureRow](
    "effect", lambda row: TableCell(_value(row), Mark.NOTE if row.estimate.notes else Mark.NONE)
)
_INTERVAL = Column("95% interval", _interval)
_P_ADJUSTED = Column[AreYouSureRow]("P adj.", lambda row: p_value(row.estimate.p_adjusted))
_QUESTIONS = Column[AreYouSureRow]("questions", lambda row: whole(row.estimate.n_clusters))
_LIMITS = Column[AreYouSureRow]("limits", lambda row: in_words(row.estimate.notes), ColumnKind.NOTE)
