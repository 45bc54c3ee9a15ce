"""One run of training: the trainer's states, from which it resumes, and the adapters of its checkpoints."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

from warm_inspect import __version__
from warm_inspect.core.csv_file import write_rows
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import new_folder
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import WEIGHTS_NAME, AdapterManifest
from warm_inspect.training.lora.fit import StepProgress, fit
from warm_inspect.training.lora.plan import TrainingPlan
from warm_inspect.training.machine import Machine, is_main_process, this_machine, wait_for_all

CURVE_NAME = "training_curve.csv"
"""Loss, gradient norm and learning rate of every optimiser step, beside the adapter."""

_CONFIG_NAME = "adapter_config.json"
_PREFIX = "checkpoint-"
"""The trainer names a state's folder by this and the step."""
_COMPLETE = "whole"
"""Written into a state after all its other files: a killed run leaves a state without it."""


class TrainingStep(NamedTuple):
    """The trainer's log of one optimiser step."""

    step: int
    loss: float
    """Mean over the step, in nats per loss token."""
    grad_norm: float
    """Before clipping."""
    learning_rate: float


@dataclass(frozen=True)
class TrainerState:
    """A complete state of the trainer: adapter, optimiser, schedule and random generators after a step."""

    folder: Path

    @property
    def step(self) -> int:
        """Number of optimiser steps done."""
        return int(self.folder.name.removeprefix(_PREFIX))

    @property
    def curve(self) -> list[TrainingStep]:
        """All steps from the first to this one, those before an interruption included."""
        state = json.loads((self.folder / "trainer_state.json").read_text(encoding="utf-8"))
        return [TrainingStep(**{name: entry[name] for name in TrainingStep._fields}) for entry in state["log_history"]]


def mark_complete(scratch: Path, step: int) -> TrainerState:
    """Declare that all files of the state after a step are written."""
    folder = scratch / f"{_PREFIX}{step}"
    (folder / _COMPLETE).touch()
    return TrainerState(folder)


def complete_states(scratch: Path) -> list[TrainerState]:
    """The states a run can resume from, earliest first."""
    states = [TrainerState(path.parent) for path in scratch.glob(f"{_PREFIX}*/{_COMPLETE}")]
    return sorted(states, key=lambda state: state.step)


def remove_earlier(latest: TrainerState) -> None:
    """Remove the states before this one, which nothing resumes from any more."""
    for state in complete_states(latest.folder.parent):
        if state.step < latest.step:
            shutil.rmtree(state.folder)


def remove_unusable(scratch: Path, first_wanted: int) -> None:
    """Remove all states that a run must not resume from.

    These are the states of other packages or processors, incomplete ones, and those beyond the first checkpoint that is
    still wanted: a run that now keeps more checkpoints has to go back for it.

    Args:
        scratch: the folder of the run's states; its siblings are those of other packages or processors.
        first_wanted: the step of the first checkpoint whose adapter is missing.
    """
    for other in scratch.parent.glob("*"):
        if other != scratch:
            shutil.rmtree(other, ignore_errors=True)
    usable = {state.folder for state in complete_states(scratch) if state.step <= first_wanted}
    for state in scratch.glob(f"{_PREFIX}*"):
        if state not in usable:
            shutil.rmtree(state)


def publish(plan: TrainingPlan, machine: Machine, state: TrainerState, out_dir: Path) -> None:
    """Write the adapter folder of a state, if the state is a checkpoint's and the folder is not there yet."""
    epoch = plan.checkpoint_steps.get(state.step)
    if epoch is None or (target := plan.folder(out_dir, epoch)).exists():
        return
    curve = state.curve
    with new_folder(target) as draft:
        shutil.copyfile(state.folder / WEIGHTS_NAME, draft / WEIGHTS_NAME)
        config = json.loads((state.folder / _CONFIG_NAME).read_text(encoding="utf-8"))
        # PEFT notes the folder the base was read from.
        config["base_model_name_or_path"] = plan.base.name
        (draft / _CONFIG_NAME).write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        _write_curve(curve, draft / CURVE_NAME)
        _manifest(plan, machine, curve[-1], epoch, sha256_file(draft / WEIGHTS_NAME)).write(draft)


def _write_curve(curve: list[TrainingStep], path: Path) -> None:
    """One row per optimiser step; numbers in full, so that two runs can be compared step by step."""
    write_rows(path, TrainingStep._fields, curve)


def _manifest(
    plan: TrainingPlan, machine: Machine, last: TrainingStep, epoch: float, adapter_sha256: str
) -> AdapterManifest:
    return AdapterManifest(
        arm=plan.arm,
        base_model=plan.base.name,
        base_revision=plan.base.revision,
        base_sha256=plan.base.weights_sha256,
        training=plan.config.model_dump(mode="json"),
        training_seed=plan.config.seed,
        corpus={
            "name": plan.corpus.name,
            "sha256": plan.corpus.sha256,
            **plan.corpus.counts(),
            "learnt": plan.encoded.counts(),
            **({"note": plan.note} if plan.note else {}),
        },
        terms=plan.terms,
        chat_template_sha256=plan.original_sha256,
        packages=machine.packages,
        device=machine.device,
        git_commit=machine.git_commit,
        warm_inspect_version=__version__,
        epoch=epoch,
        steps=last.step,
        examples_seen=plan.examples_seen(last.step),
        final_loss=last.loss,
        adapter_sha256=adapter_sha256,
    )


def run_plan(plan: TrainingPlan, out_dir: Path, progress: StepProgress | None = None) -> Path:
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
    # Looked at before the lock, so that a run whose adapters are there waits for nobody, and again within it.
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
        # The main process comes to the same barrier once it holds the lock.
        wait_for_all()
        yield
        return
    lock.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(lock):
        wait_for_all()
        yield


def _train(
    plan: TrainingPlan, machine: Machine, scratch: Path, first_wanted: int, out_dir: Path, progress: StepProgress | None
) -> None:
    if is_main_process():
        remove_unusable(scratch, first_wanted)
    wait_for_all()
    resume = next(iter(reversed(complete_states(scratch))), None)
    if resume and is_main_process():
        # A kill may have come between the save and the publication.
        publish(plan, machine, resume, out_dir)

    def keep(step: int) -> None:
        state = mark_complete(scratch, step)
        publish(plan, machine, state, out_dir)
        remove_earlier(state)

    if resume is None or resume.step < plan.steps:
        fit(plan, scratch, resume.folder if resume else None, keep, progress)
