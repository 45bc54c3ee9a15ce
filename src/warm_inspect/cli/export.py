"""`warm-inspect export`: outcomes to share, without any text."""

import json
from pathlib import Path

import click

from warm_inspect.cli.shared import INCOMPLETE, arm_option, grading_option, needs_extra, parse_arms, show_progress
from warm_inspect.tables import counted


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="LOGS...")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the files.")
@click.option(
    "--adapters",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with adapters whose manifests go along. Repeatable.",
)
@arm_option
@grading_option
@click.option("--json", "as_json", is_flag=True, help="Print export.json.")
@click.pass_context
def export(
    context: click.Context,
    paths: tuple[str, ...],
    out: Path,
    adapters: tuple[Path, ...],
    arms: tuple[str, ...],
    grading: str,
    as_json: bool,
) -> None:
    """Write ids, 0/1 outcomes, hashes and manifests of LOGS for sharing: no question, no reply, no path.

    Writes outcomes.csv (one row per graded reply), exclusions.csv, export.json (the logs, and the sha256 of each file)
    and a copy of each adapter's manifest.

    \b
      warm-inspect export logs/study --adapters adapters --out shared
    """  # noqa: D301 - click reads the backslash
    with needs_extra("warm-inspect export", "analysis"):
        from warm_inspect.analysis.logs import collect
        from warm_inspect.analysis.observations import observe
        from warm_inspect.analysis.study import write_share
    collected = collect(paths, show_progress, grading)
    record = write_share(observe(collected, parse_arms(arms)), collected, adapters, out)
    if as_json:
        click.echo(json.dumps(record, indent=2))
    else:
        read = counted(len(record["logs"]), "log")
        click.echo(f"{record['replies']:,} replies of {read} in {out}: {', '.join(record['files'])}")
    if not collected.complete:
        context.exit(INCOMPLETE)
