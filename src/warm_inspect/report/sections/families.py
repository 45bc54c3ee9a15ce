"""The families of measurement in the report: of each its tables, its figure, and what the terminal shows.

A further family is one entry of `SECTIONS`, and a template of its name, see `family_section.html.j2`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from warm_inspect.analysis.families import FamilyResults, FamilyRow
from warm_inspect.core.families import Family
from warm_inspect.report.drawing import Drawing, house_style
from warm_inspect.report.sections.are_you_sure import (
    doubt_counts,
    doubt_effects,
    doubt_panels,
    doubt_sets,
    doubt_shares,
    doubt_words,
)
from warm_inspect.report.sections.family_answers import answers, outcome_words
from warm_inspect.report.sections.family_tables import unscored_table
from warm_inspect.report.sections.feedback import (
    feedback_counts,
    feedback_effects,
    feedback_framings,
    feedback_panels,
    feedback_shares,
    feedback_words,
)
from warm_inspect.report.sections.hostility import (
    hostile_bounds,
    hostile_by_turn,
    hostile_counts,
    hostile_dialogues,
    hostile_turns,
    hostility_panels,
    hostility_words,
)
from warm_inspect.report.sections.mimicry import (
    mimicry_counts,
    mimicry_echoes,
    mimicry_names,
    mimicry_panels,
    mimicry_words,
)
from warm_inspect.report.sections.reliability import (
    reliability_benchmarks,
    reliability_effects,
    reliability_indicators,
    reliability_levels,
    reliability_panels,
    reliability_prefixes,
    reliability_supervision,
    reliability_words,
)
from warm_inspect.tables import Table


@dataclass(frozen=True)
class FamilySection:
    """What is shown of one family; all but the units is made of its results."""

    tables: tuple[Callable[[Any], Table], ...]
    """The first one with rows is the one that answers, which the terminal shows too."""
    panels: Callable[[Any], list[Drawing]]
    units: str
    """What its samples are, in the plural."""
    says: Callable[[Any], str] = outcome_words
    """What a row that is tested measures, for the sentence that answers."""


SECTIONS = {
    Family.ARE_YOU_SURE: FamilySection(
        (doubt_effects, doubt_counts, doubt_shares, doubt_sets), doubt_panels, "dialogues", doubt_words
    ),
    Family.FEEDBACK: FamilySection(
        (feedback_effects, feedback_counts, feedback_shares, feedback_framings),
        feedback_panels,
        "pairs",
        feedback_words,
    ),
    Family.MIMICRY: FamilySection(
        (mimicry_echoes, mimicry_counts, mimicry_names), mimicry_panels, "replies", mimicry_words
    ),
    Family.RELIABILITY: FamilySection(
        (
            reliability_effects,
            reliability_levels,
            reliability_indicators,
            reliability_prefixes,
            reliability_supervision,
            reliability_benchmarks,
        ),
        reliability_panels,
        "replies",
        reliability_words,
    ),
    Family.HOSTILITY: FamilySection(
        (hostile_dialogues, hostile_counts, hostile_bounds, hostile_turns, hostile_by_turn),
        hostility_panels,
        "dialogues",
        hostility_words,
    ),
}

Families = Mapping[Family, FamilyResults[FamilyRow]]


def family_tables(families: Families) -> dict[str, list[Table]]:
    """The tables of each family that have rows; of one without results none."""
    return {str(name): _tables(name, families[name]) if name in families else [] for name in SECTIONS}


def family_panels(families: Families) -> dict[str, list[Drawing]]:
    """The figure of each family; of one without results none."""
    with house_style():
        return {str(name): each.panels(families[name]) if name in families else [] for name, each in SECTIONS.items()}


def answers_of_families(families: Families) -> list[str]:
    """The sentences that answer in each family."""
    return [
        sentence
        for name, each in SECTIONS.items()
        if name in families
        for sentence in answers(name, families[name], each.says, each.units)
    ]


def first_of_families(families: Families) -> list[Table]:
    """The table of each family that answers; none of one without samples of its own."""
    asked = {name: results for name, results in families.items() if len(results.counts)}
    return [tables[0] for tables in family_tables(asked).values() if tables]


def _tables(family: Family, results: FamilyResults[FamilyRow]) -> list[Table]:
    section = SECTIONS[family]
    made = [*(make(results) for make in section.tables), unscored_table(family, results, section.units)]
    return [table for table in made if table.rows]
