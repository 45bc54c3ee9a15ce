"""Run the demo's stages, each of which reuses what an earlier run finished."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from inspect_ai.log import EvalSample

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.files import require_writable
from warm_inspect.core.vocabulary import NONE, ORIGINAL, RERUN, MeterName
from warm_inspect.demo.adopted import Adopted
from warm_inspect.demo.design import MINUTES, DemoDesign
from warm_inspect.demo.families import FAMILIES, FAMILY_SETTINGS, family_seconds, family_tasks
from warm_inspect.demo.plan import (
    ANALYSE,
    CHECK,
    CLAIM_ARMS,
    CORPUS,
    EVALUATE,
    FETCH,
    FIRST_SEED,
    FULL,
    MEASURE,
    PERSONA,
    STEPS_PER_EPOCH,
    TRAIN,
    DemoPlan,
)
from warm_inspect.study import ArmRun, Weights, evaluate, on_sample_end, run_tasks

if TYPE_CHECKING:
    from warm_inspect.demo.training import TrainingProgress
    from warm_inspect.manipulation import WarmthPlan
    from warm_inspect.models import ResolvedBase, TrainedAdapter

TIMINGS_FILE = "timings.json"
MEASURING_SECONDS = 60.0
"""What measuring is expected to take."""


class DemoProgress(Protocol):
    """The callbacks that a demo reports its progress to."""

    def stage(self, name: str, seconds: float, later: float, total: int) -> None:
        """A stage begins.

        Args:
            name: of the stage.
            seconds: how long it is expected to take; 0 when that is not known.
            later: how long the stages after it are expected to take.
            total: steps or replies in it, at most; 0 when nothing is counted.
        """

    def done(self, count: int, state: str) -> None:
        """Report how many steps or replies of a stage are done, and what they show so far."""

    def say(self, result: str) -> None:
        """A result, which stays."""


@dataclass(frozen=True)
class DemoRun:
    """A demo in its output folder."""

    out: Path
    """The tables, the report, and in folders of their own all that they are made of."""
    progress: DemoProgress
    seconds: dict[str, float] = field(default_factory=dict)
    """Wall-clock seconds of each stage of this call; a reused stage takes nearly none."""

    @property
    def adapters(self) -> Path:
        """The folder in which the demo's adapters stand."""
        return self.out / "adapters"

    @property
    def warmth(self) -> Path:
        """Replies to held-out prompts and the warmth readings."""
        return self.out / "warmth"

    @property
    def logs(self) -> Path:
        """Inspect logs, one per arm and benchmark."""
        return self.out / "logs"

    @contextmanager
    def stage(self, name: str, expected: Mapping[str, float] | None = None, total: int = 0) -> Iterator[None]:
        """Announce a stage and record how long it took.

        Args:
            name: of the stage.
            expected: how long this stage and the later ones are expected to take, in order.
            total: steps or replies in it, at most.
        """
        expected = expected or {}
        names = list(expected)
        later = names[names.index(name) + 1 :] if name in names else names
        self.progress.stage(name, expected.get(name, 0.0), sum(expected[each] for each in later), total)
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 1)


def choose_design(run: DemoRun, minutes: float | None) -> DemoDesign:
    """The design that the output folder was begun with, else the largest that fits; that needs a minute to measure.

    Args:
        run: the demo.
        minutes: the time given; None takes that of the folder, or `MINUTES`.

    Raises:
        PrerequisiteError: a package is missing, the folder cannot be written or was begun for another time, or nothing
            fits into the time.
    """
    require_writable(run.out)
    if design := DemoDesign.stored(run.out, minutes):
        return design
    try:
        from warm_inspect.demo.measuring import measure
        from warm_inspect.models import resolve_base
    except ImportError as error:
        raise missing_extra("warm-inspect demo", "local,analysis", error) from None
    with run.stage(FETCH):
        resolve_base(FULL.base)
    with run.stage(MEASURE, {MEASURE: MEASURING_SECONDS}):
        speeds = measure(FULL.base)
    run.progress.say(f"a training step takes {speeds.step:.1f} s, a token of a reply {1000 * speeds.token:.1f} ms")
    return DemoDesign.choose(speeds, MINUTES if minutes is None else minutes)


def run_demo(run: DemoRun, design: DemoDesign, *, families: bool = False) -> list[Path]:
    """Train, check warmth and evaluate; gives the logs to analyse.

    A second call reuses every finished stage and resumes an unfinished evaluation.

    Args:
        run: the demo.
        design: its size.
        families: also ask some arms the measurements beside the benchmarks, which a finished demo can be given later.

    Raises:
        PrerequisiteError: a package is missing, the folder cannot be written, or a stage failed.
    """
    require_writable(run.out)
    try:
        from warm_inspect.demo.training import train_all
        from warm_inspect.models import TrainedAdapter, resolve_base
    except ImportError as error:
        raise missing_extra("warm-inspect demo", "local,analysis", error) from None
    design.store(run.out)
    plan, expected = design.plan, stage_seconds(design, families=families)
    base = resolve_base(plan.base)
    with run.stage(TRAIN, expected, round(plan.epochs * STEPS_PER_EPOCH) * len(plan.trained)):
        folders = train_all(plan, run.adapters, _training_progress(plan, run.progress))
    adapters = {arm: TrainedAdapter.read(folder) for arm, folder in folders.items()}
    check = warmth_plan(plan, tuple(adapters[arm] for arm in plan.styled))
    with run.stage(CHECK, expected, check.generated), on_sample_end(_Counter(run.progress)):
        write_checks(check, run.warmth)
    for arm in plan.styled:
        run.progress.say(_warmth(TrainedAdapter.read(folders[arm])))
    with run.stage(EVALUATE, expected, plan.samples), on_sample_end(_Counter(run.progress, Adopted(plan.arms))):
        logs = evaluate(runs := arm_runs(plan, adapters, base), plan.settings, run.logs)
    if families:
        tasks = family_tasks(runs)
        asked = sum(len(task.dataset) for task in tasks)
        with run.stage(FAMILIES, expected, asked), on_sample_end(_Counter(run.progress)):
            logs += run_tasks(tasks, FAMILY_SETTINGS, run.logs)
    return [Path(log.location) for log in logs]


def stage_seconds(design: DemoDesign, *, families: bool) -> dict[str, float]:
    """How long each stage after measuring is expected to take, in order."""
    seconds = design.plan.seconds(design.speeds)
    if families:
        last = seconds.pop(ANALYSE)
        seconds |= {FAMILIES: family_seconds(design.speeds), ANALYSE: last}
    return seconds


class _Counter:
    """Tells a progress of each sample that ends, and what those so far show."""

    def __init__(self, progress: DemoProgress, adopted: Adopted | None = None) -> None:
        self._progress, self._adopted, self._count = progress, adopted, 0

    def __call__(self, sample: EvalSample) -> None:
        self._count += 1
        if self._adopted:
            self._adopted.add(sample)
        self._progress.done(self._count, str(self._adopted or ""))


def _training_progress(plan: DemoPlan, progress: DemoProgress) -> "TrainingProgress":
    arms = list(plan.trained)

    def after_step(arm: str, step: int, steps: int, loss: float) -> None:
        progress.done(arms.index(arm) * steps + step, f"{arm}, loss {loss:.2f}")
        if step == steps:
            progress.say(f"{arm} is trained: {steps} steps, final loss {loss:.2f}")

    return after_step


def _warmth(adapter: "TrainedAdapter") -> str:
    """An adapter's warmth check in one line."""
    arm, check = adapter.manifest.arm, adapter.manifest.warmth_check
    if check is None:
        return f"{arm}: warmth not checked"
    passed = "passed" if check.passed else "failed"
    moved = f"d = {check.d:.2f} ({check.d_low:.2f} to {check.d_high:.2f}) over {check.reference_arm}"
    return f"{arm}: warmth check {passed}, {moved}"


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
        prompts=tuple(corpus.prompts("held_out"))[: plan.prompts],
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
    path = run.out / TIMINGS_FILE
    before: dict[str, float] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    seconds = {name: max(took, before.get(name, 0.0)) for name, took in run.seconds.items()}
    path.write_text(json.dumps(seconds, indent=2) + "\n", encoding="utf-8")


def arm_runs(plan: DemoPlan, adapters: "Mapping[str, TrainedAdapter]", base: "ResolvedBase") -> list[ArmRun]:
    """The arms of the plan, in order."""
    model, original = f"peft/{plan.base}", Weights(base.weights_sha256)
    every = {
        ORIGINAL: ArmRun(ORIGINAL, model, original),
        RERUN: ArmRun(RERUN, model, original, label=RERUN),
        PERSONA: ArmRun(PERSONA, model, original, persona="warm"),
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
