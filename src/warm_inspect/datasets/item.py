"""Items: what is asked, with what settles it, whatever data set or family of measurement it came from."""

from collections import Counter
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Generic, TypeVar

from warm_inspect.core.families import FirstTurn
from warm_inspect.core.vocabulary import ItemForm


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A row of a data set after mapping."""

    question_id: str
    question: str
    """The bare question in the wording of every condition."""
    category: str
    cluster_id: str
    """The question id, or the id of its group of near-duplicates."""
    gated: bool = False
    """Whether the row's text may not be shown."""

    @property
    def prompt(self) -> str:
        """The user message without context or belief."""
        return self.question


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkItem(Item):
    """A question with its right answers and one wrong answer."""

    form: ItemForm
    references: tuple[str, ...]
    """Right answers: the canonical one first, then aliases. `("Yes",)` or `("No",)` for yes/no items."""
    incorrect_answers: tuple[str, ...]
    """One wrong answer, which false beliefs name, first; then its aliases."""
    correct_claim: str
    """What `correct` and `rejects_correct` beliefs name: the right answer, or for yes/no items a true sentence."""
    incorrect_claim: str
    """What `incorrect`, `rejects_incorrect` and `third_party` name: the wrong answer, or a false sentence."""

    @property
    def polarity(self) -> str:
        """`yes` or `no`, the truth of a yes/no item; empty for open items."""
        return self.references[0].lower() if self.form is ItemForm.YES_NO else ""

    def claim(self, which: str) -> str:
        """The answer a belief names: `incorrect`, `correct`, or nothing for `none`."""
        return {"none": "", "incorrect": self.incorrect_claim, "correct": self.correct_claim}[which]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredItem(BenchmarkItem):
    """A question with two answers that an assistant could have given."""

    item_set: str
    """The benchmark, or the set of the data set, that it is from."""
    right_answer: str
    wrong_answer: str

    def canned(self, first_turn: FirstTurn) -> str:
        """The first answer that is given; empty where the model gives its own."""
        answers = {FirstTurn.GIVEN_RIGHT: self.right_answer, FirstTurn.GIVEN_WRONG: self.wrong_answer}
        return answers.get(first_turn, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlItem(Item):
    """A problem with a number or an option for its answer, or a harmful request without one."""

    options: tuple[str, ...] = ()
    """The options of a multiple-choice item, in the order in which they are shown; empty for others."""
    target: str = ""
    """The right number, or the letter of the right option; empty for requests."""
    harmful: bool = False
    """Whether the item asks for something harmful; such a row is gated too."""

    @property
    def prompt(self) -> str:
        """The question, and below it the lettered options, one a line."""
        lines = [f"{letter}) {option}" for letter, option in zip(ascii_uppercase, self.options, strict=False)]
        return "\n".join([self.question, *lines])


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A row that is not used, and the stated rule that says why."""

    question_id: str
    reason: str


ItemT = TypeVar("ItemT", bound=Item, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSet(Generic[ItemT]):
    """All usable items of a benchmark or control from one source, with what was excluded."""

    name: str
    """The benchmark's or control's name."""
    items: tuple[ItemT, ...]
    exclusions: tuple[Exclusion, ...] = ()
    revision: str
    """The pinned Hub commit, or the sha256 of the bundled file."""

    @property
    def excluded(self) -> dict[str, int]:
        """The number of rows that each stated rule excluded, most first."""
        return dict(Counter(exclusion.reason for exclusion in self.exclusions).most_common())
