"""`warm-inspect train --provider openai`: fine-tuned models at OpenAI out of the same training pairs."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from warm_inspect.cli.shared import needs_extra, options

if TYPE_CHECKING:
    from warm_inspect.training import TrainingPlan
    from warm_inspect.training.openai import HostedPlan, OpenAISettings


def _number(kind: type[int] | type[float]) -> Callable[[click.Context, click.Parameter, str | None], Any]:
    """Reads a positive number, or `auto`, which leaves the choice to OpenAI."""

    def read(ctx: click.Context, param: click.Parameter, text: str | None) -> float | str | None:
        if text is None or text == "auto":
            return text
        try:
            number = kind(text)
        except ValueError:
            number = kind(0)
        if not 0 < number < inf:
            raise click.BadParameter(f"{text!r} is neither a positive number nor auto.", ctx, param)
        return number

    return read


openai_options = options(
    click.option(
        "--openai-epochs", help="A model after each of these epochs, for example 1,2,6,10; instead of the preset's."
    ),
    click.option(
        "--openai-multiplier", callback=_number(float), help="Learning-rate multiplier of every arm, or auto."
    ),
    click.option("--openai-batch-size", callback=_number(int), help="Examples per step, or auto."),
    click.option(
        "--openai-price",
        type=click.FloatRange(min=0),
        help="What a million training tokens of this model cost you (see OpenAI's price list), to show costs.",
    ),
    click.option("--openai-resubmit", is_flag=True, help="Submit jobs again that failed, expired or were cancelled."),
)
"""The options that only `--provider openai` takes; the command gets them as `openai_*` arguments."""


def refuse_openai_options(given: dict[str, Any]) -> None:
    """Refuse the options of `--provider openai` with another provider.

    Raises:
        UsageError: one of them was given.
    """
    for name, value in given.items():
        if value is not None and value is not False:
            raise click.UsageError(f"--{name.replace('_', '-')} goes with --provider openai only.")


def train_openai(
    arms: tuple[str, ...],
    corpus: str,
    preset: str,
    base: str,
    seeds: tuple[int, ...],
    out: Path,
    dry_run: bool,
    as_json: bool,
    *,
    openai_epochs: str | None,
    openai_multiplier: float | str | None,
    openai_batch_size: int | str | None,
    openai_price: float | None,
    openai_resubmit: bool,
) -> None:
    """Fine-tune the arms at OpenAI, or show what that would cost."""
    with needs_extra("Fine-tuning at OpenAI", "openai"):
        from warm_inspect.training import load_corpus
        from warm_inspect.training.openai import OPENAI_PRESETS, plan_hosted, retirement

    settings = _settings(OPENAI_PRESETS[preset], openai_epochs, openai_multiplier, openai_batch_size)
    pairs = load_corpus(corpus)
    firsts = [plan_hosted(settings, pairs, arm, base) for arm in dict.fromkeys(arms)]
    plans = [replace(plan, settings=settings.model_copy(update={"seed": seed})) for plan in firsts for seed in seeds]
    if not as_json:
        show_notes(plans)
        click.secho(f"Note: {retirement(plans[0].model, date.today())}", fg="yellow")
        _show(plans, openai_price)
    results = [plan.summary(openai_price) for plan in plans]
    if not dry_run:
        models = _run(plans, out, openai_resubmit)
        results = [result | {"models": made} for result, made in zip(results, models, strict=True)]
    if as_json:
        click.echo(json.dumps(results, indent=2))
    elif not dry_run:
        _show_models([model for made in models for model in made], out)


def show_notes(plans: "Sequence[HostedPlan | TrainingPlan]") -> None:
    """Print each note of the plans once."""
    for note in dict.fromkeys(plan.note for plan in plans if plan.note):
        click.secho(f"Note: {note}", fg="yellow")


def _settings(
    preset: "OpenAISettings",
    epochs: str | None,
    multiplier: float | str | None,
    batch_size: int | str | None,
) -> "OpenAISettings":
    """The preset with what the command line says instead.

    Raises:
        UsageError: the epochs are no list of positive whole numbers.
    """
    changes: dict[str, Any] = {}
    if epochs is not None:
        try:
            changes["epochs"] = tuple(int(part) for part in epochs.split(","))
        except ValueError:
            changes["epochs"] = ()
        if not changes["epochs"] or min(changes["epochs"]) < 1:
            raise click.UsageError(f"--openai-epochs {epochs!r} is not a list of whole numbers such as 1,2,6,10.")
    if multiplier is not None:
        changes |= {"learning_rate_multiplier": multiplier, "multiplier_by_arm": {}}
    if batch_size is not None:
        changes["batch_size"] = batch_size
    return preset.model_copy(update=changes)


def _run(plans: list["HostedPlan"], out: Path, resubmit: bool) -> list[list[dict[str, Any]]]:
    """Fine-tune with each arm's status on standard error, and give each plan's models, earliest epoch first."""
    from warm_inspect.training.openai import connect, find_hosted, train_hosted

    def trained(plan: "HostedPlan") -> list[dict[str, Any]]:
        manifests = {epoch: find_hosted(plan, epoch, out) for epoch in sorted(set(plan.settings.epochs))}
        return [
            {
                "arm": plan.arm,
                "seed": plan.settings.seed,
                "epoch": epoch,
                "model": manifest.hosted_model,
                "job": manifest.training["job"],
                "trained_tokens": manifest.training["trained_tokens"],
                "folder": str(plan.folder(out, epoch)),
            }
            for epoch, manifest in manifests.items()
            if manifest
        ]

    if any(len(trained(plan)) < len(set(plan.settings.epochs)) for plan in plans):
        service = connect()
        click.echo("Waiting for OpenAI. It is safe to stop: the same command goes on.", err=True)
        train_hosted(
            plans, out, service, resubmit=resubmit, on_change=lambda arm, text: click.echo(f"{arm}: {text}", err=True)
        )
    return [trained(plan) for plan in plans]


def _show(plans: list["HostedPlan"], price: float | None) -> None:
    summaries = [plan.summary(price) for plan in plans]
    for summary in summaries:
        click.secho(f"{summary['arm']}: {summary['base_model']}", bold=True)
        click.echo(
            f"  corpus {summary['corpus']}: {summary['examples']} conversations, {summary['file_bytes']:,} bytes, "
            f"{summary['tokens_per_epoch']:,} tokens per epoch (by {summary['tokens_counted_by']})"
        )
        click.echo(
            f"  learning-rate multiplier {summary['learning_rate_multiplier']}, batch size {summary['batch_size']}, "
            f"seed {summary['seed']}; models after epochs {_listed(summary['epochs'])}"
        )
        click.echo(f"  at most:  {_bill(summary['at_most'])}")
        click.echo(f"  expected: {_bill(summary['expected'])}, if each job returns its last three epochs")
    total = sum(summary["at_most"]["tokens"] for summary in summaries)
    cost = "" if price is None else f", cost {total * price / 1e6:,.2f} at {price:g} per million"
    click.echo(f"All arms, at most: {total:,} training tokens{cost}. OpenAI's own count is what it bills.\n")


def _bill(bill: dict[str, Any]) -> str:
    cost = f", cost {bill['cost']:,.2f}" if "cost" in bill else ""
    return f"jobs of {_listed(bill['jobs'])} epochs, {bill['tokens']:,} training tokens{cost}"


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


def _show_models(models: list[dict[str, Any]], out: Path) -> None:
    from warm_inspect.core.manifest import ADAPTERS_VARIABLE, DEFAULT_ADAPTERS

    where = "" if out == Path(DEFAULT_ADAPTERS) else f"{ADAPTERS_VARIABLE}={out} "
    for model in models:
        click.echo(f"{model['arm']}, seed {model['seed']}, epoch {model['epoch']}: {model['model']}")
        click.echo(f"  manifest: {model['folder']}")
        click.echo(f"  use it:   {where}inspect eval warm_inspect/truthfulqa --model {model['model']}")
