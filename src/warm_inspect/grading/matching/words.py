"""The words of a text as they are compared."""

from warm_inspect.grading.matching.numbers import with_numbers
from warm_inspect.grading.matching.tokens import Token, tokens

_READ = 10_000
"""Characters that are read of each end of a longer text: a reply answers at its beginning or at its end."""


def readable(text: str) -> str:
    """As much of a text as is read."""
    return text if len(text) <= 2 * _READ else f"{text[:_READ]}\n{text[-_READ:]}"


def words(text: str) -> list[Token]:
    """The words of a text, in order, each in its one spelling. Linear in its length."""
    return with_numbers(list(tokens(text)))


def spelled(text: str) -> tuple[str, ...]:
    """The words of a text as they are spelled, without their places."""
    return tuple(word.text for word in words(text))
