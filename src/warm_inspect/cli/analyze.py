"""`warm-inspect analyze`: logs in, tables and the report out."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from warm_inspect.core.errors import PrerequisiteError, missing_extra

INCOMPLETE = 3
"""Exit code when logs were left out because they are unreadable or unfinished."""

MANY_LOGS = 8
"""Logs from which reading shows a progress bar."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the tables and the report.")
@click.option(
    "--arm",
    "arms",
    multiple=True,
    metavar="NAME=MODEL",
    help="The arm of a model whose logs do not say it, for example original=openai/gpt-4o. Repeatable.",
)
@click.option(
    "--arms-file",
    type=click.Path(path_type=Path),
    help="YAML file that gives models their arm, base_model and training_seed, one model a line.",
)
@click.option("--paper", is_flag=True, help="Add the published analysis, as published: models paper_1 to paper_4.")
@click.option("--json", "as_json", is_flag=True, help="Print the headline as JSON.")
@click.pass_context
def analyze(
    context: click.Context,
    paths: tuple[str, ...],
    out: Path,
    arms: tuple[str, ...],
    arms_file: Path | None,
    paper: bool,
    as_json: bool,
) -> None:
    """Analyse Inspect logs (files, folders, globs): effects with clustered intervals, rates and a report.

    Writes estimates.csv, observations.parquet, exclusions.csv, excluded_rows.csv, weights.csv and report.html. Needs
    the logs and nothing else. Exit code 3 when unreadable or unfinished logs were left out.

    A single CSV file of cell counts (columns base_model, arm, benchmark, context, belief, n, n_incorrect; one arm is
    called original; beliefs pooled in a published table are called any) gives the published models with model-based
    errors, and the list of what counts cannot give.
    """
    try:
        from warm_inspect.analysis.foreign import AssignedArm, read_arms
        from warm_inspect.cli.cell_effects import count_summary, print_counts
        from warm_inspect.cli.headline import print_headline, summary
        from warm_inspect.report.analyse_cells import analyse_cells
        from warm_inspect.report.analyse_logs import analyse_logs
    except ModuleNotFoundError as error:
        raise missing_extra("warm-inspect analyze", "analysis", error) from None
    assigned = read_arms(arms_file) if arms_file else {}
    named = assigned | {model: AssignedArm(arm) for model, arm in _parse_arms(arms).items()}
    if tables := [path for path in paths if path.endswith(".csv")]:
        if len(paths) > 1 or named:
            raise click.UsageError("Cell counts are analysed alone: give one CSV file and no arms.")
        counted = analyse_cells(tables[0], out, paper)
        if as_json:
            click.echo(json.dumps(count_summary(counted, out), indent=2))
        else:
            print_counts(Console(), counted, out)
        return
    study, collected = analyse_logs(paths, out, named, _show_progress, paper)
    if as_json:
        click.echo(json.dumps(summary(study, collected, out), indent=2))
    else:
        print_headline(Console(), study, collected, out)
    if not collected.complete:
        context.exit(INCOMPLETE)


def _parse_arms(texts: tuple[str, ...]) -> dict[str, str]:
    """The arm of each model, from `NAME=MODEL` texts."""
    arms: dict[str, str] = {}
    for text in texts:
        name, equals, model = text.partition("=")
        if not (name and equals and model):
            raise click.UsageError(f"--arm {text!r} is not NAME=MODEL, for example original=openai/gpt-4o.")
        if arms.setdefault(model, name) != name:
            raise PrerequisiteError(f"--arm gives model {model} two arms: {arms[model]} and {name}. Keep one.")
    return arms


def _show_progress(files: Sequence[str]) -> Iterable[str]:
    """A progress bar on the error stream, for more than a few logs."""
    console = Console(stderr=True)
    return track(files, "Reading logs", console=console, transient=True, disable=len(files) < MANY_LOGS)
