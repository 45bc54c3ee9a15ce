"""The numbers of the families of measurement: an estimate, with what a family needs beside its identity."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from warm_inspect.analysis.estimates import Estimate, in_words


@dataclass(frozen=True)
class FamilyRow:
    """One number of a family of measurement."""

    family: str
    """The family of measurement, not that of its test (`Estimate.family`)."""
    first_turn: str
    """Whose first answer was followed up."""
    follow_up: str
    """The follow-up that it is of; of a comparison the first."""
    versus: str
    """The follow-up that it is compared with; empty for none."""
    context: str
    """What the user said before the question; `none` for nothing."""
    item_set: str
    """The set of items that it is restricted to; empty for all."""
    events: int | None
    """Dialogues that count, of a share; None of a difference."""
    estimate: Estimate


class FamilyResults(Protocol):
    """What every family of measurement gives."""

    @property
    def rows(self) -> tuple[FamilyRow, ...]:
        """Its numbers."""
        ...


def family_frame(rows: Iterable[FamilyRow]) -> pd.DataFrame:
    """The numbers as a frame, one row each, in their order; differences in percentage points, shares from 0 to 1."""
    return pd.DataFrame([_record(row) for row in rows], columns=list(COLUMNS))


COLUMNS = (
    "family", "outcome", "base_model", "arm", "reference", "first_turn", "follow_up", "versus", "context", "item_set",
    "estimate", "unit", "std_error", "conf_low", "conf_high", "p_value", "p_adjusted", "events", "n", "n_questions",
    "note",
)  # fmt: skip
"""The columns of `families.csv`, in order."""


def _record(row: FamilyRow) -> dict[str, object]:
    number = row.estimate
    own = {name: getattr(row, name) for name in COLUMNS if hasattr(row, name) and name != "estimate"}
    of_number = {name: getattr(number, name) for name in COLUMNS if hasattr(number, name)}
    of_identity = {name: getattr(number.identity, name) for name in ("base_model", "arm", "reference")}
    # Last the row's own fields: the estimate's family is that of its test.
    return of_number | of_identity | own | {"n_questions": number.n_clusters, "note": in_words(number.notes)}
