"""`reply_pair`: two replies for one sample, to the prompt without its framing and to the prompt with it."""

from inspect_ai.model import ChatMessageUser
from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.core.endings import is_cut_off, why_no_reply
from warm_inspect.core.families import UNFRAMED
from warm_inspect.core.reply_pair import ReplyPair


@solver
def reply_pair() -> Solver:
    """Ask the model the metadata's `unframed` prompt, then the sample's input; the latter's reply is the output.

    Both prompts stand after the same system messages, and neither shows anything of the other. The second reply never
    comes out of Inspect's cache: under the framing `none` it would be the first one again, and chance would look like
    agreement. Part of the task `feedback`.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        pair = state.store_as(ReplyPair)
        framed = list(state.messages)
        system = [message for message in framed if message.role == "system"]
        state.messages = [*system, ChatMessageUser(content=state.metadata[UNFRAMED])]
        state = await generate(state)
        if why_no_reply(state.output):
            return state
        pair.unframed, pair.unframed_cut_off = state.output.completion, is_cut_off(state.output)
        state.messages = framed
        state = await generate(state, cache=False)
        pair.complete = not why_no_reply(state.output)
        return state

    return solve
