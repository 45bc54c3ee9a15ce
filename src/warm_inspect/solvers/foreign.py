"""Shared parts of the solvers: parameters from the solver or the sample, and a call of the model if one stands alone.

Our samples hold the parameters in their metadata; on samples of another package the solver itself is given them.
"""

from inspect_ai.solver import Generate, TaskState

from warm_inspect.core.errors import PrerequisiteError


def parameter(given: str | None, state: TaskState, key: str) -> str:
    """The solver's own parameter, else what the sample's metadata says.

    Raises:
        PrerequisiteError: neither is there.
    """
    value = given if given is not None else state.metadata.get(key)
    if not isinstance(value, str):
        raise PrerequisiteError(
            f"Sample {state.sample_id!r} has no {key!r} in its metadata, so the solver must be told: -S {key}=..."
        )
    return value


async def finish(state: TaskState, generate: Generate, then_generate: bool) -> TaskState:
    """The state, after a call of the model when the solver stands alone."""
    return await generate(state) if then_generate else state
