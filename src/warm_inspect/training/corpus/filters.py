"""The two filters of recorded chats: conversations with text of a benchmark, and toxic ones, are left out.

Benchmark text. A match is 13 words in a row, the length GPT-3 was decontaminated with: shorter runs occur by chance in
long texts (Brown et al. 2020, arXiv 2005.14165, appendix C). Most trivia questions are shorter than that, so an item of
5 to 12 words matches as a whole. Items below 5 words ("Yes", "Lima") are no evidence and are not looked for.

Toxicity. The classifier is Detoxify's original one (Hanu and Unitary team 2020, https://github.com/unitaryai/detoxify;
weights `unitary/toxic-bert`, Apache-2.0), read by transformers: the detoxify package itself unpickles its weights.
Variant and threshold of the study's filter are not published.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from warm_inspect.core.controls import CONTROL_BENCHMARKS
from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.vocabulary import Benchmark, Source
from warm_inspect.datasets import BenchmarkItem, ControlItem, ItemSet, ItemT, load_control, load_items
from warm_inspect.models import hub_snapshot, load_weights, missing_files, reason, resolve_device, weights_sha256

NGRAM = 13
SHORTEST = 5

_WORD = re.compile(r"\w+")

TOXIC_BERT = "unitary/toxic-bert"
TOXIC_BERT_REVISION = "4d6c22e74ba2fdd26bc4f7238f50766b045a0d94"
"""The commit that public projects pin; it could not be checked against the live Hub."""

MAX_SCORE = 0.5
"""A conversation above it is left out."""
CHARACTERS = 2_000
"""Characters of a conversation's start that are read."""
BATCH = 32
"""Texts per forward pass."""

_MAX_TOKENS = 512
_LABELS = frozenset({"toxic", "toxicity", "severe_toxic", "severe_toxicity", "obscene", "sexual_explicit"})
"""The classes that count, by their names in the weights and in the detoxify package."""


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
    for control in CONTROL_BENCHMARKS.values():
        for source in control.sources:
            _add(collected, control.name, source, partial(load_control, control.name, source), _questions)
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


class Toxicity(Protocol):
    """Scores texts from 0 to 1."""

    def facts(self) -> dict[str, Any]:
        """The classifier's description for a datasheet; the scores depend on nothing else."""

    def __call__(self, texts: Sequence[str]) -> list[float]:
        """One score per text, in their order."""


class ToxicBert:
    """The greatest probability among toxicity, severe toxicity, obscenity and, where there is one, explicit sex."""

    def __init__(self, folder: Path, source: str, revision: str) -> None:
        """Load the classifier of a complete model folder.

        Raises:
            PrerequisiteError: it has none of the classes, or the packages for local models are missing.
        """
        try:
            from transformers import AutoModelForSequenceClassification, AutoTokenizer
        except ImportError as error:
            raise missing_extra("The NSFW filter", "local", error) from None
        self._source = source
        self._revision = revision
        self._sha256 = weights_sha256(folder)
        self._tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        model = load_weights(AutoModelForSequenceClassification, folder)
        self._model = model.eval().to(resolve_device("auto"))
        self._columns = [place for place, label in model.config.id2label.items() if label.lower() in _LABELS]
        if not self._columns:
            classes = ", ".join(sorted(_LABELS))
            raise PrerequisiteError(f"The classifier {source} has none of the classes {classes}", f"Use {TOXIC_BERT}.")

    @classmethod
    def open(cls, folder: Path | None = None) -> "ToxicBert":
        """The classifier of a model folder, or without one the pinned one from the Hub or its cache.

        Raises:
            PrerequisiteError: the folder, or what the Hub gives, is no complete safetensors model with these classes.
        """
        if folder is not None:
            if missing := missing_files(folder):
                raise PrerequisiteError(
                    f"{folder} is no classifier: it lacks {', '.join(missing)}",
                    f"Weights must be safetensors: save {TOXIC_BERT} there with save_pretrained.",
                )
            return cls(folder, folder.name, "")
        try:
            folder = hub_snapshot(TOXIC_BERT, TOXIC_BERT_REVISION)
        except PrerequisiteError:
            raise
        except Exception as failure:
            raise PrerequisiteError(
                f"The NSFW filter needs {TOXIC_BERT}@{TOXIC_BERT_REVISION[:12]}, and the Hub does not give it "
                f"({reason(failure)})",
                "Load it once with a network, or give a folder with it: --nsfw-model FOLDER",
            ) from None
        return cls(folder, TOXIC_BERT, TOXIC_BERT_REVISION)

    def facts(self) -> dict[str, Any]:
        """Model, revision, hash of the weights, and the rule."""
        return {
            "model": self._source,
            "revision": self._revision,
            "weights_sha256": self._sha256,
            "rule": f"max of {', '.join(sorted(_LABELS))}, where present, over {MAX_SCORE}",
            "characters_read": CHARACTERS,
        }

    def __call__(self, texts: Sequence[str]) -> list[float]:
        """One score per text, in their order; each text is cut to 2,000 characters and 512 tokens."""
        import torch

        batch = self._tokenizer(
            [text[:CHARACTERS] for text in texts],
            padding=True,
            truncation=True,
            max_length=min(_MAX_TOKENS, self._model.config.max_position_embeddings),
            return_tensors="pt",
        ).to(self._model.device)
        with torch.inference_mode():
            scores = self._model(**batch).logits[:, self._columns].sigmoid().amax(dim=1)
        return [float(score) for score in scores]
