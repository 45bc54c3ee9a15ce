"""`warm-inspect compare`: two logs of one task, sample by sample."""

import json
from collections.abc import Iterator
from math import nan
from pathlib import Path
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from warm_inspect.core.errors import missing_extra

INCOMPLETE = 3
"""Exit code when a log did not run to its end."""
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
    try:
        from warm_inspect.analysis.compare.paired import compare_logs
        from warm_inspect.analysis.compare.score_values import parse_value_map
        from warm_inspect.core.files import staged
        from warm_inspect.report.compare_page import write_compare_page
        from warm_inspect.report.comparison import comparison_record, items_frame
    except ModuleNotFoundError as error:
        raise missing_extra("warm-inspect compare", "analysis", error) from None
    found = compare_logs(a, b, scores=scores, values=parse_value_map(value_map), cluster=cluster)
    record = json.dumps(comparison_record(found), indent=2, ensure_ascii=False)
    if out:
        with staged(out) as scratch:
            write_compare_page(found, scratch / "compare.html", viewer=viewer, include_text=include_text)
            items_frame(found).to_csv(scratch / "items.csv", index=False)
            (scratch / "compare.json").write_text(record + "\n", encoding="utf-8")
    if as_json:
        click.echo(record)
    else:
        _print(Console(), json.loads(record), out)
    if not found.complete:
        context.exit(INCOMPLETE)


def _print(console: Console, record: dict[str, Any], out: Path | None) -> None:
    """The two logs, the differences by metric, the samples that differ, and what a reader must know."""
    for letter in "ab":
        log = record[letter]
        console.print(f"[bold]{letter.upper()}[/] {escape(log['model'])}, {escape(log['task'])}, {escape(log['file'])}")
    console.print(_table(record["metrics"]))
    for metric in record["metrics"]:
        for line in _facts(metric):
            console.print(escape(f"{metric['metric']}: {line}"))
    limited = [f"{', '.join(names)}: {limit}." for limit, names in record["limits"].items()]
    for note in [*limited, *record["notes"]]:
        console.print(f"[yellow]Note:[/] {escape(note)}")
    for name, reason in record["left_out"].items():
        console.print(f"[yellow]Not compared:[/] {escape(name)}: {escape(reason)}.")
    console.print(f"{record['paired_samples']:,} paired replies; errors clustered by {escape(record['cluster'])}.")
    if out:
        console.print(f"Page: {escape(str(out / 'compare.html'))}")


def _facts(metric: dict[str, Any]) -> Iterator[str]:
    """What the table has no room for: what could have been seen, McNemar's test, unscored samples, and who differs."""
    if metric["detectable"] is not None:
        yield f"a difference of {metric['detectable']:.1f} points would have been found 8 times in 10."
    test = metric["mcnemar"]
    if test and test["p_value"] is not None:
        yield f"McNemar exact P {test['p_value']:.3g}, mid-P {test['mid_p']:.3g}."
    if metric["unscored_a"] or metric["unscored_b"]:
        yield f"unscored pairs, left out: {metric['unscored_a']} in A, {metric['unscored_b']} in B."
    for group, ids in metric["discordant"].items():
        more = f" and {len(ids) - _LISTED} more" if len(ids) > _LISTED else ""
        if ids:
            yield f"{metric['groups'][group]} ({len(ids)}): {', '.join(ids[:_LISTED])}{more}"


def _table(metrics: list[dict[str, Any]]) -> Table:
    from warm_inspect.report.numbers import interval, p_value

    table = Table(
        Column("score", overflow="fold"),
        title="B - A in percentage points with 95 % intervals; P by permutation, adjusted by Holm",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    for name in ("A %", "B %", "B - A", "interval", "P", "P adj.", "n"):
        table.add_column(name, justify="right", no_wrap=True)
    for metric in metrics:
        row = metric["difference"]
        low, high, p, holm = (
            nan if value is None else value
            for value in (row["conf_low"], row["conf_high"], metric["permutation"]["p_value"], metric["p_holm"])
        )
        rates = (f"{100 * metric[name]:.1f}" for name in ("mean_a", "mean_b"))
        table.add_row(
            escape(metric["metric"]), *rates, f"{row['estimate']:+.1f}", interval(low, high),
            p_value(p), p_value(holm), f"{metric['n']:,}",
        )  # fmt: skip
    return table
