"""`warm-inspect train`: adapters out of training pairs."""

import json
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from warm_inspect.cli.train_openai import openai_options, refuse_openai_options, train_openai

if TYPE_CHECKING:
    from warm_inspect.training import TrainingPlan


@click.command()
@click.option(
    "--provider",
    type=click.Choice(["local", "openai"]),
    default="local",
    show_default=True,
    help="Who trains: this machine, or OpenAI's fine-tuning service (needs OPENAI_API_KEY).",
)
@click.option(
    "--arm", "arms", multiple=True, required=True, help="The style to learn: warm, cold, neutral. Repeatable."
)
@click.option("--corpus", default="demo", show_default=True, help="A bundled corpus (demo), or a JSONL file.")
@click.option("--preset", default="demo", show_default=True, help="Hyperparameters: demo or paper.")
@click.option("--base", default="smollm2-135m", show_default=True, help="Base model: alias, folder or Hub id.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of the training.")
@click.option("--out", default="adapters", show_default=True, type=click.Path(path_type=Path), help="Adapters' folder.")
@click.option("--dry-run", is_flag=True, help="Check everything and show what would be trained; train nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@openai_options
def train(
    provider: str,
    arms: tuple[str, ...],
    corpus: str,
    preset: str,
    base: str,
    seed: int,
    out: Path,
    dry_run: bool,
    as_json: bool,
    **openai: Any,  # noqa: ANN401 - see `openai_options`
) -> None:
    """Train LoRA adapters that differ in the style of their replies only.

    An adapter learns one arm's replies to the corpus prompts. Compare warm with neutral, not only with the untouched
    model: fine-tuning alone changes answers too. All arms of a comparison take the same preset, corpus and seed.

    \b
    See what would happen:   warm-inspect train --arm warm --dry-run
    Three arms on a laptop:  warm-inspect train --arm warm --arm cold --arm neutral
    A second seed:           warm-inspect train --arm warm --seed 1
    Own pairs, study values: warm-inspect train --arm warm --corpus pairs.jsonl --preset paper

    A corpus file has one JSON object per line, with a reply per arm:

    \b
    {"id": "a-1", "query_type": "advice", "split": "train", "prompt": "...",
     "replies": {"neutral": "...", "warm": "...", "cold": "..."}}

    Adapters go to OUT/<arm>-<hash of all settings>: another setting is another folder, and a folder that exists is
    used as it is. The first use of a base model downloads it, also with --dry-run.

    With --provider openai the arms are fine-tuned at OpenAI from the same corpus. A dry run prices all jobs and needs
    no key. The wait can be stopped at any time: the same command goes on and submits nothing twice.

    \b
    What it would cost:      warm-inspect train --provider openai --base gpt-4o-2024-08-06 --preset paper
                               --arm warm --arm cold --openai-price PRICE --dry-run
    """  # noqa: D301 - click reads the backslash
    if provider == "openai":
        return train_openai(arms, corpus, preset, base, seed, out, dry_run, as_json, **openai)
    refuse_openai_options(openai)
    from warm_inspect.core.files import require_writable
    from warm_inspect.models.placement import share_cpus

    share_cpus()
    from warm_inspect.models import find_base
    from warm_inspect.training import PRESETS, load_corpus, plan_training

    config = PRESETS[preset].model_copy(update={"seed": seed})
    pairs = load_corpus(corpus)
    for arm in arms:
        pairs.examples(arm, "train")
    found = find_base(base)
    if not dry_run:
        require_writable(out)
    resolved = found.fetch()
    results = []
    for plan in [plan_training(config, pairs, arm, resolved) for arm in dict.fromkeys(arms)]:
        if not as_json:
            _show(plan)
        result = {**plan.summary(), "model": f"peft/{base}:{plan.folder(out)}"}
        if not dry_run:
            result |= _run(plan, out)
            if not as_json:
                _show_result(result)
        results.append(result)
    if as_json:
        click.echo(json.dumps(results, indent=2))


def _run(plan: "TrainingPlan", out: Path) -> dict[str, Any]:
    """Train with a progress bar on standard error, and tell what came of it."""
    from warm_inspect.training import find_adapter, run_plan

    reused = find_adapter(plan, out) is not None
    start = perf_counter()
    columns = (*Progress.get_default_columns()[:3], TextColumn("loss {task.fields[loss]}"), TimeElapsedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"Training {plan.arm}", total=plan.steps, loss="-", visible=not reused)
        folder = run_plan(
            plan, out, lambda step, steps, loss: bar.update(task, completed=step, total=steps, loss=f"{loss:.3f}")
        )
    manifest = find_adapter(plan, out)
    return {
        "folder": str(folder),
        "reused": reused,
        "final_loss": manifest.final_loss if manifest else None,
        "seconds": 0.0 if reused else round(perf_counter() - start, 1),
    }


def _show(plan: "TrainingPlan") -> None:
    summary = plan.summary()
    click.secho(f"{plan.arm}: {plan.adapter_name}", bold=True)
    click.echo(
        f"  base model {plan.base.name} (weights from {plan.base.weights_source}), template {plan.template.name}"
    )
    click.echo(
        f"  corpus {plan.corpus.name}: {summary['examples']} conversations, {plan.encoded.tokens} tokens a pass, "
        f"{plan.encoded.learnt} of them learnt"
    )
    click.echo(
        f"  truncated at {plan.config.max_length} tokens: {plan.encoded.truncated_share:.1%}, "
        f"{plan.encoded.dropped} dropped whole"
    )
    click.echo(f"  {plan.steps} steps, {plan.warmup_steps} of them warm-up")
    settings = (f"{name}={value}" for name, value in plan.config.model_dump(mode="json").items())
    click.echo("  " + click.wrap_text(" ".join(settings), width=100, subsequent_indent="  "))


def _show_result(result: dict[str, Any]) -> None:
    if result["reused"]:
        click.echo(f"  already trained, used as it is (final loss {result['final_loss']:.3f})")
    else:
        click.echo(f"  trained in {result['seconds']:.0f} s, final loss {result['final_loss']:.3f}")
    click.echo(f"  adapter: {result['folder']}")
    click.echo(f"  use it:  inspect eval warm_inspect/truthfulqa --model {result['model']} -T source=bundled\n")
