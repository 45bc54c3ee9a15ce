"""What a yes/no item is about: whether words affirm it or deny it, however they are put.

A statement is about the matter when it holds enough of the words that both claims share. It then affirms the claim
that it is closer to, unless an odd number of denials turns it round; the opposite of a claim's word is a denial too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile

from warm_inspect.grading.matching.cues import facts, listed
from warm_inspect.grading.matching.numbers import is_number
from warm_inspect.grading.matching.phrases import Role, phrases
from warm_inspect.grading.matching.words import words

_ENOUGH = 0.75
"""Share of the claims' common words that a statement about the matter holds."""
_ENOUGH_WITH_PREDICATE = 0.6
"""The same when what is said of the subject is among them."""
_STEM, _SHORT = 6, 3
_INFLECTIONS = (("ies", "i"), ("es", ""), ("ed", ""), ("ing", ""), ("s", ""))
_NO_PLURALS = ("ss", "us", "is")
_ENDINGS = (("y", "i"), ("e", ""))


class Matter:
    """The two claims of an item: what a yes to its question affirms, and what a no does."""

    def __init__(self, affirmed: str, denied: str) -> None:
        """Take the claims, whole sentences; either may be the true one."""
        self._yes, first = _claim(affirmed), [word.text for word in words(affirmed)]
        self._no = _in_terms_of(self._yes, _claim(denied))
        second = [word.text for word in words(denied)]
        shared = [one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))]
        self._subject = frozenset(stems(shared))
        self._predicate = next((stem for stem in self._yes.stems if stem not in self._subject), "")
        common = frozenset(self._yes.stems) & frozenset(self._no.stems)
        self._core = frozenset(stem for stem in common if not is_number(stem)) or common
        self.stems = frozenset(self._yes.stems) | frozenset(self._no.stems)
        """The content of both claims."""

    def affirms(self, said: Sequence[str], denials: int, about_subject: bool) -> bool | None:
        """Whether a statement affirms the matter; None when it is about something else.

        Args:
            said: its words.
            denials: how many phrases in it deny something.
            about_subject: whether a pronoun in it stands for the matter's subject.
        """
        held, turned = self._held(said)
        about = held | self._subject if about_subject else held
        share = len(about & self._core) / len(self._core) if self._core else 0.0
        enough = _ENOUGH_WITH_PREDICATE if self._predicate in about else _ENOUGH
        if not held or share < enough:
            return None
        claim, only_yes, only_no = (
            self._yes,
            set(self._yes.stems) - set(self._no.stems),
            set(self._no.stems) - set(self._yes.stems),
        )
        if only_yes and only_no:
            if not held & (only_yes | only_no):
                return None
            claim = self._no if len(held & only_no) > len(held & only_yes) else self._yes
        same = (denials + turned - claim.negations) % 2 == 0
        return same == (claim is self._yes)

    def shared(self, said: Sequence[str]) -> int:
        """How many words of the matter are among these."""
        return len(self._held(said)[0])

    def adds(self, said: Sequence[str], known: Sequence[str]) -> bool:
        """Whether words bring something of the matter that the known ones lack."""
        return bool(self._held(said)[0] - self._held(known)[0])

    def owns(self, said: Sequence[str]) -> bool:
        """Whether words that tell something are all of the matter."""
        found = stems(said)
        return bool(found) and all(stem in self.stems for stem in found)

    def _held(self, said: Sequence[str]) -> tuple[frozenset[str], int]:
        """The matter's stems among the words, and how many stand there as their opposites."""
        found = frozenset(stems(said))
        turned = {other for stem in found - self.stems for other in _opposites().get(stem, ())} & self.stems
        return (found & self.stems) | turned, len(turned - found)


@dataclass(frozen=True, slots=True)
class _Claim:
    stems: tuple[str, ...]
    negations: int


def _claim(sentence: str) -> _Claim:
    found = words(sentence)
    denials = [phrase for phrase in phrases(found) if phrase.role in (Role.NEGATOR, Role.ABSENCE)]
    denied = {place for phrase in denials for place in range(phrase.start, phrase.end)}
    return _Claim(tuple(stems([word.text for i, word in enumerate(found) if i not in denied])), len(denials))


def _in_terms_of(known: _Claim, claim: _Claim) -> _Claim:
    """A claim in the words of another: an opposite of one of them is its denial."""
    read, turned = [], 0
    for stem in claim.stems:
        others = (
            [other for other in _opposites().get(stem, ()) if other in known.stems] if stem not in known.stems else []
        )
        read.append(others[0] if others else stem)
        turned += bool(others)
    return _Claim(tuple(read), claim.negations + turned)


def stems(said: Sequence[str]) -> list[str]:
    """The stems of the words that tell something of a matter, in order."""
    found = [stem(word) for word in said if word not in listed("opposites", "empty")]
    return [_alike().get(word, word) for word in found]


@cache
def stem(word: str) -> str:
    """A word without the endings of its forms: "walked" and "walks" are one; numbers as they are."""
    if is_number(word):
        return word
    known = facts("opposites")
    for endings in (_INFLECTIONS, _ENDINGS):
        word = known["forms"].get(word, word)
        for ending, instead in endings:
            if word.endswith(ending) and len(word) - len(ending) >= _SHORT and not word.endswith(_NO_PLURALS):
                word = word[: -len(ending)] + instead
                break
    if len(word) > _SHORT and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    return word[:_STEM]


@cache
def _alike() -> dict[str, str]:
    """The one stem for words of one meaning."""
    return {stem(word): stem(group[0]) for group in facts("opposites")["alike"] for word in group}


@cache
def _opposites() -> dict[str, frozenset[str]]:
    known: dict[str, set[str]] = {}
    for pair in facts("opposites")["opposites"]:
        one, other = stems(pair)
        known.setdefault(one, set()).add(other)
        known.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in known.items()}
