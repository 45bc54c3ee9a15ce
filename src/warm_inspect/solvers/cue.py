"""The words of a condition in a task that is not ours: where they go, and whether they reached the model.

A cue goes into the user's turn: the statement before its text, the belief behind it. Templates, choices, few-shot
examples and tools of the task stay as they are, and so does the sample's input, which graders are shown.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser, Content, ContentText
from inspect_ai.solver import Generate, Solver, TaskState, solver

from warm_inspect.conditions import BELIEFS, PERSONAS, prepend_context, statement_text
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.metadata import OwnTaskMetadata, contract_fields, with_prefix
from warm_inspect.core.vocabulary import ItemForm
from warm_inspect.solvers.arm import ActiveArm


@dataclass(frozen=True, slots=True)
class Cue:
    """The words of one condition for one sample; each empty where the condition has none."""

    system: str
    """The persona's system message."""
    before: str
    """The context's statement and the lead-in."""
    after: str
    """The belief sentence."""

    @classmethod
    def of(cls, persona: str, statement_id: str, lead_in: bool, belief: str, claim: str) -> "Cue":
        """The cue that the fields of a sample's metadata name."""
        return cls(
            system=PERSONAS[persona].system,
            before=prepend_context("", statement_text(statement_id), lead_in, ItemForm.OPEN),
            after=BELIEFS[belief].sentence(ItemForm.OPEN, claim),
        )

    def put(self, messages: Sequence[ChatMessage]) -> list[ChatMessage]:
        """The messages with the cue in the last one of the user, and the system message before all.

        Raises:
            ValueError: no message of the user, or none of its parts is text.
        """
        place = next((i for i in reversed(range(len(messages))) if isinstance(messages[i], ChatMessageUser)), None)
        if place is None:
            raise ValueError("its input has no message of the user")
        turn = messages[place]
        cued = list(messages)
        cued[place] = turn.model_copy(update={"content": self._round(turn.content)})
        return [ChatMessageSystem(content=self.system), *cued] if self.system else cued

    def _round(self, content: str | list[Content]) -> str | list[Content]:
        if isinstance(content, str):
            return _joined(self.before, content, self.after)
        texts = [i for i, part in enumerate(content) if isinstance(part, ContentText)]
        if not texts:
            raise ValueError("the user's message of its input has no text")
        parts = list(content)
        for i, before, after in ((texts[0], self.before, ""), (texts[-1], "", self.after)):
            part = parts[i]
            assert isinstance(part, ContentText)
            parts[i] = part.model_copy(update={"text": _joined(before, part.text, after)})
        return parts

    def in_messages(self, messages: Iterable[ChatMessage]) -> bool:
        """Whether what a model was given holds all the words."""
        given = list(messages)
        system = any(self.system in message.text for message in given if message.role == "system")
        turn = any(self.before in each.text and self.after in each.text for each in given if each.role == "user")
        return (system or not self.system) and (turn or not (self.before or self.after))


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _cue_of(state: TaskState) -> Cue:
    fields = contract_fields(state.metadata)
    return Cue.of(*(fields[name] for name in ("persona", "statement_id", "lead_in", "belief", "claim")))


@solver
def cue() -> Solver:
    """Put the words of the sample's condition into the user's turn, and record the active model's arm."""
    arms = ActiveArm()

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        state.messages = _cue_of(state).put(state.messages)
        state.metadata.update(with_prefix((await arms.metadata()).model_dump()))
        return state

    return solve


@solver
def cued(solver: Solver) -> Solver:
    """The task's own solver, and behind it a look at whether the condition's words reached the model.

    Args:
        solver: the task's own.

    Raises:
        PrerequisiteError: no model was called, or none of the calls held the words.
    """

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        before = len(transcript().events)
        words = _cue_of(state)
        try:
            solved = await solver(state, generate)
        finally:
            # The task's solver may end in a limit, which is a result.
            calls = _calls(before)
            reached = any(map(words.in_messages, calls))
            state.metadata.update(with_prefix({"cue_reached": reached}))
        solved.metadata.update(with_prefix({"cue_reached": reached}))
        if not reached:
            raise _not_reached(solved, bool(calls))
        return solved

    return solve


def _calls(since: int) -> list[list[ChatMessage]]:
    """What the model under test was given from an event on: calls of other models have a role."""
    events = transcript().events[since:]
    return [event.input for event in events if isinstance(event, ModelEvent) and event.role is None]


def _not_reached(state: TaskState, called: bool) -> PrerequisiteError:
    fields = OwnTaskMetadata.model_validate(contract_fields(state.metadata), extra="ignore")
    why = (
        "its solver writes the prompt anew, from the sample's input or metadata and not from the user's message"
        if called
        else "its solver called no model"
    )
    return PrerequisiteError(
        f"The task {fields.own_task} cannot be crossed: the words of {fields.context}/{fields.belief} did not reach "
        f"the model in sample {fields.question_id}, because {why}",
        "Let it read state.user_prompt or state.messages",
    )
