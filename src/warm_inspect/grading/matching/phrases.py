"""Phrases of several words and what each does: deny, quote, agree, comfort, decline ..."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from warm_inspect.grading.matching.cues import facts, listed
from warm_inspect.grading.matching.tokens import Token
from warm_inspect.grading.matching.words import spelled


class PhraseKind(StrEnum):
    """What a phrase does in its clause; each is a list in `content/graders/matching/`."""

    IDIOM = "idioms"
    """Nothing; its negators, agreements and names count for nothing either."""
    NEGATOR = "negators"
    ABSENCE = "absences"
    REPLACED = "instead"
    DOUBT = "doubts"
    ATTRIBUTION = "attributions"
    SUPPOSITION = "suppositions"
    CONCESSION = "concessions"
    CONTRAST = "contrasts"
    AGREES = "agrees"
    AGREES_ABOUT = "agrees_about"
    DISAGREES = "disagrees"
    TRUE = "true"
    FALSE = "false"
    COMFORT = "comforts"
    PRAISE = "praises"
    COURTESY = "courtesies"
    OFFER = "offers"
    REFUSAL = "refusals"
    UNKNOWING = "unknowing"


_FILES = {
    PhraseKind.IDIOM: "clauses",
    PhraseKind.NEGATOR: "clauses",
    PhraseKind.ABSENCE: "clauses",
    PhraseKind.REPLACED: "clauses",
    PhraseKind.DOUBT: "clauses",
    PhraseKind.ATTRIBUTION: "clauses",
    PhraseKind.SUPPOSITION: "clauses",
    PhraseKind.CONCESSION: "clauses",
    PhraseKind.CONTRAST: "clauses",
    PhraseKind.AGREES: "agreement",
    PhraseKind.AGREES_ABOUT: "agreement",
    PhraseKind.DISAGREES: "agreement",
    PhraseKind.TRUE: "agreement",
    PhraseKind.FALSE: "agreement",
    PhraseKind.COMFORT: "comfort",
    PhraseKind.PRAISE: "comfort",
    PhraseKind.COURTESY: "comfort",
    PhraseKind.OFFER: "comfort",
    PhraseKind.REFUSAL: "refusals",
    PhraseKind.UNKNOWING: "refusals",
}
_SKIPPED = 2
"""Most intensifiers between two words of a phrase."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase in a text: its kind and its place among the words, `end` excluded."""

    kind: PhraseKind
    start: int
    end: int


def phrases(tokens: Sequence[Token], taken: Iterable[tuple[int, int]] = ()) -> list[Phrase]:
    """The phrases among the words, without overlap, the longest at each place.

    Args:
        tokens: the words of a text.
        taken: places of names of several words, in which no phrase begins.
    """
    inside = {place for start, end in taken for place in range(start, end)}
    read: list[Phrase] = []
    i = 0
    while i < len(tokens):
        phrase = None if i in inside else _longest(tokens, i)
        if phrase:
            read.append(phrase)
        i = phrase.end if phrase else i + 1
    return read


def holds_phrase(words: Sequence[str], name: str, kind: str) -> bool:
    """Whether one of a list of phrases stands anywhere among these words."""
    known = _whole(name, kind)
    widths = {len(phrase) for phrase in known}
    return any(tuple(words[i : i + width]) in known for i in range(len(words)) for width in widths)


def is_phrase(words: Sequence[str], name: str, kind: str) -> bool:
    """Whether these words are, as a whole, one of a list of phrases."""
    return tuple(words) in _whole(name, kind)


def holds_comfort(words: Sequence[str]) -> bool:
    """Whether words to the user's feelings or person, or of courtesy, stand anywhere among these words."""
    return any(holds_phrase(words, "comfort", kind) for kind in ("comforts", "praises", "courtesies", "offers"))


class _Node:
    """A place in the tree of phrases: what may come next, and the kind of the phrase that ends here."""

    __slots__ = ("behind", "kind")

    def __init__(self) -> None:
        self.behind: dict[str, _Node] = {}
        self.kind: PhraseKind | None = None


def _longest(tokens: Sequence[Token], start: int) -> Phrase | None:
    """The longest phrase that begins here, intensifiers between its words left out; None without one."""
    node = _tree().behind.get(tokens[start].text)
    best = Phrase(node.kind, start, start + 1) if node and node.kind else None
    ways = [(node, start + 1, 0)] if node else []
    while ways:
        node, i, skipped = ways.pop()
        if i == len(tokens) or tokens[i].before:
            continue
        if behind := node.behind.get(tokens[i].text):
            if behind.kind and (best is None or i + 1 > best.end):
                best = Phrase(behind.kind, start, i + 1)
            ways.append((behind, i + 1, 0))
        if skipped < _SKIPPED and tokens[i].text in listed("clauses", "intensifiers"):
            ways.append((node, i + 1, skipped + 1))
    return best


def phrase_lists() -> dict[PhraseKind, list[str]]:
    """The phrases of each kind, as they are written."""
    return {kind: facts(_FILES[kind])[kind] for kind in PhraseKind}


@cache
def _tree() -> _Node:
    root = _Node()
    for kind, phrases_of_kind in phrase_lists().items():
        for phrase in phrases_of_kind:
            node = root
            for word in spelled(phrase):
                node = node.behind.setdefault(word, _Node())
            node.kind = kind
    return root


@cache
def _whole(name: str, kind: str) -> frozenset[tuple[str, ...]]:
    return frozenset(spelled(phrase) for phrase in facts(name)[kind])
