"""`replay`: replies that are there already take the place of a model's, to be graded or measured."""

from inspect_ai.model import ModelOutput
from inspect_ai.solver import Generate, Solver, TaskState, solver

NO_MODEL = "none/none"
"""Inspect's name of no model."""

REPLY = "reply"
"""Sample metadata: the reply to replay."""


@solver
def replay() -> Solver:
    """Give the metadata's `reply` as the model's, or without one the sample's input; no model is called."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state.output = ModelOutput.from_content(NO_MODEL, str(state.metadata.get(REPLY, state.input_text)))
        return state

    return solve
