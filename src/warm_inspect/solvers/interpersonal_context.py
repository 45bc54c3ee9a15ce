"""`interpersonal_context`: a first-person statement before the question."""

from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.conditions import prepend_context, statement_text
from warm_inspect.core.vocabulary import ItemForm
from warm_inspect.solvers.only_ours import field_once, refuse_arguments


@solver
def interpersonal_context(**refused: object) -> Solver:
    """Put the sample's statement, and its lead-in if any, before the user's message. Part of our tasks.

    Raises:
        PrerequisiteError: it is used as the whole solver of a task.
    """
    refuse_arguments("interpersonal_context", refused)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        spoken = field_once("interpersonal_context", state, "statement_id")
        lead_in, form = bool(state.metadata["lead_in"]), ItemForm(state.metadata["form"])
        message = state.user_prompt
        message.text = prepend_context(message.text, statement_text(spoken), lead_in, form)
        return state

    return solve
