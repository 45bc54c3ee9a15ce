"""Logs in, tables and the report out: the body of `warm-inspect analyze`, and the last stage of the demo."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from warm_inspect.analysis.export import write_tables
from warm_inspect.analysis.logs.assigned_arms import AssignedArm
from warm_inspect.analysis.logs.collect import Collected, Progress, collect
from warm_inspect.analysis.logs.redaction import redacted
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import AnalysedStudy, analyse
from warm_inspect.core.files import staged
from warm_inspect.report.evidence import differing, focus_arm
from warm_inspect.report.page import title, write_report
from warm_inspect.report.replies import read_replies
from warm_inspect.report.tables.contents import file_tables
from warm_inspect.tables import as_latex, as_markdown

REPORT_NAME = "report.html"
MARKDOWN_NAME = "tables.md"
LATEX_NAME = "tables.tex"


def analyse_logs(
    paths: Sequence[str],
    out: Path,
    arms: Mapping[str, str | AssignedArm] | None = None,
    progress: Progress = iter,
    paper: bool = False,
    epoch: float | None = None,
    include_text: bool = False,
) -> tuple[AnalysedStudy, Collected]:
    """Analyse logs and write the tables, `report.html`, `tables.md` and `tables.tex` into a folder: all or nothing.

    Args:
        paths: log files, folders (searched recursively) and glob patterns.
        out: where the files go; made if need be.
        arms: the arm of each model whose logs do not say it.
        progress: wraps the files while they are read.
        paper: whether to add the published analysis.
        epoch: the checkpoint that stands for its arm, in epochs of training, where logs hold several.
        include_text: show the text of gated and harmful rows too, in the report's few samples.

    Raises:
        PrerequisiteError: the folder cannot be written, no log is usable, or the logs do not fit together.
    """
    with staged(out) as scratch:
        collected = collect(paths, progress)
        study = analyse(observe(collected, arms or {}, epoch), collected, paper)
        if not include_text:
            study = replace(study, exclusions=redacted(study.exclusions, collected.samples))
        write_tables(study, scratch)
        focus = focus_arm(study)
        readings = read_replies(collected, differing(study, focus), include_text) if focus else []
        write_report(study, scratch / REPORT_NAME, readings, include_text=include_text)
        tables = file_tables(study)
        for name, write in ((MARKDOWN_NAME, as_markdown), (LATEX_NAME, as_latex)):
            (scratch / name).write_text(write(title(study), tables), encoding="utf-8", newline="\n")
    return study, collected
