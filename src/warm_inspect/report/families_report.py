"""The report of logs that hold a family of measurement and no benchmark, a part of `warm-inspect analyze`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warm_inspect.analysis.families import AreYouSureResults, analyse_are_you_sure, family_frame
from warm_inspect.analysis.logs import Collected
from warm_inspect.analysis.observations import AssignedArm, Role, observe_families, require_models, roles_of
from warm_inspect.analysis.study import write_families
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.families import Family
from warm_inspect.report.sections.are_you_sure import doubt_panels, doubt_tables
from warm_inspect.report.templates import environment
from warm_inspect.tables import as_latex, as_markdown

_TITLE = "What becomes of doubted answers"


@dataclass(frozen=True)
class AnalysedFamilies:
    """The numbers of logs without a benchmark."""

    arms: tuple[str, ...]
    dialogues: int
    are_you_sure: AreYouSureResults


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
    samples = observe_families(collected, arms, epoch, declared).get(Family.ARE_YOU_SURE)
    if samples is None or not (samples["excluded"] == "").any():
        held = ", ".join(f"{len(each)} samples of {name}" for name, each in collected.families.items())
        raise PrerequisiteError(
            f"No sample here has a score that numbers are made of: {held}",
            "Grade them with: inspect score LOG, or run them again",
        )
    names = tuple(map(str, samples["arm"].cat.categories))
    results = analyse_are_you_sure(samples, roles_of(names, declared))
    analysed = AnalysedFamilies(names, len(samples), results)
    write_families(results, folder)
    page = environment().get_template("families.html.j2")
    shown = {
        "title": _TITLE,
        "dialogues": analysed.dialogues,
        "arms": names,
        "tables": {"are_you_sure": doubt_tables(results)},
        "doubt_panels": doubt_panels(results),
    }
    files = {
        "report.html": page.render(shown) + "\n",
        "tables.md": as_markdown(_TITLE, doubt_tables(results)),
        "tables.tex": as_latex(_TITLE, doubt_tables(results)),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return analysed


def families_record(results: AreYouSureResults | None) -> list[dict[str, Any]]:
    """Every number of the families as JSON values; what cannot be estimated is null."""
    rows: list[dict[str, Any]] = json.loads(family_frame(results.rows if results else ()).to_json(orient="records"))
    return rows
