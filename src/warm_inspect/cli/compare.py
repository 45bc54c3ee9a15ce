"""`warm-inspect compare`: two logs of one task, sample by sample."""

from collections.abc import Iterator
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from warm_inspect.cli.shared import INCOMPLETE, needs_extra
from warm_inspect.tables import escape, print_table

if TYPE_CHECKING:
    from warm_inspect.analysis.compare import Comparison, MetricComparison

_LISTED = 10
"""Samples of each kind that the terminal lists."""


@click.command()
@click.argument("a", metavar="A.eval")
@click.argument("b", metavar="B.eval")
@click.option("--score", "scores", multiple=True, metavar="NAME", help="Scorer, or scorer.key, to compare. Repeatable.")
@click.option(
    "--value-map",
    "value_map",
    multiple=True,
    metavar="VALUE=NUMBER",
    help="The number from 0 to 1 that a score value stands for, for example GOOD=1. Repeatable.",
)
@click.option("--cluster", default="", metavar="FIELD", help="Sample metadata that says which samples belong together.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for compare.html, items.csv and compare.json.")
@click.option(
    "--viewer",
    default="http://127.0.0.1:7575",
    show_default=True,
    metavar="URL",
    help="Where Inspect's viewer serves the folder that holds both logs, for links on the page.",
)
@click.option("--include-text", is_flag=True, help="Show questions and answers on the page, also of gated rows.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
@click.pass_context
def compare(
    context: click.Context,
    a: str,
    b: str,
    scores: tuple[str, ...],
    value_map: tuple[str, ...],
    cluster: str,
    out: Path | None,
    viewer: str,
    include_text: bool,
    as_json: bool,
) -> None:
    """Compare two logs of any Inspect task sample by sample: B minus A.

    Samples pair by id and epoch, epochs are averaged first. Shows the paired difference with a clustered interval, an
    exact permutation test and McNemar's, adjusted over the scores, and which samples differ. Samples that are in one
    log only or have no score are counted; samples that asked different things are an error.

    \b
      warm-inspect compare before.eval after.eval --out compared
      warm-inspect compare a.eval b.eval --score judge --value-map GOOD=1 --value-map BAD=0
      warm-inspect compare a.eval b.eval --cluster topic --json

    Exit code 3 when a log did not run to its end.
    """  # noqa: D301 - click reads the backslash
    with needs_extra("warm-inspect compare", "analysis"):
        from warm_inspect.report import compare_files, comparison_json, write_comparison
    comparison = compare_files(a, b, scores=scores, value_map=value_map, cluster=cluster)
    if out:
        write_comparison(comparison, out, viewer=viewer, include_text=include_text)
    if as_json:
        click.echo(comparison_json(comparison))
    else:
        _print(Console(), comparison, out)
    if not comparison.complete:
        context.exit(INCOMPLETE)


def _print(console: Console, comparison: "Comparison", out: Path | None) -> None:
    """The two logs, the differences by metric, the samples that differ, and what a reader must know."""
    from warm_inspect.report import differences

    pairs = comparison.pairs
    for letter, log in (("A", pairs.a), ("B", pairs.b)):
        console.print(f"[bold]{letter}[/] {escape(log.model)}, {escape(log.task)}, {escape(log.name)}")
    print_table(console, differences(comparison))
    console.print()
    for metric in comparison.metrics:
        for line in _facts(metric):
            console.print(escape(f"{metric.metric}: {line}"))
    for note in comparison.notes:
        console.print(f"[yellow]Note:[/] {escape(note.sentence)}")
    for name, reason in comparison.left_out.items():
        console.print(f"[yellow]Not compared:[/] {escape(name)}: {escape(reason.sentence)}")
    console.print(f"{len(pairs.keys):,} paired replies; errors clustered by {escape(pairs.cluster)}.")
    if out:
        console.print(f"Page: {escape(str(out / 'compare.html'))}")


def _facts(metric: "MetricComparison") -> Iterator[str]:
    """What the table leaves out here: what could have been seen, McNemar's test, unscored samples, and who differs."""
    from warm_inspect.report import discordant, group_words

    if not isnan(metric.detectable):
        yield f"a difference of {metric.detectable:.1f} points would have been found 8 times in 10."
    if metric.mcnemar and not isnan(metric.mcnemar.p_value):
        yield f"McNemar exact P {metric.mcnemar.p_value:.3g}, mid-P {metric.mcnemar.mid_p:.3g}."
    if metric.unscored_a or metric.unscored_b:
        yield f"unscored pairs, left out: {metric.unscored_a} in A, {metric.unscored_b} in B."
    words = group_words(metric)
    for group, ids in discordant(metric).items():
        more = f" and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
        if ids:
            yield f"{words[group]} ({len(ids)}): {', '.join(ids[:_LISTED])}{more}"
