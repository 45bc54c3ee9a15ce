"""Asking the graders: the one place where their replies are read, asked for again, and counted."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from logging import getLogger
from typing import Generic, TypeVar

import anyio
from inspect_ai.model import CachePolicy, ContentText, GenerateConfig, ModelOutput
from inspect_ai.util import collect

from warm_inspect.core.errors import InspectPrerequisiteError, plain_reason
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.journal import Journal
from warm_inspect.grading.model.graders import Grader, GraderFacts
from warm_inspect.grading.model.rubric import Answers, Form, MalformedReply, asking, endings
from warm_inspect.grading.thoughts import without_thoughts

T = TypeVar("T")
logger = getLogger(__name__)

_TRANSPORT = {
    *("batch", "cache", "cache_prompt", "max_connections", "adaptive_connections", "extra_headers"),
    *("max_retries", "timeout", "attempt_timeout", "stream_idle_timeout"),
}
"""The settings of a model that do not decide its reply."""

_JOURNAL: ContextVar[Journal | None] = ContextVar("verdicts", default=None)

ATTEMPTS = 2
"""A grader whose reply cannot be used is asked once more, and told what was wrong."""


class GraderFailure(StrEnum):
    """Why there is no verdict."""

    REFUSED = "grader_refused"
    """The grader, or its provider's filter, declined to grade."""
    EMPTY = "empty"
    CUT_OFF = "cut_off"
    """The reply, or a thought in it, has no end."""
    MALFORMED = "malformed"
    """The finished reply is not in the form."""
    INCONSISTENT = "inconsistent"
    """Its answers exclude each other."""
    UNREACHABLE = "unreachable"
    """The provider gave no reply after Inspect's own retries."""
    NO_MAJORITY = "no_majority"
    """No answer has more than half of a panel behind it."""


class InconsistentAnswers(ValueError):
    """Answers that exclude each other; the message says which."""


@dataclass(frozen=True, slots=True)
class GraderResult(Generic[T]):
    """The result of asking the graders."""

    verdict: T | None
    failure: GraderFailure | None
    """Why there is no verdict; None when there is one."""
    said: str
    """The graders' last replies, for the log."""
    disagreement: str = ""
    """The labels on which a panel was divided, each with its votes; empty when all agreed."""


@dataclass(frozen=True, slots=True)
class _Reply:
    """One grader's answers, or why it gave none."""

    answers: Answers | None
    failure: GraderFailure | None
    said: str


async def ask_grader(
    graders: Sequence[Grader],
    prompt: str,
    form: Form,
    parse: Callable[[Answers], T],
    cache_policy: CachePolicy | None = None,
) -> GraderResult[T]:
    """The verdict of the graders on a prompt: of one grader its own, of a panel the strict majority for each label.

    A failure of one sample's grading is a value, never an exception, so that an evaluation goes on.

    Cost: for each grader one call, two when the first reply cannot be used.

    Args:
        graders: one, or a panel. A member of a panel without a usable reply counts, but votes for nothing.
        prompt: the filled rubric, without the instructions on how to end.
        form: the form in which a reply ends.
        parse: the verdict; raises InconsistentAnswers for answers that exclude each other.
        cache_policy: of Inspect's cache, for the first attempt: what could not be used then is asked for anew.

    Raises:
        PrerequisiteError: a grader cannot be used at all, for example without a key.
    """
    if len(graders) == 1:
        reply = await _answers(graders[0], 0, prompt, form, parse, cache_policy)
        return GraderResult(None if reply.answers is None else parse(reply.answers), reply.failure, reply.said)
    places = [sum(other.name == grader.name for other in graders[:i]) for i, grader in enumerate(graders)]
    replies = await collect(
        *(
            _answers(grader, place, prompt, form, parse, cache_policy)
            for grader, place in zip(graders, places, strict=True)
        )
    )
    said = "\n\n".join(f"[{grader.name}]\n{reply.said}" for grader, reply in zip(graders, replies, strict=True))
    votes = {label: Counter(reply.answers[label] for reply in replies if reply.answers) for label in form.fields}
    divided = [
        f"{label.lower()}: {', '.join(f'{word.lower()} {n}' for word, n in counts.most_common())}"
        for label, counts in votes.items()
        if max(counts.values(), default=0) < len(replies)
    ]
    answers = {label: word for label, counts in votes.items() for word, n in counts.items() if 2 * n > len(replies)}
    if len(answers) < len(form.fields):
        failures = {reply.failure for reply in replies}
        alone = failures.pop() if len(failures) == 1 else None
        return GraderResult(None, alone or GraderFailure.NO_MAJORITY, said, "; ".join(divided))
    # Two labels that exclude each other cannot both have a majority: some grader would have given both.
    return GraderResult(parse(answers), None, said, "; ".join(divided))


def with_ending(prompt: str, form: Form, facts: GraderFacts) -> str:
    """The prompt as a grader of this kind is sent it: with how to end its reply."""
    ending = endings()["json" if facts.structured else "lines"]
    return f"{prompt}\n\n{ending.replace('{form}', form.shown(as_json=facts.structured))}"


class Once(Generic[T]):
    """Asks for each key once, however many samples want it at the same time. Failures are not kept."""

    def __init__(self) -> None:
        self._results: dict[str, GraderResult[T]] = {}
        self._locks: dict[str, anyio.Lock] = {}

    async def get(self, key: str, ask: Callable[[], Awaitable[GraderResult[T]]]) -> GraderResult[T]:
        """The result stored under this key; the model is asked only when none is stored."""
        async with self._locks.setdefault(key, anyio.Lock()):
            if key not in self._results:
                asked = await ask()
                if asked.failure is not None:
                    return asked
                self._results[key] = asked
            return self._results[key]


@contextmanager
def keeping_verdicts(journal: Journal) -> Iterator[None]:
    """Record each grader's answers in the journal as they come, and ask no grader of the block what stands there.

    A key is a hash of the grader, the settings that decide its reply, and all that it is sent; of a panel that has one
    model several times also of its place among them.
    """
    token = _JOURNAL.set(journal)
    try:
        yield
    finally:
        _JOURNAL.reset(token)


async def _answers(
    grader: Grader, place: int, prompt: str, form: Form, parse: Callable[[Answers], T], cache_policy: CachePolicy | None
) -> _Reply:
    """One grader's answers, those in the journal of the block if they are there."""
    journal = _JOURNAL.get()
    if journal is None:
        return await _ask_one(grader, prompt, form, parse, cache_policy)
    config = grader.model.config.model_dump(mode="json", exclude_none=True, exclude=_TRANSPORT)
    key = sha256_json([grader.name, place, config, with_ending(prompt, form, grader.facts)])
    if (kept := journal.get(key)) is not None:
        return _Reply(kept["answers"], None, kept["said"])
    reply = await _ask_one(grader, prompt, form, parse, cache_policy)
    if reply.answers is not None:
        journal.append(key, {"grader": grader.name, "answers": dict(reply.answers), "said": reply.said})
    return reply


async def _ask_one(
    grader: Grader, prompt: str, form: Form, parse: Callable[[Answers], T], cache_policy: CachePolicy | None
) -> _Reply:
    schema = form.schema() if grader.facts.structured else None
    asked = with_ending(prompt, form, grader.facts)
    again = ""
    reply = _Reply(None, None, "")
    room: int | None = None
    for attempt in range(ATTEMPTS):
        # Without a policy of ours the run's own setting of Inspect's cache holds.
        cache = cache_policy and (cache_policy if attempt == 0 else False)
        config = GenerateConfig(response_schema=schema, max_tokens=room, cache=cache)
        try:
            output = await grader.model.generate(f"{asked}{again}", config=config)
        except InspectPrerequisiteError:
            raise
        except Exception as error:  # Whatever a provider's client raises: nothing was graded.
            _warn_of_failure(grader.name, plain_reason(error))
            return _Reply(None, GraderFailure.UNREACHABLE, plain_reason(error))
        reply, fault = _read(output, form, parse)
        if reply.failure is None:
            break
        again = "\n\n" + endings()[reply.failure].replace("{fault}", fault)
        room = grader.room if reply.failure is GraderFailure.CUT_OFF else None
    return reply


def _read(output: ModelOutput, form: Form, parse: Callable[[Answers], T]) -> tuple[_Reply, str]:
    """The answers in a grader's output, or the reason for their absence, and the part of it that the grader is sent."""
    text = output.completion
    shown = text or output.error or "(the grader's reply was empty)"

    def failed(failure: GraderFailure, fault: str = "") -> tuple[_Reply, str]:
        return _Reply(None, failure, shown), fault

    if output.empty:
        return failed(GraderFailure.EMPTY)
    if output.stop_reason == "content_filter" or _refuses(output):
        return failed(GraderFailure.REFUSED)
    said = without_thoughts(text)
    if output.stop_reason != "stop" or said is None:
        return failed(GraderFailure.CUT_OFF)
    if not said:
        return failed(GraderFailure.EMPTY)
    try:
        answers = form.read(said)
        parse(answers)
    except InconsistentAnswers as error:
        return failed(GraderFailure.INCONSISTENT, str(error))
    except MalformedReply as error:
        return failed(GraderFailure.REFUSED) if _declines(said) else failed(GraderFailure.MALFORMED, str(error))
    return _Reply(answers, None, text), ""


def _refuses(output: ModelOutput) -> bool:
    """Whether the provider marks the reply as a refusal."""
    content = output.message.content
    return not isinstance(content, str) and any(isinstance(part, ContentText) and part.refusal for part in content)


def _declines(text: str) -> bool:
    opening = text[:200].lower().replace("\u2019", "'").replace("'", "")
    return opening.startswith(tuple(asking().front["declines"]))


@cache
def _warn_of_failure(grader: str, reason: str) -> None:
    logger.warning("The grader %s gave no reply (%s). What it did not grade stays unscored.", grader, reason)
