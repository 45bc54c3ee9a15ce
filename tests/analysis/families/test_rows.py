"""The rows of the families: each family's own columns beside those of all."""

from dataclasses import dataclass

import pandas as pd
import pytest

from warm_inspect.analysis.estimates import CONTRAST, SHARE, Estimate, Identity, Kind
from warm_inspect.analysis.families import FamilyResults, FamilyRow, family_frame
from warm_inspect.core.families import Family

NUMBER = Estimate("made", CONTRAST, "right", Identity(Kind.RATE, "warm"), 0.5, SHARE)
SHARED = "family,outcome,base_model,arm,reference"


@dataclass(frozen=True, kw_only=True)
class Levelled(FamilyRow):
    """A row with a level of difficulty."""

    level: int
    domain: str = ""


@dataclass(frozen=True, kw_only=True)
class Spoken(FamilyRow):
    """A row with a language."""

    language: str
    domain: str = ""


@dataclass(frozen=True, kw_only=True)
class Doubled(FamilyRow):
    """A row with a column that all families have."""

    arm: str = ""


def results(row_type: type[FamilyRow], *rows: FamilyRow) -> FamilyResults[FamilyRow]:
    return FamilyResults(row_type=row_type, rows=rows, counts=pd.DataFrame(), excluded=pd.DataFrame())


def test_each_family_has_its_own_columns_and_leaves_the_others_empty() -> None:
    one = results(Levelled, Levelled(family=Family.ARE_YOU_SURE, estimate=NUMBER, level=3, domain="maths", events=5))
    two = results(Spoken, Spoken(family=Family.ARE_YOU_SURE, estimate=NUMBER, language="zh"))
    frame = family_frame([one, two])
    assert list(frame.columns)[:9] == [*SHARED.split(","), "level", "domain", "language", "estimate"]
    assert frame[["level", "domain", "language", "arm", "estimate"]].to_numpy().tolist() == [
        [3, "maths", "", "warm", 0.5],
        ["", "", "zh", "warm", 0.5],
    ]
    assert frame["events"].iloc[0] == 5


def test_the_columns_are_there_without_a_row() -> None:
    assert list(family_frame([results(Spoken)]).columns)[4:8] == ["reference", "language", "domain", "estimate"]


def test_a_column_that_all_families_have_is_not_a_familys_own() -> None:
    with pytest.raises(ValueError, match=r"Doubled.* arm "):
        family_frame([results(Doubled)])
