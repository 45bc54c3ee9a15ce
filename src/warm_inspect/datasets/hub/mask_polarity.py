"""Which of two opposite sentences a yes/no question asks about: what a yes then says is known without a model."""

import re
from functools import cache

import yaml

from warm_inspect.core.documents import content_folder

_ENDINGS = ("ing", "ies", "ied", "es", "ed", "y", "e", "s")


def asked_variant(question: str, first: str, second: str) -> int | None:
    """0 or 1 for the sentence that a yes to the question affirms; None when that is not clear.

    The question asks about the sentence whose own words it holds, all of them, while it lacks one of the other's own.
    """
    last = re.split(r"(?<=[.?!])\s+", question.strip())[-1]
    auxiliaries = "|".join(sorted(_words("auxiliaries")))
    if not last.endswith("?") or not re.search(rf"(?:^|[,;:—] ?)(?:{auxiliaries})\b", last.lower().replace("’", "'")):
        return None
    asked, one, two = (_stems(text) for text in (question, first, second))
    held = [own <= asked for own in (one - two, two - one)]
    return held.index(True) if sum(held) == 1 else None


def content_words(text: str) -> frozenset[str]:
    """The stems of a text without function words."""
    return frozenset(_stems(text) - {_stem(word) for word in _words("function_words")})


@cache
def _words(kind: str) -> frozenset[str]:
    lists = yaml.safe_load(content_folder("wordings").joinpath("mask.yaml").read_text(encoding="utf-8"))
    return frozenset(lists[kind])


def _stems(text: str) -> frozenset[str]:
    words = re.sub(r"n['’]t\b|(?<=can)not\b", " not", text.lower())
    return frozenset(_stem(word) for word in re.findall(r"\w+", words) if word not in _words("dummies"))


def _stem(word: str) -> str:
    ending = next((ending for ending in _ENDINGS if word.endswith(ending) and len(word) - len(ending) > 2), "")
    return word.removesuffix(ending)
