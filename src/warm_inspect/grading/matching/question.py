"""How clearly a name is given as the answer to an open question."""

from collections.abc import Iterator, Sequence
from itertools import dropwhile

from warm_inspect.grading.matching.clauses import Clause
from warm_inspect.grading.matching.cues import auxiliaries, facts, listed
from warm_inspect.grading.matching.matter import stems
from warm_inspect.grading.matching.names import Mention, counted_words
from warm_inspect.grading.matching.numbers import is_number
from warm_inspect.grading.matching.phrases import PhraseKind
from warm_inspect.grading.matching.words import words

_OF_NAMES = 0.5
"""What a capitalised word of the question weighs: "capital" tells more than France in "the capital of France"."""
CALLED, _ALONE, _CONTRASTED, _ASIDE = 2.0, 1.0, 0.3, -1.0
"""What counts beside the share of the question's words, 0 to 1, that stand around a name."""


class ParsedQuestion:
    """A question as matching reads it: the noun it asks for, and its other words with their weights."""

    def __init__(self, question: str) -> None:
        """Take the question; empty when it is not known. What stands behind its question mark is no part of it."""
        tokens = words(question[: question.rfind("?") + 1] or question)
        self._weights = {
            stem: _OF_NAMES if i and word.capital else 1.0
            for i, word in enumerate(tokens)
            for stem in stems([word.text])
        }
        self.counted = counted_words(question)
        """What it asks to count; empty for other questions."""
        wanted, itself = _asked_for([word.text for word in tokens])
        self.wanted: str | None = None if self.counted or not tokens else wanted[-1] if wanted else ""
        """The noun of what it asks for ("planet"); empty where it has none ("who"), None where it asks for a number."""
        self.needed = frozenset(stems(wanted[-1:])) if itself else frozenset()
        """The stem of that noun where it is no kind of thing but the thing itself: "what is the capital of France"."""
        self._wanted = frozenset(stems(wanted))
        self.rest = self._weights.keys() - (frozenset(stems(wanted)) - self.needed)
        """The stems of its other words, with the needed one."""

    def shared(self, said: Sequence[str]) -> int:
        """How many of the question's words are among these."""
        return len(self._weights.keys() & frozenset(stems(said)))

    def taken_up(self, sentence: Sequence[Clause]) -> float:
        """Share of the question's words beside the names in a sentence; 1 where it calls something the answer."""
        if not self.rest or any(_is_called_answer(clause) or self._names_it(clause) for clause in sentence):
            return 1.0
        said: set[str] = set()
        for clause in sentence:
            named = {place for mention in clause.mentions for place in range(mention.start, mention.end)}
            said.update(stems([word for place, word in enumerate(clause.words) if place not in named]))
        return len(self.rest & said) / len(self.rest)

    def _names_it(self, clause: Clause) -> bool:
        """Whether a clause gives a name to what is asked for: "the illness that ticks spread is called"."""
        before = clause.words[: clause.mentions[0].start] if clause.mentions else ()
        return not self._wanted.isdisjoint(stems(before)) and any(is_verb(word) for word in before)

    def places(self, clause: Clause, mention: Mention) -> bool:
        """Whether a name only says where the thing is that was asked for: "the planet near Saturn is called Mimas"."""
        before = [word for word in clause.words[: mention.start] if word not in listed("clauses", "articles")]
        joined = before[-2:-1] == [self.wanted] and before[-1] in listed("clauses", "prepositions")
        return joined and not auxiliaries().isdisjoint(clause.words[mention.end : mention.end + 1])

    def alone(self, clause: Clause) -> bool:
        """Whether a clause is a name and hardly more."""
        return any(_stands_alone(clause, mention) for mention in clause.mentions)

    def share(self, said: Sequence[str]) -> float | None:
        """Share of the question's words that are among these; None where the question is not known."""
        return self.shared(said) / len(self._weights) if self._weights else None

    def weight(self, clause: Clause, mention: Mention, against: bool) -> float:
        """How clearly a name is given as the answer, from -1; only the difference between two names means something.

        A number before what is counted, a name called the answer and one that corrects another count most; then one
        that stands by itself.

        Args:
            clause: where it stands.
            mention: the name.
            against: whether the other answer, and only that, was said before.
        """
        held = self._weights.keys() & frozenset(stems(_part(clause, mention)))
        share = sum(self._weights[stem] for stem in held) / (sum(self._weights.values()) or 1.0)
        called = self._counts(clause, mention) or _is_called_answer(clause) or (against and _corrects(clause, mention))
        return (
            share
            + CALLED * called
            + _ALONE * _stands_alone(clause, mention)
            + _CONTRASTED * (against and clause.opened_by == "but")
            + _ASIDE * _stands_aside(clause)
        )

    def _counts(self, clause: Clause, mention: Mention) -> bool:
        behind = clause.words[mention.end : mention.end + 1]
        return is_number(clause.words[mention.end - 1]) and bool(self.counted.intersection(behind))


def _asked_for(question: Sequence[str]) -> tuple[list[str], bool]:
    """The words of what a question asks for, and whether they stand for the thing itself and not for its kind.

    "large animal" of "which large animal has", "capital" of "what is the capital", "queen" of "who was queen".
    """
    be = facts("clauses")["auxiliaries"]["be"]
    places = (
        i
        for i, word in enumerate(question)
        if word in listed("third", "asks_for") or (word == "who" and question[i + 1 : i + 2] and question[i + 1] in be)
    )
    place = next(places, None)
    if place is None:
        return [], False
    verbs = auxiliaries()
    left = [*question[place + 1 :]]
    itself = bool(left) and left[0] in be
    if itself:
        left = left[1:]
    elif left[:1] and left[0] in verbs:
        return [], False
    left = [*dropwhile(lambda word: word in listed("third", "kinds") or word in listed("clauses", "articles"), left)]
    ends = (
        i
        for i, word in enumerate(left)
        if word in verbs or word in listed("third", "joints") or (i and word.endswith("s") and not word.endswith("ss"))
    )
    return left[: next(ends, len(left))], itself


def is_verb(word: str) -> bool:
    """Whether a word behind a name looks like a verb: an auxiliary, or one with the ending of a person or a past."""
    return word in auxiliaries() or word.endswith(("s", "ed"))


def is_address(clause: Clause) -> bool:
    """Whether a clause only addresses the user: "oh honey"."""
    skipped = listed("clauses", "addresses") | listed("clauses", "discourse")
    return all(word in skipped for word in clause.words)


def _is_called_answer(clause: Clause) -> bool:
    """Whether a clause calls something the answer, and not the user right."""
    spoken = {place for phrase in clause.phrases for place in range(phrase.start, phrase.end)}
    words_of_answer = (
        word in listed("agreement", "answer_words")
        for i, word in enumerate(clause.words)
        if i not in spoken and not (word == "right" and _describes_a_noun(clause.words, i))
    )
    return bool(clause.having(PhraseKind.TRUE)) or any(words_of_answer)


def _describes_a_noun(words: Sequence[str], place: int) -> bool:
    """Whether a word stands between an article and a noun that is no answer: "the right heart"."""
    behind = words[place + 1 : place + 2]
    return bool(behind) and behind[0] != "answer" and words[place - 1 : place] in (("the",), ("his",), ("her",))


def _corrects(clause: Clause, mention: Mention) -> bool:
    return bool(listed("clauses", "corrections").intersection(clause.words[: mention.start]))


def _stands_aside(clause: Clause) -> bool:
    """Whether a clause only adds something: in brackets, "although ...", "which ..."."""
    relative = clause.words[0] in listed("clauses", "relatives")
    return clause.opened_by in ("(", "though") or relative or is_address(clause)


def _stands_alone(clause: Clause, mention: Mention) -> bool:
    """Whether nothing but "it is" stands around a name."""
    little = auxiliaries().union(
        *(listed("clauses", kind) for kind in ("pronouns", "articles", "discourse", "intensifiers"))
    )
    return all(word in little for word in (*clause.words[: mention.start], *clause.words[mention.end :]))


def _part(clause: Clause, mention: Mention) -> Sequence[str]:
    """The part of a clause in which a name stands."""
    cuts = [0, *_joints(clause), len(clause.words)]
    start = max(cut for cut in cuts if cut <= mention.start)
    return clause.words[start : min(cut for cut in cuts if cut > mention.start)]


def _joints(clause: Clause) -> Iterator[int]:
    """Where "and" starts another part of a clause that names both answers, and does not list them."""
    names = {mention.start for mention in clause.mentions}
    if len({mention.name.right for mention in clause.mentions}) == 1:
        return
    for place, word in enumerate(clause.words[:-1]):
        behind = place + 2 if clause.words[place + 1] in listed("clauses", "articles") else place + 1
        if word == "and" and behind not in names:
            yield place
