"""`warm-inspect plan`: what an evaluation costs, and what it can show, before it is paid."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from warm_inspect.cli.planned_answer import Planned, answers_table, planned_answers
from warm_inspect.core.errors import missing_extra
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.core.yaml_text import parse_yaml
from warm_inspect.tables import UNKNOWN, Column, print_table, tabulate, whole

if TYPE_CHECKING:
    from warm_inspect.study import Bill, TaskForecast

_DEFAULT_TASKS = tuple(f"warm_inspect/{benchmark}" for benchmark in Benchmark)
_COUNT = click.IntRange(min=1)


@click.command()
@click.argument("tasks", nargs=-1, metavar="[TASK]...")
@click.option("--model", "models", multiple=True, required=True, help="A model to test, by Inspect's name. Repeatable.")
@click.option("-T", "parameters", multiple=True, metavar="NAME=VALUE", help="A task parameter, as for `inspect eval`.")
@click.option("--grader", "graders", multiple=True, help="A model that grades.  [default: the study's]")
@click.option("--epochs", type=_COUNT, default=1, show_default=True, help="Replies per sample.")
@click.option("--reply-tokens", type=_COUNT, default=150, show_default=True, help="Length of a reply of the model.")
@click.option("--verdict-tokens", type=_COUNT, default=150, show_default=True, help="Length of a verdict of a grader.")
@click.option(
    "--model-cost-config",
    "prices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The file of prices that `inspect eval` takes under this name.",
)
@click.option("--per-minute", type=click.FloatRange(0, min_open=True), help="Calls a minute: says how long it takes.")
@click.option("--tried", type=_COUNT, default=50, show_default=True, help="Samples of each task that are rendered.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def plan(
    tasks: tuple[str, ...],
    models: tuple[str, ...],
    parameters: tuple[str, ...],
    graders: tuple[str, ...],
    epochs: int,
    reply_tokens: int,
    verdict_tokens: int,
    prices: Path | None,
    per_minute: float | None,
    tried: int,
    as_json: bool,
) -> None:
    """Say what evaluating TASKs costs, in samples, calls, tokens, money and hours, and what it can show. Sends nothing.

    TASK is anything that `inspect eval` takes, ours by default. Some samples of each run through the task's own solver
    and scorer with made-up replies, so that prompts of models and graders are measured as they will be; the numbers are
    scaled to all samples. The length of replies is assumed. A verdict that cannot be read is asked for once more.

    \b
      warm-inspect plan --model openai/gpt-4o-mini -T items=50
      warm-inspect plan warm_inspect/medqa --model openai/gpt-4o-mini --grader openai/gpt-6-luna \\
          -T contexts=paper -T beliefs=paper --model-cost-config prices.yaml --per-minute 500
      warm-inspect plan my_task.py@quiz --model peft/smollm2-135m --json

    Of tasks that are asked in our conditions also what the first line of `analyze` will be about, and the smallest
    effect that it would show. Two models are compared with each other.
    """  # noqa: D301 - click reads the backslash
    from warm_inspect.grading.model import default_grader
    from warm_inspect.study import bill, forecast, read_prices

    known = read_prices(prices) if prices else {}
    arguments = dict(map(_parameter, parameters))
    forecasts = [
        forecast(task, arguments, epochs=epochs, tried=tried, reply_tokens=reply_tokens)
        for task in tasks or _DEFAULT_TASKS
    ]
    bills = [bill(each, [(one, one.model_prompts) for one in forecasts], reply_tokens, known) for each in models]
    if any(one.grader_prompts for one in forecasts):
        verdicts = [(one, one.grader_prompts) for one in forecasts for _ in models]
        bills += [bill(each, verdicts, verdict_tokens, known) for each in graders or (default_grader(),)]
    hours = sum(each.calls for each in bills) / per_minute / 60 if per_minute else None
    try:
        answers = list(planned_answers(forecasts, len(models)))
    except ImportError as error:  # What it costs is known without.
        answers = []
        click.echo(missing_extra("What a study can show", "analysis", error).plain, err=True)
    if as_json:
        click.echo(json.dumps(_record(forecasts, bills, hours, answers), indent=2))
    else:
        _print(forecasts, bills, hours)
        if answers:
            print_table(Console(), answers_table(answers))


def _parameter(text: str) -> tuple[str, Any]:
    """A task parameter as `inspect eval` reads it: a number where it is one."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise click.UsageError(f"-T {text!r} is not NAME=VALUE, for example -T items=50.")
    return name, parse_yaml(value, f"-T {name}")


def _record(
    forecasts: "list[TaskForecast]", bills: "list[Bill]", hours: float | None, answers: list[Planned]
) -> dict[str, Any]:
    return {
        "tasks": [{"task": each.task, "samples": each.samples, "tried": each.tried} for each in forecasts],
        "models": list(map(asdict, bills)),
        "usd": _total(bills),
        "hours": hours,
        "answers": [each.record for each in answers],
    }


def _total(bills: "list[Bill]") -> float | None:
    """The price of everything; None where any part of it is unknown."""
    prices = [each.usd for each in bills if each.usd is not None]
    return sum(prices) if len(prices) == len(bills) else None


def _print(forecasts: "list[TaskForecast]", bills: "list[Bill]", hours: float | None) -> None:
    for each in forecasts:
        click.echo(f"{each.task}: {each.samples:,} samples of each model ({each.tried} rendered)")
    columns: list[Column[Bill]] = [
        Column("model", lambda row: row.model),
        Column("calls", lambda row: whole(row.calls)),
        Column("tokens in", lambda row: whole(row.input_tokens)),
        Column("tokens out", lambda row: whole(row.output_tokens)),
        Column("US dollars", lambda row: UNKNOWN if row.usd is None else f"{row.usd:,.2f}"),
    ]
    counted = "; ".join(f"{each.model}: {each.counted_by}" for each in bills)
    print_table(Console(), tabulate("plan", "Calls", f"Tokens are counted by: {counted}.", columns, bills))
    total = _total(bills)
    if total is not None:
        click.echo(f"In all {total:,.2f} US dollars.")
    else:
        click.echo("Prices: give --model-cost-config FILE with every model of the table.")
    if hours is not None:
        click.echo(f"At this rate {hours:,.1f} hours." if hours >= 1 else f"At this rate {60 * hours:,.1f} minutes.")
