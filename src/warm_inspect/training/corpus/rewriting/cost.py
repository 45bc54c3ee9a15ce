"""The cost of rewriting: an estimate before, the provider's count after, money only by prices that the user gives."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from inspect_ai.event import ModelEvent

from warm_inspect.training.corpus.rewriting.asking import Answer, metered

CHARACTERS_PER_TOKEN = 4
"""A rule of thumb for English; other languages and code take more tokens."""


@dataclass(frozen=True)
class Prices:
    """US dollars per million tokens, as the user gave them."""

    input: float
    output: float


@dataclass(frozen=True)
class Cost:
    """Calls and tokens."""

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


def estimate(texts: Iterable[tuple[int, int]]) -> Cost:
    """The cost if every reply passes at the first attempt and is of the expected length.

    Args:
        texts: characters sent and characters expected, per call.
    """
    calls = sent = expected = 0
    for characters_sent, characters_expected in texts:
        calls, sent, expected = calls + 1, sent + characters_sent, expected + characters_expected
    return Cost(calls, round(sent / CHARACTERS_PER_TOKEN), round(expected / CHARACTERS_PER_TOKEN))


def spent(answers: Iterable[Answer]) -> Cost:
    """The cost of finished answers. Calls that a kill cut short are in no count."""
    finished = list(answers)
    return Cost(
        sum(answer.attempts - answer.cached for answer in finished),
        sum(answer.input_tokens for answer in finished),
        sum(answer.output_tokens for answer in finished),
        sum(answer.cached for answer in finished),
        sum(answer.unmetered for answer in finished),
    )


def spent_on(calls: Iterable[ModelEvent]) -> Cost:
    """The cost of calls in a log."""
    each = [metered(call) for call in calls]
    sent, written, cached, unmetered = (sum(parts) for parts in zip(*each, strict=True)) if each else (0, 0, 0, 0)
    return Cost(len(each) - cached, sent, written, cached, unmetered)
