"""Asking a grader: the one place where its reply is parsed, and where it is asked again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from inspect_ai.model import CachePolicy, Model

T = TypeVar("T")

ATTEMPTS = 2
"""A grader whose reply cannot be parsed is asked once more."""

GRADER_FAILED = "grader_failed"
"""Why a sample has no score: the grader gave no verdict."""


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """What came of asking a grader."""

    verdict: T | None
    """None when no attempt could be parsed."""
    said: str
    """The grader's last reply, or that it was empty."""


async def ask_grader(
    grader: Model, prompt: str, parse: Callable[[str], T | None], cache: CachePolicy | None = None
) -> Asked[T]:
    """The grader's verdict on a prompt.

    Cost: one call, two when the first reply cannot be parsed.

    Args:
        grader: the model.
        prompt: all that it is shown.
        parse: the verdict in its reply; None when there is none.
        cache: Inspect's cache for the first attempt. A cached reply that cannot be parsed would only come again.
    """
    said = ""
    for attempt in range(ATTEMPTS):
        said = (await grader.generate(prompt, cache=cache if cache and attempt == 0 else False)).completion
        verdict = parse(said)
        if verdict is not None:
            return Asked(verdict, said)
    return Asked(None, said or "the grader's reply was empty")
