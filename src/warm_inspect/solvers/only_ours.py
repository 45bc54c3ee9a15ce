"""What keeps the solvers of our tasks from being run as the whole solver of a task: none of them asks a model."""

from collections.abc import Mapping
from typing import Any

from inspect_ai.solver import TaskState

from warm_inspect.core.errors import PrerequisiteError

_CROSSED = (
    "Keep the task's solver and cross its samples: inspect eval warm_inspect/crossed -T task=FILE.py@TASK "
    "-T contexts=none,filler,emotion_sad"
)


def refuse_arguments(solver: str, given: Mapping[str, object]) -> None:
    """Refuse parameters, which only a command with --solver gives.

    Raises:
        PrerequisiteError: a parameter is given.
    """
    if given:
        raise _replaces(solver, f"-S {next(iter(given))}=...")


def field_once(solver: str, state: TaskState, key: str) -> Any:  # noqa: ANN401 - any metadata
    """A field of the metadata of one of our samples, which says what the solver puts into its prompt.

    Raises:
        PrerequisiteError: the sample is not ours, or the solver has run before: `--solver` replaced the task's own.
    """
    mark = f"warm_inspect:{solver}"
    # Any task may have a field called `belief`; a hash of the prompt is what only ours have.
    if not {key, "prompt_sha256"} <= state.metadata.keys() or state.store.get(mark):
        raise _replaces(solver, f"sample {state.sample_id}")
    state.store.set(mark, True)
    return state.metadata[key]


def _replaces(solver: str, where: str) -> PrerequisiteError:
    return PrerequisiteError(
        f"--solver warm_inspect/{solver} ({where}) replaces the solver of the task, and then nothing asks the model, "
        "shows its choices or gives it tools",
        _CROSSED,
    )
