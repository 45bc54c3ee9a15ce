"""How fast this machine computes the demo: a few steps of its training, and a few replies of its evaluation."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from inspect_ai.log import EvalSample

from warm_inspect.core.vocabulary import ORIGINAL, TrainedArm
from warm_inspect.demo.plan import CORPUS, FULL, PRESET, STEPS_PER_EPOCH, Speeds
from warm_inspect.demo.process import in_process
from warm_inspect.models import TrainedAdapter
from warm_inspect.study import ArmRun, Weights, evaluate, on_sample_end

STEPS = 4
"""Training steps, of which the first is not timed: it compiles."""
SIZE = replace(FULL, items=1, third_party=False, max_tokens=64)
"""What is asked: one item of each benchmark. With so few replies the longest would be generated alone for most of the
time, so they are cut."""


def measure(base: str) -> Speeds:
    """The speeds of this machine, measured in a process of its own, in about a minute on two processors.

    Nothing of it is kept: the adapter is trained for a few steps only.

    Args:
        base: alias or folder of the base model.

    Raises:
        PrerequisiteError: the base model cannot be fetched, or the process ended early.
    """
    begin = monotonic()
    measured = in_process(_measure, (base,), lambda: None)
    return Speeds(measuring=monotonic() - begin, **measured)


def _measure(base: str, _: Callable[..., None]) -> dict[str, float]:
    begin = monotonic()
    from inspect_ai.model import GenerateConfig, get_model

    from warm_inspect.models import resolve_base
    from warm_inspect.training import PRESETS, load_corpus, plan_training, run_plan

    resolved, model = resolve_base(base), f"peft/{base}"
    config = PRESETS[PRESET].stopped_at(STEPS / STEPS_PER_EPOCH)
    training = plan_training(config, load_corpus(CORPUS), TrainedArm.WARM.value, resolved)
    with TemporaryDirectory() as name:
        folder, ends = Path(name), list[float]()
        adapter = TrainedAdapter.read(run_plan(training, folder, lambda *_: ends.append(monotonic())))
        asyncio.run(get_model(model).generate("Hi", config=GenerateConfig(max_tokens=1)))  # Loads the model.
        start = monotonic() - begin - (ends[-1] - ends[0])
        hashes = resolved.weights_sha256, adapter.manifest.adapter_sha256
        arms = [
            ArmRun(ORIGINAL, model, Weights(hashes[0])),
            ArmRun(training.arm, f"{model}:{adapter.folder}", Weights(*hashes)),
        ]
        ended: list[EvalSample] = []
        with on_sample_end(ended.append):
            evaluate(arms, SIZE.settings, folder / "logs")
    return {"start": start, "step": (ends[-1] - ends[0]) / (len(ends) - 1), "token": seconds_per_token(ended)}


def seconds_per_token(samples: Sequence[EvalSample]) -> float:
    """The time from the start of the first sample to the end of the last, for each token of their replies."""
    began = min(datetime.fromisoformat(str(sample.started_at)) for sample in samples)
    ended = max(datetime.fromisoformat(str(sample.completed_at)) for sample in samples)
    tokens = sum(sample.output.usage.output_tokens for sample in samples if sample.output.usage)
    return (ended - began).total_seconds() / tokens
