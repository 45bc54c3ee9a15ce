"""Keeps benchmark text out of training: conversations that share a run of words with any item are dropped.

A match is 13 words in a row, the length GPT-3 was decontaminated with: shorter runs occur by chance in long texts
(Brown et al. 2020, arXiv 2005.14165, appendix C). Most trivia questions are shorter than that, so an item of 5 to 12
words matches as a whole. Items below 5 words ("Yes", "Lima") are no evidence of anything and are not looked for.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from warm_inspect.core.errors import InspectPrerequisiteError
from warm_inspect.core.vocabulary import Benchmark, Source
from warm_inspect.datasets.load import load_items

NGRAM = 13
SHORTEST = 5

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of a text, without case, punctuation and spacing."""
    return _WORD.findall(text.casefold())


class BenchmarkIndex:
    """Runs of words of benchmark items, looked up by their first words."""

    def __init__(self, texts: Mapping[str, Iterable[str]]) -> None:
        self._tails: dict[tuple[str, ...], dict[tuple[str, ...], str]] = {}
        for source, items in texts.items():
            for item in items:
                self._add(words(item), source)

    def _add(self, item: list[str], source: str) -> None:
        if len(item) < SHORTEST:
            return
        length = min(NGRAM, len(item))
        for start in range(len(item) - length + 1):
            run = tuple(item[start : start + length])
            self._tails.setdefault(run[:SHORTEST], {}).setdefault(run[SHORTEST:], source)

    def match(self, text: str) -> str | None:
        """The source of an item that the text shares a run of words with; None without one."""
        found = words(text)
        for start in range(len(found) - SHORTEST + 1):
            for tail, source in self._tails.get(tuple(found[start : start + SHORTEST]), {}).items():
                if tuple(found[start + SHORTEST : start + SHORTEST + len(tail)]) == tail:
                    return source
        return None


@dataclass(frozen=True)
class BenchmarkTexts:
    """What conversations are compared with."""

    texts: dict[str, list[str]]
    """Questions and claims per source, named `<benchmark> (<revision>)`."""
    unavailable: dict[str, str]
    """Sources that could not be read, and why."""


def benchmark_texts() -> BenchmarkTexts:
    """The questions and claims of every benchmark, bundled and, as far as the Hub gives them, from the Hub.

    Network: asks the Hub for each benchmark that is not in its cache. Gated text stays in memory.
    """
    texts: dict[str, list[str]] = {}
    unavailable: dict[str, str] = {}
    for benchmark in Benchmark:
        for source in (Source.BUNDLED, Source.HUB):
            try:
                found = load_items(benchmark, source)
            except InspectPrerequisiteError as error:
                unavailable[f"{benchmark} ({source})"] = str(error).partition(". ")[0]
                continue
            name = found.revision if found.revision.startswith(source) else f"{source}-{found.revision[:12]}"
            texts[f"{benchmark} ({name})"] = [
                text for item in found.items for text in (item.question, item.correct_claim, item.incorrect_claim)
            ]
    return BenchmarkTexts(texts, unavailable)
