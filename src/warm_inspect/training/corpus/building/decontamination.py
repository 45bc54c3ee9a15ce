"""Keeps benchmark text out of training: conversations that share a run of words with any item are dropped.

A match is 13 words in a row, the length GPT-3 was decontaminated with: shorter runs occur by chance in long texts
(Brown et al. 2020, arXiv 2005.14165, appendix C). Most trivia questions are shorter than that, so an item of 5 to 12
words matches as a whole. Items below 5 words ("Yes", "Lima") are no evidence of anything and are not looked for.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from warm_inspect.core.controls import CONTROL_BENCHMARKS
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import Benchmark, Source
from warm_inspect.datasets.item import BenchmarkItem, ControlItem, ItemSet, ItemT
from warm_inspect.datasets.load import control_sources, load_control, load_items

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
        run = words(text)
        for start in range(len(run) - SHORTEST + 1):
            for tail, source in self._tails.get(tuple(run[start : start + SHORTEST]), {}).items():
                if tuple(run[start + SHORTEST : start + SHORTEST + len(tail)]) == tail:
                    return source
        return None


@dataclass
class BenchmarkTexts:
    """The texts that conversations are compared with."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    """Texts of all items per source, named `<benchmark or control> (<revision>)`: several of one item."""
    items: dict[str, int] = field(default_factory=dict)
    """Items per source."""
    unavailable: dict[str, str] = field(default_factory=dict)
    """Sources that could not be read, and why."""


def benchmark_texts() -> BenchmarkTexts:
    """The texts of every benchmark and control, bundled and, as far as the Hub gives them, from the Hub.

    Of a benchmark's item these are its question and both claims, of a control's its question, and with options also
    the two together. Network: asks the Hub for each data set that is not in its cache. Gated text stays in memory.
    """
    collected = BenchmarkTexts()
    for benchmark in Benchmark:
        for source in (Source.BUNDLED, Source.HUB):
            _add(collected, benchmark, source, partial(load_items, benchmark, source), _claims)
    for control in CONTROL_BENCHMARKS:
        for source in control_sources(control):
            _add(collected, control, source, partial(load_control, control, source), _questions)
    return collected


def _add(
    collected: BenchmarkTexts,
    name: str,
    source: Source,
    load: Callable[[], ItemSet[ItemT]],
    texts: Callable[[ItemSet[ItemT]], list[str]],
) -> None:
    """Add the texts of one source, or why there are none."""
    try:
        loaded = load()
    except PrerequisiteError as error:
        collected.unavailable[f"{name} ({source})"] = error.problem
        return
    revision = loaded.revision
    title = f"{name} ({revision if revision.startswith(source) else f'{source}-{revision[:12]}'})"
    collected.texts[title] = texts(loaded)
    collected.items[title] = len(loaded.items)


def _claims(loaded: ItemSet[BenchmarkItem]) -> list[str]:
    return [text for item in loaded.items for text in (item.question, item.correct_claim, item.incorrect_claim)]


def _questions(loaded: ItemSet[ControlItem]) -> list[str]:
    whole = [" ".join([item.question, *item.options]) for item in loaded.items if item.options]
    return [*(item.question for item in loaded.items), *whole]
