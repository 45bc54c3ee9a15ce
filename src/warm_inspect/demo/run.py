"""Run the demo's stages, each of which reuses what is there."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from warm_inspect.core.errors import missing_extra
from warm_inspect.core.files import require_writable
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.demo.plan import BASE, CORPUS, FIRST_SEED, DemoPlan
from warm_inspect.study.arms import ArmRun, Weights
from warm_inspect.study.evaluate import evaluate

if TYPE_CHECKING:
    from warm_inspect.models import ResolvedBase

TIMINGS_FILE = "timings.json"


@dataclass(frozen=True)
class DemoRun:
    """Where a demo run keeps its things, and who is told how far it is."""

    plan: DemoPlan
    out: Path
    announce: Callable[[str, int], None]
    """Told the name of each stage when it starts, and how many samples it will run at most."""
    training: Callable[[str, int, int, float], None]
    """Told the arm, the step, the number of steps and the loss."""
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall-clock seconds of each stage of this call; a reused stage takes nearly none."""

    @property
    def adapters(self) -> Path:
        """The adapters; quick and full runs take other checkpoints."""
        return self.out / "adapters"

    @property
    def warmth(self) -> Path:
        """Replies to held-out prompts and the warmth readings."""
        return self.out / "warmth"

    @property
    def logs(self) -> Path:
        """Inspect logs, one per arm and benchmark."""
        return self.out / self.plan.name / "logs"

    @property
    def results(self) -> Path:
        """The tables and the report."""
        return self.out / self.plan.name

    @contextmanager
    def stage(self, name: str, samples: int = 0) -> Iterator[None]:
        """Announce a stage and note how long it took."""
        self.announce(name, samples)
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 1)


def run_demo(run: DemoRun) -> list[Path]:
    """Train, check warmth and evaluate; gives the logs to analyse.

    A second call reuses every finished stage and goes on inside an unfinished evaluation.

    Raises:
        PrerequisiteError: a package is missing, the folder cannot be written, or a stage failed.
    """
    require_writable(run.results)
    try:
        from warm_inspect.demo.training import train_all
        from warm_inspect.demo.warmth import check_warmth
        from warm_inspect.models import resolve_base
        from warm_inspect.training import load_corpus
    except ImportError as error:
        raise missing_extra("warm-inspect demo", "local,analysis", error) from None
    settings = run.plan.settings()
    with run.stage("fetch the base model"):
        base = resolve_base(BASE)
    with run.stage("train adapters"):
        adapters = train_all(run.plan, BASE, run.adapters, run.training)
    with run.stage("check warmth", (1 + len(adapters)) * len(load_corpus(CORPUS).prompts("held_out"))):
        check_warmth(adapters, base, settings, run.warmth, sociot=run.plan.sociot)
    with run.stage(f"evaluate {len(run.plan.arms)} arms", run.plan.samples):
        logs = evaluate(arm_runs(adapters, base, run.plan), settings, run.logs)
    return [Path(log.location) for log in logs]


def write_timings(run: DemoRun) -> None:
    """Note what each stage took when it really ran: a reused stage does not overwrite its time."""
    path = run.results / TIMINGS_FILE
    before: dict[str, float] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    seconds = {name: max(took, before.get(name, 0.0)) for name, took in run.seconds.items()}
    path.write_text(json.dumps(seconds, indent=2) + "\n", encoding="utf-8")


def arm_runs(adapters: Mapping[str, Path], base: "ResolvedBase", plan: DemoPlan) -> list[ArmRun]:
    """The arms of the plan, in order."""
    model, original = f"peft/{BASE}", Weights(base.weights_sha256)
    every = {
        ORIGINAL: ArmRun(ORIGINAL, model, original),
        "original_repeat": ArmRun("original_repeat", model, original, label="original_repeat"),
        "original+persona_warm": ArmRun("original+persona_warm", model, original, persona="warm"),
        **{
            arm: ArmRun(arm, f"{model}:{adapters[arm]}", Weights.of_adapter(base.weights_sha256, adapters[arm]))
            for arm in plan.trained
        },
    }
    # Each arm draws its own random numbers: shared ones would make arms look more alike than two runs of one model.
    return [replace(every[name], sampling_seed=FIRST_SEED + number) for number, name in enumerate(plan.arms)]
