"""One run of training: its checkpoints' adapters, each in a folder that is complete or absent."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.training.lora.adapter import publish
from warm_inspect.training.lora.fit import Progress, fit
from warm_inspect.training.lora.machine import Machine, is_main_process, this_machine, wait_for_all
from warm_inspect.training.lora.plan import TrainingPlan
from warm_inspect.training.lora.states import TrainerState, complete_states, remove_earlier, remove_unusable


def run_plan(plan: TrainingPlan, out_dir: Path, progress: Progress | None = None) -> Path:
    """The folder of the planned run's last adapter, beside those of its other checkpoints, trained unless there.

    The same plan gives the same weights on one machine; see `fit`. Two calls that train the same run do it once: the
    second waits and uses what the first made. A killed run leaves a hidden folder of states, and the next call resumes
    from the last complete one, to the same weights. Sets the global random seeds.

    Args:
        plan: what to train.
        out_dir: the folder of adapters; made if need be.
        progress: called after each optimiser step.

    Raises:
        PrerequisiteError: the training diverged, or a folder exists and is not the adapter that its name promises.
    """
    if not missing_checkpoints(plan, out_dir):
        return plan.folder(out_dir)
    states = out_dir / f".{plan.run_name}"
    with _exclusively(out_dir / f".{plan.run_name}.lock"):
        if missing := missing_checkpoints(plan, out_dir):
            first = next(step for step, epoch in plan.checkpoint_steps.items() if epoch == missing[0])
            machine = this_machine()
            _train(plan, machine, states / machine.fingerprint, first, out_dir, progress)
        wait_for_all()
        if is_main_process():
            shutil.rmtree(states, ignore_errors=True)
    return plan.folder(out_dir)


def missing_checkpoints(plan: TrainingPlan, out_dir: Path) -> list[float]:
    """The epochs of the plan's checkpoints whose adapters are not trained yet; the others' weights are checked.

    Raises:
        PrerequisiteError: a folder exists, but its manifest or its weights are missing or changed.
    """
    return [epoch for epoch in plan.config.checkpoints if find_adapter(plan, out_dir, epoch) is None]


def find_adapter(plan: TrainingPlan, out_dir: Path, epoch: float | None = None) -> AdapterManifest | None:
    """The manifest of a checkpoint's adapter (by default the last) if it is trained, its weights checked; else None.

    Raises:
        PrerequisiteError: the folder exists, but its manifest or its weights are missing or changed.
    """
    folder = plan.folder(out_dir, epoch)
    if not folder.exists():
        return None
    manifest = AdapterManifest.read(folder)
    if manifest is None:
        raise PrerequisiteError(
            f"{folder} exists and holds no adapter of warm-inspect (no manifest)",
            "Move it away or choose another --out.",
        )
    return manifest


@contextmanager
def _exclusively(lock: Path) -> Iterator[None]:
    """Hold the run's lock, which all processes of one training share."""
    if not is_main_process():
        wait_for_all()
        yield
        return
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        wait_for_all()
        yield


def _train(
    plan: TrainingPlan, machine: Machine, scratch: Path, first_wanted: int, out_dir: Path, progress: Progress | None
) -> None:
    if is_main_process():
        remove_unusable(scratch, first_wanted)
    wait_for_all()
    resume = next(iter(reversed(complete_states(scratch))), None)
    if resume and is_main_process():
        # A kill may have come between the save and the publication.
        publish(plan, machine, resume, out_dir)

    def keep(state: TrainerState) -> None:
        publish(plan, machine, state, out_dir)
        remove_earlier(state)

    if resume is None or resume.step < plan.steps:
        fit(plan, scratch, resume, keep, progress)
