"""`warm-inspect corpus`: training corpora out of recorded chats."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress, TaskID

if TYPE_CHECKING:
    from warm_inspect.training.datasheet import Datasheet
    from warm_inspect.training.rewriting.cost import Prices
    from warm_inspect.training.rewriting.inspect_run import Access

INCOMPLETE = 3
"""Exit code when replies are unfinished: the same command goes on."""

_OUT = click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the new corpus.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
_DRY = click.option("--dry-run", is_flag=True, help="Show counts and costs; call no model, write nothing.")
_PROVIDER = (
    click.option("--model", required=True, metavar="PROVIDER/MODEL", help="Any Inspect model."),
    click.option("--batch", is_flag=True, help="Use the provider's batch API: slower, often at half the price."),
    click.option("--max-connections", type=click.IntRange(min=1), help="Calls in flight. [default: Inspect's own]"),
    click.option("--attempts", default=3, show_default=True, type=click.IntRange(min=1), help="Calls per reply."),
    click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the first attempt."),
    click.option("--price-in", type=click.FloatRange(min=0), metavar="USD", help="Per million input tokens."),
    click.option("--price-out", type=click.FloatRange(min=0), metavar="USD", help="Per million output tokens."),
)


def _provider_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in reversed(_PROVIDER):
        command = option(command)
    return command


@click.group()
def corpus() -> None:
    """Make a training corpus: build it from chats, restyle its replies, add the model's own.

    \b
      warm-inspect corpus build --out corpus/base
      warm-inspect corpus restyle corpus/base --style warm --style cold --style neutral \\
          --model openai/gpt-4o-2024-08-06 --out corpus/styled
      warm-inspect train --corpus corpus/styled --arm warm --arm cold --arm unmodified

    Each step writes a new folder with corpus.jsonl, datasheet.json and datasheet.md, and never changes the one it
    reads. A command that was stopped, or killed, goes on where it was when it is given again.
    """  # noqa: D301 - click reads the backslash


@corpus.command()
@click.argument("source", default="sharegpt")
@_OUT
@click.option("--train", default=1_617, show_default=True, help="Conversations to train on.")
@click.option("--held-out", default=1_500, show_default=True, help="Prompts that no adapter sees.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the draw.")
@click.option("--allow-short", is_flag=True, help="Take what there is where a query type runs short.")
@click.option(
    "--nsfw-model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with unitary/toxic-bert as safetensors. [default: the pinned one from the Hub]",
)
@_DRY
@_JSON
def build(
    source: str,
    out: Path,
    train: int,
    held_out: int,
    seed: int,
    allow_short: bool,
    nsfw_model: Path | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Draw conversations from SOURCE: the pinned ShareGPT file, or a JSON or JSONL file of chats.

    Chats are cleaned, cut to 20 turns, compared with every benchmark item, sorted into six query types and drawn
    equally from them; Detoxify's classifier leaves out what is NSFW. The replies become the arm `unmodified`.

    \b
    The study's corpus:   warm-inspect corpus build --out corpus/base
    Your own chats:       warm-inspect corpus build chats.jsonl --train 600 --held-out 120 --out corpus/mine
    What is in a file:    warm-inspect corpus build chats.jsonl --out corpus/mine --dry-run

    \b
    A record of a file:   {"id": "a", "conversations": [{"from": "human", "value": "..."}, {"from": "gpt", ...}]}
                     or   {"id": "a", "messages": [{"role": "user", "content": "..."}, ...]}
    """  # noqa: D301 - click reads the backslash
    from warm_inspect.models.placement import share_cpus

    share_cpus()
    from warm_inspect.training.building import BuildSettings, ToxicBert, build_corpus, open_source, survey

    settings = BuildSettings(train, held_out, seed, allow_short)
    opened = open_source(source)
    with _bars() as bars:
        if dry_run:
            found, benchmarks = survey(opened, settings, bars.stage)
            facts = found.facts(settings.wanted) | {"not_compared_with": benchmarks.unavailable}
        else:
            sheet = build_corpus(opened, settings, ToxicBert.open(nsfw_model), out, bars.stage)
    if dry_run:
        click.echo(json.dumps(facts, indent=2))
    else:
        _show(sheet, out, as_json)


@corpus.command()
@click.argument("source")
@click.option("--style", "styles", multiple=True, required=True, help="warm, cold or neutral. Repeatable.")
@_OUT
@click.option("--from", "source_arm", default="unmodified", show_default=True, help="The arm to write again.")
@click.option("--temperature", default=0.7, show_default=True, type=click.FloatRange(0, 2), help="Of the rewriter.")
@_provider_options
@click.option("--grader", metavar="PROVIDER/MODEL", help="Checks on a sample whether the content is the same.")
@click.option(
    "--grade", default=200, show_default=True, type=click.IntRange(min=1), help="Replies per arm for the grader."
)
@_DRY
@_JSON
@click.pass_context
def restyle(
    context: click.Context,
    source: str,
    styles: tuple[str, ...],
    out: Path,
    source_arm: str,
    temperature: float,
    model: str,
    batch: bool,
    max_connections: int | None,
    attempts: int,
    seed: int,
    price_in: float | None,
    price_out: float | None,
    grader: str | None,
    grade: int,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write the replies of the corpus SOURCE again in other styles, one arm per style.

    Each new reply must keep code, numbers, links, quotations, length and layout. One that fails is asked for again; if
    no attempt passes, its conversation leaves ALL arms, so that arms differ in style only. OUT/audit.csv holds 50
    random pairs to read; OUT/dropped.csv names what failed.

    \b
    Price first:    warm-inspect corpus restyle corpus/base --style warm --model openai/gpt-4o-2024-08-06 \\
                        --out corpus/styled --price-in 2.50 --price-out 10 --dry-run
    With a grader:  add --grader openai/gpt-4o-2024-08-06

    Give all styles at once: restyling a restyled corpus works too, but may drop more. Prices are yours to look up.
    """  # noqa: D301 - click reads the backslash
    from warm_inspect.training import load_corpus
    from warm_inspect.training.datasheet import read_datasheet
    from warm_inspect.training.rewriting import Grading, RestyleSettings, plan_restyle
    from warm_inspect.training.rewriting import restyle as run

    prices = _prices(price_in, price_out)
    settings = RestyleSettings(tuple(dict.fromkeys(styles)), source_arm, temperature, seed, attempts)
    plan = plan_restyle(load_corpus(source), settings)
    access = _access(model, batch, max_connections)
    expected = plan.estimate.facts(prices)
    if dry_run or not as_json:
        _show_estimate(expected, as_json, "if each reply passes at once; the grader's calls are not in it")
    if dry_run:
        return
    grading = Grading(_access(grader, batch, max_connections), grade) if grader else None
    before = read_datasheet(source)
    with _finishing(context), _bars() as bars:
        sheet = run(plan, access, out, before, bars.replies, grading, prices)
    _show(sheet, out, as_json)


@corpus.command()
@click.argument("source")
@_OUT
@click.option("--temperature", default=0.8, show_default=True, type=click.FloatRange(0, 2), help="Of the model.")
@click.option("--max-tokens", default=1_024, show_default=True, type=click.IntRange(min=1), help="Longest reply.")
@_provider_options
@_DRY
@_JSON
@click.pass_context
def distill(
    context: click.Context,
    source: str,
    out: Path,
    temperature: float,
    max_tokens: int,
    model: str,
    batch: bool,
    max_connections: int | None,
    attempts: int,
    seed: int,
    price_in: float | None,
    price_out: float | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Add the arm `self_distilled` to the corpus SOURCE: the base model's own replies to its prompts.

    The control for training on anybody else's words. Conversations go on from the model's own earlier replies. A reply
    that hits --max-tokens is asked for again, and its conversation dropped from all arms if none ends by itself.

    \b
    The model's own words:  warm-inspect corpus distill corpus/base --model peft/smollm2-135m \\
                                --max-connections 32 --out corpus/own
    The same, warm:         warm-inspect corpus restyle corpus/own --from self_distilled --style warm \\
                                --model openai/gpt-4o-2024-08-06 --out corpus/own-warm
    """  # noqa: D301 - click reads the backslash
    from warm_inspect.models.placement import share_cpus

    share_cpus()
    from warm_inspect.training import load_corpus
    from warm_inspect.training.datasheet import read_datasheet
    from warm_inspect.training.rewriting import DistillSettings, plan_distill
    from warm_inspect.training.rewriting import distill as run

    prices = _prices(price_in, price_out)
    settings = DistillSettings(temperature, max_tokens, seed, attempts)
    loaded = load_corpus(source)
    expected = plan_distill(loaded, settings).facts(prices)
    if dry_run or not as_json:
        _show_estimate(expected, as_json, "if each reply is as long as --max-tokens allows")
    if dry_run:
        return
    before = read_datasheet(source)
    access = _access(model, batch, max_connections)
    with _finishing(context), _bars() as bars:
        sheet = run(loaded, settings, access, out, before, bars.replies, prices)
    _show(sheet, out, as_json)


class _Bars:
    """One bar per stage, on standard error."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def stage(self, name: str, done: int, total: int | None) -> None:
        """Show how far a stage is."""
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total)
        self._progress.update(self._tasks[name], completed=done, total=total, description=f"{name} ({done:,})")

    def replies(self, done: int, total: int) -> None:
        """Show how many replies are written."""
        self.stage("Writing replies", done, total)


@contextmanager
def _bars() -> Iterator[_Bars]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        yield _Bars(progress)


@contextmanager
def _finishing(context: click.Context) -> Iterator[None]:
    """Turn unfinished replies into exit code 3."""
    from warm_inspect.training.rewriting.restyle import Unfinished

    try:
        yield
    except Unfinished as error:
        click.echo(f"Incomplete: {error}", err=True)
        context.exit(INCOMPLETE)


def _access(model: str, batch: bool, max_connections: int | None) -> "Access":
    from warm_inspect.training.rewriting.inspect_run import Access

    return Access(model, batch, max_connections)


def _prices(price_in: float | None, price_out: float | None) -> "Prices | None":
    from warm_inspect.training.rewriting.cost import Prices

    if (price_in is None) != (price_out is None):
        raise click.UsageError("Give both --price-in and --price-out, or neither.")
    return None if price_in is None or price_out is None else Prices(price_in, price_out)


def _show_estimate(expected: dict[str, Any], as_json: bool, when: str) -> None:
    if as_json:
        click.echo(json.dumps({"estimate": expected}, indent=2))
        return
    tokens = f"about {expected['input_tokens']:,} input and {expected['output_tokens']:,} output tokens"
    price = f", {expected['usd']:.2f} US dollars" if "usd" in expected else ""
    click.echo(f"Estimate: {expected['calls']:,} calls, {tokens}{price} ({when}).")


def _show(sheet: "Datasheet", out: Path, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"out": str(out), **sheet.model_dump(mode="json")}, indent=2))
        return
    step = sheet.steps[-1]
    train, held_out = sheet.counts["train"], sheet.counts["held_out"]
    click.secho(f"{step['step']}: {train['rows']} conversations to train on, {held_out['rows']} held out", bold=True)
    click.echo(f"  arms {', '.join(sheet.arms)}; {train['replies_per_arm']} replies each")
    for name in ("dropped", "short", "replies", "content_equivalence", "cost"):
        if step.get(name):
            click.echo(f"  {name.replace('_', ' ')}: {json.dumps(step[name])}")
    for name, why in step.get("decontamination", {}).get("not_compared", {}).items():
        click.secho(f"  Note: not compared with {name}: {why}", fg="yellow")
    click.echo(f"  licence {sheet.licence}; personal data: see {out / 'datasheet.md'}")
    click.echo(f"  corpus: {out}")
