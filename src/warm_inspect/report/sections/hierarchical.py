"""The hierarchical models: effects beside the contrasts that ask the same, the parts of the spread, and convergence."""

import json
from math import isnan
from typing import Any

import pandas as pd

from warm_inspect.analysis.estimates import CONTRAST, IDENTITY_COLUMNS
from warm_inspect.analysis.hierarchical import AVERAGE, MAX_R_HAT, MIN_ESS, POPULATION
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.report.estimate_rows import (
    LIMITS,
    OUTCOME,
    Record,
    clusters_column,
    contrast_column,
    interval_of,
    records,
    value,
)
from warm_inspect.tables import (
    UNKNOWN,
    Column,
    ColumnKind,
    Mark,
    Table,
    TableCell,
    count_column,
    percent,
    tabulate,
    whole,
)

_KEY = [*IDENTITY_COLUMNS, "outcome"]
_ARMS: Column[Record] = Column(
    "arms", lambda row: f"{row['arm']} − {row['reference']}" if row["reference"] else row["arm"], ColumnKind.WORDS
)


def hierarchical_effects(study: AnalysedStudy) -> Table:
    """What the study asks of its arms, by the models and by the clustered contrasts; no rows without models."""
    return tabulate(
        "hierarchical-effects",
        "Effects by the hierarchical models",
        "Percentage points with 95% intervals, posterior means for the models. These logs: over other questions, for "
        "the statements, adapters and base models of these logs, as the clustered contrast is. Others too: over other "
        "statements, trainings and base models, as far as there are several. hierarchical.csv has every contrast.",
        (contrast_column(), OUTCOME, *map(_by, (CONTRAST, AVERAGE, POPULATION)), clusters_column("questions"), LIMITS),
        _effect_rows(study),
        source="hierarchical.csv",
    )


def _effect_rows(study: AnalysedStudy) -> list[Record]:
    """One record for each contrast and outcome that the designs ask about, with its rows under the names of terms."""
    models = study.hierarchical.estimates
    if models.empty:
        return []
    asked = {question.identity.label for design in study.designs for question in design.questions}
    asked |= {f"{design.arm} - {design.reference}" for design in study.designs if design.reference}
    rows = pd.concat([study.estimates[study.estimates["term"] == CONTRAST], models], ignore_index=True)
    rows = rows[rows["contrast"].isin(asked)]
    by_contrast: dict[tuple[str, ...], dict[str, Record]] = {}
    for row in records(rows):
        by_contrast.setdefault(tuple(row[name] for name in _KEY), {})[row["term"]] = row
    shown = []
    for terms in by_contrast.values():
        if AVERAGE in terms:
            notes = [terms[term]["note"] for term in (AVERAGE, POPULATION) if term in terms]
            shown.append(terms[AVERAGE] | {"terms": terms, "note": "; ".join(dict.fromkeys(filter(None, notes)))})
    return shown


def _by(term: str) -> Column[Record]:
    heading = {CONTRAST: "clustered contrast", AVERAGE: "these logs", POPULATION: "others too"}[term]
    return Column(heading, lambda row: _said(row["terms"].get(term)))


def _said(row: Record | None) -> str | TableCell:
    if row is None or isnan(row["estimate"]):
        return UNKNOWN
    return TableCell(f"{value(row)} ({interval_of(row)})", Mark.NOTE if row["note"] else Mark.NONE)


def sources(study: AnalysedStudy) -> Table:
    """How much of the spread of replies each source makes."""
    rows = study.hierarchical.spread
    return _spread("hierarchical-sources", study, rows[rows["effect"] == ""])


def spread(study: AnalysedStudy) -> Table:
    """The same, with the sets of effects that each source has."""
    return _spread("hierarchical-spread", study, study.hierarchical.spread)


def _spread(name: str, study: AnalysedStudy, rows: pd.DataFrame) -> Table:
    return tabulate(
        name,
        "What makes replies differ",
        "Share of the variance of single replies (0 or 1) within one arm, condition and benchmark, and the standard "
        "deviation of the effects in log-odds: posterior medians with 95% intervals. Sampling is the same prompt asked "
        "again and, of prompts that were asked once, all that the other rows do not explain.",
        (
            _ARMS, OUTCOME, Column("source", lambda row: row["effect"] or f"{row['source']}, in all", ColumnKind.WORDS),
            count_column("levels", "levels"), Column("share of the variance", lambda row: _percents(row, "share")),
            Column("sd, log-odds", lambda row: _numbers(row, "sd")),
        ),
        records(rows),
        source="hierarchical_spread.csv",
    )  # fmt: skip


def _percents(row: Record, name: str) -> str:
    return f"{percent(row[name])} ({percent(row[f'{name}_low'])} to {percent(row[f'{name}_high'])})"


def _numbers(row: Record, name: str) -> str:
    if isnan(row[name]):
        return UNKNOWN
    return f"{row[name]:.2f} ({row[f'{name}_low']:.2f} to {row[f'{name}_high']:.2f})"


def hierarchical_fits(study: AnalysedStudy) -> Table:
    """Whether the chains of each model agree."""
    return tabulate(
        "hierarchical-fits",
        "Do the chains agree?",
        f"Over every reported number, cell mean and deviation. They agree: R-hat at most {MAX_R_HAT}, effective "
        f"draws at least {MIN_ESS} in bulk and tail, no divergent draw. A model whose chains did not agree was drawn "
        "again, twice as long; if they still do not, it gives no number.",
        (
            _ARMS, OUTCOME, count_column("replies", "replies"), count_column("effects", "effects"),
            Column("draws", lambda row: whole(row["chains"] * row["draws"])),
            Column("R-hat", lambda row: f"{row['r_hat']:.3f}"), count_column("ess_bulk", "ESS bulk"),
            count_column("ess_tail", "ESS tail"), count_column("divergent", "divergent"),
            Column("agree", _agree, ColumnKind.WORDS),
        ),
        records(study.hierarchical.fits),
        source="hierarchical_fits.csv",
    )  # fmt: skip


def _agree(row: Record) -> TableCell:
    return TableCell("yes", Mark.PASSED) if row["converged"] else TableCell("no", Mark.FAILED)


def hierarchical_record(study: AnalysedStudy) -> dict[str, Any]:
    """The frames of the models as JSON values, by name."""
    return {name: json.loads(frame.to_json(orient="records")) for name, frame in vars(study.hierarchical).items()}
