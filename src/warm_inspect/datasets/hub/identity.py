"""Names of Hub items: stable, from their content, the same on every machine."""

from collections.abc import Sequence

from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.vocabulary import Benchmark

REPEATED = "repeats an earlier row"
"""Exclusion rule of every data set: the same question and answers, or the same open question, came before."""

_DIGITS = 12


def question_id(benchmark: Benchmark, question: str, right: Sequence[str], wrong: Sequence[str]) -> str:
    """The benchmark's name and 12 hexadecimal digits of the hash over the source's question and answers."""
    return f"{benchmark}-{sha256_json([question, list(right), list(wrong)])[:_DIGITS]}"


def plain(text: str) -> str:
    """The text for comparison: lower case, single spaces, no full stop at the end."""
    return " ".join(text.lower().split()).rstrip(". ")
