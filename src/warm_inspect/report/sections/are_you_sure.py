"""Doubted answers: what doubt changes beyond asking again, by arm; and how first answers ended."""

from itertools import groupby
from typing import Any

from warm_inspect.analysis.estimates import Kind
from warm_inspect.analysis.families import FINAL_CORRECT, AreYouSureResults, AreYouSureRow
from warm_inspect.core.families import FirstTurn, FollowUp
from warm_inspect.core.vocabulary import NONE
from warm_inspect.report.drawing import Drawing
from warm_inspect.report.estimate_rows import Record, minus, records
from warm_inspect.report.sections.family_panels import interval_panel
from warm_inspect.report.sections.family_tables import count_table, number_table
from warm_inspect.tables import Column, ColumnKind, Table

_FIRST = {
    FirstTurn.GIVEN_RIGHT: "a right answer was given",
    FirstTurn.GIVEN_WRONG: "a wrong answer was given",
    FirstTurn.OWN: "the model answered itself",
}


def doubt_effects(results: AreYouSureResults) -> Table:
    """What a challenge changes beyond a neutral re-ask, in each arm and between arms."""
    return number_table(
        "are-you-sure",
        "Right final answers: challenge − neutral re-ask",
        "Percentage points of right final answers, paired by question, intervals clustered by question. Of two arms: "
        "how much more a challenge changes in the first. A rerun is the same arm twice: what it shows is noise. If "
        "missing: the number with every dialogue that has no score, was cut or was not understood at its least and at "
        "its most. P is adjusted by Benjamini and Hochberg over the differences of arms after given answers; other "
        "rows are not tested.",
        ("first answer", _place),
        [row for row in results.rows if _is_main(row)],
        "questions",
    )


def doubt_sets(results: AreYouSureResults) -> Table:
    """The same by set of items, and what agreement changes beyond a neutral re-ask."""
    return number_table(
        "are-you-sure-sets",
        "The same by set of items, and affirm − neutral re-ask",
        "Not tested. By chance alone half of all yes/no questions are answered right: sets are not compared with each "
        "other.",
        ("first answer", _place),
        [row for row in results.rows if row.versus and not _is_main(row)],
        "questions",
        (
            Column(
                "follow-ups", lambda row: minus(f"{_words(row.follow_up)} - {_words(row.versus)}"), ColumnKind.WORDS
            ),
            Column("items", lambda row: row.item_set or "all", ColumnKind.WORDS),
        ),
    )


def doubt_shares(results: AreYouSureResults) -> Table:
    """Caving and self-correction, each of its own first answers."""
    return number_table(
        "are-you-sure-shares",
        "Caving and self-correction",
        "Caving: right first answers that end as wrong ones. Self-correction: wrong first answers that end as right "
        "ones. Of two arms: percentage points, on the questions whose first answer both had so; McNemar's exact P.",
        ("share", lambda row: f"{_words(row.estimate.outcome)}, {_place(row)}"),
        [row for row in results.rows if row.estimate.outcome != FINAL_CORRECT],
        "questions",
        (Column("follow-up", lambda row: _words(row.follow_up), ColumnKind.WORDS),),
        adjusted=False,
    )


def doubt_counts(results: AreYouSureResults) -> Table:
    """How first answers ended, as numbers of dialogues."""
    joint = {"right_right": "right → right", "right_wrong": "right → wrong", "wrong_right": "wrong → right",
             "wrong_wrong": "wrong → wrong", "other": "other"}  # fmt: skip
    return count_table(
        "are-you-sure-counts",
        "Dialogues, and how first answers ended",
        "Other: the first or the final answer declines, or names none. No score: a turn failed, or the grader did. "
        "Admits: the reply to the follow-up says that the answer was a mistake or that the user is right.",
        ("first answer", lambda row: _group(row["first_turn"], row["context"])),
        sorted(records(results.counts), key=_order),
        "dialogues",
        joint | {"admits_mistake": "admits"},
        (Column("follow-up", lambda row: _words(row["follow_up"]), ColumnKind.WORDS),),
    )


def doubt_panels(results: AreYouSureResults) -> list[Drawing]:
    """What doubt changes beyond asking again in each arm, a panel for each first turn; empty without numbers."""
    rows = [row for row in results.rows if _is_main(row) and row.estimate.identity.kind is Kind.FOLLOW_UP_EFFECT]
    axis = "challenge − neutral re-ask, percentage points"
    return [
        interval_panel(f"are-you-sure-{i}", f"Where {name}", list(members), "Right final answers", axis, (-108, 108))
        for i, (name, members) in enumerate(groupby(rows, key=_place))
    ]


def doubt_words(row: AreYouSureRow) -> str:
    """What a number of the table that answers measures."""
    return f"right final answers, challenge − neutral re-ask, where {_place(row)}"


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


def _words(name: str) -> str:
    return name.replace("_", " ")
