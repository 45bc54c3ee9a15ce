"""`warm-inspect analyze`: logs in, tables and the report out."""

import json
from pathlib import Path

import click
from rich.console import Console

from warm_inspect.cli.logs import arm_option, parse_arms, show_progress
from warm_inspect.core.errors import missing_extra

INCOMPLETE = 3
"""Exit code when logs were left out because they are unreadable or unfinished."""


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the tables and the report.")
@arm_option
@click.option(
    "--epoch",
    type=float,
    help="The checkpoint that stands for its arm, in epochs of training, where logs hold several.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the headline as JSON.")
@click.pass_context
def analyze(
    context: click.Context, paths: tuple[str, ...], out: Path, arms: tuple[str, ...], epoch: float | None, as_json: bool
) -> None:
    """Analyse Inspect logs (files, folders, globs): effects with clustered intervals, rates and a report.

    Writes estimates.csv, observations.parquet, exclusions.csv, excluded_rows.csv and report.html; with several
    checkpoints of an arm also dose.csv and the dose curve. Needs the logs and nothing else. Exit code 3 when unreadable
    or unfinished logs were left out.
    """
    try:
        from warm_inspect.cli.headline import print_headline, summary
        from warm_inspect.report.analyse_logs import analyse_logs
    except ModuleNotFoundError as error:
        raise missing_extra("warm-inspect analyze", "analysis", error) from None
    named = parse_arms(arms)
    study, collected = analyse_logs(paths, out, named, show_progress, epoch)
    if as_json:
        click.echo(json.dumps(summary(study, collected, out), indent=2))
    else:
        print_headline(Console(), study, collected, out)
    if not collected.complete:
        context.exit(INCOMPLETE)
