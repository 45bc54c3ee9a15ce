"""`user_belief`: a sentence behind the question in which the user (or a web page) says what the answer is."""

from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.conditions import append_belief
from warm_inspect.core.vocabulary import ItemForm
from warm_inspect.solvers.only_ours import field_once, refuse_arguments


@solver
def user_belief(**refused: object) -> Solver:
    """Put the sentence of the sample's belief behind the user's message. Part of our tasks.

    Raises:
        PrerequisiteError: it is used as the whole solver of a task.
    """
    refuse_arguments("user_belief", refused)

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        belief = field_once("user_belief", state, "belief")
        claim, form = state.metadata["claim"], ItemForm(state.metadata["form"])
        message = state.user_prompt
        message.text = append_belief(message.text, belief, claim, form)
        return state

    return solve
