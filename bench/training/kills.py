"""Kill a training at random moments, again and again, and check that nothing is lost and no manifest lies.

    python bench/training/kills.py --kills 24

A tiny model is trained for four passes. Each attempt runs in a child process that dies of SIGKILL after a random time;
the next attempt goes on. After every kill: each adapter folder is complete and equals, manifest included, the one of a
run that was never killed; no folder and no whole state that was there has gone. When a run is through, its weights are
compared and another begins, by turns with batches by chance and by length.
"""

import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import datasets  # noqa: F401 - imported here, so that each child begins with them
import peft  # noqa: F401
import trl.trainer.sft_trainer  # noqa: F401

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.tiny import make_tiny_base
from tests.training.conftest import SMOLLM2_TEMPLATE, row
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.models import resolve_base
from warm_inspect.training import TrainingConfig, TrainingPlan, load_corpus, plan_training, run_plan
from warm_inspect.training.lora import fit
from warm_inspect.training.lora.run import complete_states

CONFIG = TrainingConfig(
    batch_size=4,
    micro_batch_size=2,
    dtype="float32",
    learning_rate=1e-2,
    checkpoints=(0.5, 1, 2, 3, 4),
    schedule_epochs=4,
)
EXAMPLES = 40


def _in_child(work: Callable[[], object]) -> int:
    """Start the work in a process of its own, which has the imports of this one and nothing of its state of torch."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return child


def _finish(child: int) -> None:
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"A training that nobody killed ended with status {status}.")


def _plan(root: Path, grouped: bool) -> TrainingPlan:
    config = CONFIG.changed({"group_by_length": grouped})
    return plan_training(config, load_corpus(str(root / "pairs.jsonl")), "warm", resolve_base(str(root / "tiny")))


def _prepare(root: Path) -> None:
    make_tiny_base(root / "tiny")
    (root / "tiny" / "chat_template.jinja").write_text(SMOLLM2_TEMPLATE)
    rows = [row(3 * number, prompt="Why? " * (number % 9 + 1)) for number in range(EXAMPLES)]
    (root / "pairs.jsonl").write_text("".join(json.dumps(line) + "\n" for line in rows))


def _train(root: Path, out: Path, grouped: bool) -> None:
    fit.SAVE_STEPS = 4
    said = out / "step"
    out.mkdir(exist_ok=True)

    def tell(step: int, steps: int, loss: float) -> None:
        said.write_text(str(step))

    run_plan(_plan(root, grouped), out, tell)


def _manifests(out: Path) -> dict[str, AdapterManifest]:
    """The adapters that are there; reading checks each one's weights against its manifest."""
    folders = [folder for folder in out.glob("*-epoch-*") if not folder.name.startswith(".")]
    manifests = {folder.name: AdapterManifest.read(folder) for folder in folders}
    if lacking := [name for name, manifest in manifests.items() if manifest is None]:
        raise SystemExit(f"{lacking} have weights and no manifest.")
    return {name: manifest for name, manifest in manifests.items() if manifest}


def _last_state(out: Path) -> int:
    """The last step that a whole state was saved after."""
    steps = [state.step for folder in out.glob(".*/*") for state in complete_states(folder)]
    return max(steps, default=0)


def _attempt(root: Path, out: Path, grouped: bool, seconds: float) -> bool:
    """Train until it is through or the time is up; whether it had to be killed."""
    child = _in_child(lambda: _train(root, out, grouped))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            if status:
                raise SystemExit(f"A training ended by itself with status {status}.")
            return False
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _check(out: Path, whole: dict[str, AdapterManifest], before: tuple[set[str], int]) -> tuple[set[str], int]:
    manifests = _manifests(out)
    for name, manifest in manifests.items():
        if manifest != whole[name]:
            raise SystemExit(f"{name} differs from that of a run that was never killed:\n{manifest}\n{whole[name]}")
    if lost := before[0] - set(manifests):
        raise SystemExit(f"Lost adapters: {lost}")
    state = _last_state(out)
    if state < before[1] and len(manifests) < len(whole):
        raise SystemExit(f"Lost a state: after step {before[1]} was saved, only {state} is left.")
    return set(manifests), state


@click.command()
@click.option("--kills", default=24, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=0, show_default=True)
def main(kills: int, seed: int) -> None:
    """Kill a training this many times and check what is left each time."""
    moments = random.Random(seed)
    root = Path(tempfile.mkdtemp(prefix="warm-inspect-kills-"))
    _finish(_in_child(lambda: _prepare(root)))
    whole, seconds = {}, 0.0
    for grouped in (False, True):
        start = time.monotonic()
        _finish(_in_child(partial(_train, root, root / f"whole-{grouped}", grouped)))
        seconds = time.monotonic() - start
        whole[grouped] = _manifests(root / f"whole-{grouped}")
    passes: Counter[str] = Counter()
    killed = rounds = 0
    while killed < kills:
        grouped, out = bool(rounds % 2), root / f"round-{rounds}"
        before: tuple[set[str], int] = (set(), 0)
        while _attempt(root, out, grouped, moments.uniform(0, seconds)):
            killed += 1
            step = int((out / "step").read_text() or 0) if (out / "step").exists() else 0
            number = (step - 1) // (EXAMPLES // CONFIG.batch_size) + 1
            passes[f"pass {number}" if step else "before the first step"] += 1
            before = _check(out, whole[grouped], before)
            click.echo(f"kill {killed}: step {step}, {len(before[0])} adapters", err=True)
        if set(_manifests(out)) != set(whole[grouped]):
            raise SystemExit(f"Round {rounds} ended without all of its checkpoints.")
        _check(out, whole[grouped], before)
        rounds += 1
    shutil.rmtree(root)
    click.echo(f"{killed} kills in {rounds} runs; a run takes {seconds:.1f} s. Reached when killed: {dict(passes)}")
    click.echo("No adapter lost, no state lost, every manifest true, all weights equal to those of unkilled runs.")


if __name__ == "__main__":
    main()
