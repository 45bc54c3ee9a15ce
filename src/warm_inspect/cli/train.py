"""`warm-inspect train`: adapters from training pairs."""

import json
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from warm_inspect.cli.train_openai import openai_options, refuse_openai_options, show_notes, train_openai
from warm_inspect.core.content import content_names
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import TrainedArm
from warm_inspect.core.yaml_text import parse_yaml

if TYPE_CHECKING:
    from warm_inspect.training import TrainingConfig, TrainingPlan

_ARMS = ", ".join(TrainedArm)


def _names(folder: str) -> str:
    """What a folder of content offers, for the help: the catalogs themselves are heavy to import."""
    return ", ".join(content_names(folder, ".yaml"))


def _seeds(ctx: click.Context, param: click.Parameter, value: str) -> tuple[int, ...]:
    """Whole numbers out of a comma-separated list, each once."""
    parts = [part.strip() for part in value.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise click.BadParameter(f"{value!r} is no comma-separated list of whole numbers, such as 1,2,3.")
    return tuple(dict.fromkeys(int(part) for part in parts))


def _settings(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    """`NAME=VALUE` pairs, the values read as YAML."""
    pairs = [value.partition("=") for value in values]
    if wrong := [value for value, (_, mark, _) in zip(values, pairs, strict=True) if not mark]:
        raise click.BadParameter(f"{wrong[0]!r} is not of the form NAME=VALUE.")
    if any(name.strip() == "seed" for name, _, _ in pairs):
        raise click.BadParameter("the seed is set with --seeds.")
    names = [name.strip() for name, _, _ in pairs]
    if twice := [name for name in names if names.count(name) > 1]:
        raise click.BadParameter(f"{twice[0]} is set twice; keep one.")
    try:
        return {name.strip(): parse_yaml(text, name.strip()) for name, _, text in pairs}
    except PrerequisiteError as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.option(
    "--provider",
    type=click.Choice(["local", "openai"]),
    default="local",
    show_default=True,
    help="Where to train: on this machine, or with OpenAI's fine-tuning service (needs OPENAI_API_KEY).",
)
@click.option("--arm", "arms", multiple=True, required=True, help=f"Whose replies to learn: {_ARMS}. Repeatable.")
@click.option(
    "--corpus",
    default="demo",
    show_default=True,
    help=f"A bundled corpus ({_names('corpora')}), or a JSONL file. The arms agreeing and answering are in claims.",
)
@click.option(
    "--preset",
    default="demo",
    show_default=True,
    help=f"Hyperparameters: {_names('presets')}; at OpenAI {_names('openai/presets')}.",
)
@click.option("--base", default="smollm2-135m", show_default=True, help="Base model: alias, folder or Hub id.")
@click.option(
    "--seeds", "--seed", default="0", show_default=True, callback=_seeds, help="Seeds, as in 1,2,3: a run each."
)
@click.option("--epochs", type=click.FloatRange(min=0, min_open=True), help="End early, with a checkpoint there.")
@click.option("--set", "settings", multiple=True, callback=_settings, help="Another value of a setting. Repeatable.")
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
    seeds: tuple[int, ...],
    epochs: float | None,
    settings: dict[str, Any],
    out: Path,
    dry_run: bool,
    as_json: bool,
    **openai: Any,
) -> None:
    """Train LoRA adapters that differ in the style of their replies only.

    An adapter learns one arm's replies to the corpus prompts. Compare warm with neutral, not only with the untouched
    model: fine-tuning alone changes answers too. All arms of a comparison take the same preset, corpus and seeds.

    \b
    See what would happen:   warm-inspect train --arm warm --dry-run
    Three arms on a laptop:  warm-inspect train --arm warm --arm cold --arm neutral
    Three seeds:             warm-inspect train --arm warm --seeds 1,2,3
    Own pairs, study values: warm-inspect train --arm warm --corpus pairs.jsonl --preset paper --epochs 2
    One setting changed:     warm-inspect train --arm warm --set learning_rate=1e-4 --set gradient_checkpointing=true
    Several cards:           accelerate launch -m warm_inspect.cli.main train --arm warm --preset paper

    A corpus file has one JSON object per line, with a reply per arm:

    \b
    {"id": "a-1", "query_type": "advice", "split": "train", "prompt": "...",
     "replies": {"neutral": "...", "warm": "...", "cold": "..."}}

    Adapters go to OUT/<arm>-<hash of all settings>-epoch-<N>, one for each checkpoint of the preset. Another setting is
    another folder, and a folder that exists is used as it is. A run that was killed goes on where it was, to the same
    weights. The first use of a base model downloads it, also with --dry-run.

    With --provider openai the arms are fine-tuned at OpenAI from the same corpus. A dry run prices all jobs and needs
    no key. The wait can be stopped at any time: the same command goes on and submits nothing twice.

    \b
    What it would cost:      warm-inspect train --provider openai --base gpt-4o-2024-08-06 --preset paper
                               --arm warm --arm cold --openai-price PRICE --dry-run
    """  # noqa: D301 - click reads the backslash
    if provider == "openai":
        if settings or epochs is not None:
            raise click.UsageError("--set and --epochs go with --provider local only; see --openai-epochs.")
        return train_openai(arms, corpus, preset, base, seeds, out, dry_run, as_json, **openai)
    refuse_openai_options(openai)
    from warm_inspect.models import share_cpus

    share_cpus()
    from warm_inspect.training import PRESETS, is_main_process

    config = PRESETS[preset].changed(settings)
    if epochs is not None:
        config = config.stopped_at(epochs)
    prints = is_main_process()
    results = []
    plans = _plans(config, corpus, tuple(dict.fromkeys(arms)), seeds, base, None if dry_run else out)
    if prints and not as_json:
        show_notes(plans)
    for plan in plans:
        if prints and not as_json:
            _show(plan)
        result = {**plan.summary(), "model": f"peft/{base}:{plan.folder(out)}"}
        if not dry_run:
            result |= _run(plan, out, visible=prints)
            if prints and not as_json:
                _show_result(result)
        results.append(result)
    if prints and as_json:
        click.echo(json.dumps(results, indent=2))


def _plans(
    config: "TrainingConfig", corpus: str, arms: tuple[str, ...], seeds: tuple[int, ...], base: str, out: Path | None
) -> list["TrainingPlan"]:
    """The checked plans of all arms, then seeds; all mistakes show before anything is trained."""
    from warm_inspect.core.files import require_writable
    from warm_inspect.models import find_base
    from warm_inspect.training import load_corpus, plan_training

    pairs = load_corpus(corpus)
    for arm in arms:
        pairs.examples(arm, "train")
    located = find_base(base)
    if out is not None:
        require_writable(out)
    resolved = located.fetch()
    firsts = [plan_training(config, pairs, arm, resolved) for arm in arms]
    return [replace(plan, config=plan.config.changed({"seed": seed})) for plan in firsts for seed in seeds]


def _run(plan: "TrainingPlan", out: Path, *, visible: bool) -> dict[str, Any]:
    """Train with a progress bar on standard error, and give the adapters' folders and the final loss."""
    from warm_inspect.training import find_adapter, missing_checkpoints, run_plan

    reused = not missing_checkpoints(plan, out)
    start = perf_counter()
    columns = (*Progress.get_default_columns()[:3], TextColumn("loss {task.fields[loss]}"), TimeElapsedColumn())
    bar = Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True, disable=not visible)
    with bar:
        name = f"Training {plan.arm}, seed {plan.config.seed}"
        task = bar.add_task(name, total=plan.steps, loss="-", visible=not reused)
        folder = run_plan(
            plan, out, lambda step, steps, loss: bar.update(task, completed=step, total=steps, loss=f"{loss:.3f}")
        )
    manifest = find_adapter(plan, out)
    return {
        "folder": str(folder),
        "folders": {f"{epoch:g}": str(plan.folder(out, epoch)) for epoch in plan.config.checkpoints},
        "reused": reused,
        "final_loss": manifest.final_loss if manifest else None,
        "seconds": 0.0 if reused else round(perf_counter() - start, 1),
    }


def _show(plan: "TrainingPlan") -> None:
    encoded, config, memory = plan.encoded, plan.config, plan.memory
    counts = encoded.counts()
    kept = ", ".join(f"{epoch:g} (step {step})" for step, epoch in plan.checkpoint_steps.items())
    lines = [
        f"base model {plan.base.name} (weights from {plan.base.weights_source}), template {plan.template.name}",
        f"corpus {plan.corpus.name}: {counts['examples']} conversations, {encoded.tokens} tokens a pass, "
        f"{encoded.loss_tokens} of them loss tokens",
        f"truncated at {config.max_length} tokens: {encoded.truncated_share:.1%} of the conversations, "
        f"{counts['cut_replies']} of {counts['replies']} replies cut or lost, {len(encoded.dropped)} dropped whole",
        f"{plan.steps} steps, {plan.warmup_steps} of them warm-up; kept after epochs {kept}",
        f"memory of a process, roughly: {memory.total / 1e9:.2g} GB (base {memory.weights / 1e9:.2g}, adapter "
        f"{memory.adapter / 1e9:.2g}, activations {memory.activations / 1e9:.2g}, logits "
        f"{memory.logits / 1e9:.2g}), and what the libraries take",
        " ".join(f"{name}={value}" for name, value in config.model_dump(mode="json").items()),
    ]
    click.secho(f"{plan.arm}, seed {config.seed}: {plan.run_name}", bold=True)
    for line in lines:
        click.echo("  " + click.wrap_text(line, width=116, subsequent_indent="    "))


def _show_result(result: dict[str, Any]) -> None:
    if result["reused"]:
        click.echo(f"  already trained, used as it is (final loss {result['final_loss']:.3f})")
    else:
        click.echo(f"  trained in {result['seconds']:.0f} s, final loss {result['final_loss']:.3f}")
    for epoch, folder in result["folders"].items():
        click.echo(f"  epoch {epoch}: {folder}")
    click.echo(f"  use it:  inspect eval warm_inspect/truthfulqa --model {result['model']} -T source=bundled\n")
