"""A reply as sentences of clauses: what is asserted, and what is only quoted, supposed, conceded or asked.

A clause ends at a comma, semicolon, colon, dash or bracket, and before a conjunction that sets something against it;
never inside a name.
"""

from collections import deque
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from itertools import pairwise
from typing import TypeVar

from warm_inspect.grading.matching.cues import auxiliaries, listed
from warm_inspect.grading.matching.names import Mention
from warm_inspect.grading.matching.phrases import Phrase, PhraseKind, is_phrase, phrases
from warm_inspect.grading.matching.tokens import Token

_BARE = 3
"""Most words of a name by itself: of an unsure answer ("Paris?"), and of an apposition."""
_BRIEF = 4
"""Most words of an introduction that says where or when."""
_LONGEST = 120
"""Words after which a sentence that does not end is read in parts, so that reading takes time linear in the text."""
_NOT_ASSERTED = (PhraseKind.ATTRIBUTION, PhraseKind.DOUBT, PhraseKind.UNKNOWING)
"""Phrases whose clause the reply does not stand behind."""
_OPENED = {PhraseKind.CONTRAST: "but", PhraseKind.CONCESSION: "though"}
"""What a conjunction within a sentence counts as."""
_SENTENCE = "."
"""What opens the first clause of a sentence."""

_Place = TypeVar("_Place", Mention, Phrase)


class Force(Enum):
    """By whom a clause is asserted."""

    ASSERTED = 1
    """The reply."""
    ATTRIBUTED = 2
    """Somebody else."""
    CONCEDED = 3
    """The reply, against the main part of the sentence, or somebody else."""
    ASKED = 4
    """Nobody."""


@dataclass(frozen=True)
class Clause:
    """One clause, its phrases and the answers it names; places count from its first word."""

    words: tuple[str, ...]
    phrases: tuple[Phrase, ...]
    mentions: tuple[Mention, ...]
    opened_by: str
    """The mark before it: `.` for the first of a sentence, `,` `;` `:` `(` `)` `-`; or a conjunction: `but`, `though`.
    """
    force: Force
    """Who stands behind it."""

    def having(self, *kinds: PhraseKind) -> list[Phrase]:
        """The phrases of these kinds, in order."""
        return [phrase for phrase in self.phrases if phrase.kind in kinds]

    @cached_property
    def asserted(self) -> int:
        """How many of the words, from the front, the reply asserts: a supposition or words of feeling take the rest."""
        takes = self.having(PhraseKind.SUPPOSITION, PhraseKind.COMFORT, PhraseKind.PRAISE)
        ends = (phrase.start for phrase in takes if not self._is_attribute(phrase))
        return min(ends, default=len(self.words)) if self.force is Force.ASSERTED else 0

    def _is_attribute(self, phrase: Phrase) -> bool:
        """Whether a phrase is one word that describes a noun, as in "an impressive five strings"."""
        before, behind = self.words[phrase.start - 1 : phrase.start], self.words[phrase.end :]
        width = phrase.end - phrase.start
        return width == 1 and bool(behind) and bool(listed("clauses", "articles").intersection(before))

    @cached_property
    def core(self) -> tuple[str, ...]:
        """The words without the discourse words before them and the forms of address around them."""
        first, last = 0, len(self.words)
        skipped = listed("clauses", "discourse") | listed("clauses", "addresses")
        while first < last and self.words[first] in skipped:
            first += 1
        while first < last and self.words[last - 1] in listed("clauses", "addresses"):
            last -= 1
        return self.words[first:last]


def sentences(tokens: Sequence[Token], mentions: Sequence[Mention], asks_at_end: bool) -> list[tuple[Clause, ...]]:
    """The sentences of a text, each as its clauses.

    Args:
        tokens: its words.
        mentions: the answers that it names.
        asks_at_end: whether its last sentence ends with a question mark.
    """
    inside = {place for mention in mentions for place in range(mention.start + 1, mention.end)}
    starts = [0] if tokens else []
    for i, word in enumerate(tokens):
        if i and i not in inside and (word.opens_sentence or i - starts[-1] >= _LONGEST):
            starts.append(i)
    left = deque(mentions)
    read = []
    for start, end in pairwise([*starts, len(tokens)]):
        here: list[Mention] = []
        while left and left[0].start < end:
            here.append(_shifted(left.popleft(), start))
        asks = tokens[end].before == "?" if end < len(tokens) else asks_at_end
        if clauses := tuple(_clauses(tokens[start:end], here, asks, last=end == len(tokens))):
            read.append(clauses)
    return read


def joined(one: Clause, other: Clause) -> Clause:
    """Two clauses, one behind the other, as one that has the force of the first."""
    width = len(one.words)
    return replace(
        one,
        words=one.words + other.words,
        phrases=one.phrases + tuple(_shifted(phrase, -width) for phrase in other.phrases),
        mentions=one.mentions + tuple(_shifted(mention, -width) for mention in other.mentions),
    )


def _clauses(tokens: Sequence[Token], mentions: Sequence[Mention], asks: bool, last: bool) -> Iterator[Clause]:
    """The clauses of one sentence."""
    said = phrases(tokens, [(mention.start, mention.end) for mention in mentions if mention.end - mention.start > 1])
    against = {phrase.start: phrase for phrase in said if phrase.kind in _OPENED}
    cuts = _cuts(tokens, [*mentions, *said], against)
    asked_from = _asked_from(tokens, cuts, last) if asks else len(tokens)
    force = Force.ASSERTED
    for start, end in pairwise([*cuts, len(tokens)]):
        opening = against.get(start)
        first = opening.end if opening else start
        words = tuple(token.text for token in tokens[first:end])
        only_asks_back = asks and start and end == len(tokens) and _is_tag([token.text for token in tokens[start:]])
        if not words or only_asks_back:
            continue
        opened_by = _SENTENCE if not start else _OPENED[opening.kind] if opening else tokens[start].before
        inner = tuple(_shifted(phrase, first) for phrase in said if first <= phrase.start < end)
        if start >= asked_from:
            force = Force.ASKED
        elif not start and opening and opening.kind is PhraseKind.CONCESSION:
            force = Force.CONCEDED
        elif any(phrase.kind in _NOT_ASSERTED for phrase in inner) or (
            force is Force.ATTRIBUTED and _goes_on(opened_by, words)
        ):
            force = Force.ATTRIBUTED
        else:
            force = Force.ASSERTED
        named = tuple(_shifted(mention, first) for mention in mentions if first <= mention.start < end)
        yield Clause(words, inner, named, opened_by, force)


def _cuts(tokens: Sequence[Token], whole: Sequence[Mention | Phrase], against: Container[int]) -> list[int]:
    """Where the clauses of a sentence begin: behind a mark and at a contrast, and never inside a name or a phrase."""
    inside = {place for part in whole for place in range(part.start + 1, part.end)}
    marked = (i for i, token in enumerate(tokens) if token.before and i not in inside and not _introduces(tokens, i))
    return sorted({0, *marked, *(i for i in range(len(tokens)) if i in against)})


def _goes_on(opened_by: str, words: Sequence[str]) -> bool:
    """Whether a clause belongs to the quoted one before it: its content, or another name for what it named."""
    verbs = auxiliaries() | listed("clauses", "pronouns") | listed("agreement", "yes") | listed("agreement", "no")
    apposition = len(words) <= _BARE and not any(word in verbs for word in words)
    return opened_by == ":" or (opened_by == "," and (words[0] == "that" or apposition))


def _introduces(tokens: Sequence[Token], comma: int) -> bool:
    """Whether what stands before a comma only says where or when, and goes with what follows: "In 1969, ..."."""
    if tokens[comma].before != ",":
        return False
    first = comma - 1
    while first and comma - first < _BRIEF and not tokens[first].before and tokens[first - 1].text != "that":
        first -= 1
    opens = not first or bool(tokens[first].before) or tokens[first - 1].text == "that"
    return opens and tokens[first].text in listed("clauses", "prepositions")


def _shifted(place: _Place, by: int) -> _Place:
    return replace(place, start=place.start - by, end=place.end - by)


def _asked_from(tokens: Sequence[Token], cuts: Sequence[int], last: bool) -> int:
    """The word from which a sentence with a question mark asks; their number where it does not ask.

    Of "It is Lyon, and isn't that lovely?" only the end is a question.
    """
    said = [word.text for word in tokens]
    if not _is_question(said, last):
        return len(said)
    if not _opens_question(said):
        for cut in cuts[1:]:
            if _opens_question(said[cut:]):
                return cut
    return 0


def _opens_question(words: Sequence[str]) -> bool:
    """Whether words begin with a verb, or with what, why or how, as only a question does."""
    first = next((word for word in words if word not in listed("clauses", "discourse")), "")
    return first in auxiliaries() or first in listed("clauses", "interrogatives") - listed("clauses", "relatives")


def _is_question(words: Sequence[str], last: bool) -> bool:
    """Whether a sentence with a question mark asks, and is no "did you know ..." and no unsure answer ("Paris?")."""
    left = [word for word in words if word not in listed("clauses", "discourse")]
    asks = bool(left) and (left[0] in auxiliaries() or left[0] in listed("clauses", "interrogatives"))
    unsure = last and not asks and len(left) <= _BARE
    return bool(left) and not unsure and not is_phrase(left[:3], "clauses", "rhetorical") and not _has_tag(left)


def _has_tag(words: Sequence[str]) -> bool:
    """Whether a question ends with a tag: what comes before it is asserted."""
    return any(_is_tag(words[-width:]) for width in (1, 2, 3))


def _is_tag(words: Sequence[str]) -> bool:
    """Whether these words, at the end of a question, only ask for agreement: "isn't it", "right", "don't they"."""
    auxiliary = words[0] in auxiliaries() and words[-1] in listed("clauses", "pronouns")
    return is_phrase(words, "clauses", "tags") or (auxiliary and len(words) - ("not" in words) == 2)
