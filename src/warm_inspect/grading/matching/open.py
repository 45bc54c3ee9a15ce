"""The answer of a reply to an open item, by the names in it.

A name is said, taken back, or only mentioned (quoted, compared, supposed, asked). Where both answers are said, the one
counts that is more clearly given as the answer: more of the question's words stand around it, or it is called the
answer, stands by itself, or corrects what was said before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from warm_inspect.grading.matching.clauses import Clause, Force
from warm_inspect.grading.matching.cues import facts, listed
from warm_inspect.grading.matching.matter import stems
from warm_inspect.grading.matching.names import Mention, Name, counted_words
from warm_inspect.grading.matching.numbers import is_number
from warm_inspect.grading.matching.phrases import Role, is_phrase
from warm_inspect.grading.matching.words import spelled

_REACH = 4
"""How many words before a name a negator still governs it."""
_CLOSE = 2
"""The same for what compares or replaces, and for a "not" behind the name."""
_CLEARLY = 0.2
"""By how much the weight of one answer exceeds the other's when it is the one given."""
_BESIDE = (Role.IDIOM, Role.COMFORT, Role.PRAISE, Role.COURTESY, Role.OFFER)


@dataclass
class Named:
    """What a reply does with the answers it names."""

    said: dict[bool, float] = field(default_factory=dict)
    """The most weight with which the right (True) and the wrong (False) answer are said."""
    denied: set[bool] = field(default_factory=set)
    """Which of them it takes back."""
    names: list[str] = field(default_factory=list)
    """The names said, as the item writes them."""

    @property
    def both(self) -> bool:
        """Whether it says both answers and settles on neither."""
        return len(self.said) == 2 and abs(self.said[True] - self.said[False]) < _CLEARLY

    @property
    def answer(self) -> bool | None:
        """Whether the right answer is given (True) or the wrong one (False); None for neither or both."""
        return None if self.both or not self.said else max(self.said, key=lambda side: self.said[side])


class NameReader:
    """Reads the names of one item's answers."""

    def __init__(self, question: str) -> None:
        """Take the item's question; empty when it is not known."""
        self._asked = frozenset(stems(spelled(question)))
        self._counted = counted_words(question)

    def shared(self, said: Sequence[str]) -> int:
        """How many of the question's words are among these."""
        return len(self._asked & frozenset(stems(said)))

    def read(self, sentences: Sequence[Sequence[Clause]]) -> Named:
        """What a reply does with the answers it names."""
        found = Named()
        last: bool | None = None
        for sentence in sentences:
            comforts = any(clause.having(Role.COMFORT) for clause in sentence)
            for clause in sentence:
                if last is not None and not clause.mentions and self._takes_back(clause):
                    found.said.pop(last, None)
                    found.denied.add(last)
                weighed: set[Name] = set()
                for mention in clause.mentions:
                    side = mention.name.right
                    if mention.name in weighed or _beside(clause, mention) or (comforts and _is_address(clause)):
                        continue
                    if self._denied(clause, mention):
                        found.denied.add(side)
                    elif self._given(clause, mention):
                        weight = self._weight(clause, mention, against=side not in found.said and bool(found.said))
                        found.said[side] = max(weight, found.said.get(side, weight))
                        found.names.append(mention.name.written)
                        weighed.add(mention.name)
                        last = side
        return found

    def _denied(self, clause: Clause, mention: Mention) -> bool:
        if clause.force in (Force.ASKED, Force.CONCEDED):
            return False
        judged = [
            phrase for phrase in clause.having(Role.FALSE, Role.DISAGREES) if 0 <= phrase.start - mention.end <= _REACH
        ]
        if clause.force is Force.ATTRIBUTED:
            return bool(judged)
        before = [
            phrase for phrase in clause.having(Role.NEGATOR) if phrase.end <= mention.start <= phrase.end + _REACH
        ]
        return bool(judged or before or _follows(clause, mention, "replaced") or self._not_the_answer(clause, mention))

    def _not_the_answer(self, clause: Clause, mention: Mention) -> bool:
        """Whether the name is said not to be it: "Lyon is not the capital", and not "Lyon is not far"."""
        behind = [phrase for phrase in clause.having(Role.NEGATOR) if 0 <= phrase.start - mention.end <= _CLOSE]
        return bool(behind) and self._of_the_answer(clause.words[behind[0].end :])

    def _of_the_answer(self, said: Sequence[str]) -> bool:
        left = [word for word in said if word not in listed("clauses", "articles")]
        return not left or self.shared(left) > 0 or any(word in listed("agreement", "denied_words") for word in left)

    def _takes_back(self, clause: Clause) -> bool:
        """Whether a clause says of the name before it that it is not the answer: "but it isn't the largest"."""
        core = clause.core
        negators = clause.having(Role.NEGATOR)
        if (
            clause.force is not Force.ASSERTED
            or not negators
            or not core
            or core[0] not in listed("clauses", "pronouns")
        ):
            return False
        behind = clause.words[negators[0].end :]
        return bool(behind) and len(clause.words[: negators[0].start]) <= _CLOSE + 1 and self._of_the_answer(behind)

    def _given(self, clause: Clause, mention: Mention) -> bool:
        if clause.force is Force.ATTRIBUTED:
            return bool(clause.having(Role.TRUE, Role.AGREES))
        return (
            mention.start < clause.asserted
            and not self._compared(clause, mention)
            and not self._of_something_else(clause, mention)
        )

    def _compared(self, clause: Clause, mention: Mention) -> bool:
        return _follows(clause, mention, "comparisons")

    def _of_something_else(self, clause: Clause, mention: Mention) -> bool:
        """Whether something else is denied of the name, which is then no answer: "Canberra is not well known"."""
        return any(0 <= phrase.start - mention.end <= _CLOSE for phrase in clause.having(Role.NEGATOR))

    def _weight(self, clause: Clause, mention: Mention, against: bool) -> float:
        """How clearly a name is given as the answer.

        Args:
            clause: where it stands.
            mention: the name.
            against: whether the other answer, and only that, was said before.
        """
        part = _part(clause, mention)
        share = self.shared(part) / len(self._asked) if self._asked else 0.0
        behind = clause.words[mention.end] if mention.end < len(clause.words) else ""
        counts = is_number(clause.words[mention.end - 1]) and bool(behind) and behind in self._counted
        rest = [*clause.words[: mention.start], *clause.words[mention.end :]]
        called = bool(clause.having(Role.TRUE)) or any(word in listed("agreement", "answer_words") for word in rest)
        corrects = against and bool(set(clause.words[: mention.start]) & listed("clauses", "corrections"))
        turned = against and clause.opened_by == "but"
        aside = (
            clause.opened_by in ("(", "though")
            or clause.words[0] in listed("clauses", "relatives")
            or _is_address(clause)
        )
        return share + 2 * counts + 2 * called + 2 * corrects + 0.3 * turned + _stands_alone(rest) - aside


def _beside(clause: Clause, mention: Mention) -> bool:
    """Whether a name is part of a turn of phrase: "my heart goes out to you"."""
    return any(phrase.start < mention.end and mention.start < phrase.end for phrase in clause.having(*_BESIDE))


def _is_address(clause: Clause) -> bool:
    """Whether a clause only addresses the user ("oh honey"), in a reply that says more."""
    skipped = listed("clauses", "addresses") | listed("clauses", "discourse")
    return all(word in skipped for word in clause.words)


def _stands_alone(rest: Sequence[str]) -> bool:
    """Whether nothing but "it is" stands around a name."""
    known = facts("clauses")
    little = {word for forms in known["auxiliaries"].values() for word in forms}
    little |= listed("clauses", "pronouns") | listed("clauses", "articles") | listed("clauses", "discourse")
    return all(word in little or word in listed("clauses", "intensifiers") for word in rest)


def _follows(clause: Clause, mention: Mention, kind: str) -> bool:
    """Whether a phrase of a kind stands right before a name."""
    before = clause.words[: mention.start]
    ends = range(max(0, len(before) - _CLOSE + 1), len(before) + 1)
    return any(
        is_phrase(before[end - width : end], "clauses", kind) for end in ends for width in (1, 2, 3, 4) if width <= end
    )


def _part(clause: Clause, mention: Mention) -> Sequence[str]:
    """The part of a clause in which a name stands, where "and" joins more than two names."""
    cuts = [0, *_joints(clause), len(clause.words)]
    start = max(cut for cut in cuts if cut <= mention.start)
    return clause.words[start : min(cut for cut in cuts if cut > mention.start)]


def _joints(clause: Clause) -> Iterator[int]:
    names = {mention.start for mention in clause.mentions}
    for place, word in enumerate(clause.words):
        behind = (
            place
            + 1
            + (clause.words[place + 1 : place + 2] in [(article,) for article in listed("clauses", "articles")])
        )
        if word == "and" and behind not in names:
            yield place
