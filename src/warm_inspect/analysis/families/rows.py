"""The numbers of the families of measurement: an estimate, with what a family needs beside its identity.

A family declares its row: a frozen dataclass below `FamilyRow`, whose own fields are columns of `families.csv` under
their names, and its results name the class as `row_type`. What a row of another family has no value for stays empty.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import ClassVar, Protocol

import pandas as pd

from warm_inspect.analysis.estimates import Estimate, in_words
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


class FamilyResults(Protocol):
    """What every family of measurement gives."""

    row_type: ClassVar[type[FamilyRow]]
    """The class of its rows: its columns are there with no row too."""

    @property
    def rows(self) -> tuple[FamilyRow, ...]:
        """Its numbers."""
        ...


_ABOUT = ("family", "outcome", "base_model", "arm", "reference")
_NUMBER = (
    "estimate", "unit", "std_error", "conf_low", "conf_high", "p_value", "p_adjusted", "events", "n", "n_questions",
    "note",
)  # fmt: skip
"""The columns of all families: those before the families' own, and those after."""


def family_frame(results: Iterable[FamilyResults]) -> pd.DataFrame:
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
    return pd.DataFrame(records, columns=[*_ABOUT, *own, *_NUMBER]).astype({"events": "Int64"})


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
        "events": row.events,
        "n_questions": number.n_clusters,
        "note": in_words(number.notes),
    }
