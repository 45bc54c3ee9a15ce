"""One reply from a model: asked until it passes the checks, with the tokens that were paid for."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from inspect_ai.event import ModelEvent
from inspect_ai.log import transcript
from inspect_ai.model import CachePolicy, ChatMessage, GenerateConfig, Model, ModelOutput

from warm_inspect.core.errors import PromptTooLong
from warm_inspect.scorers.ending import PROMPT_TOO_LONG, is_cut_off, why_no_reply


@dataclass(frozen=True)
class Answer:
    """What came of asking for one reply."""

    text: str
    """The reply; empty when no attempt passed."""
    problems: tuple[str, ...]
    """What was wrong with the last attempt; empty when it passed."""
    attempts: int
    input_tokens: int = 0
    output_tokens: int = 0
    """Tokens of all attempts as the provider counted them; replies from Inspect's cache count nothing."""
    cached: int = 0
    """Attempts that Inspect's cache answered."""
    unmetered: int = 0
    """Attempts for which the provider gave no count."""

    def entry(self) -> dict[str, Any]:
        """The answer as a journal's JSON value."""
        return asdict(self)

    @classmethod
    def of(cls, entry: dict[str, Any]) -> "Answer":
        """The answer a journal holds."""
        return cls(**{**entry, "problems": tuple(entry["problems"])})


async def ask(
    model: Model,
    messages: Sequence[ChatMessage],
    check: Callable[[str], tuple[str, ...]],
    attempts: int,
    seed: int,
    cache: CachePolicy | None,
) -> Answer:
    """The model's reply to the messages, asked for again with the next seed while it fails a check.

    Messages that fill the model's context are not sent again: they would fill it every time.

    Cost: one model call per attempt. Any other error of the provider passes through: nothing was decided then.

    Args:
        model: who is asked.
        messages: the conversation so far.
        check: the names of what is wrong with a reply.
        attempts: how often to ask at most.
        seed: of the first attempt.
        cache: Inspect's cache, or None to do without.
    """
    found: tuple[str, ...] = ()
    spent = [0, 0, 0, 0]
    for attempt in range(1, attempts + 1):
        config = GenerateConfig(seed=seed + attempt - 1)
        try:
            output = await model.generate(list(messages), config=config, cache=cache or False)
        except PromptTooLong:
            return Answer("", (PROMPT_TOO_LONG,), attempt, *spent)
        spent = [total + more for total, more in zip(spent, _spent(), strict=True)]
        if why_no_reply(output) == PROMPT_TOO_LONG:
            return Answer("", (PROMPT_TOO_LONG,), attempt, *spent)
        text = output.completion.strip()
        found = _stopped(output) or check(text)
        if not found:
            return Answer(text, (), attempt, *spent)
    return Answer("", found, attempts, *spent)


def _stopped(output: ModelOutput) -> tuple[str, ...]:
    if is_cut_off(output):
        return ("cut_off",)
    return ("refused",) if output.stop_reason == "content_filter" else ()


def _spent() -> tuple[int, int, int, int]:
    """What the last call cost."""
    return metered(next(each for each in reversed(transcript().events) if isinstance(each, ModelEvent)))


def metered(event: ModelEvent) -> tuple[int, int, int, int]:
    """Input tokens, output tokens, 1 for a reply from Inspect's cache, and 1 for a call that was not counted."""
    if event.cache == "read":
        return 0, 0, 1, 0
    usage = event.output.usage
    if usage is None:
        return 0, 0, 0, 1
    cached = (usage.input_tokens_cache_read or 0) + (usage.input_tokens_cache_write or 0)
    return usage.input_tokens + cached, usage.output_tokens, 0, 0
