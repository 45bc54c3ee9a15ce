"""`warm-inspect warmth`: how warm replies are, and whether training moved them."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress

from warm_inspect.cli.shared import INCONCLUSIVE, needs_extra, parse_arms
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import MeterName
from warm_inspect.tables import escape

if TYPE_CHECKING:
    from warm_inspect.manipulation import WarmthPlan


def _default_grader() -> str:
    from warm_inspect.grading.model import default_grader

    return default_grader()


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--out", default="warmth", show_default=True, type=click.Path(path_type=Path), help="Folder for results.")
@click.option(
    "--meter",
    "meters",
    multiple=True,
    type=click.Choice([meter.value for meter in MeterName]),
    default=("style", "sociot"),
    show_default=True,
    help="What reads the warmth; repeatable. The first one decides the check.",
)
@click.option(
    "--scoring-model", default="gpt2", show_default=True, help="SocioT's language model: gpt2, alias, folder or Hub id."
)
@click.option(
    "--grader", default=_default_grader, show_default="that of the tasks", help="Model of the meter 'rating'."
)
@click.option(
    "--corpus",
    default="demo",
    show_default=True,
    help="Its held-out prompts are put to adapters; its labelled replies, if it has any held out (else those of demo), "
    "fit the style meter and validate every meter.",
)
@click.option("--prompts", type=click.IntRange(min=1), help="Ask adapters the first so many held-out prompts.")
@click.option("--base", help="Base model of the adapters: which one, if they have several, or its folder.")
@click.option(
    "--provider",
    type=click.Choice(["peft", "vllm"]),
    default="peft",
    show_default=True,
    help="What runs the adapters: this machine, or the vLLM server of `warm-inspect serve`.",
)
@click.option("--arm", "arms", multiple=True, metavar="NAME=MODEL", help="The arm of a model in logs. Repeatable.")
@click.option("--reference", default="original", show_default=True, help="The arm that the others are compared with.")
@click.option("--treated", default="", help="An arm that should be warmer than it, such as a model after a change.")
@click.option("--write-manifest", is_flag=True, help="Write each adapter's check into its manifest.")
@click.option("--dry-run", is_flag=True, help="Show what would be read and what it costs; read nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@click.pass_context
def warmth(
    context: click.Context,
    paths: tuple[str, ...],
    out: Path,
    meters: tuple[str, ...],
    scoring_model: str,
    grader: str,
    corpus: str,
    prompts: int | None,
    base: str | None,
    provider: str,
    arms: tuple[str, ...],
    reference: str,
    treated: str,
    write_manifest: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Read the warmth of replies, and check that training moved it.

    PATH is an Inspect log or a folder of logs; a JSONL file of replies; or a folder of adapters or checkpoints, which
    are asked the corpus's held-out prompts beside their base model.

    \b
      warm-inspect warmth adapters/ --write-manifest       the manipulation check of every adapter
      warm-inspect warmth logs/ --meter sociot             replies in logs
      warm-inspect warmth logs/ --reference before --treated after       hosted or prompted models
      warm-inspect warmth replies.jsonl --meter rating --meter style
      warm-inspect warmth adapters/ --scoring-model smollm2-135m
      warm-inspect warmth adapters/ --provider vllm        adapters on a server (docs/vllm.md)

    A JSONL row is {prompt, reply, arm?}, {prompt, replies: {arm: text}} or {messages: [...], arm?}.

    Every meter is first validated on the corpus's labelled replies: one that orders replies of equal length no better
    than chance cannot decide a check. Reply length stands beside every number, since meters drift with it. An arm that
    should become warmer or colder passes when it moved by d >= 0.35 that way and the interval leaves out 0, against the
    original and against the neutral arm if there is one.

    An interrupted run resumes from OUT. Exit code 1: a check failed. Exit code 3: the first meter failed validation.
    """  # noqa: D301 - click reads the backslash
    from warm_inspect.models import share_cpus

    share_cpus()
    with needs_extra("warm-inspect warmth", "local,analysis"):
        from warm_inspect.analysis.logs import find_logs
        from warm_inspect.cli.warmth_tables import print_report
        from warm_inspect.manipulation import (
            READINGS_NAME,
            REPORT_NAME,
            WarmthPlan,
            check_warmth,
            find_sources,
        )
        from warm_inspect.models import of_one_base
        from warm_inspect.training import load_corpus
    sources, prompt_corpus = find_sources(paths), load_corpus(corpus)
    adapters, base_model = of_one_base(sources.adapters, base)
    if write_manifest and not adapters:
        raise PrerequisiteError("--write-manifest needs adapters: give the folder that `warm-inspect train` wrote to.")
    plan = WarmthPlan(
        meters=tuple(dict.fromkeys(meters)),
        corpus=prompt_corpus,
        adapters=adapters,
        base=base_model,
        prompts=tuple(prompt_corpus.prompts("held_out")[:prompts]),
        provider=provider,
        files=sources.files,
        logs=tuple(find_logs(sources.logs)) if sources.logs else (),
        model_arms=parse_arms(arms),
        reference=reference,
        treated=treated,
        scoring_model=scoring_model,
        grader=grader,
    )
    for warning in plan.warnings:
        Console(stderr=True).print(f"[yellow]Warning:[/] {escape(warning)}", soft_wrap=True)
    console = Console()
    if dry_run:
        _show_plan(console, plan, as_json)
        return
    # Inspect announces its evaluations on standard output, which is for the result.
    with redirect_stdout(sys.stderr), _progress(plan) as on_readings:
        report = check_warmth(plan, out, write_manifests=write_manifest, on_readings=on_readings)
    if as_json:
        click.echo(report.model_dump_json(indent=2))
    else:
        print_report(console, report)
        console.print(f"Everything read: {out / REPORT_NAME}; each reply's numbers: {out / READINGS_NAME}")
    if report.failed:
        context.exit(1)
    if report.why_undecided:
        context.exit(INCONCLUSIVE)


def _show_plan(console: Console, plan: "WarmthPlan", as_json: bool) -> None:
    summary = plan.summary
    if as_json:
        click.echo(json.dumps(summary, indent=2))
        return
    console.print(f"Replies: {summary['stored_replies']:,} stored, {summary['replies_to_generate']:,} to generate")
    labels = f"{summary['labelled_replies']:,} of the corpus {summary['labels']}"
    console.print(f"Labelled replies to validate each meter on: {labels}")
    for meter, cost in summary["meters"].items():
        console.print(f"  {meter}: {cost}")


@contextmanager
def _progress(plan: "WarmthPlan") -> Iterator[Callable[[int], None]]:
    """A bar of replies that models and graders give, and one of readings, which the yielded function advances."""
    from warm_inspect.study import on_sample_end

    local = [meter for meter in plan.meters if meter != MeterName.RATING]
    asked = plan.generated + plan.readings * (len(plan.meters) - len(local))
    read = plan.readings * len(local)
    console = Console(stderr=True)
    if not console.is_terminal:
        replies, readings = _Lines(console, "replies and ratings", asked), _Lines(console, "readings", read)
        with on_sample_end(lambda _: replies.advance(1)):
            yield readings.advance
        return
    with Progress(console=console, transient=True) as bars:
        replies_bar = bars.add_task("replies and ratings", total=asked, visible=False)
        readings_bar = bars.add_task("readings", total=read, visible=bool(local))
        with on_sample_end(lambda _: bars.update(replies_bar, advance=1, visible=True)):
            yield lambda n: bars.update(readings_bar, advance=n)


class _Lines:
    """Progress in lines of text, for an output that is no terminal: one at each tenth."""

    def __init__(self, console: Console, name: str, total: int) -> None:
        self._console, self._name, self._total, self._done = console, name, total, 0

    def advance(self, n: int) -> None:
        """Count further pieces; write a line when another tenth is done."""
        before, self._done = self._done, self._done + n
        if self._total and 10 * self._done // self._total > 10 * before // self._total:
            self._console.print(f"{self._name}: {self._done:,} of {self._total:,}", highlight=False, soft_wrap=True)
