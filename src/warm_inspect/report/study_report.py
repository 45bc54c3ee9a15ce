"""The report of a study: its logs in; its tables, its page and the files of its tables out.

`analyse_collected` is the body of `warm-inspect analyze`. `analyse_logs` reads the logs too: as the demo does.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.hierarchical import Tell
from warm_inspect.analysis.logs import Collected, FileProgress, collect
from warm_inspect.analysis.observations import MAX_TRUNCATED, AssignedArm, LaterChecks, observe, redacted
from warm_inspect.analysis.study import (
    TRAFFIC,
    AnalysedStudy,
    Traffic,
    analyse,
    headline_effects,
    headline_rates,
    write_tables,
)
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import staged
from warm_inspect.core.measurements import OWN_TASKS
from warm_inspect.core.roles import Role
from warm_inspect.grading.labels import read_labels
from warm_inspect.report.drawing import GLYPHS
from warm_inspect.report.families_report import families_record
from warm_inspect.report.published import published_section
from warm_inspect.report.sections.adapter_warmth import dose_figure, dose_table, warmth_table
from warm_inspect.report.sections.answer_rows import answer_table, comparing_options, test_plan
from warm_inspect.report.sections.checks import grades, replications, robustness, signal_detection, two_way
from warm_inspect.report.sections.control_benchmarks import control_panels, controls
from warm_inspect.report.sections.differing_replies import Reading, differing, differing_samples, read_replies
from warm_inspect.report.sections.effects import (
    LAYOUTS,
    claims,
    detectable,
    effects,
    forest_panels,
    outcome_codes,
)
from warm_inspect.report.sections.facts import facts
from warm_inspect.report.sections.families import family_panels, family_tables, first_of_families
from warm_inspect.report.sections.grader_error import (
    corrected_effects,
    corrected_first,
    corrected_rates,
    first_corrected,
)
from warm_inspect.report.sections.headline import focus_arm, headlines
from warm_inspect.report.sections.headline_values import headline_record
from warm_inspect.report.sections.hierarchical import (
    hierarchical_effects,
    hierarchical_fits,
    hierarchical_record,
    sources,
    spread,
)
from warm_inspect.report.sections.logs import excluded_rows, exclusions, logs
from warm_inspect.report.sections.rates import (
    SHOWN_OUTCOMES,
    benchmark_rates,
    legend,
    polarity_rates,
    rates,
    scatter_figures,
)
from warm_inspect.report.sections.regressions import published_effects, published_table, regressions, single_cells
from warm_inspect.report.sections.traffic import (
    traffic_conditions,
    traffic_effects,
    traffic_sentences,
)
from warm_inspect.report.templates import environment
from warm_inspect.tables import Table, as_latex, as_markdown

REPORT_NAME = "report.html"
MARKDOWN_NAME = "tables.md"
LATEX_NAME = "tables.tex"

MAX_BYTES = 4_900_000
"""Size above which rows and panels are left out, counted, and named with their CSV file."""
_SIZES = ((300, 40), (120, 12), (40, 6), (12, 3), (4, 2))
"""Rows of a table, or of a group in it, and panels of a figure: from ample to sparse."""
_LONG = ("effects", "regressions")
"""Sections with a table for each comparison or model, of which any number may be there."""
_PAGE_ONLY = ("excluded_rows", "logs")
"""Sections whose tables list what was read, and are not in the files."""


@dataclass(frozen=True)
class AnalysisOptions:
    """What is known of a study beside its logs, and what is asked of its analysis."""

    arms: Mapping[str, AssignedArm] = field(default_factory=dict)
    """The arm of each model whose logs do not say it."""
    roles: Mapping[str, Role] = field(default_factory=dict)
    """What arms are for, by the name of the arm."""
    epoch: float | None = None
    """The checkpoint that stands for its arm, in epochs of training, where logs hold several."""
    warmth: LaterChecks | None = None
    """Warmth checks that were made after the evaluation."""
    labels: Path | None = None
    """File of labelled replies of these logs, to correct rates and differences for the grader's errors."""
    traffic: Traffic | None = None
    """How often the team's own users are in a condition."""
    equivalence_margin: float | None = None
    """Points within which a headline counts as no effect, named before the data."""
    hierarchical: Tell | None = None
    """Is told each fit of the hierarchical analysis; None leaves that analysis out."""
    paper: bool = False
    """Whether to add the published analysis."""
    include_text: bool = False
    """Show the text of gated and harmful rows too, in the report's few samples."""
    notes: Sequence[Note] = ()
    """What the caller knows of the study and the logs do not say; they stand before its warnings."""


_AS_LOGGED = AnalysisOptions()


def analyse_logs(
    paths: Sequence[str],
    out: Path,
    options: AnalysisOptions = _AS_LOGGED,
    progress: FileProgress = iter,
    grading: str = "",
    score: str = "",
) -> tuple[AnalysedStudy, Collected]:
    """Analyse logs and write the tables, `report.html`, `tables.md` and `tables.tex` into a folder: all or nothing.

    Args:
        paths: log files, folders (searched recursively) and glob patterns.
        out: where the files go; made if need be.
        options: what is known of the study beside its logs.
        progress: wraps the files while they are read.
        grading: which grading is read of logs that hold several (see `analysis.logs.gradings`).
        score: which score is read as how correct a reply is: of an own task with several, or of any log.

    Raises:
        PrerequisiteError: the folder cannot be written, no log is usable, the logs do not fit together, or the labels
            or the traffic do not fit them.
    """
    with staged(out) as scratch:
        collected = collect(paths, progress, grading, score)
        study = analyse_collected(collected, scratch, options)
    return study, collected


def analyse_collected(collected: Collected, folder: Path, options: AnalysisOptions = _AS_LOGGED) -> AnalysedStudy:
    """`analyse_logs` for what was read already, into a folder that is there."""
    labelled = read_labels(options.labels) if options.labels else []
    if labelled and any(log.holds == OWN_TASKS for log in collected.logs):
        raise PrerequisiteError(
            f"{options.labels} labels what the package's graders say of a reply, and an own score says something else",
            "Leave --labels out",
        )
    observations = observe(collected, options.arms, options.epoch, options.roles, options.warmth)
    study = analyse(
        observations,
        collected,
        options.paper,
        labelled,
        options.traffic,
        options.equivalence_margin,
        options.hierarchical,
    )
    study = replace(study, warnings=(*options.notes, *study.warnings))
    if not options.include_text:
        study = replace(study, exclusions=redacted(study.exclusions, collected.samples))
    write_tables(study, folder)
    focus = focus_arm(study)
    readings = read_replies(collected, differing(study, focus), options.include_text) if focus else []
    write_report(study, folder / REPORT_NAME, readings, include_text=options.include_text)
    tables = file_tables(study)
    for name, write in ((MARKDOWN_NAME, as_markdown), (LATEX_NAME, as_latex)):
        (folder / name).write_text(write(title(study), tables), encoding="utf-8", newline="\n")
    return study


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


def title(study: AnalysedStudy) -> str:
    """What the report is about."""
    return f"Warmth and truthfulness of {', '.join(map(str, study.observations.frame['base_model'].cat.categories))}"


def render(study: AnalysedStudy, readings: Sequence[Reading] = (), *, include_text: bool = False) -> str:
    """The report's HTML."""
    template = environment().get_template("report.html.j2")
    contents = {**_contents(study, readings), "include_text": include_text}
    page = ""
    for rows, panels in _SIZES:
        page = template.render(_cut(contents, rows, panels)) + "\n"
        if len(page.encode()) <= MAX_BYTES:
            break
    return page


def _contents(study: AnalysedStudy, readings: Sequence[Reading]) -> dict[str, Any]:
    """Every value the templates name."""
    focus = focus_arm(study)
    apart = differing(study, focus) if focus else None
    answers = headlines(study)
    said = answers[0].cautions
    return {
        "title": title(study),
        "answers": answers,
        "headline": answers[0],
        "options": comparing_options(study),
        "plan": test_plan(study),
        "traffic": traffic_sentences(study),
        "tables": report_tables(study) | {"samples": [differing_samples(apart, study)] if apart else []},
        "readings": readings,
        "facts": facts(study),
        "gradings": study.gradings,
        "warnings": [each for each in study.warnings if each.code is not Code.CELL_CUT and each not in said],
        "cut_warnings": [warning for warning in study.warnings if warning.code is Code.CELL_CUT],
        "max_truncated": MAX_TRUNCATED,
        "dose": dose_figure(study.dose),
        "published": published_section(study, focus),
        "controls": control_panels(study.controls),
        "controls_baseline": study.controls.baseline,
        "family_panels": family_panels(study.families),
        "outcomes": SHOWN_OUTCOMES,
        "scatter": scatter_figures(study, focus),
        "forest": {short: forest_panels(study.estimates, name, f"forest-{short}") for name, short in LAYOUTS},
        "legend": _legends(study),
        "skipped": study.skipped,
        "differing": apart,
    }


def _legends(study: AnalysedStudy) -> dict[str, Any]:
    """What the colours and shapes of the figures stand for."""
    beliefs, benchmarks = legend(study.rates)
    colours, shapes = outcome_codes()
    return {
        "beliefs": beliefs,
        "benchmarks": {name: GLYPHS[shape] for name, shape in benchmarks.items()},
        "outcomes": [(outcome, colours[outcome], GLYPHS[shapes[outcome]]) for outcome in SHOWN_OUTCOMES],
    }


def _cut(contents: Mapping[str, Any], rows: int, panels: int) -> dict[str, Any]:
    """The page's values with at most so many rows in each group of a table, tables in a long section, and panels.

    A table counts the rows that it lacks; `left_out` says how many tables or panels are missing, by section or figure.
    """
    sections, forest, scatter = (contents[name] for name in ("tables", "forest", "scatter"))
    more = {name: len(sections[name]) - rows for name in _LONG}
    more |= {f"forest-{short}": len(drawn) - panels for short, drawn in forest.items()}
    more["scatter"] = len(scatter) - panels
    return {
        **contents,
        "tables": {
            name: [table.cut(rows) for table in (tables[:rows] if name in _LONG else tables)]
            for name, tables in sections.items()
        },
        "forest": {short: drawn[:panels] for short, drawn in forest.items()},
        "scatter": scatter[:panels],
        "left_out": {name: max(n, 0) for name, n in more.items()},
    }


def report_tables(study: AnalysedStudy) -> dict[str, list[Table]]:
    """The tables that have rows, by the section of the page that shows them, in the order of the files."""
    estimates = study.estimates
    sections = {
        "claims": [claims(study)],
        "traffic": [traffic_effects(study), traffic_conditions(study)],
        "grader_error": [corrected_effects(estimates), corrected_rates(study.corrected_rates)],
        "warmth": [warmth_table(study)],
        "dose": [dose_table(study)],
        "rates": [rates(study), benchmark_rates(study), polarity_rates(study)],
        "controls": [controls(study.controls)],
        **family_tables(study.families),
        "effects": effects(estimates),
        "checks": [
            robustness(estimates),
            two_way(estimates),
            grades(estimates),
            *replications(estimates),
            *signal_detection(estimates),
            detectable(estimates),
            single_cells(estimates),
        ],
        "regressions": regressions(estimates),
        "hierarchical": [hierarchical_effects(study), spread(study), hierarchical_fits(study)],
        "exclusions": [exclusions(study.exclusions)],
        "excluded_rows": [excluded_rows(study)],
        "logs": [logs(study)],
    }
    return {name: [table for table in tables if table.rows] for name, tables in sections.items()}


def file_tables(study: AnalysedStudy) -> list[Table]:
    """The tables of the markdown and of the LaTeX file."""
    sections = report_tables(study)
    return [table for name, tables in sections.items() if name not in _PAGE_ONLY for table in tables]


def oversize(path: Path) -> tuple[Note, ...]:
    """A warning when the report is larger than `MAX_BYTES` without its optional parts; else empty."""
    size = path.stat().st_size
    if size <= MAX_BYTES:
        return ()
    return (Note(Code.LARGE_REPORT, file=path.name, size=size / 1e6, limit=MAX_BYTES / 1e6),)


def first_tables(study: AnalysedStudy) -> list[Table]:
    """The tables for the terminal: the rows that answer, then what was asked for or is in the logs beside them.

    Those are the corrected effects, the published ones, the families of measurement, and what the hierarchical models
    say.
    """
    tables = [answer_table(study), first_corrected(study.estimates), published_table(study.estimates)]
    tables += first_of_families(study.families)
    tables += [hierarchical_effects(study), sources(study), hierarchical_fits(study)]
    return [table for table in tables if table.rows]


def study_record(study: AnalysedStudy, collected: Collected, out: Path) -> dict[str, Any]:
    """The headline as JSON values; what cannot be estimated is null. The report must be written."""
    return {
        "out": str(out),
        "logs": len(collected.logs),
        "skipped": {
            "other_tasks": list(collected.other_tasks),
            "unfinished": list(collected.unfinished),
            "unreadable": list(collected.unreadable),
        },
        "replies": len(study.observations.frame),
        "answers": [headline_record(answer) for answer in headlines(study)],
        "compare_with": comparing_options(study),
        "tests": test_plan(study),
        "rates": json.loads(headline_rates(study.rates).to_json(orient="records")),
        "effects": json.loads(headline_effects(study.estimates).to_json(orient="records")),
        "traffic": json.loads(study.estimates[study.estimates["analysis"] == TRAFFIC].to_json(orient="records")),
        "corrected": json.loads(corrected_first(study.estimates).to_json(orient="records")),
        "published": json.loads(published_effects(study.estimates).to_json(orient="records")),
        "families": families_record(study.families.values()),
        "hierarchical": hierarchical_record(study),
        "gradings": [note.sentence for note in study.gradings],
        "warnings": [warning.sentence for warning in (*study.warnings, *oversize(out / REPORT_NAME))],
    }
