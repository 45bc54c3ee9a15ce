"""The tables that families of measurement share: numbers by arm, counts of samples, samples without a score."""

from collections.abc import Callable, Mapping, Sequence
from math import isnan
from typing import TypeVar

from warm_inspect.analysis.estimates import LEVELS, LOG_ODDS, POINTS, SEVERITY_POINTS, Kind, in_words
from warm_inspect.analysis.families import FamilyResults, FamilyRow
from warm_inspect.core.families import Family
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

Row = TypeVar("Row", bound=FamilyRow)

_SOURCE = "families.csv"
_COEFFICIENTS = ("kappa",)
"""Outcomes that are no share, though they stand in its unit: they can be below zero."""


def number_table(
    name: str,
    title: str,
    caption: str,
    about: tuple[str, Callable[[Row], str]],
    rows: Sequence[Row],
    units: str,
    further: Sequence[Column[Row]] = (),
    *,
    adjusted: bool = True,
) -> Table:
    """A table of numbers by arm and of two arms, in groups; columns that say nothing in any row are left out.

    Args:
        name: its own, see `Table`.
        title: what it shows.
        caption: what the numbers are, and their denominators.
        about: heading and words of what a group of rows is of.
        rows: the numbers.
        units: what is independent, in the plural.
        further: columns beside the arm.
        adjusted: whether the P values that are shown are the adjusted ones.
    """
    columns: tuple[Column[Row], ...] = (
        Column(about[0], about[1], ColumnKind.WORDS),
        Column("arm", _arm, ColumnKind.WORDS),
        *further,
        Column("base model", lambda row: row.estimate.identity.base_model, ColumnKind.WORDS, detail=True),
        Column("of", _events),
        Column("value", lambda row: TableCell(shown_value(row), Mark.NOTE if row.estimate.notes else Mark.NONE)),
        Column("95% interval", shown_interval),
        Column("if missing", _if_missing),
        Column("P adj.", lambda row: p_value(row.estimate.p_adjusted))
        if adjusted
        else Column("P", lambda row: p_value(row.estimate.p_value)),
        Column(units, lambda row: whole(row.estimate.n_clusters)),
        Column("limits", lambda row: in_words(row.estimate.notes), ColumnKind.NOTE),
    )
    return tabulate(name, title, caption, columns, rows, grouped=True, source=_SOURCE).filled


def count_table(
    name: str,
    title: str,
    caption: str,
    about: tuple[str, Callable[[Record], str]],
    rows: Sequence[Record],
    units: str,
    facts: Mapping[str, str],
    further: Sequence[Column[Record]] = (),
) -> Table:
    """A table of how many samples are what, in groups.

    Args:
        name: its own, see `Table`.
        title: what it shows.
        caption: what is counted.
        about: heading and words of what a group of rows is of.
        rows: of `FamilyResults.counts`.
        units: what is counted, in the plural.
        facts: the headings of the counts, by their names.
        further: columns beside the arm.
    """
    columns = (
        Column(about[0], about[1], ColumnKind.WORDS),
        text_column("arm"),
        *further,
        count_column("samples", units),
        count_column("unscored", "no score"),
        count_column("truncated", "cut"),
        *(count_column(fact, heading) for fact, heading in facts.items()),
    )
    return tabulate(name, title, caption, columns, rows, grouped=True, source=_SOURCE)


def unscored_table(family: Family, results: FamilyResults[FamilyRow], units: str) -> Table:
    """The samples of a family without a score, by reason."""
    factors = [str(name) for name in results.excluded.columns if name != "n"]
    return tabulate(
        f"{family.replace('_', '-')}-exclusions",
        f"{units.capitalize()} without a score",
        "They enter no number.",
        (*map(text_column, factors), count_column("n", f"n {units}")),
        records(results.excluded),
        source=_SOURCE,
    )


def arm_or_pair(row: FamilyRow) -> str:
    """The arm that a number is of, or the two that it compares."""
    identity = row.estimate.identity
    return minus(identity.pair) if identity.reference else identity.arm


def shown_value(row: FamilyRow) -> str:
    """The number as its unit is written."""
    number = row.estimate
    if number.unit == LEVELS:
        return "not testable" if isnan(number.estimate) else whole(number.estimate)
    decimals = _signed_decimals(row)
    return percent(number.estimate) if decimals is None else points(number.estimate, decimals)


def shown_interval(row: FamilyRow) -> str:
    """Its 95 % interval."""
    low, high = row.estimate.conf_low, row.estimate.conf_high
    if isnan(low):
        return UNKNOWN
    decimals = _signed_decimals(row)
    return f"{percent(low)} to {percent(high)}" if decimals is None else interval(low, high, decimals)


def _signed_decimals(row: FamilyRow) -> int | None:
    """Decimals of a number that has a sign; None for a share."""
    number = row.estimate
    if number.unit == POINTS:
        return 1
    return 2 if number.unit in (LOG_ODDS, SEVERITY_POINTS) or number.outcome in _COEFFICIENTS else None


def _arm(row: FamilyRow) -> str:
    return arm_or_pair(row) + (" (rerun)" if row.estimate.identity.kind is Kind.NOISE else "")


def _if_missing(row: FamilyRow) -> str:
    low, high = row.if_missing_low, row.if_missing_high
    return UNKNOWN if low is None or high is None else interval(low, high, 1)


def _events(row: FamilyRow) -> str:
    return UNKNOWN if row.events is None else f"{whole(row.events)} of {whole(row.estimate.n)}"
