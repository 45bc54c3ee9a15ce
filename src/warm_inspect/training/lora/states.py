"""The trainer's states on disk, from which an interrupted run resumes; only complete ones count."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

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
