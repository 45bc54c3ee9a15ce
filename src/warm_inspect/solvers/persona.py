"""`persona`: a warm or cold system message."""

from inspect_ai.model import ChatMessageSystem
from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.conditions import PERSONAS
from warm_inspect.solvers.only_ours import field_once, refuse_arguments


@solver
def persona(**refused: object) -> Solver:
    """Put the system message of the sample's persona before all others. Part of our tasks.

    Raises:
        PrerequisiteError: it is used as the whole solver of a task.
    """
    refuse_arguments("persona", refused)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        system = PERSONAS[field_once("persona", state, "persona")].system
        if system:
            state.messages.insert(0, ChatMessageSystem(content=system))
        return state

    return solve
