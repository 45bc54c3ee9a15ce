"""What was read and what was left out: ungraded samples, rows excluded by rule, logs, and samples to look at."""

import pandas as pd

from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.report.evidence import Differing, log_rows
from warm_inspect.report.rows import Record, records
from warm_inspect.tables import Column, Kind, Table, count_column, tabulate, text_column


def exclusions(found: pd.DataFrame, title: str = "Samples without a grade", unit: str = "samples") -> Table:
    """What enters no number, by reason and condition."""
    return tabulate(
        "exclusions",
        title,
        "They enter no number.",
        (*map(text_column, ("reason", "arm", "benchmark", "context", "belief")), count_column("n", f"n {unit}")),
        records(found),
        source="exclusions.csv",
    )


def excluded_rows(study: AnalysedStudy) -> Table:
    """The rows of the data set that were never asked."""
    return tabulate(
        "excluded-rows",
        "Rows of the data set that were excluded by rule",
        "They were never asked. Each count is over the whole data set, before the items of this run were drawn.",
        (text_column("reason"), text_column("benchmark"), count_column("n", "n rows")),
        records(study.excluded_rows),
        source="excluded_rows.csv",
    )


def logs(study: AnalysedStudy) -> Table:
    """Every log, with the number by which captions name it."""
    numbered = [row | {"number": f"L{i}"} for i, row in enumerate(log_rows(study), start=1)]
    return tabulate(
        "logs",
        "Logs",
        "",
        (
            text_column("number", "log"),
            text_column("file", kind=Kind.FILE),
            *map(text_column, ("arm", "benchmark")),
            text_column("model", kind=Kind.FILE),
            count_column("samples", "n samples"),
            count_column("graded", "n graded"),
            *map(text_column, ("task_version", "grading", "grader", "dtype")),
            text_column("inspect_version", "Inspect"),
            text_column("log_id", "log id", Kind.CODE),
        ),
        numbered,
        source="observations.parquet",
    )


def differing_samples(differing: Differing, study: AnalysedStudy) -> Table:
    """Samples on which an arm and the original differ, with the logs to find them in."""
    epochs = study.observations.frame["epoch"].nunique()
    epoch = [Column[Record]("epoch", lambda row: str(row["epoch"]))] if epochs > 1 else []
    return tabulate(
        "samples",
        f"{len(differing.shown)} of them, with their logs",
        "",
        (
            text_column("sample_id", "sample", Kind.CODE),
            Column("benchmark", lambda row: f"{row['benchmark']}{' (gated)' if row['gated'] else ''}", Kind.WORDS),
            Column("adopted by", lambda row: _adopter(row, differing.arm), Kind.WORDS),
            Column("prompt hash", lambda row: row["prompt_sha256"][:12], Kind.CODE),
            text_column("log_file", f"log of {differing.arm}", Kind.FILE),
            text_column("log_file_original", f"log of the {ORIGINAL}", Kind.FILE),
            *epoch,
        ),
        differing.shown,
        source="observations.parquet",
    )


def _adopter(row: Record, arm: str) -> str:
    return arm if row["endorses_claim"] > row["endorses_claim_original"] else ORIGINAL
