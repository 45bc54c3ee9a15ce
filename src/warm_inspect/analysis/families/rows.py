"""The numbers of the families of measurement: an estimate, with what a family needs beside its identity.

A family declares its row: a frozen dataclass below `FamilyRow`, whose own fields are columns of `families.csv` under
their names, and its results name the class as `row_type`. What a row of another family has no value for stays empty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

import pandas as pd

from warm_inspect.analysis.estimates import Estimate, adjust, in_words
from warm_inspect.core.families import Family


@dataclass(frozen=True, kw_only=True)
class FamilyRow:
    """One number of a family of measurement, with what all families have; a family adds its fields in a subclass.

    A field of a subclass is text, a number or None, and not named as another column of `families.csv`. Two families
    use one name for one meaning only.
    """

    family: Family
    """The family of measurement, not that of its test (`Estimate.family`)."""
    estimate: Estimate
    events: int | None = None
    """Samples that count, of a share; None of a difference."""
    if_missing_low: float | None = None
    if_missing_high: float | None = None
    """The number with every missing sample at its least and at its most; None where none is missing, or not known."""


Row = TypeVar("Row", bound=FamilyRow, covariant=True)


@dataclass(frozen=True, kw_only=True)
class FamilyResults(Generic[Row]):
    """Everything that is shown of one family."""

    row_type: type[Row]
    """The class of its rows: its columns are there with no row too."""
    counts: pd.DataFrame
    """How many samples there are of what: see `count_samples`."""
    rows: tuple[Row, ...]
    excluded: pd.DataFrame
    """Samples without a score: reason, arm, the family's own factors, n."""


def count_samples(samples: pd.DataFrame, by: Sequence[str], facts: dict[str, "pd.Series[bool]"]) -> pd.DataFrame:
    """One row for each combination of some columns: its `samples`, and of how many of them each fact is true.

    Args:
        samples: of a family, those without a score too.
        by: the columns; ordered ones keep their order, others have that of the alphabet.
        facts: what is counted, a column of booleans for each name.
    """
    texts = {name: "str" for name in by if not _has_order(samples[name])}
    frame = samples[list(by)].astype(texts).assign(samples=1, **facts)
    return frame.groupby(list(by), observed=True)[["samples", *facts]].sum().reset_index()


def _has_order(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_numeric_dtype(column) or getattr(column.dtype, "ordered", False)


def results_of(
    row_type: type[Row], rows: Sequence[Row], samples: pd.DataFrame, counts: pd.DataFrame, factors: Sequence[str]
) -> FamilyResults[Row]:
    """The results of a family, with the P values of its rows adjusted together.

    Args:
        row_type: the class of the rows.
        rows: its numbers.
        samples: of the family, those without a score too.
        counts: of its samples.
        factors: the columns by which samples without a score are counted, beside reason and arm.
    """
    by = ["excluded", "arm", *factors]
    lost = samples.loc[samples["excluded"] != "", by].astype(str).rename(columns={"excluded": "reason"})
    adjusted = adjust(row.estimate for row in rows)
    return FamilyResults(
        row_type=row_type,
        counts=counts,
        rows=tuple(replace(row, estimate=number) for row, number in zip(rows, adjusted, strict=True)),
        excluded=lost.groupby(["reason", *by[1:]], as_index=False).size().rename(columns={"size": "n"}),
    )


_ABOUT = ("family", "outcome", "base_model", "arm", "reference")
_NUMBER = (
    "estimate", "unit", "std_error", "conf_low", "conf_high", "if_missing_low", "if_missing_high", "p_value",
    "p_adjusted", "events", "n", "n_questions", "note",
)  # fmt: skip
"""The columns of all families: those before the families' own, and those after."""


def family_frame(results: Iterable[FamilyResults[FamilyRow]]) -> pd.DataFrame:
    """The numbers of the families as a frame, one row each, in their order: the columns of `families.csv`.

    Differences are in percentage points, shares from 0 to 1. The columns that are a family's own stand between what a
    number is about and the number.

    Raises:
        ValueError: a row's own field is named as a column that all families have; a defect, never of the data.
    """
    families = list(results)
    own = tuple(dict.fromkeys(name for each in families for name in _own_fields(each.row_type)))
    records = [dict.fromkeys(own, "") | _record(row) for each in families for row in each.rows]
    # Counts stay whole beside rows that count nothing.
    types = {"events": "Int64", "if_missing_low": "float", "if_missing_high": "float"}
    return pd.DataFrame(records, columns=[*_ABOUT, *own, *_NUMBER]).astype(types)


def _own_fields(row_type: type[FamilyRow]) -> tuple[str, ...]:
    shared = {field.name for field in fields(FamilyRow)}
    own = tuple(field.name for field in fields(row_type) if field.name not in shared)
    if taken := sorted({*own} & {*_ABOUT, *_NUMBER}):
        raise ValueError(f"{row_type.__name__}: every family has a column {', '.join(taken)} already")
    return own


def _record(row: FamilyRow) -> dict[str, object]:
    number, identity = row.estimate, row.estimate.identity
    return {
        "family": row.family,
        "outcome": number.outcome,
        **{name: getattr(identity, name) for name in ("base_model", "arm", "reference")},
        **{name: getattr(row, name) for name in _own_fields(type(row))},
        **{name: getattr(number, name) for name in _NUMBER if hasattr(number, name)},
        **{name: getattr(row, name) for name in ("events", "if_missing_low", "if_missing_high")},
        "n_questions": number.n_clusters,
        "note": in_words(number.notes),
    }
