"""Logs in, tables and the report out: the body of `warm-inspect analyze`, and the last stage of the demo."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from warm_inspect.analysis.collect import Collected, Progress, collect
from warm_inspect.analysis.export import staged, write_tables
from warm_inspect.analysis.foreign import AssignedArm
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import AnalysedStudy, analyse
from warm_inspect.report.page import write_report

REPORT_NAME = "report.html"


def analyse_logs(
    paths: Sequence[str],
    out: Path,
    arms: Mapping[str, str | AssignedArm] | None = None,
    progress: Progress = iter,
    paper: bool = False,
    epoch: float | None = None,
) -> tuple[AnalysedStudy, Collected]:
    """Analyse logs and write the tables and `report.html` into a folder: all or nothing.

    Args:
        paths: log files, folders (searched recursively) and glob patterns.
        out: where the files go; made if need be.
        arms: the arm of each model whose logs do not say it.
        progress: wraps the files while they are read.
        paper: whether to add the published analysis.
        epoch: the checkpoint that stands for its arm, in epochs of training, where logs hold several.

    Raises:
        PrerequisiteError: the folder cannot be written, no log is usable, or the logs do not fit together.
    """
    with staged(out) as scratch:
        collected = collect(paths, progress)
        study = analyse(observe(collected, arms or {}, epoch), collected, paper)
        write_tables(study, scratch)
        write_report(study, scratch / REPORT_NAME)
    return study, collected
