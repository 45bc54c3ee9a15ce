"""`warm-inspect corpus restyle` and `distill`: arms whose replies a model writes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warm_inspect.cli.corpus_output import DRY_RUN, JSON, OUT, bars, refuse_source, show
from warm_inspect.cli.shared import INCOMPLETE, options

if TYPE_CHECKING:
    from warm_inspect.training.corpus import Access, Prices


_model_options = options(
    click.option("--model", required=True, metavar="PROVIDER/MODEL", help="Any Inspect model."),
    click.option("--batch", is_flag=True, help="Use the provider's batch API, where Inspect has it."),
    click.option("--max-connections", type=click.IntRange(min=1), help="Calls in flight. [default: Inspect's own]"),
    click.option("--attempts", default=3, show_default=True, type=click.IntRange(min=1), help="Calls per reply."),
    click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the first attempt."),
    click.option("--price-in", type=click.FloatRange(min=0), metavar="USD", help="Per million input tokens."),
    click.option("--price-out", type=click.FloatRange(min=0), metavar="USD", help="Per million output tokens."),
)


@click.command()
@click.argument("source")
@click.option("--style", "styles", multiple=True, required=True, help="warm, cold or neutral. Repeatable.")
@OUT
@click.option("--from", "source_arm", default="unmodified", show_default=True, help="The arm to write again.")
@click.option("--temperature", default=0.7, show_default=True, type=click.FloatRange(0, 2), help="Of the rewriter.")
@_model_options
@click.option("--grader", metavar="PROVIDER/MODEL", help="Checks on a sample whether the content is the same.")
@click.option(
    "--grade", default=200, show_default=True, type=click.IntRange(min=1), help="Replies per arm for the grader."
)
@DRY_RUN
@JSON
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
                        --out corpus/styled --price-in USD --price-out USD --dry-run
    With a grader:  add --grader openai/gpt-4o-2024-08-06

    Give all styles at once: restyling a restyled corpus works too, but may drop more. Prices are yours to look up.
    """  # noqa: D301 - click reads the backslash
    from warm_inspect.training import load_corpus
    from warm_inspect.training.corpus import ContentCheck, RestyleSettings, plan_restyle
    from warm_inspect.training.corpus import restyle as run

    prices = _prices(price_in, price_out)
    refuse_source(source, out)
    settings = RestyleSettings(tuple(dict.fromkeys(styles)), source_arm, temperature, seed, attempts)
    plan = plan_restyle(load_corpus(source), settings)
    access = _access(model, batch, max_connections)
    grading = ContentCheck(_access(grader, batch, max_connections), grade) if grader else None
    expected = plan.estimate.facts(prices)
    if grading:
        expected["grader"] = plan.grading_estimate(grading).facts(grading.prices(model, prices))
    if dry_run or not as_json:
        _show_estimate(expected, as_json, "if each reply passes at once")
    if dry_run:
        return
    with _finishing(context), bars() as shown:
        sheet = run(plan, access, out, shown.replies, grading, prices)
    show(sheet, out, as_json)


@click.command()
@click.argument("source")
@OUT
@click.option("--temperature", default=0.8, show_default=True, type=click.FloatRange(0, 2), help="Of the model.")
@click.option("--max-tokens", default=1_024, show_default=True, type=click.IntRange(min=1), help="Longest reply.")
@_model_options
@DRY_RUN
@JSON
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

    The control for training on another model's text. Later turns follow the model's own earlier replies. A reply
    that hits --max-tokens is asked for again, and its conversation dropped from all arms if none ends by itself. So is
    one that outgrows the model's context.

    \b
    The model's own:        warm-inspect corpus distill corpus/base --model peft/smollm2-135m \\
                                --max-connections 32 --out corpus/own
    The same, warm:         warm-inspect corpus restyle corpus/own --from self_distilled --style warm \\
                                --model openai/gpt-4o-2024-08-06 --out corpus/own-warm
    """  # noqa: D301 - click reads the backslash
    from warm_inspect.models import share_cpus

    share_cpus()
    from warm_inspect.training import load_corpus
    from warm_inspect.training.corpus import DistillSettings, plan_distill
    from warm_inspect.training.corpus import distill as run

    prices = _prices(price_in, price_out)
    refuse_source(source, out)
    settings = DistillSettings(temperature, max_tokens, seed, attempts)
    loaded = load_corpus(source)
    expected = plan_distill(loaded, settings).facts(prices)
    if dry_run or not as_json:
        _show_estimate(expected, as_json, "if each reply is as long as --max-tokens allows")
    if dry_run:
        return
    access = _access(model, batch, max_connections)
    with _finishing(context), bars() as shown:
        sheet = run(loaded, settings, access, out, shown.replies, prices)
    show(sheet, out, as_json)


@contextmanager
def _finishing(context: click.Context) -> Iterator[None]:
    """Turn unfinished replies into exit code 3."""
    from warm_inspect.training.corpus import Unfinished

    try:
        yield
    except Unfinished as error:
        click.echo(f"Incomplete: {error}", err=True)
        context.exit(INCOMPLETE)


def _access(model: str, batch: bool, max_connections: int | None) -> "Access":
    from warm_inspect.training.corpus import Access

    return Access(model, batch, max_connections)


def _prices(price_in: float | None, price_out: float | None) -> "Prices | None":
    from warm_inspect.training.corpus import Prices

    if (price_in is None) != (price_out is None):
        raise click.UsageError("Give both --price-in and --price-out, or neither.")
    return None if price_in is None or price_out is None else Prices(price_in, price_out)


def _show_estimate(expected: dict[str, Any], as_json: bool, when: str) -> None:
    if as_json:
        click.echo(json.dumps({"estimate": expected}, indent=2))
        return
    click.echo(f"Estimate: {_in_words(expected)} ({when}).")
    if "grader" in expected:
        click.echo(f"And of the grader: {_in_words(expected['grader'])} (if each first verdict is clear).")


def _in_words(cost: dict[str, Any]) -> str:
    tokens = f"about {cost['input_tokens']:,} input and {cost['output_tokens']:,} output tokens"
    price = f", {cost['usd']:.2f} US dollars" if "usd" in cost else ""
    return f"{cost['calls']:,} calls, {tokens}{price}"
