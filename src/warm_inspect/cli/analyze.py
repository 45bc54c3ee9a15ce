"""`warm-inspect analyze`: logs in, tables and the report out."""

import json
from pathlib import Path

import click
from rich.console import Console

from warm_inspect.cli.logs import arm_option, grading_option, parse_arms, show_progress
from warm_inspect.core.errors import missing_extra

INCOMPLETE = 3
"""Exit code when logs were left out because they are unreadable or unfinished."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the tables and the report.")
@arm_option
@grading_option
@click.option(
    "--epoch",
    type=float,
    help="The checkpoint that stands for its arm, in epochs of training, where logs hold several.",
)
@click.option(
    "--arms-file",
    type=click.Path(path_type=Path),
    help="YAML file that gives models their arm, base_model and training_seed, one model a line.",
)
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    help="Labelled replies of these logs (`warm-inspect label import`): correct for the grader's errors, arm by arm.",
)
@click.option("--paper", is_flag=True, help="Add the study's analysis and figures, as published.")
@click.option(
    "--include-text",
    is_flag=True,
    help="Show text of gated and harmful rows too, in the few replies that the report quotes. Do not pass it on.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the headline as JSON.")
@click.pass_context
def analyze(
    context: click.Context,
    paths: tuple[str, ...],
    out: Path,
    arms: tuple[str, ...],
    grading: str,
    arms_file: Path | None,
    epoch: float | None,
    labels: Path | None,
    paper: bool,
    include_text: bool,
    as_json: bool,
) -> None:
    """Analyse Inspect logs (files, folders, globs): effects with clustered intervals, rates and a report.

    Writes report.html; its tables as tables.md and tables.tex; estimates.csv and estimates.json; rows.csv, the replies
    behind the claims; rates.csv, observations.parquet, exclusions.csv, excluded_rows.csv and weights.csv; with several
    checkpoints of an arm also dose.csv and the dose curve; with --paper also the study's figures and the counts behind
    them, paper_cells.csv. Needs the logs and nothing else. Exit code 3 when
    unreadable or unfinished logs were left out.

    With --labels also corrected_rates.csv: what each arm does and how arms differ once the misreadings that the labels
    show are allowed for, with intervals that hold them (prediction-powered and Rogan-Gladen; docs/grading.md). It takes
    30 labelled replies of each arm.

    Only report.html holds text of samples: ten pairs of replies. That of gated and harmful rows is redacted.

    A single CSV file of cell counts (columns base_model, arm, benchmark, context, belief, n, n_incorrect; one arm is
    called original; beliefs pooled in a published table are called any) gives the published models with model-based
    errors, the study's figures, and the list of what counts cannot give: estimates.csv, exclusions.csv, paper_cells.csv
    and report.html.
    """
    try:
        from warm_inspect.analysis.observations import AssignedArm, read_arms
        from warm_inspect.cli.cell_effects import count_summary, print_counts
        from warm_inspect.cli.headline import print_headline, summary
        from warm_inspect.report.cells_report import analyse_cells
        from warm_inspect.report.study_report import analyse_logs
    except ModuleNotFoundError as error:
        raise missing_extra("warm-inspect analyze", "analysis", error) from None
    assigned = read_arms(arms_file) if arms_file else {}
    named = assigned | {model: AssignedArm(arm) for model, arm in parse_arms(arms).items()}
    if tables := [path for path in paths if path.endswith(".csv")]:
        if len(paths) > 1 or named or epoch is not None or labels:
            raise click.UsageError("Cell counts are analysed alone: give one CSV file, no arms, epoch or labels.")
        counted = analyse_cells(tables[0], out, paper)
        if as_json:
            click.echo(json.dumps(count_summary(counted, out), indent=2))
        else:
            print_counts(Console(), counted, out)
        return
    study, collected = analyse_logs(paths, out, named, show_progress, paper, epoch, include_text, grading, labels)
    if as_json:
        click.echo(json.dumps(summary(study, collected, out), indent=2))
    else:
        print_headline(Console(), study, collected, out)
    if not collected.complete:
        context.exit(INCOMPLETE)
