"""Asking a model for replies until each passes its checks, and the cost of it.

The asking is an Inspect evaluation: Inspect connects, limits, retries, batches, caches and logs. Costs are an estimate
before, the provider's count after, and money only by prices that the user gives.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from pathlib import Path
from typing import Any, NamedTuple

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.event import ModelEvent
from inspect_ai.log import EvalLog, transcript
from inspect_ai.model import CachePolicy, ChatMessage, GenerateConfig, Model, ModelOutput, get_model

from warm_inspect.core.endings import NO_REPLY, PROMPT_TOO_LONG, is_cut_off, why_no_reply
from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError, PromptTooLong, plain_reason
from warm_inspect.core.log_file import read_contents

ALL_AT_ONCE = 10_000
"""Samples in flight in batch mode: a provider's batch can be no larger than the calls that wait for it."""

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb for English; other languages and code take more tokens."""


@dataclass(frozen=True)
class Access:
    """A model, and how it is called."""

    model: str
    """Inspect model string."""
    batch: bool = False
    """Use the provider's batch API, as Inspect offers it."""
    max_connections: int | None = None
    """Calls in flight; None leaves it to Inspect."""

    @property
    def name(self) -> str:
        """The model string for datasheets: of a local folder only the last part, without the machine's path."""
        provider, slash, rest = self.model.partition("/")
        parts = (Path(part).name if Path(part).exists() else part for part in rest.split(":"))
        return f"{provider}{slash}{':'.join(parts)}"

    def open(self, role: str, config: GenerateConfig) -> Model:
        """The model, to be given this role.

        Raises:
            PrerequisiteError: Inspect does not know it, or lacks a key or a package for it.
        """
        reach = GenerateConfig(batch=self.batch or None, max_connections=self.max_connections)
        try:
            # Without the role: an earlier evaluation in this process may have bound another model to it.
            return get_model(self.model, config=config.merge(reach))
        except (InspectPrerequisiteError, ImportError, OSError, ValueError) as error:
            raise PrerequisiteError(
                f"The {role} {self.model!r} cannot be used: {plain_reason(error)}",
                "Give any Inspect model, as in openai/gpt-4o-2024-08-06 or peft/smollm2-135m.",
            ) from error


def run_in_role(tasks: Sequence[Task], role: str, model: Model, access: Access, log_dir: Path) -> list[EvalLog]:
    """Evaluate tasks together and return the headers of their logs; a failing sample does not stop the others.

    A run that is interrupted gives fewer logs, or none.

    Args:
        tasks: the tasks, with different names.
        role: the model role that their solvers and scorers ask for; there is no other model.
        model: the model in that role.
        access: sets how many samples may be in flight.
        log_dir: folder of the logs.
    """
    return inspect_eval(
        list(tasks),
        model=None,
        model_roles={role: model},
        max_tasks=len(tasks),
        log_dir=str(log_dir),
        display="none",
        max_samples=ALL_AT_ONCE if access.batch else access.max_connections,
        fail_on_error=False,
        score_display=False,
        log_header_only=True,
        log_realtime=False,
        log_level="error",
        ctl_server=False,
    )


def first_error(logs: Iterable[EvalLog]) -> str:
    """The message of the first error in some runs; empty without one, as when all were interrupted."""
    return next(filter(None, map(_first_error, logs)), "")


def _first_error(log: EvalLog) -> str:
    if log.error:
        return log.error.message
    _, samples = read_contents(log.location)
    return next((str(sample["error"]) for sample in samples if sample.get("error")), "")


class Usage(NamedTuple):
    """The tokens of some calls, and the calls for which there are none; fields as in `WrittenReply`."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached: int = 0
    unmetered: int = 0

    def plus(self, more: "Usage") -> "Usage":
        """The sum of both."""
        return Usage(*map(sum, zip(self, more, strict=True)))


@dataclass(frozen=True)
class WrittenReply:
    """The result of asking for one reply, with the tokens that were paid for."""

    text: str
    """The reply; empty when no attempt passed."""
    problems: tuple[str, ...]
    """The checks that the last attempt failed; empty when it passed."""
    attempts: int
    input_tokens: int = 0
    output_tokens: int = 0
    """Tokens of all attempts as the provider counted them; replies from Inspect's cache count nothing."""
    cached: int = 0
    """Attempts answered from Inspect's cache."""
    unmetered: int = 0
    """Attempts for which the provider gave no count."""

    def entry(self) -> dict[str, Any]:
        """The answer as a journal's JSON value."""
        return asdict(self)

    @classmethod
    def of(cls, entry: dict[str, Any]) -> "WrittenReply":
        """The answer in a journal's JSON value."""
        return cls(**{**entry, "problems": tuple(entry["problems"])})


async def ask(
    model: Model,
    messages: Sequence[ChatMessage],
    check: Callable[[str], tuple[str, ...]],
    attempts: int,
    seed: int,
    cache: CachePolicy | None,
) -> WrittenReply:
    """The model's reply to the messages, asked for again with the next seed while it fails a check.

    Messages that fill the model's context are not sent again: they would fill it every time.

    Cost: one model call per attempt. Any other error of the provider is raised: it decides nothing about the reply.

    Args:
        model: the model to ask.
        messages: the conversation so far.
        check: gives the names of the checks that a reply fails.
        attempts: calls at most.
        seed: of the first attempt.
        cache: Inspect's cache; None to do without.
    """
    problems: tuple[str, ...] = ()
    used = Usage()
    for attempt in range(1, attempts + 1):
        config = GenerateConfig(seed=seed + attempt - 1)
        try:
            output = await model.generate(list(messages), config=config, cache=cache or False)
        except PromptTooLong:
            return WrittenReply("", (PROMPT_TOO_LONG,), attempt, *used)
        used = used.plus(_last_call())
        if why_no_reply(output) == PROMPT_TOO_LONG:
            return WrittenReply("", (PROMPT_TOO_LONG,), attempt, *used)
        text = output.completion.strip()
        problems = _stopped(output) or check(text)
        if not problems:
            return WrittenReply(text, (), attempt, *used)
    return WrittenReply("", problems, attempts, *used)


def _stopped(output: ModelOutput) -> tuple[str, ...]:
    if output.empty:
        return (NO_REPLY,)
    if is_cut_off(output):
        return ("cut_off",)
    return ("refused",) if output.stop_reason == "content_filter" else ()


def _last_call() -> Usage:
    return usage_of(next(each for each in reversed(transcript().events) if isinstance(each, ModelEvent)))


def usage_of(event: ModelEvent) -> Usage:
    """The usage of one call. Tokens that the provider read from or wrote to its own cache were sent, and count."""
    if event.cache == "read":
        return Usage(cached=1)
    usage = event.output.usage
    if usage is None:
        return Usage(unmetered=1)
    sent = (usage.input_tokens, usage.input_tokens_cache_read, usage.input_tokens_cache_write)
    return Usage(sum(tokens or 0 for tokens in sent), usage.output_tokens)


@dataclass(frozen=True)
class Prices:
    """US dollars per million tokens, as the user gave them."""

    input: float
    output: float


@dataclass(frozen=True)
class Cost:
    """The calls and tokens that new replies took."""

    calls: int
    """Calls of the provider."""
    input_tokens: int
    output_tokens: int
    cached: int = 0
    """Replies that came from Inspect's cache instead."""
    unmetered: int = 0
    """Calls that the provider gave no count for."""

    def facts(self, prices: Prices | None) -> dict[str, Any]:
        """Counts, and dollars when there are prices; tokens that a provider bills at a discount count in full."""
        facts: dict[str, Any] = {
            "calls": self.calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
        }
        if self.cached:
            facts["replies_from_cache"] = self.cached
        if self.unmetered:
            facts["calls_without_token_count"] = self.unmetered
        if prices:
            million = 1_000_000
            dollars = (self.input_tokens * prices.input + self.output_tokens * prices.output) / million
            facts |= {"usd": round(dollars, 4), "usd_per_million": {"input": prices.input, "output": prices.output}}
        return facts


def cost_at_first_attempt(texts: Iterable[tuple[int, int]]) -> Cost:
    """The cost if every reply passes at the first attempt and is of the expected length.

    Args:
        texts: characters sent and characters expected, per call.
    """
    calls = sent = expected = 0
    for characters_sent, characters_expected in texts:
        calls, sent, expected = calls + 1, sent + characters_sent, expected + characters_expected
    return Cost(calls, round(sent / CHARACTERS_PER_TOKEN), round(expected / CHARACTERS_PER_TOKEN))


def cost_of_replies(answers: Iterable[WrittenReply]) -> Cost:
    """The cost of finished answers. Calls that a kill cut short are in no count."""
    finished = list(answers)
    return Cost(
        sum(answer.attempts - answer.cached for answer in finished),
        sum(answer.input_tokens for answer in finished),
        sum(answer.output_tokens for answer in finished),
        sum(answer.cached for answer in finished),
        sum(answer.unmetered for answer in finished),
    )


def cost_of_calls(calls: Iterable[ModelEvent]) -> Cost:
    """The cost of calls in a log."""
    each = [usage_of(call) for call in calls]
    total = reduce(Usage.plus, each, Usage())
    return Cost(len(each) - total.cached, *total)
