"""The tables of `warm-inspect label`: what a sheet takes of the logs, and how a grading agrees with the labels."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.grader_error import GRADE, MIN_OF_CLASS, MIN_REPLIES, Agreement, Coefficient, Share
from warm_inspect.core.vocabulary import Grade
from warm_inspect.tables import (
    UNKNOWN,
    Column,
    ColumnKind,
    Mark,
    Table,
    TableCell,
    count_column,
    percent,
    tabulate,
    text_column,
    whole,
)


def strata_table(strata: pd.DataFrame) -> Table:
    """Graded and drawn replies of each arm, benchmark, condition, grade and length.

    Args:
        strata: one row per stratum, with its levels and the counts `replies` and `drawn`.
    """
    return tabulate(
        "strata",
        "Replies that a sheet of this size takes",
        f"Of {len(strata):,} strata, which --json lists. Replies with one question, claim and wording become one row, "
        "and others take their place.",
        (
            text_column("by"),
            text_column("level"),
            count_column("replies", "graded replies"),
            count_column("drawn", "drawn"),
        ),
        list(_margins(strata)),
        grouped=True,
        source="",
    )


def _margins(strata: pd.DataFrame) -> Iterator[dict[str, Any]]:
    condition = strata["context"] + ":" + strata["belief"]
    levels = {"arm": strata["arm"], "benchmark": strata["benchmark"], "condition": condition}
    for by, values in {**levels, "grade": strata["grade"], "length": strata["length"]}.items():
        counts = strata.groupby(values, sort=False)[["replies", "drawn"]].sum()
        for level, replies, drawn in counts.itertuples(name=None):
            yield {"by": by, "level": level, "replies": replies, "drawn": drawn}


_NOT_SHOWN = (Grade.REFUSAL, Grade.UNCLEAR)
"""Outcomes that the confusion table shows well enough."""


def agreement_tables(rows: Sequence[Agreement]) -> Iterator[Table]:
    """The tables of each grading, of every agreement that labels can show."""
    for grading in dict.fromkeys(row.grading for row in rows):
        mine = [row for row in rows if row.grading == grading]
        yield _confusion(next(row for row in mine if (row.by, row.outcome) == ("all", GRADE)))
        yield _coefficients([row for row in mine if row.outcome == GRADE])
        yield _rates([row for row in mine if row.outcome not in (GRADE, *_NOT_SHOWN)])


def _confusion(row: Agreement) -> Table:
    """Labels against grades, as counts."""
    columns = [
        text_column("label"),
        *(Column(grade.value, lambda label, grade=grade: str(label[grade.value])) for grade in Grade),  # type: ignore[misc]
    ]
    counts = [
        {"label": label.value, **{grade.value: row.confusion.get((label.value, grade.value), 0) for grade in Grade}}
        for label in Grade
    ]
    return tabulate(
        "confusion",
        f"Labels (rows) and grades by {row.grading} (columns)",
        f"{row.n} labelled replies to {row.n_clusters} questions.",
        columns,
        counts,
        source="",
    )


def _coefficients(rows: Iterable[Agreement]) -> Table:
    """Kappa and AC1 of the four grades, overall, per arm and per length."""
    return tabulate(
        "agreement",
        "Agreement on the grade",
        "Kappa and AC1 with 95 % intervals, clustered by question where questions repeat. Neither is stated on fewer "
        f"than {MIN_REPLIES} labelled replies, nor where all have one label.",
        _COEFFICIENTS,
        rows,
        source="",
    )


def _rates(rows: Sequence[Agreement]) -> Table:
    """Sensitivity, specificity and precision of each outcome, overall, per arm and per length."""
    without = [row.outcome for row in rows if row.by == "all" and not row.n]
    return tabulate(
        "rates",
        "How often the grading is right",
        "Sensitivity: of the replies labelled so, those graded so. Specificity: of those not labelled so, those not "
        "graded so. Precision: of those graded so, those labelled so. In brackets the 95 % interval in percent, as "
        f"above; none is stated on a denominator below {MIN_OF_CLASS}.",
        _RATES,
        [row for row in rows if row.outcome not in without],
        grouped=True,
        notes=[f"This grading, or these labels, do not say: {', '.join(without)}."] if without else [],
        source="",
    )


def _coefficient(coefficient: Coefficient) -> TableCell:
    if coefficient.note:
        return TableCell(_lacking(coefficient.note), Mark.OPEN)
    return TableCell(f"{coefficient.value:.2f} ({coefficient.low:.2f} to {coefficient.high:.2f})")


def _share(share: Share | None) -> TableCell:
    if share is None:
        return TableCell(UNKNOWN)
    counts = f"{share.hits}/{share.of}"
    if share.note:
        return TableCell(f"{counts}, {_lacking(share.note)}", Mark.OPEN)
    return TableCell(f"{counts} {share.rate:.0%} ({100 * share.low:.0f}–{100 * share.high:.0f})")


def _lacking(note: Note) -> str:
    """What is missing, short enough for a cell."""
    return f"needs {note.values['more']} more" if note.code is Code.LABELS_LACKING else note.words


_COEFFICIENTS: tuple[Column[Agreement], ...] = (
    Column("replies", lambda row: row.group, ColumnKind.WORDS),
    Column("n", lambda row: whole(row.n)),
    Column("questions", lambda row: whole(row.n_clusters)),
    Column("agree", lambda row: percent(row.agree.rate)),
    Column("kappa", lambda row: _coefficient(row.kappa)),
    Column("AC1", lambda row: _coefficient(row.ac1)),
)
_RATES: tuple[Column[Agreement], ...] = (
    Column("outcome", lambda row: row.outcome, ColumnKind.WORDS),
    Column("replies", lambda row: row.group, ColumnKind.WORDS),
    Column("sensitivity", lambda row: _share(row.sensitivity)),
    Column("specificity", lambda row: _share(row.specificity)),
    Column("precision", lambda row: _share(row.precision)),
)
