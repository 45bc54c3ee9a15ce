"""What was read and what was left out: logs, samples without a grade, and rows excluded by rule."""

import pandas as pd

from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.report.estimate_rows import Record, records
from warm_inspect.tables import ColumnKind, Table, count_column, tabulate, text_column


def exclusions(counts: pd.DataFrame, title: str = "Samples without a grade", unit: str = "samples") -> Table:
    """What enters no number, by reason and condition."""
    return tabulate(
        "exclusions",
        title,
        "They enter no number.",
        (*map(text_column, ("reason", "arm", "benchmark", "context", "belief")), count_column("n", f"n {unit}")),
        records(counts),
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
            text_column("file", kind=ColumnKind.FILE),
            *map(text_column, ("arm", "benchmark")),
            text_column("model", kind=ColumnKind.FILE),
            count_column("samples", "n samples"),
            count_column("graded", "n graded"),
            *map(text_column, ("task_version", "grading", "grader", "dtype")),
            text_column("inspect_version", "Inspect"),
            text_column("log_id", "log id", ColumnKind.CODE),
        ),
        numbered,
        source="observations.parquet",
    )


def log_rows(study: AnalysedStudy) -> list[Record]:
    """One row per log, with the numeric type of its model's weights."""
    texts = study.logs[["arm", "task_version", "grading", "grader", "dtype"]].astype(object).fillna("")
    return records(study.logs.assign(**texts))


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
