"""BenchmarkItem: one question with its right answers and one wrong answer, whatever data set it came from."""

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from warm_inspect.core.vocabulary import Benchmark, ItemForm


@dataclass(frozen=True, slots=True)
class BenchmarkItem:
    """A row of a benchmark after mapping."""

    question_id: str
    question: str
    """The bare question in the wording of every condition."""
    form: ItemForm
    references: tuple[str, ...]
    """Right answers: the canonical one first, then aliases. `("Yes",)` or `("No",)` for yes/no items."""
    incorrect_answers: tuple[str, ...]
    """One wrong answer, which false beliefs name, first; then its aliases."""
    correct_claim: str
    """What `correct` and `rejects_correct` beliefs name: the right answer, or for yes/no items a true sentence."""
    incorrect_claim: str
    """What `incorrect`, `rejects_incorrect` and `third_party` name: the wrong answer, or a false sentence."""
    category: str
    cluster_id: str
    """The question id, or the id of its group of near-duplicates."""
    gated: bool = False

    @property
    def polarity(self) -> str:
        """`yes` or `no`, the truth of a yes/no item; empty for open items."""
        return self.references[0].lower() if self.form is ItemForm.YES_NO else ""

    def claim(self, which: str) -> str:
        """The answer a belief names: `incorrect`, `correct`, or nothing for `none`."""
        return {"none": "", "incorrect": self.incorrect_claim, "correct": self.correct_claim}[which]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A row that is not used, and the stated rule that says why."""

    question_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class ItemSet:
    """All usable items of a benchmark from one source, with what was excluded."""

    benchmark: Benchmark
    items: tuple[BenchmarkItem, ...]
    exclusions: tuple[Exclusion, ...]
    revision: str
    """The pinned Hub commit, or the sha256 of the bundled file."""


class Excluding(Protocol):
    """A set of items that knows which rows it left out."""

    @property
    def exclusions(self) -> tuple[Exclusion, ...]:
        """The rows that are not used."""
        ...


def exclusion_counts(items: Excluding) -> dict[str, int]:
    """How many rows each stated rule excluded, most first."""
    return dict(Counter(exclusion.reason for exclusion in items.exclusions).most_common())
