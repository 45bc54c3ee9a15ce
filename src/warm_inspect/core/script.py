"""Scripted dialogues: what is said after a sample's first message, and what became of each reply of the model."""

from collections.abc import Mapping
from typing import Any

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageUser
from inspect_ai.util import StoreModel
from pydantic import BaseModel, Field

from warm_inspect.core.endings import CUT_OFF, FILTERED
from warm_inspect.core.errors import PrerequisiteError

_TURN, _STOPPED = "turn", "stopped after turn"
"""What the reasons begin with for which a dialogue did not come to its end; the number of the turn follows."""
TURNS = "turns"
"""Sample metadata: the messages after the input, in their order: a list of pairs of role and text.

A text of the role `assistant` is canned: it stands where the model would have replied.
"""

_MESSAGES: dict[str, type[ChatMessageUser | ChatMessageAssistant]] = {
    "user": ChatMessageUser,
    "assistant": ChatMessageAssistant,
}


class TurnRecord(BaseModel):
    """One reply of the model in a dialogue."""

    turn: int
    """Which of the user's messages it replies to, from 1."""
    stop_reason: str
    """Inspect's stop reason: `stop`, `max_tokens`, ..."""
    output_tokens: int
    """By the provider's count; -1 when it does not tell."""


class DialogueRecord(StoreModel):
    """What the solver `dialogue` keeps of a sample in its store."""

    planned: int = 0
    """Replies that the script asks the model for."""
    replies: list[TurnRecord] = Field(default_factory=list)
    failure: str = ""
    """The turn that has no reply, and why, for example `turn 2: prompt_too_long`; empty where none failed."""

    @property
    def incomplete(self) -> str:
        """Why the dialogue did not come to its end; empty where it did."""
        if self.failure or len(self.replies) == self.planned > 0:
            return self.failure
        last = self.replies[-1].turn if self.replies else 0
        return f"{_STOPPED} {last}"

    @property
    def cut_off(self) -> bool:
        """Whether a reply hit its limit of tokens."""
        return any(reply.stop_reason in CUT_OFF for reply in self.replies)

    @property
    def filtered(self) -> int:
        """How many replies a provider's filter ended."""
        return sum(reply.stop_reason == FILTERED for reply in self.replies)


def failed_turn(turn: int, why: str) -> str:
    """The reason for which a dialogue ended at a turn, for example `turn 2: prompt_too_long`."""
    return f"{_TURN} {turn}: {why}"


def is_incomplete(reason: str) -> bool:
    """Whether this is a reason for which a dialogue did not come to its end, so that no grading can grade it."""
    return reason.startswith((f"{_TURN} ", f"{_STOPPED} "))


def script_of(metadata: Mapping[str, Any], sample: object) -> list[ChatMessage]:
    """The messages that follow a sample's input; none for a sample without a script.

    Args:
        metadata: of the sample.
        sample: its id, for the error.

    Raises:
        PrerequisiteError: the script is not a list of pairs of a role and a text.
    """
    turns = metadata.get(TURNS, [])
    try:
        return [_MESSAGES[role](content=_text(text)) for role, text in turns]
    except (KeyError, TypeError, ValueError):
        raise PrerequisiteError(
            f"Sample {sample}: the metadata {TURNS!r} is {turns!r}, not a list of pairs of role and text",
            f"Give one such as [['assistant', 'It is Lyon.'], ['user', 'Sure?']]; roles: {', '.join(_MESSAGES)}",
        ) from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
