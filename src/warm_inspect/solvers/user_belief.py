"""`user_belief`: a sentence behind the question in which the user (or a web page) says what the answer is."""

from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.conditions import BELIEFS, append_belief
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import NONE, ItemForm
from warm_inspect.solvers.foreign import finish, parameter


@solver
def user_belief(belief: str | None = None, claim_key: str = "incorrect_answer", then_generate: bool = False) -> Solver:
    """Put the belief sentence behind the user's message.

    Args:
        belief: a belief's name; left out, the sample's metadata says which belief and which claim.
        claim_key: on another package's task, the metadata key of each sample's wrong answer. Beliefs about the right
            answer name the sample's target.
        then_generate: also call the model, for use as the whole solver of another package's task.

    Raises:
        PrerequisiteError: an unknown belief, none given and none in the metadata, or a sample without the claim.
    """
    if belief is not None:
        _ = BELIEFS[belief]

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        name = parameter(belief, state, "belief")
        if belief is None:
            claim, form = parameter(None, state, "claim"), ItemForm(state.metadata["form"])
        else:
            claim, form = _own_claim(name, claim_key, state), ItemForm.OPEN
        message = state.user_prompt
        message.text = append_belief(message.text, name, claim, form)
        return await finish(state, generate, then_generate)

    return solve


def _own_claim(belief: str, claim_key: str, state: TaskState) -> str:
    which = BELIEFS[belief].claim
    if which == NONE:
        return ""
    claim = state.target.text if which == "correct" else state.metadata.get(claim_key)
    if not claim:
        where = "target" if which == "correct" else f"metadata key {claim_key!r}"
        raise PrerequisiteError(
            f"Belief {belief!r} needs the {which} answer of sample {state.sample_id!r}, but its {where} is empty. "
            f"Metadata keys there: {', '.join(state.metadata) or 'none'}. Name the right one with -S claim_key=..."
        )
    return str(claim)
