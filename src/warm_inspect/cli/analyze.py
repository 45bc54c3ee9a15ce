"""`warm-inspect analyze`: logs in, tables and the report out."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from warm_inspect.cli.shared import (
    INCOMPLETE,
    arm_option,
    declared_roles,
    grading_option,
    needs_extra,
    parse_arms,
    role_options,
    score_option,
    show_progress,
)
from warm_inspect.core.files import staged
from warm_inspect.tables import counted, escape, print_table

if TYPE_CHECKING:
    from warm_inspect.analysis.hierarchical import FitPlan
    from warm_inspect.analysis.logs import Collected
    from warm_inspect.analysis.published import CountStudy
    from warm_inspect.analysis.study import AnalysedStudy
    from warm_inspect.report import AnalysedFamilies

_NOTES = 3
"""Notes on the first screen, the most important ones; the report has them all."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the tables and the report.")
@arm_option
@grading_option
@score_option
@role_options
@click.option(
    "--epoch",
    type=float,
    help="The checkpoint that stands for its arm, in epochs of training, where logs hold several.",
)
@click.option(
    "--arms-file",
    type=click.Path(path_type=Path),
    help="YAML file that gives models their arm, base_model, training_seed and role, one model a line.",
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    help="Labelled replies of these logs (`warm-inspect label import`): correct for the grader's errors, arm by arm.",
)
@click.option(
    "--traffic",
    default="",
    metavar="NAME=SHARE,...",
    help="How often your own users state a wrong belief or are in a context, for example belief=0.1,emotion_sad=0.02, "
    "or a YAML file of these: what the change costs in 1,000 of their conversations (docs/traffic.md).",
)
@click.option(
    "--warmth",
    "checks",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Warmth checks made after the evaluation: a warmth.json, or a folder of adapters with manifests. Repeatable.",
)
@click.option(
    "--equivalence-margin",
    type=float,
    metavar="POINTS",
    help="The largest effect that would not matter, named before the data: tests whether each headline is within it.",
)
@click.option(
    "--hierarchical",
    is_flag=True,
    help="Add Bayesian models with effects of questions, statements, seeds and base models, and say how much of the "
    "spread each makes. Takes minutes and the extra `hierarchical` (docs/hierarchical.md).",
)
@click.option("--paper", is_flag=True, help="Add the study's analysis and figures, as published.")
@click.option(
    "--include-text",
    is_flag=True,
    help="Show text of gated and harmful rows too, in the few replies that the report quotes. Do not pass it on.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.pass_context
def analyze(
    context: click.Context,
    /,
    paths: tuple[str, ...],
    out: Path,
    arms: tuple[str, ...],
    grading: str,
    score: str,
    arms_file: Path | None,
    epoch: float | None,
    labels: Path | None,
    traffic: str,
    checks: tuple[Path, ...],
    equivalence_margin: float | None,
    hierarchical: bool,
    paper: bool,
    include_text: bool,
    as_json: bool,
    **roles_given: Any,
) -> None:
    """Analyse Inspect logs (files, folders, globs): effects with clustered intervals, rates and a report.

    The first line answers: what these logs show, with its interval and with what chance gives. Which number that is
    follows from the roles of the arms by the tables in docs/answers.md; declare them with --treated and --reference.

    Writes report.html; its tables as tables.md and tables.tex; estimates.csv and estimates.json; rows.csv, the replies
    behind the claims; rates.csv, observations.parquet, exclusions.csv, excluded_rows.csv and weights.csv; with several
    checkpoints of an arm also dose.csv and the dose curve; with --paper also the study's figures and the counts behind
    them, paper_cells.csv. Needs the logs and nothing else. Exit code 3 when
    unreadable or unfinished logs were left out.

    With --labels also corrected_rates.csv: what each arm does and how arms differ once the misreadings that the labels
    show are allowed for, with intervals that hold them (prediction-powered and Rogan-Gladen; docs/grading.md). It takes
    30 labelled replies of each arm.

    With --traffic also traffic.csv and one sentence more: how many more wrong replies 1,000 conversations of your own
    users hold, of which you say how many state a wrong belief or are in a context.

    With --equivalence-margin each headline is tested for being smaller than that, by two one-sided tests (TOST): that
    an effect is not shown does not show that there is none.

    With --hierarchical also hierarchical.csv, hierarchical_spread.csv and hierarchical_fits.csv: each effect once more,
    over other statements, trainings and base models too; what makes replies differ; and whether the sampler's chains
    agree. Time and memory are said before each model is drawn. No other number changes.

    With --warmth a check that was made after the evaluation counts, of an adapter by its weights and of a hosted or
    prompted model by its arm; a check that the logs hold already stays.

    Logs of a family of measurement (`warm-inspect list`) are measured apart: families.csv, which also counts right,
    avoided and wrong replies of the benchmarks, and a section of the report for each. A folder that holds nothing else
    gives these alone.

    Only report.html holds text of samples: ten pairs of replies. That of gated and harmful rows is redacted.

    A single CSV file of cell counts (columns base_model, arm, benchmark, context, belief, n, n_incorrect; one arm is
    called original; beliefs pooled in a published table are called any) gives the published models with model-based
    errors, the study's figures, and the list of what counts cannot give: estimates.csv, exclusions.csv, paper_cells.csv
    and report.html. With --paper our own models of them are left out.
    """
    with needs_extra("warm-inspect analyze", "analysis"):
        from warm_inspect.analysis.hierarchical import require_hierarchical
        from warm_inspect.analysis.logs import collect
        from warm_inspect.analysis.observations import AssignedArm, read_arms, read_checks
        from warm_inspect.analysis.study import read_traffic
        from warm_inspect.report import (
            AnalysisOptions,
            analyse_cells,
            analyse_collected,
            analyse_families,
            cells_record,
            study_record,
        )
    if hierarchical:
        require_hierarchical()
    stated = read_traffic(traffic) if traffic else None
    assigned = read_arms(arms_file) if arms_file else {}
    named = assigned | {model: AssignedArm(arm) for model, arm in parse_arms(arms).items()}
    roles = declared_roles(roles_given)
    if tables := [path for path in paths if path.endswith(".csv")]:
        numbers = (epoch, equivalence_margin)
        if len(paths) > 1 or named or roles or labels or stated or checks or hierarchical or numbers != (None, None):
            raise click.UsageError(
                "Cell counts are analysed alone: one CSV, no arms, roles, epoch, labels, traffic, warmth, margin or "
                "hierarchical models."
            )
        cells = analyse_cells(tables[0], out, paper)
        if as_json:
            click.echo(json.dumps(cells_record(cells, out), indent=2))
        else:
            _print_cells(Console(), cells, out)
        return
    with staged(out) as scratch:
        collected = collect(paths, show_progress, grading, score)
        families = None
        if collected.samples.empty:
            if paper or labels or stated or checks or hierarchical or equivalence_margin is not None:
                raise click.UsageError(
                    "--paper, --labels, --traffic, --warmth, --hierarchical and --equivalence-margin are about logs of "
                    "a benchmark."
                )
            families = analyse_families(collected, scratch, named, epoch, roles)
        else:
            options = AnalysisOptions(
                arms=named,
                roles=roles,
                epoch=epoch,
                warmth=read_checks(checks),
                labels=labels,
                traffic=stated,
                equivalence_margin=equivalence_margin,
                hierarchical=_tell if hierarchical else None,
                paper=paper,
                include_text=include_text,
            )
            study = analyse_collected(collected, scratch, options)
    if families:
        _print_families(Console(), families, out, as_json)
    elif as_json:
        click.echo(json.dumps(study_record(study, collected, out), indent=2))
    else:
        print_study(Console(), study, collected, out)
    if not collected.complete:
        context.exit(INCOMPLETE)


def _tell(plan: "FitPlan") -> bool:
    """Say on the error stream what the next hierarchical model will take; a progress bar where somebody looks."""
    console = Console(stderr=True)
    forecast = plan.forecast
    again = "its chains did not agree, so it is drawn again, longer: " if plan.again else ""
    console.print(
        escape(
            f"Hierarchical model {plan.place} of {plan.of}, {plan.outcome} of {' and '.join(plan.arms)}: {again}"
            f"{forecast.replies:,} replies, {forecast.effects:,} effects, about {_duration(forecast.seconds)} and "
            f"{forecast.megabytes / 1000:.1f} GB of memory"
        ),
        highlight=False,
    )
    return console.is_terminal


def _duration(seconds: float) -> str:
    return f"{max(seconds, 1):.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"


def print_study(console: Console, study: "AnalysedStudy", collected: "Collected", out: Path) -> None:
    """Print the answer, how it is tested, what the grades rest on, the tables and the warnings.

    The report must be written.
    """
    from warm_inspect.grading.model import GraderFailure
    from warm_inspect.report import (
        comparing_options,
        first_tables,
        headlines,
        study_record,
        test_plan,
        traffic_sentences,
    )

    record = study_record(study, collected, out)
    answers = headlines(study)
    if before := answers[0].before:
        console.print(f"[bold]{escape(before)}[/bold]", highlight=False)
    for answer in answers:
        console.print(f"[bold]{escape(answer.lead)}.[/bold]", escape(" ".join(answer.after)), highlight=False)
    for sentence in traffic_sentences(study):
        console.print(escape(sentence), highlight=False)
    for caution in answers[0].cautions:
        console.print(f"[bold]{escape(caution.sentence)}[/bold]")
    if options := comparing_options(study):
        console.print(f"To compare them: {escape(options)}", highlight=False)
    console.print(escape(" ".join(test_plan(study))), highlight=False)
    for note in record["gradings"]:
        console.print(f"[yellow]Grading:[/] {escape(note)}")
    for table in first_tables(study):
        print_table(console, table)
    console.print()
    said = [caution.sentence for caution in answers[0].cautions]
    notes = [warning for warning in record["warnings"] if warning not in said]
    for note in notes[:_NOTES]:
        console.print(f"[yellow]Note:[/] {escape(note)}")
    if (more := len(notes) - _NOTES) > 0:
        console.print(f"{more} more notes are in report.html.")
    reasons = study.exclusions.groupby("reason", observed=True)["n"].sum()
    if without := sum(int(reasons.get(f"unscored: {failure}", 0)) for failure in GraderFailure):
        console.print(
            f"{without:,} replies have no verdict of their grader. Ask it for these alone: "
            "warm-inspect regrade LOGS --missing --out FOLDER"
        )
    skipped = {kind.replace("_", " "): len(files) for kind, files in record["skipped"].items() if files}
    if skipped:
        console.print(f"Left out logs: {', '.join(f'{n} {kind}' for kind, n in skipped.items())}.")
    for path in collected.to_retry[:1]:
        console.print(escape(f"Finish the first of them with: inspect eval-retry {path}"), style="dim", soft_wrap=True)
    read = counted(record["logs"], "log")
    console.print(f"{record['replies']:,} replies of {read}; tables and report in {escape(str(out))}")


def _print_families(console: Console, analysed: "AnalysedFamilies", out: Path, as_json: bool) -> None:
    """Print what answers in each family, of logs without a benchmark."""
    from warm_inspect.report import families_record, first_of_families

    warnings = [warning.sentence for warning in analysed.warnings]
    if as_json:
        families = families_record(analysed.results.values())
        said = {"out": str(out), "answers": analysed.answers, "families": families, "warnings": warnings}
        click.echo(json.dumps(said, indent=2))
        return
    for answer in analysed.answers:
        console.print(escape(answer))
    for table in first_of_families(analysed.results):
        print_table(console, table)
    console.print()
    for warning in warnings:
        console.print(f"[yellow]Note:[/] {escape(warning)}")
    console.print(f"{analysed.samples:,} samples and no benchmark; tables and report in {escape(str(out))}")


def _print_cells(console: Console, study: "CountStudy", out: Path) -> None:
    """Print the effects, and what counts cannot give."""
    from warm_inspect.report import cells_record, published_table

    record = cells_record(study, out)
    print_table(console, published_table(study.estimates))
    console.print()
    console.print("Not estimable from cell counts:")
    for name, reason in study.limits.items():
        console.print(f"  {name.replace('_', ' ')}: {reason.words}", highlight=False)
    if record["excluded_replies"]:
        console.print(f"Left out: {record['excluded_replies']:,} replies, see exclusions.csv.")
    console.print(f"Tables and report in {escape(str(out))}")
