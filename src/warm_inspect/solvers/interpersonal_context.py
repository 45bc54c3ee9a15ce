"""`interpersonal_context`: a first-person statement before the question."""

from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.conditions import CONTEXTS, prepend_context, statement_id, statement_text
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.vocabulary import ItemForm
from warm_inspect.solvers.foreign import finish, parameter


@solver
def interpersonal_context(context: str | None = None, seed: int = 0, then_generate: bool = False) -> Solver:
    """Put the context's statement (and, where the condition has one, the lead-in) before the user's message.

    Args:
        context: a context's name; left out, the sample's metadata says which statement.
        seed: on another package's task, which of the context's statements a sample gets.
        then_generate: also call the model, for use as the whole solver of another package's task.

    Raises:
        PrerequisiteError: an unknown context, or none given and none in the metadata.
    """
    if context is not None:
        _ = CONTEXTS[context]

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        if context is None:
            spoken = parameter(None, state, "statement_id")
            lead_in, form = bool(state.metadata["lead_in"]), ItemForm(state.metadata["form"])
        else:
            spoken, lead_in, form = _own(context, seed, state), CONTEXTS[context].lead_in, ItemForm.OPEN
        message = state.user_prompt
        message.text = prepend_context(message.text, statement_text(spoken), lead_in, form)
        return await finish(state, generate, then_generate)

    return solve


def _own(context: str, seed: int, state: TaskState) -> str:
    count = len(CONTEXTS[context].statements)
    if not count:
        return ""
    return statement_id(context, int(sha256_text(f"{seed}:{context}:{state.sample_id}"), 16) % count)
