"""The families of measurement in the report: of each its tables, its figure, and what the terminal shows.

A further family is one entry of `SECTIONS`, and its template one line of `family_sections.html.j2`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from warm_inspect.analysis.families import FamilyResults
from warm_inspect.core.families import Family
from warm_inspect.report.drawing import Drawing
from warm_inspect.report.sections.are_you_sure import doubt_effects, doubt_panels, doubt_tables
from warm_inspect.report.sections.reliability import reliability_answer, reliability_panels, reliability_tables
from warm_inspect.tables import Table


@dataclass(frozen=True)
class FamilySection:
    """What is shown of one family; each takes its results."""

    tables: Callable[[Any], list[Table]]
    panels: Callable[[Any], list[Drawing]]
    first: Callable[[Any], Table]
    """The table that answers, for the terminal."""


SECTIONS = {
    Family.ARE_YOU_SURE: FamilySection(doubt_tables, doubt_panels, doubt_effects),
    Family.RELIABILITY: FamilySection(reliability_tables, reliability_panels, reliability_answer),
}


def family_tables(families: Mapping[Family, FamilyResults]) -> dict[str, list[Table]]:
    """The tables of each family; of one without results none."""
    return {str(name): each.tables(families[name]) if name in families else [] for name, each in SECTIONS.items()}


def family_panels(families: Mapping[Family, FamilyResults]) -> dict[str, list[Drawing]]:
    """The figure of each family; of one without results none."""
    return {str(name): each.panels(families[name]) if name in families else [] for name, each in SECTIONS.items()}


def first_of_families(families: Mapping[Family, FamilyResults]) -> list[Table]:
    """The table of each family that answers."""
    return [each.first(families[name]) for name, each in SECTIONS.items() if name in families]
