"""The report of cell counts: what counts can give, with its weights and denominators, and what they cannot."""

from pathlib import Path

import pandas as pd

from warm_inspect.analysis.contrasts.replication import MEAN, PREDICTION
from warm_inspect.analysis.identity import restricted_to
from warm_inspect.analysis.models.patterns import weights
from warm_inspect.analysis.published.count_study import CountStudy
from warm_inspect.analysis.published.raw_cells import RAW_BASE_MODELS
from warm_inspect.report.environment import environment
from warm_inspect.report.evidence import focus_arm
from warm_inspect.report.published.section import published_section
from warm_inspect.report.rows import Record, records
from warm_inspect.report.tables.counts import CELL, MAX_CELLS, cells_table, published_tables, weights_table
from warm_inspect.report.tables.logs import exclusions
from warm_inspect.report.tables.regressions import regressions
from warm_inspect.tables import Table


def write_cells_report(study: CountStudy, path: Path) -> None:
    """Write the report: one HTML file without scripts that loads nothing. The same counts give the same bytes."""
    path.write_text(render_cells(study), encoding="utf-8", newline="\n")


def render_cells(study: CountStudy) -> str:
    """The HTML of the report."""
    arm = focus_arm(study) or study.observations.treated_arms[0]
    frame = study.observations.frame
    return (
        environment()
        .get_template("cells.html.j2")
        .render(
            arm=arm,
            arms=study.observations.arms,
            base_models=list(frame["base_model"].cat.categories),
            benchmarks=list(frame["benchmark"].cat.categories),
            replies=float(weights(frame).sum()),
            cells=frame.groupby([*CELL, "arm"], observed=True).ngroups,
            overall=_one(study.estimates, "paper_1", "marginal_effect", arm),
            mean=_one(study.estimates, RAW_BASE_MODELS, MEAN, arm),
            next_model=_one(study.estimates, RAW_BASE_MODELS, PREDICTION, arm),
            limits=study.limits,
            published=published_section(study, arm),
            tables=_tables(study, arm),
        )
        + "\n"
    )


def _tables(study: CountStudy, arm: str) -> dict[str, list[Table]]:
    """The tables that have rows, by section."""
    left_out = exclusions(study.exclusions, "Cells that are left out", "replies").cut(MAX_CELLS)
    sections = {
        "exclusions": [left_out],
        "effects": published_tables(study.estimates, arm),
        "regressions": regressions(study.estimates),
        "weights": [weights_table(study.published_cells, arm)],
        "cells": [cells_table(study.published_cells)],
    }
    return {name: [table for table in tables if table.rows] for name, tables in sections.items()}


def _one(estimates: pd.DataFrame, analysis: str, term: str, arm: str) -> Record | None:
    """The arm's overall effect in one analysis, if it has a number."""
    named = (estimates["analysis"] == analysis) & (estimates["term"] == term) & (estimates["arm"] == arm)
    rows = estimates[named & restricted_to(estimates)]
    return next((row for row in records(rows) if row["estimate"] == row["estimate"]), None)
