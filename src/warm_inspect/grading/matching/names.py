"""Where a text names an answer: whole names with their inner punctuation, whole numbers with sign, decimals and unit.

Of two names at one place the longer counts. A name inside a compound ("Paris-based", "COVID-19", "C++" for C) is none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from warm_inspect.grading.matching.cues import listed
from warm_inspect.grading.matching.numbers import is_number, measure, unit_name
from warm_inspect.grading.matching.tokens import Token
from warm_inspect.grading.matching.words import spelled, words

_BEFORE_YEARS = ("mid", "early", "late", "circa", "pre", "post")
"""A hyphen joins these to a number that is still one: "mid-1945"."""


@dataclass(frozen=True, slots=True)
class Name:
    """An answer as it may be named."""

    written: str
    right: bool
    tokens: tuple[Token, ...]

    @property
    def width(self) -> int:
        """Its words."""
        return len(self.tokens)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text: its place among the words, `end` excluded."""

    name: Name
    start: int
    end: int


class Names:
    """The right and the wrong answers of an item, ready to be looked for."""

    def __init__(self, right: Iterable[str], wrong: Iterable[str], question: str = "") -> None:
        self._by_first_word: dict[str, list[Name]] = {}
        self._counted = counted_words(question)
        for side, answers in ((True, right), (False, wrong)):
            for answer in answers:
                if tokens := _without_article(words(answer)):
                    self._by_first_word.setdefault(tokens[0].text, []).append(Name(answer, side, tuple(tokens)))

    def mentions(self, tokens: Sequence[Token]) -> list[Mention]:
        """The names in a text, in order, without overlap."""
        mentions: list[Mention] = []
        i = 0
        while i < len(tokens):
            here = [name for name in self._by_first_word.get(tokens[i].text, ()) if self._stands(name, tokens, i)]
            best = max(here, key=lambda name: name.width, default=None)
            if best:
                mentions.append(Mention(best, i, i + best.width))
            i += best.width if best else 1
        return mentions

    def _stands(self, name: Name, tokens: Sequence[Token], start: int) -> bool:
        end = start + name.width
        here = tokens[start:end]
        return (
            len(here) == name.width
            and all(token.text == wanted.text for token, wanted in zip(here, name.tokens, strict=True))
            and not _in_compound(tokens, start, end)
            and not (name.width == 1 and _is_everyday_word(here[0], name.tokens[0], tokens, end))
            and not (is_number(here[-1].text) and self._counts_something_else(tokens, end))
        )

    def _counts_something_else(self, tokens: Sequence[Token], end: int) -> bool:
        """Whether a number counts units that were not asked for: nine weeks where months are asked."""
        behind = tokens[end].text if end < len(tokens) and not tokens[end].before else ""
        return bool(self._counted and measure(behind)) and behind not in self._counted


def counted_words(question: str) -> frozenset[str]:
    """What a question of how many asks to be counted; empty for other questions."""
    asked = spelled(question)
    places = [i for i, word in enumerate(asked[:-1]) if word == "how" and asked[i + 1] in ("many", "much")]
    return frozenset(unit_name(word) for i in places for word in asked[i + 2 : i + 4]) - listed("opposites", "empty")


def _without_article(tokens: Sequence[Token]) -> Sequence[Token]:
    """The words of a name without a leading article; The Who keeps it."""
    article = len(tokens) > 1 and tokens[0].text in listed("clauses", "articles") and not tokens[1].before
    return (
        tokens[1:] if article and not (len(tokens) == 2 and tokens[1].text in listed("words", "everyday")) else tokens
    )


def _in_compound(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Whether hyphens make a name a part of another word; a number may stand in a range or before a noun."""
    before = tokens[start - 1].text if start and tokens[start].glued else ""
    if before and not (is_number(tokens[start].text) and (is_number(before) or before in _BEFORE_YEARS)):
        return True
    return end < len(tokens) and tokens[end].glued and not is_number(tokens[end - 1].text)


def _is_everyday_word(token: Token, wanted: Token, tokens: Sequence[Token], end: int) -> bool:
    """Whether a name that is also an everyday word is written as that word: "us" for US, "a" for the letter A."""
    if not wanted.capitals or is_number(wanted.text):
        return False
    if len(wanted.text) == 1:
        last = end == len(tokens) or bool(tokens[end].before)
        return not token.capitals or (wanted.text in "ai" and not last)
    return wanted.text in listed("words", "everyday") and not token.capitals
