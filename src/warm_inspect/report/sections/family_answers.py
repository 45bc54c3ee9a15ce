"""What the families of measurement answer, in sentences: how two arms differ, with the rerun beside it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from math import isnan
from typing import Any

from warm_inspect.analysis.estimates import ALPHA, POINTS, Kind
from warm_inspect.analysis.families import FamilyResults, FamilyRow
from warm_inspect.core.families import Family
from warm_inspect.report.sections.family_tables import arm_or_pair, shown_interval, shown_value
from warm_inspect.tables import whole

_MOST = 4
"""Sentences of a family, at most."""
_OF_THE_NUMBER = ("estimate", "events", "if_missing_low", "if_missing_high")


def answers(family: Family, results: FamilyResults[FamilyRow], says: Callable[[Any], str], units: str) -> Iterator[str]:
    """A sentence for each number of a family that is tested, or one that nothing is compared.

    Args:
        family: which it is.
        results: its numbers.
        says: what a row measures.
        units: what its samples are, in the plural.
    """
    tested = [row for row in results.rows if row.estimate.family == family]
    if not tested:
        count = int(results.counts["samples"].sum())
        yield f"{family}: no two arms are compared; the table says what became of {whole(count)} {units}."
    several = len({row.estimate.identity.base_model for row in tested}) > 1
    # Of many comparisons those that show the most come first, and the table has the others.
    shown = tested if len(tested) <= _MOST else sorted(tested, key=lambda row: row.estimate.p_adjusted)[:_MOST]
    for row in shown:
        of_base = f" of {row.estimate.identity.base_model}" if several else ""
        number, rerun = row.estimate, _rerun(row, results.rows)
        beside = f"; the rerun alone: {_shown(rerun)}" if rerun else "; no rerun shows what chance gives"
        said = f"{family}: {says(row)}: {arm_or_pair(row)}{of_base} {_shown(row)}{beside}."
        if isnan(number.conf_low):
            yield f"{said} There are too few for an interval."
        elif number.p_adjusted < ALPHA:
            yield f"{said} The arms differ by more than sampling questions explains."
        else:
            yield f"{said} No difference is shown."
    if more := len(tested) - len(shown):
        yield f"{family}: the table has {whole(more)} further comparisons."


def outcome_words(row: FamilyRow) -> str:
    """The outcome of a row in words."""
    return row.estimate.outcome.replace("_", " ")


def _shown(row: FamilyRow) -> str:
    """`+12.5 points (−25.5 to +50.5)`."""
    ends = "" if isnan(row.estimate.conf_low) else f" ({shown_interval(row)})"
    unit = " points" if row.estimate.unit == POINTS else ""
    return f"{shown_value(row)}{unit}{ends}"


def _rerun(row: FamilyRow, rows: Sequence[FamilyRow]) -> FamilyRow | None:
    """The same number of the rerun; None without one."""
    number = row.estimate
    alike = [
        each
        for each in rows
        if each.estimate.identity.kind is Kind.NOISE
        and each.estimate.outcome == number.outcome
        and each.estimate.identity.base_model == number.identity.base_model
        and _facts(each) == _facts(row)
    ]
    return alike[0] if alike else None


def _facts(row: FamilyRow) -> list[object]:
    """What a row is of, but for the arms and the number."""
    return [getattr(row, field.name) for field in fields(row) if field.name not in _OF_THE_NUMBER]
