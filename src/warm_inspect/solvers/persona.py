"""`persona`: a warm or cold system message."""

from inspect_ai.model import ChatMessageSystem
from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.conditions import PERSONAS
from warm_inspect.solvers.foreign import finish, parameter


@solver
def persona(persona: str | None = None, then_generate: bool = False) -> Solver:
    """Put the persona's system message before all others.

    Args:
        persona: `none`, `warm` or `cold`; left out, the sample's metadata says.
        then_generate: also call the model, for use as the whole solver of another package's task:
            `inspect eval theirs.py --solver warm_inspect/persona -S persona=warm -S then_generate=true`.

    Raises:
        PrerequisiteError: an unknown persona, or none given and none in the metadata.
    """
    if persona is not None:
        _ = PERSONAS[persona]

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        system = PERSONAS[parameter(persona, state, "persona")].system
        if system:
            state.messages.insert(0, ChatMessageSystem(content=system))
        return await finish(state, generate, then_generate)

    return solve
