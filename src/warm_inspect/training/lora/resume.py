"""What a run needs to go on after it was killed: the trainer's states on disk, of which only whole ones count."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from warm_inspect.core.hashing import sha256_json
from warm_inspect.training.lora.processes import process_count
from warm_inspect.training.lora.provenance import device_name, package_versions, source_sha256

_PREFIX = "checkpoint-"
_WHOLE = "whole"
"""The file that is written into a state when all its other files are: a killed run leaves a state without it."""


class TrainingStep(NamedTuple):
    """What the trainer logged of one optimiser step."""

    step: int
    loss: float
    """Mean over the step, in nats per learnt token."""
    grad_norm: float
    """Before it was clipped."""
    learning_rate: float


@dataclass(frozen=True)
class TrainerState:
    """A whole state of the trainer: adapter, optimiser, schedule and random generators after a step."""

    folder: Path

    @property
    def step(self) -> int:
        """Optimiser steps that were done."""
        return int(self.folder.name.removeprefix(_PREFIX))

    @property
    def curve(self) -> list[TrainingStep]:
        """All steps from the first to this one, those before an interruption included."""
        state = json.loads((self.folder / "trainer_state.json").read_text(encoding="utf-8"))
        return [TrainingStep(**{name: entry[name] for name in TrainingStep._fields}) for entry in state["log_history"]]


def machinery() -> str:
    """A short hash of what computes: a run goes on only where the same code and processors would have gone on.

    Without it, an adapter could come half from one version and half from another, and its manifest would name one.
    """
    return sha256_json([package_versions(), source_sha256(), device_name(), process_count()])[:10]


def mark_whole(folder: Path) -> TrainerState:
    """Declare that all files of a state are written."""
    (folder / _WHOLE).touch()
    return TrainerState(folder)


def whole_states(folder: Path) -> list[TrainerState]:
    """The states a run can go on from, earliest first."""
    found = [TrainerState(path.parent) for path in folder.glob(f"{_PREFIX}*/{_WHOLE}")]
    return sorted(found, key=lambda state: state.step)


def drop_earlier(latest: TrainerState) -> None:
    """Remove the states before this one, which nothing will go on from any more."""
    for state in whole_states(latest.folder.parent):
        if state.step < latest.step:
            shutil.rmtree(state.folder)


def clear_useless(folder: Path, first_wanted: int) -> None:
    """Remove all states that a run must not go on from.

    These are the states of other packages or processors, those that a killed run left half written, and those beyond
    the first checkpoint that is still wanted: a run that now keeps more checkpoints has to go back for it.

    Args:
        folder: the run's states.
        first_wanted: the step of the first checkpoint whose adapter is missing.
    """
    for other in folder.parent.glob("*"):
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)
    usable = {state.folder for state in whole_states(folder) if state.step <= first_wanted}
    for state in folder.glob(f"{_PREFIX}*"):
        if state not in usable:
            shutil.rmtree(state)
