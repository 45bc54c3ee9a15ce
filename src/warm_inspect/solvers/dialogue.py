"""`dialogue`: a conversation of several turns, in which the user's messages are written beforehand."""

from itertools import pairwise

from inspect_ai.model import ModelOutput
from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.core.endings import PROMPT_TOO_LONG, why_no_reply
from warm_inspect.core.errors import PromptTooLong
from warm_inspect.core.script import DialogueRecord, TurnRecord, failed_turn, script_of


@solver
def dialogue() -> Solver:
    """Ask the model for a reply to each message of the user: the sample's input, then those of its metadata `turns`.

    `turns` is a list of pairs of a role and a text, such as `[["user", "Are you sure?"]]`. A text of the role
    `assistant` is canned: it takes the place of the model's reply. Without `turns` it is one reply, as `generate` gives
    it. The store keeps the stop reason and the tokens of each reply (`DialogueRecord`).

    A turn to which the provider gives no reply, or one that no longer fits the model's context, ends the dialogue: the
    record then names the turn, so that a scorer leaves the sample unscored. Any other error of the provider is raised,
    with the turn in its notes.

    Raises:
        PrerequisiteError: `turns` is something else.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        script = script_of(state.metadata, state.sample_id)
        record = state.store_as(DialogueRecord)
        speakers = [state.messages[-1].role, *(message.role for message in script), "user"]
        record.planned = sum(pair == ("user", "user") for pair in pairwise(speakers))
        for message in [*script, None]:
            if (message is None or message.role == "user") and state.messages[-1].role == "user":
                state = await _replied(state, generate, record)
                if record.failure or state.completed:
                    return state
            if message is not None:
                state.messages.append(message)
        return state

    return solve


async def _replied(state: TaskState, generate: Generate, record: DialogueRecord) -> TaskState:
    """The state with the model's reply to its last message, which is kept in the record."""
    turn = sum(message.role == "user" for message in state.messages)
    try:
        state = await generate(state)
    except PromptTooLong:
        record.failure = failed_turn(turn, PROMPT_TOO_LONG)
        return state
    except Exception as error:
        error.add_note(f"Raised in turn {turn} of the dialogue.")
        raise
    if failure := _why_failed(state.output):
        record.failure = failed_turn(turn, failure)
        return state
    usage = state.output.usage
    reply = TurnRecord(
        turn=turn, stop_reason=state.output.stop_reason, output_tokens=usage.output_tokens if usage else -1
    )
    record.replies = [*record.replies, reply]
    return state


def _why_failed(output: ModelOutput) -> str:
    """Why the dialogue cannot go on; empty when it can.

    A reply that the context cut off leaves no room for the turns that follow.
    """
    return why_no_reply(output) or (PROMPT_TOO_LONG if output.stop_reason == "model_length" else "")
