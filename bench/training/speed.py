"""Time and memory of a pass over the same pairs, with warm-inspect and with plain TRL, by turns.

    python bench/training/speed.py --base smollm2-135m --pairs mixed --rows 48 --rounds 3

Four ways to train the same LoRA matrices on the same conversations, in steps of the same size:

- `warm-inspect`: `warm_inspect.training`, as `warm-inspect train` runs it, states saved and adapter written;
- `warm-inspect, by length`: the same with `group_by_length`;
- `trl`: `SFTTrainer` with TRL's defaults (bfloat16 autocast over float32 weights, gradient checkpointing);
- `trl, same numbers`: `SFTTrainer` with our numeric type and without checkpointing, so that the order of the examples,
  their padding, the tokens whose logits are computed and what we save are the only differences.

Every measurement is a process of its own; what is timed is the trainer's `train()`. Seconds of processor time are given
beside those of the clock, since a shared machine stretches the clock. Memory is the greatest resident set.
"""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any

import click

OURS, BY_LENGTH, TRL, SAME_NUMBERS = WAYS = ("warm-inspect", "warm-inspect, by length", "trl", "trl, same numbers")
MEDIAN, SPREAD = 90, 0.9
"""Words of a mixed reply: log-normal, as recorded chats are; few are long and most are short."""


def _write_pairs(kind: str, rows: int, path: Path) -> None:
    from warm_inspect.training import load_corpus

    random = Random(0)
    chosen = [row for row in load_corpus("demo").rows if row.split == "train"][:rows]
    lines = []
    for row in chosen:
        line = row.model_dump(mode="json")
        if kind == "mixed":
            words = " ".join(row.replies["warm"] for row in random.choices(chosen, k=20)).split()
            count = round(random.lognormvariate(0, SPREAD) * MEDIAN)
            line["replies"]["warm"] = " ".join(words[: max(count, 3)])
        lines.append(json.dumps(line) + "\n")
    path.write_text("".join(lines), encoding="utf-8")


def _measure(way: str, pairs: Path, base: str, checkpoints: list[float], scratch: Path) -> dict[str, Any]:
    """Train one pass in this process."""
    from trl import SFTTrainer

    from warm_inspect.models import resolve_base
    from warm_inspect.training import PRESETS, load_corpus, plan_training, run_plan

    took: dict[str, float] = {}
    train = SFTTrainer.train

    def timed(self: Any, *arguments: Any, **options: Any) -> Any:
        start, processor = perf_counter(), process_time()
        done = train(self, *arguments, **options)
        took.update(seconds=perf_counter() - start, processor_seconds=process_time() - processor)
        return done

    SFTTrainer.train = timed
    changes = {"checkpoints": checkpoints, "max_length": 512, "group_by_length": way == BY_LENGTH}
    config = PRESETS["small"].changed(changes)
    plan = plan_training(config, load_corpus(str(pairs)), "warm", resolve_base(base))
    if way in (OURS, BY_LENGTH):
        run_plan(plan, scratch)
    else:
        _plain_trl(plan, scratch, same_numbers=way == SAME_NUMBERS).train()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"way": way, **took, "peak_bytes": peak, "tokens": plan.encoded.tokens, "estimate": plan.memory.total}


def _plain_trl(plan: Any, scratch: Path, *, same_numbers: bool) -> Any:
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM
    from trl import SFTConfig, SFTTrainer

    config = plan.config
    talks = [example.messages for example in plan.corpus.examples(plan.arm, "train")]
    dtype = getattr(torch, config.dtype) if same_numbers else torch.float32
    ours = {"bf16": False, "activation_checkpointing": False} if same_numbers else {}
    return SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(plan.base.path, dtype=dtype, trust_remote_code=False),
        processing_class=plan.tokenizer,
        train_dataset=Dataset.from_list([{"prompt": talk[:-1], "completion": talk[-1:]} for talk in talks]),
        peft_config=LoraConfig(
            r=config.r,
            lora_alpha=config.alpha,
            lora_dropout=config.dropout,
            target_modules=list(config.target_modules),
            task_type="CAUSAL_LM",
        ),
        args=SFTConfig(
            output_dir=str(scratch),
            num_train_epochs=config.epochs,
            per_device_train_batch_size=config.micro_batch_size,
            gradient_accumulation_steps=config.accumulation(),
            learning_rate=config.learning_rate,
            max_length=config.max_length,
            # TRL's bfloat16 refuses a machine without a card otherwise.
            use_cpu=not torch.cuda.is_available(),
            report_to="none",
            disable_tqdm=True,
            dataloader_pin_memory=False,
            **ours,
        ),
    )


@click.command()
@click.option("--base", default="smollm2-135m", show_default=True)
@click.option("--pairs", "kind", default="mixed", show_default=True, type=click.Choice(["demo", "mixed"]))
@click.option("--rows", default=48, show_default=True, type=click.IntRange(min=16, max=90))
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(min=1))
@click.option("--way", type=click.Choice(WAYS), hidden=True)
@click.option("--scratch", type=click.Path(path_type=Path), hidden=True)
def main(base: str, kind: str, rows: int, rounds: int, way: str | None, scratch: Path | None) -> None:
    """Measure each way in turn, this many times, and compare."""
    if way and scratch:
        click.echo("\n" + json.dumps(_measure(way, scratch / "pairs.jsonl", base, [1], scratch / "out")))
        return
    runs: dict[str, list[dict[str, Any]]] = {way: [] for way in WAYS}
    for number in range(rounds):
        for one in WAYS if number % 2 else reversed(WAYS):
            with tempfile.TemporaryDirectory() as folder:
                _write_pairs(kind, rows, Path(folder) / "pairs.jsonl")
                command = [sys.executable, __file__, "--base", base, "--way", one, "--scratch", folder]
                done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            measured = json.loads(done.stdout.strip().splitlines()[-1])
            runs[one].append(measured)
            click.echo(json.dumps({"round": number + 1, **measured}))
    ours = runs[OURS]
    for one in WAYS:
        for unit in ("seconds", "processor_seconds"):
            ratios = [other[unit] / own[unit] for own, other in zip(ours, runs[one], strict=True)]
            shown = ", ".join(f"{ratio:.2f}" for ratio in ratios)
            click.echo(f"{one}: {statistics.median(ratios):.2f} times the {unit} of warm-inspect (pairs: {shown})")
        click.echo(f"{one}: peak {statistics.median(run['peak_bytes'] for run in runs[one]) / 1e9:.2f} GB")


if __name__ == "__main__":
    main()
