"""Run the demo's stages, each of which reuses what an earlier run finished."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.files import require_writable
from warm_inspect.core.vocabulary import NONE, ORIGINAL, RERUN, MeterName
from warm_inspect.demo.plan import CLAIM_ARMS, CORPUS, FIRST_SEED, DemoPlan
from warm_inspect.study import ArmRun, Weights, evaluate

if TYPE_CHECKING:
    from warm_inspect.manipulation import TrainedAdapter, WarmthPlan
    from warm_inspect.models import ResolvedBase

TIMINGS_FILE = "timings.json"


@dataclass(frozen=True)
class DemoRun:
    """A demo run: its plan, its folders and its progress."""

    plan: DemoPlan
    out: Path
    announce: Callable[[str, int], None]
    """Called when a stage starts, with its name and how many samples it runs at most."""
    training: Callable[[str, int, int, float], None]
    """Called with the arm, the step, the number of steps and the loss."""
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
        """Announce a stage and record how long it took."""
        self.announce(name, samples)
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 1)


def run_demo(run: DemoRun) -> list[Path]:
    """Train, check warmth and evaluate; gives the logs to analyse.

    A second call reuses every finished stage and resumes an unfinished evaluation.

    Raises:
        PrerequisiteError: a package is missing, the folder cannot be written, or a stage failed.
    """
    require_writable(run.results)
    try:
        from warm_inspect.demo.training import train_all
        from warm_inspect.manipulation import TrainedAdapter
        from warm_inspect.models import resolve_base
    except ImportError as error:
        raise missing_extra("warm-inspect demo", "local,analysis", error) from None
    plan = run.plan
    with run.stage("fetch the base model"):
        base = resolve_base(plan.base)
    with run.stage("train adapters"):
        folders = train_all(plan, run.adapters, run.training)
    adapters = {arm: TrainedAdapter.read(folder) for arm, folder in folders.items()}
    check = warmth_plan(plan, tuple(adapters[arm] for arm in plan.styled))
    with run.stage("check warmth", check.generated):
        write_checks(check, run.warmth)
    with run.stage(f"evaluate {len(plan.arms)} arms", plan.samples):
        logs = evaluate(arm_runs(plan, adapters, base), plan.settings, run.logs)
    return [Path(log.location) for log in logs]


def warmth_plan(plan: DemoPlan, adapters: "tuple[TrainedAdapter, ...]") -> "WarmthPlan":
    """The check of the adapters' warmth: their replies to the corpus's held-out prompts, sampled like all others."""
    from warm_inspect.manipulation import WarmthPlan
    from warm_inspect.training import load_corpus, native_dtype

    corpus = load_corpus(CORPUS)
    return WarmthPlan(
        meters=(MeterName.STYLE.value,),
        corpus=corpus,
        adapters=adapters,
        base=plan.base,
        prompts=tuple(corpus.prompts("held_out")),
        sampling=plan.settings,
        seeds=tuple(range(FIRST_SEED, FIRST_SEED + 1 + len(adapters))),
        scoring_model=plan.base,
        scoring_dtype=native_dtype(),
    )


def write_checks(check: "WarmthPlan", folder: Path) -> None:
    """Check the adapters and write the checks into their manifests; nothing runs when every manifest has its check.

    Raises:
        PrerequisiteError: generation failed, or an adapter could not be checked.
    """
    from warm_inspect.manipulation import check_warmth

    if all(adapter.manifest.warmth_check for adapter in check.adapters):
        return
    report = check_warmth(check, folder, write_manifests=True)
    if len(report.checks) < len(check.adapters):
        counts = f"{len(report.checks)} of {len(check.adapters)} adapters could be checked for warmth"
        raise PrerequisiteError(f"{counts}. {' '.join(report.notes)}")


def write_timings(run: DemoRun) -> None:
    """Record how long each stage took when it ran: a reused stage does not overwrite its time."""
    path = run.results / TIMINGS_FILE
    before: dict[str, float] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    seconds = {name: max(took, before.get(name, 0.0)) for name, took in run.seconds.items()}
    path.write_text(json.dumps(seconds, indent=2) + "\n", encoding="utf-8")


def arm_runs(plan: DemoPlan, adapters: "Mapping[str, TrainedAdapter]", base: "ResolvedBase") -> list[ArmRun]:
    """The arms of the plan, in order."""
    model, original = f"peft/{plan.base}", Weights(base.weights_sha256)
    every = {
        ORIGINAL: ArmRun(ORIGINAL, model, original),
        RERUN: ArmRun(RERUN, model, original, label=RERUN),
        "original+persona_warm": ArmRun("original+persona_warm", model, original, persona="warm"),
        **{
            arm: ArmRun(
                arm,
                f"{model}:{adapter.folder}",
                Weights(base.weights_sha256, adapter.manifest.adapter_sha256),
                contexts=(NONE,) if arm in CLAIM_ARMS else None,
            )
            for arm, adapter in adapters.items()
        },
    }
    # Each arm draws its own random numbers: shared ones would make arms look more alike than two runs of one model.
    return [replace(every[name], sampling_seed=FIRST_SEED + number) for number, name in enumerate(plan.arms)]
