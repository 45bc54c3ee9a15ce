"""The report of logs that hold a family of measurement and no benchmark, a part of `warm-inspect analyze`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warm_inspect.analysis.estimates import Note
from warm_inspect.analysis.families import FamilyResults, FamilyRow, analyse_each, family_frame
from warm_inspect.analysis.logs import Collected
from warm_inspect.analysis.observations import (
    AssignedArm,
    observe_families,
    ordered_levels,
    remote_graders,
    require_models,
    roles_of,
)
from warm_inspect.analysis.study import write_families
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.families import Family
from warm_inspect.core.roles import Role
from warm_inspect.report.sections.families import answers_of_families, family_panels, family_tables
from warm_inspect.report.templates import environment
from warm_inspect.tables import as_latex, as_markdown

_TITLE = "Measured beside the benchmarks"


@dataclass(frozen=True)
class AnalysedFamilies:
    """The numbers of logs without a benchmark."""

    arms: tuple[str, ...]
    samples: int
    results: Mapping[Family, FamilyResults[FamilyRow]]
    answers: tuple[str, ...]
    """What each family says, in sentences."""
    warnings: tuple[Note, ...]


def analyse_families(
    collected: Collected,
    folder: Path,
    arms: Mapping[str, AssignedArm],
    epoch: float | None = None,
    roles: Mapping[str, Role] | None = None,
) -> AnalysedFamilies:
    """Analyse the families that were collected, and write `families.csv`, the tables and `report.html` into a folder.

    Args:
        collected: what was read from logs that hold no benchmark.
        folder: where the files go; it must be there.
        arms: the arm of each model whose logs do not say it.
        epoch: the checkpoint that stands for its arm, in epochs of training.
        roles: what arms are for, by the name of the arm.

    Raises:
        PrerequisiteError: the logs do not fit together, none of their samples has a score, or they are of a family that
            has no numbers.
    """
    require_models(arms, collected.families.values())
    declared = {each.arm: each.role for each in arms.values() if each.role} | dict(roles or {})
    samples = observe_families(collected, arms, epoch, declared)
    names = tuple(ordered_levels("arm", (arm for each in samples.values() for arm in each["arm"].cat.categories)))
    results = analyse_each(samples, roles_of(names, declared))
    if not any(each.rows for each in results.values()):
        held = ", ".join(f"{len(each)} samples of {name}" for name, each in samples.items())
        raise PrerequisiteError(
            f"No sample here has a score that numbers are made of: {held}",
            "Grade them with: inspect score LOG, or run them again",
        )
    warnings = tuple(remote_graders(samples.values()))
    count = sum(len(samples[family]) for family in results)
    answers = tuple(answers_of_families(results))
    analysed = AnalysedFamilies(names, count, results, answers, warnings)
    write_families(results.values(), folder)
    by_family = family_tables(results)
    shown = {
        "title": _TITLE,
        "samples": analysed.samples,
        "arms": names,
        "answers": answers,
        "tables": by_family,
        "family_panels": family_panels(results),
        "warnings": warnings,
    }
    tables = [table for each in by_family.values() for table in each]
    files = {
        "report.html": environment().get_template("families.html.j2").render(shown) + "\n",
        "tables.md": as_markdown(_TITLE, tables),
        "tables.tex": as_latex(_TITLE, tables),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return analysed


def families_record(results: Iterable[FamilyResults[FamilyRow]]) -> list[dict[str, Any]]:
    """Every number of the families as JSON values; what cannot be estimated is null."""
    frame = family_frame(results)
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records"))
    return rows
