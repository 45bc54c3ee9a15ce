"""The report of cell counts: what counts can give, with its weights and denominators, and what they cannot.

`analyse_cells` is the body of `warm-inspect analyze CELLS.csv`.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from warm_inspect.analysis.contrasts import MEAN, PREDICTION
from warm_inspect.analysis.estimates import Code, Note, restricted_to
from warm_inspect.analysis.observations import Observations, ordered_levels, read_counts, weights
from warm_inspect.analysis.published import RAW_BASE_MODELS, CountStudy, analyse_counts
from warm_inspect.analysis.study import PUBLISHED_CELLS, write_estimates
from warm_inspect.core.csv_file import write_frame
from warm_inspect.core.files import staged
from warm_inspect.core.vocabulary import NONE, ORIGINAL
from warm_inspect.report.estimate_rows import Record, records
from warm_inspect.report.published import published_section
from warm_inspect.report.sections.headline import focus_arm
from warm_inspect.report.sections.logs import exclusions
from warm_inspect.report.sections.regressions import published_effects, published_tables, regressions
from warm_inspect.report.study_report import REPORT_NAME
from warm_inspect.report.templates import environment
from warm_inspect.tables import UNKNOWN, Column, Table, percent, tabulate, text_column, whole

CELL = ["base_model", "benchmark", "context", "belief"]
"""The columns that name a cell."""
MAX_CELLS = 600
"""Rows of the tables of cells; the files beside the page have them all."""


def analyse_cells(path: str, out: Path, only_published: bool = False) -> CountStudy:
    """Analyse a CSV file of cell counts and write the tables and `report.html` into a folder: all or nothing.

    The tables: `estimates.csv`, the same as `estimates.json`, `exclusions.csv` and `paper_cells.csv`.

    Args:
        path: the file, with the columns base_model, arm, benchmark, context, belief, n and n_incorrect.
        out: where the files go; made if need be.
        only_published: whether to leave our own models of them out.

    Raises:
        PrerequisiteError: the folder cannot be written, or the counts break a rule.
    """
    with staged(out) as scratch:
        study = analyse_counts(Observations.from_counts(read_counts(path)), only_published)
        write_estimates(study.estimates, scratch)
        write_frame(scratch / "exclusions.csv", study.exclusions)
        write_frame(scratch / PUBLISHED_CELLS, study.published_cells)
        write_cells_report(study, scratch / REPORT_NAME)
    return study


def write_cells_report(study: CountStudy, path: Path) -> None:
    """Write the report: one HTML file without scripts that loads nothing. The same counts give the same bytes."""
    path.write_text(render_cells(study), encoding="utf-8", newline="\n")


def render_cells(study: CountStudy) -> str:
    """The HTML of the report."""
    arm = focus_arm(study) or study.observations.arms[-1]
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


def weights_table(cells: pd.DataFrame, arm: str) -> Table:
    """Per base model and benchmark: the replies without context and belief, and what they weigh in the two averages.

    A marginal effect of the regressions is a mean over replies, a raw effect a mean over base models and benchmarks
    that both arms have.
    """
    plain = cells[(cells["context"] == NONE) & (cells["belief"] == NONE) & cells["arm"].isin([arm, ORIGINAL])]
    wide = plain.pivot_table("n", ["base_model", "benchmark"], "arm", aggfunc="sum", fill_value=0)
    counts = wide.reindex(columns=[ORIGINAL, arm], fill_value=0).set_axis(["original", "treated"], axis=1)
    replies, both = counts.sum(axis=1), (counts > 0).all(axis=1)
    shares = {"by_replies": replies / max(1, replies.sum()), "by_cells": both / max(1, both.sum())}
    return tabulate(
        "weights",
        "Weights",
        "Replies without context or belief, and what each base model and benchmark weighs.",
        (
            text_column("base_model"),
            text_column("benchmark"),
            Column(f"n {ORIGINAL}", lambda row: whole(row["original"])),
            Column(f"n {arm}", lambda row: whole(row["treated"])),
            Column("weight by replies", lambda row: percent(row["by_replies"])),
            Column("weight by cells", lambda row: percent(row["by_cells"])),
        ),
        records(counts.assign(**shares).reset_index()),
        source="paper_cells.csv",
    )


def cells_table(cells: pd.DataFrame) -> Table:
    """Per cell: the errors and the replies of each arm; the first `MAX_CELLS`."""
    ranked = cells.assign(**{f"{factor}_rank": _ranks(factor, cells[factor]) for factor in CELL})
    place = ranked.groupby([f"{factor}_rank" for factor in CELL]).ngroup()
    rows = [
        {factor: own[factor].iloc[0] for factor in CELL} | {"arms": {row["arm"]: row for row in records(own)}}
        for _, own in ranked[place < MAX_CELLS].groupby(place)
    ]
    table = tabulate(
        "rates",
        "Every cell with its errors",
        "Percent of replies (n) that are incorrect.",
        (*map(text_column, CELL), *(column for arm in ordered_levels("arm", cells["arm"]) for column in _errors(arm))),
        rows,
        source="paper_cells.csv",
    )
    return replace(table, left_out=place.nunique() - len(rows))


def _errors(arm: str) -> Sequence[Column[Record]]:
    def rate(row: Record) -> str:
        own = row["arms"].get(arm)
        return percent(own["n_incorrect"] / own["n"]) if own else UNKNOWN

    def replies(row: Record) -> str:
        return whole(row["arms"][arm]["n"]) if arm in row["arms"] else "0"

    return Column(arm, rate), Column(f"n {arm}", replies)


def _ranks(factor: str, levels: "pd.Series[str]") -> "pd.Series[int]":
    """The place of each level in the order of tables and figures."""
    order = {level: rank for rank, level in enumerate(ordered_levels(factor, levels))}
    return levels.map(order)


def cells_record(study: CountStudy, out: Path) -> dict[str, Any]:
    """The effects and the limits as JSON values; what cannot be estimated is null."""
    return {
        "out": str(out),
        "effects": json.loads(published_effects(study.estimates).to_json(orient="records")),
        "not_estimable": {name: Note(Code.NOT_ESTIMABLE, reason=reason).words for name, reason in study.limits.items()},
        "excluded_replies": int(study.exclusions["n"].sum()),
    }
