"""The page: everything the report shows, rendered from the templates in `content/report/`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from warm_inspect.analysis.cautions import MAX_TRUNCATED
from warm_inspect.analysis.contrasts.design import REPEAT
from warm_inspect.analysis.notes import Code, Note
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.report.environment import environment
from warm_inspect.report.evidence import differing, focus_arm
from warm_inspect.report.facts import facts
from warm_inspect.report.figures.controls import control_panels
from warm_inspect.report.figures.dose import dose_codes, dose_panels, undrawn
from warm_inspect.report.figures.forest import LAYOUTS, forest_panels, outcome_codes
from warm_inspect.report.figures.palette import GLYPHS
from warm_inspect.report.figures.scatter import OUTCOMES, legend, paired_cells, scatter_panels
from warm_inspect.report.headline import headline
from warm_inspect.report.published.section import published_section
from warm_inspect.report.replies import Reading
from warm_inspect.report.size import cut
from warm_inspect.report.tables.contents import report_tables
from warm_inspect.report.tables.logs import differing_samples

MAX_BYTES = 4_900_000
"""Size above which rows and panels are left out, counted, and named with their CSV file."""
_SIZES = ((300, 40), (120, 12), (40, 6), (12, 3), (4, 2))
"""Rows of a table, or of a group in it, and panels of a figure: from ample to sparse."""


def write_report(
    study: AnalysedStudy, path: Path, readings: Sequence[Reading] = (), *, include_text: bool = False
) -> None:
    """Write the report: one HTML file without scripts that loads nothing. The same study gives the same bytes.

    Args:
        study: what to show.
        path: the HTML file.
        readings: replies to quote, already redacted.
        include_text: whether texts of gated and harmful rows were left in.
    """
    path.write_text(render(study, readings, include_text=include_text), encoding="utf-8", newline="\n")


def oversize(path: Path) -> tuple[Note, ...]:
    """A warning when a written report is larger than `MAX_BYTES`, though all was left out that may be; else nothing."""
    size = path.stat().st_size
    if size <= MAX_BYTES:
        return ()
    return (Note(Code.LARGE_REPORT, file=path.name, size=size / 1e6, limit=MAX_BYTES / 1e6),)


def title(study: AnalysedStudy) -> str:
    """What the report is about."""
    return f"Warmth and truthfulness of {', '.join(map(str, study.observations.frame['base_model'].cat.categories))}"


def render(study: AnalysedStudy, readings: Sequence[Reading] = (), *, include_text: bool = False) -> str:
    """The report's HTML."""
    template = environment().get_template("report.html.j2")
    contents = {**_contents(study, readings), "include_text": include_text}
    page = ""
    for rows, panels in _SIZES:
        page = template.render(cut(contents, rows, panels)) + "\n"
        if len(page.encode()) <= MAX_BYTES:
            break
    return page


def _contents(study: AnalysedStudy, readings: Sequence[Reading]) -> dict[str, Any]:
    """Every value the templates name."""
    focus = focus_arm(study)
    apart = differing(study, focus) if focus else None
    return {
        "title": title(study),
        "headline": headline(study),
        "tables": report_tables(study) | {"samples": [differing_samples(apart, study)] if apart else []},
        "readings": readings,
        "facts": facts(study),
        "warnings": [warning for warning in study.warnings if warning.code is not Code.CELL_CUT],
        "cut_warnings": [warning for warning in study.warnings if warning.code is Code.CELL_CUT],
        "max_truncated": MAX_TRUNCATED,
        "dose": _dose(study),
        "published": published_section(study, focus),
        "controls": control_panels(study.controls),
        "outcomes": OUTCOMES,
        "scatter": _scatters(study, focus),
        "forest": {short: forest_panels(study.estimates, name, f"forest-{short}") for name, short in LAYOUTS},
        "legend": _legends(study),
        "skipped": study.skipped,
        "differing": apart,
    }


def _dose(study: AnalysedStudy) -> dict[str, Any]:
    """The dose curve and its legend; empty without several checkpoints of an arm."""
    colours, shapes = dose_codes(study.dose)
    return {
        "panels": dose_panels(study.dose),
        "undrawn": undrawn(study.dose),
        "legend": [(arm, colours[arm], GLYPHS[shapes[arm]]) for arm in colours],
    }


def _scatters(study: AnalysedStudy, focus: str) -> list[dict[str, Any]]:
    """The scatter of each arm against the original, the arm in focus first; `n` are the replies behind a point."""
    others = [arm for arm in study.observations.treated_arms if arm not in (focus, REPEAT)]
    found = []
    for i, arm in enumerate([focus, *others] if focus else []):
        panels = scatter_panels(study.rates, arm, f"scatter-{i}")
        cells = paired_cells(study.rates, arm)
        if panels:
            counts = [*cells["n"], *cells["n_original"]]
            found.append(
                {
                    "arm": arm,
                    "panels": panels,
                    "cells": len(cells),
                    "n": (int(min(counts)), int(max(counts))),
                    "logs": log_numbers(study, [ORIGINAL, REPEAT, arm]),
                }
            )
    return found


def log_numbers(study: AnalysedStudy, arms: list[str]) -> str:
    """The numbers in the log table of the logs that hold an arm, for captions: `L1-L4, L9`."""
    used = set(study.observations.frame.loc[study.observations.frame["arm"].isin(arms), "log_id"])
    runs: list[list[int]] = []
    for number, log_id in enumerate(study.logs["log_id"], start=1):
        if log_id not in used:
            continue
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(f"L{first}" if first == last else f"L{first}–L{last}" for first, last in runs)


def _legends(study: AnalysedStudy) -> dict[str, Any]:
    """What the colours and shapes of the figures stand for."""
    beliefs, benchmarks = legend(study.rates)
    colours, shapes = outcome_codes()
    return {
        "beliefs": beliefs,
        "benchmarks": {name: GLYPHS[shape] for name, shape in benchmarks.items()},
        "outcomes": [(outcome, colours[outcome], GLYPHS[shapes[outcome]]) for outcome in OUTCOMES],
    }
