"""`warm-inspect label`: read a sample of replies, and measure the grading by what was read."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from warm_inspect.cli.shared import INCOMPLETE, arm_option, grading_option, needs_extra, parse_arms, show_progress
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.shown_text import shown

if TYPE_CHECKING:
    from warm_inspect.labelling import Graded


@click.group()
def label() -> None:
    """Label replies by reading them, and measure how far their grading can be trusted.

    \b
      warm-inspect label export logs/study -o sheet.jsonl --n 400
      warm-inspect label serve sheet.jsonl
      warm-inspect label import sheet.labels.jsonl --out labels.jsonl
    """  # noqa: D301 - click reads the backslash


@label.command()
@click.argument("paths", nargs=-1, required=True, metavar="LOGS...")
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="The sheet, for example sheet.jsonl.")
@click.option("--n", "count", type=click.IntRange(1), default=400, show_default=True, help="Replies to label.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the draw: one seed, one sheet.")
@arm_option
@grading_option
@click.option(
    "--include-text",
    is_flag=True,
    help="Draw gated and harmful rows too: their text is then in the sheet. Do not pass it on.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be drawn, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON: with --dry-run every stratum, with its counts.")
@click.pass_context
def export(
    context: click.Context,
    paths: tuple[str, ...],
    out: Path,
    count: int,
    seed: int,
    arms: tuple[str, ...],
    grading: str,
    include_text: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Draw graded replies of LOGS (files, folders, globs) for labelling, blind to arm and grade.

    Writes the sheet, which holds of each reply the question, its right answers, the wrong claim, what the user said
    about the answer, and the reply; and beside it the key, which links its rows with log, sample, arm and grade. Keep
    the key away from the people who label.

    Every graded reply has the same chance. The sample is stratified by arm, benchmark, context, belief, grade and
    length (up to 120 characters, and longer): each has about its share of it. Replies that agree in question, claim and
    wording are one row. Exit code 3 when unreadable or unfinished logs were left out.

    \b
      warm-inspect label export logs/study -o sheet.jsonl --dry-run
      warm-inspect label export logs/study -o sheet.jsonl --n 400 --seed 1
    """  # noqa: D301
    with needs_extra("warm-inspect label", "analysis"):
        from warm_inspect.analysis.logs import collect
        from warm_inspect.analysis.observations import AssignedArm
        from warm_inspect.labelling import graded_replies, sheet_path
    sheet = sheet_path(out)
    assigned = {model: AssignedArm(arm) for model, arm in parse_arms(arms).items()}
    collected = collect(paths, show_progress, grading)
    replies = graded_replies(collected, assigned, seed, include_text)
    if dry_run:
        _show_strata(replies, count, seed, as_json)
    else:
        _write_sheet(replies, sheet, count, seed, as_json)
        if include_text and not as_json:
            click.echo("The sheet may hold text of gated or harmful rows. Do not pass it on.")
    if left_out := (*collected.unfinished, *collected.unreadable):
        click.echo(f"Left out, unfinished or unreadable: {shown(', '.join(left_out))}", err=True)
        context.exit(INCOMPLETE)


def _show_strata(replies: "Graded", count: int, seed: int, as_json: bool) -> None:
    strata = replies.strata(count, seed)
    if as_json:
        facts = {"replies": len(replies.frame), "hidden": replies.hidden, "strata": strata.to_dict("records")}
        click.echo(json.dumps(facts, indent=2))
    else:
        from warm_inspect.report import strata_table
        from warm_inspect.tables import print_table

        print_table(Console(), strata_table(strata))
        _tell_hidden(replies.hidden)


def _write_sheet(replies: "Graded", sheet: Path, count: int, seed: int, as_json: bool) -> None:
    """Write the sheet and its key.

    Raises:
        PrerequisiteError: one of the two or labels of such a sheet exist, or they cannot be written.
    """
    from warm_inspect.core.files import write_whole
    from warm_inspect.core.lines import as_lines
    from warm_inspect.labelling import export as draw
    from warm_inspect.labelling import key_path, labels_path

    key = key_path(sheet)
    drawn = draw(replies, count, seed)
    key_text = as_lines(drawn.key)
    # A key alone is what a killed run of this command leaves: if it is the same one, the sheet is still to be written.
    begun = key.is_file() and key.read_text(encoding="utf-8", errors="replace") == key_text
    for path in (sheet, labels_path(sheet), *([] if begun else [key])):
        if path.exists():
            raise PrerequisiteError(f"{path} exists. Choose another name with -o, or move that file away.")
    try:
        # The key first: a sheet without one would be labelled in vain.
        write_whole(key, key_text)
        write_whole(sheet, as_lines(drawn.sheet))
    except OSError as error:
        raise PrerequisiteError(f"{sheet} cannot be written ({error.strerror}). Choose another with -o.") from None
    total, standing_for = len(replies.frame), sum(len(row.replies) for row in drawn.key)
    if as_json:
        facts = {"sheet": str(sheet), "key": str(key), "rows": len(drawn.sheet), "replies": standing_for}
        click.echo(json.dumps({**facts, "of": total, "hidden": replies.hidden}, indent=2))
        return
    click.echo(f"{sheet}: {len(drawn.sheet)} rows for {standing_for} of {total:,} graded replies. The key is {key}.")
    _tell_hidden(replies.hidden)
    click.echo(f"Next: warm-inspect label serve {sheet}")


@label.command()
@click.argument("sheet", type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the page; any free one by default.")
def serve(sheet: Path, port: int) -> None:
    """Serve a page on this machine on which the replies of SHEET are labelled, one at a time, by keyboard.

    \b
      1 correct   2 incorrect   3 refusal   4 unclear
      E endorses the claim      C corrects the claim      V validates the user
      Enter saves and goes on   Z takes the last label back   M writes a comment

    Open the address that is printed. Each label is on disk, in SHEET's .labels.jsonl, before the next reply is shown;
    stop with Ctrl-C and start again whenever you like. The page loads nothing from elsewhere and answers this machine
    only; of a remote one, forward the port (ssh -L 8000:127.0.0.1:8000, with --port 8000).

    \b
      warm-inspect label serve sheet.jsonl
    """  # noqa: D301
    with needs_extra("warm-inspect label", "analysis"):
        from warm_inspect.labelling import LabelFile, LabelPage, labels_path, read_sheet
    rows = read_sheet(sheet)
    with LabelFile(labels_path(sheet)) as labels, LabelPage(rows, labels, port) as page:
        click.echo(f"{page.done} of {len(rows)} labelled. Open {page.url}")
        click.echo("Stop with Ctrl-C.")
        try:
            page.serve_forever()
        except KeyboardInterrupt:
            click.echo(f"\n{page.done} of {len(rows)} labelled, in {labels.path}.")
        click.echo(f"Next: warm-inspect label import {labels.path} --out labels.jsonl")


@label.command(name="import")
@click.argument("labels", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path), help="The key, where it does not lie beside LABELS.")
@click.option("--out", type=click.Path(path_type=Path), help="Write labels.jsonl, for later analyses.")
@click.option("--labeller", default="reader", show_default=True, help="Who labelled, as it is written into --out.")
@click.option("--scores", type=click.Path(path_type=Path), help="Folder for scores that Inspect adds to the logs.")
@click.option("--json", "as_json", is_flag=True, help="Print every agreement as JSON.")
@click.pass_context
def import_(
    context: click.Context,
    labels: Path,
    key: Path | None,
    out: Path | None,
    labeller: str,
    scores: Path | None,
    as_json: bool,
) -> None:
    """Join LABELS with the grades of their logs, and show how they agree: overall, per arm and per length.

    Shows the confusion table, Cohen's kappa and Gwet's AC1 of the grade, and sensitivity, specificity and precision of
    each outcome with 95 % intervals, clustered by question where questions repeat. What the labels do not support is
    not stated, and how many more it takes is. Exit code 3 when that is so for all labels together.

    \b
      warm-inspect label import sheet.labels.jsonl --out labels.jsonl
      warm-inspect label import sheet.labels.jsonl --scores scores
      inspect score LOG --scorer warm_inspect/labels -S scores=scores/LOG.json --action append
    """  # noqa: D301
    with needs_extra("warm-inspect label", "analysis"):
        from warm_inspect.analysis.grader_error import GRADE, agreements
        from warm_inspect.core.files import write_whole
        from warm_inspect.core.lines import as_lines
        from warm_inspect.labelling import key_of_labels, labelled_replies, read_key, read_marks, write_scores
        from warm_inspect.report import agreement_tables
        from warm_inspect.tables import print_table
    rows = labelled_replies(read_marks(labels), read_key(key or key_of_labels(labels)), labeller)
    measured = agreements(rows)
    if out:
        try:
            write_whole(out, as_lines(rows))
        except OSError as error:
            raise PrerequisiteError(f"{out} cannot be written ({error.strerror}). Choose another --out.") from None
    files = write_scores(rows, scores) if scores else []
    if as_json:
        click.echo(json.dumps({"replies": len(rows), "agreements": [each.record for each in measured]}, indent=2))
    else:
        for table in agreement_tables(measured):
            print_table(Console(), table)
        if out:
            click.echo(f"\n{len(rows)} labelled replies in {out}.")
        if files and scores:
            click.echo(f"\nScores of {len(files)} logs in {scores}. Add them to a log with, for example:")
            click.echo(
                f"  inspect score {Path(files[0]).stem}.eval --scorer warm_inspect/labels "
                f"-S scores={scores / files[0]} --action append"
            )
    overall = [each for each in measured if (each.by, each.outcome) == ("all", GRADE)]
    if any(each.ac1.note for each in overall):
        context.exit(INCOMPLETE)


def _tell_hidden(hidden: int) -> None:
    if hidden:
        click.echo(f"Left out: {hidden:,} replies of gated or harmful rows (--include-text draws them too).")
