"""The answer of a reply to an open item, by the names in it.

A name is said, taken back, or only mentioned (quoted, compared, supposed, asked). Where both answers are said, the one
counts that is clearly more given as the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from warm_inspect.grading.matching.clauses import Clause, Force
from warm_inspect.grading.matching.cues import auxiliaries, listed
from warm_inspect.grading.matching.matter import stems
from warm_inspect.grading.matching.names import Mention, Name
from warm_inspect.grading.matching.numbers import is_number
from warm_inspect.grading.matching.phrases import Phrase, PhraseKind, is_phrase
from warm_inspect.grading.matching.question import CALLED, ParsedQuestion, is_address, is_verb

_REACH = 4
"""How many words before a name a negator still governs it."""
_CLOSE = 2
"""The same for what compares or replaces, and for a "not" behind the name."""
_TAKEN_UP = 0.25
"""Least share of the question's words in a sentence that takes up the question."""
_LITTLE = 3
"""Most telling words beside the names of a clause that takes up nothing of the question and still answers it."""
_CLEARLY = 0.2
"""By how much the weight of one answer exceeds the other's when it is the one given."""
_NUMBERS = frozenset(("answer", "number"))
"""Nouns for what a question of how many asks for."""
_BESIDE = (PhraseKind.IDIOM, PhraseKind.COMFORT, PhraseKind.PRAISE, PhraseKind.COURTESY, PhraseKind.OFFER)
"""Turns of phrase whose names are none: "my heart goes out to you"."""


@dataclass
class Named:
    """What a reply does with the answers it names."""

    said: dict[bool, float] = field(default_factory=dict)
    """The most weight with which the right (True) and the wrong (False) answer are said."""
    denied: set[bool] = field(default_factory=set)
    """Which of them it takes back."""
    names: list[str] = field(default_factory=list)
    """The names said, as the item writes them."""
    other: str = ""
    """Another number of what the question asks to count: a third answer, which names alone do not tell."""

    @property
    def both(self) -> bool:
        """Whether it says both answers and settles on neither."""
        return len(self.said) == 2 and abs(self.said[True] - self.said[False]) < _CLEARLY

    @property
    def called(self) -> bool:
        """Whether the wrong answer is called the answer, whatever is denied beside it."""
        return self.said.get(False, 0.0) >= CALLED

    @property
    def answer(self) -> bool | None:
        """Whether the right answer is given (True) or the wrong one (False); None for neither or both."""
        return None if self.both or not self.said else max(self.said, key=lambda side: self.said[side])


def read_names(sentences: Sequence[Sequence[Clause]], question: ParsedQuestion) -> Named:
    """What a reply does with the answers it names."""
    named = Named()
    last: bool | None = None
    for sentence in sentences:
        answers = _may_answer(sentence, question)
        comforts = any(clause.having(PhraseKind.COMFORT) for clause in sentence)
        for clause in sentence:
            if last is not None and not clause.mentions and _takes_back(clause, question):
                named.said.pop(last, None)
                named.denied.add(last)
            named.other = named.other or _other_number(clause, question)
            if not (comforts and is_address(clause)):
                last = _read_clause(clause, question, named, last, answers)
    return named


def _may_answer(sentence: Sequence[Clause], question: ParsedQuestion) -> bool:
    """Whether a name in a sentence can be its answer: it takes up the question, or says little beside the name.

    "Lyon is known for its food" does not, nor does "my sister spent a week with friends in Lyon".
    """
    share = question.taken_up(sentence)
    if share >= _TAKEN_UP:
        return True
    if _begins_with_a_name(sentence):
        return False
    naming = [clause for clause in sentence if clause.mentions]
    return any(question.alone(clause) or _says_little(clause) for clause in naming)


def _says_little(clause: Clause) -> bool:
    """Whether a clause tells hardly more than a name: "if I'm not mistaken it came from Paris"."""
    passed = {place for phrase in clause.phrases for place in range(phrase.start, phrase.end)}
    passed |= {place for mention in clause.mentions for place in range(mention.start, mention.end)}
    return len(stems([word for place, word in enumerate(clause.words) if place not in passed])) <= _LITTLE


def _begins_with_a_name(sentence: Sequence[Clause]) -> bool:
    """Whether a sentence begins with a name and goes on to say something of it: "Lyon is known for its food".

    The verb may stand behind words set in between: "Lyon in the south, where I live, is larger". "Austen wrote it in
    1813" speaks of what was asked, and "Paris is larger than Lyon" chooses.
    """
    first = sentence[0]
    named = {mention.name.right for clause in sentence for mention in clause.mentions}
    if not first.mentions or len(named) > 1 or first.force is not Force.ASSERTED:
        return False
    name = first.mentions[0]
    behind = first.words[name.end :]
    if not all(word in listed("clauses", "articles") for word in first.words[: name.start]):
        return False
    further = sentence[1 if behind else 2 :]
    later = any(clause.opened_by == "," and clause.words[0] in auxiliaries() for clause in further)
    takes_up = not listed("clauses", "pronouns").isdisjoint(behind[1:2]) or "than" in behind
    return (len(behind) >= _REACH and is_verb(behind[0]) and not takes_up) or later


def _read_clause(
    clause: Clause, question: ParsedQuestion, named: Named, last: bool | None, answers: bool
) -> bool | None:
    """Take in the names of a clause, of a sentence that may answer or not; returns the side that was said last."""
    weighed: set[Name] = set()
    for mention in clause.mentions:
        side = mention.name.right
        if mention.name in weighed or _beside(clause, mention) or question.places(clause, mention):
            continue
        if _denied(clause, mention, question):
            named.denied.add(side)
        elif answers and _given(clause, mention):
            weight = question.weight(clause, mention, against=side not in named.said and bool(named.said))
            named.said[side] = max(weight, named.said.get(side, weight))
            if last is (not side) and _follows(clause, mention, "renames"):
                named.said[side] = named.said[last]
            named.names.append(mention.name.written)
            weighed.add(mention.name)
            last = side
    return last


def _other_number(clause: Clause, question: ParsedQuestion) -> str:
    """A number of the things that the question counts, or called the answer, which is neither; empty without one."""
    if not clause.mentions and question.counted and (number := _called_answer(clause)):
        return number
    named = {mention.end for mention in clause.mentions}
    for place in range(1, 0 if clause.having(PhraseKind.NEGATOR) else clause.asserted):
        number = clause.words[place - 1]
        if is_number(number) and clause.words[place] in question.counted and place not in named:
            return number[1:]
    return ""


def _called_answer(clause: Clause) -> str:
    """The number in "the answer is 12" and "the number of strings is 12"; empty without one."""
    said = clause.words[: clause.asserted]
    called = (
        len(said) > _CLOSE and is_number(said[-1]) and said[-2] in ("is", "be") and not _NUMBERS.isdisjoint(said[:-2])
    )
    return said[-1][1:] if called and not clause.having(PhraseKind.NEGATOR) else ""


def _denied(clause: Clause, mention: Mention, question: ParsedQuestion) -> bool:
    """Whether a clause takes a name back."""
    if clause.force in (Force.ASKED, Force.CONCEDED):
        return False
    called_wrong = _behind(clause, mention, _REACH, PhraseKind.FALSE, PhraseKind.DISAGREES)
    if called_wrong or clause.force is Force.ATTRIBUTED:
        return bool(called_wrong)
    negated = any(phrase.end <= mention.start <= phrase.end + _REACH for phrase in clause.having(PhraseKind.NEGATOR))
    replaced = _follows(clause, mention, "replaced") and not _idiom_before(clause, mention)
    return negated or replaced or _is_not_the_answer(clause, mention, question)


def _idiom_before(clause: Clause, mention: Mention) -> bool:
    """Whether a turn of phrase ends right before a name: in "it is not just Lyon" nothing is taken back."""
    return any(phrase.end == mention.start for phrase in clause.having(PhraseKind.IDIOM))


def _is_not_the_answer(clause: Clause, mention: Mention, question: ParsedQuestion) -> bool:
    """Whether a name is said not to be it: "Lyon is not the capital", and not "Lyon is not far"."""
    negators = _behind(clause, mention, _CLOSE, PhraseKind.NEGATOR)
    return bool(negators) and _of_the_answer(clause.words[negators[0].end :], question)


def _takes_back(clause: Clause, question: ParsedQuestion) -> bool:
    """Whether a clause says of the name before it that it is not the answer: "but it isn't the largest".

    "It is not possible to have more" says so of something else.
    """
    negators = clause.having(PhraseKind.NEGATOR)
    if not negators or clause.force is not Force.ASSERTED or clause.core[:1] == ():
        return False
    behind = clause.words[negators[0].end :]
    if "to" in behind[:_CLOSE]:
        return False
    subject = clause.core[0] in listed("clauses", "pronouns") and negators[0].start <= _CLOSE + 1
    return subject and bool(behind) and _of_the_answer(behind, question)


def _of_the_answer(said: Sequence[str], question: ParsedQuestion) -> bool:
    """Whether "not ..." denies that something is what was asked for; a "not" with nothing behind it does."""
    left = [word for word in said if word not in listed("clauses", "articles")]
    return not left or question.shared(left) > 0 or any(word in listed("agreement", "denied_words") for word in left)


def _given(clause: Clause, mention: Mention) -> bool:
    """Whether a clause says a name, and does not only compare it or deny something else of it."""
    if clause.force is Force.ATTRIBUTED:
        return bool(clause.having(PhraseKind.TRUE, PhraseKind.AGREES))
    beside_it = _compares(clause, mention) or _left_open(clause, mention)
    denied = _behind(clause, mention, _CLOSE, PhraseKind.NEGATOR)
    return mention.start < clause.asserted and not (beside_it or denied)


def _compares(clause: Clause, mention: Mention) -> bool:
    """Whether a name is what something is compared with: "like Lyon", "as old as Lyon"."""
    before = clause.words[max(0, mention.start - 2 * _REACH) : mention.start]
    before = before[:-1] if before[-1:] and before[-1] in listed("clauses", "articles") else before
    return _follows(clause, mention, "comparisons") or (before[-1:] == ("as",) and "as" in before[:-1])


def _left_open(clause: Clause, mention: Mention) -> bool:
    """Whether a name is one of a choice that a clause leaves open: "either Lyon or Nice"."""
    before, behind = clause.words[: mention.start], clause.words[mention.end :]
    spans = (before[place : place + width] for place in range(len(before)) for width in (1, 2))
    opened = any(is_phrase(span, "clauses", "left_open") for span in spans)
    return opened and not {"or", "and"}.isdisjoint((*before[-_CLOSE:], *behind[:_CLOSE]))


def _beside(clause: Clause, mention: Mention) -> bool:
    """Whether a name is part of a turn of phrase."""
    return any(phrase.start < mention.end and mention.start < phrase.end for phrase in clause.having(*_BESIDE))


def _behind(clause: Clause, mention: Mention, reach: int, *kinds: PhraseKind) -> list[Phrase]:
    """The phrases of these kinds that begin within so many words behind a name."""
    return [phrase for phrase in clause.having(*kinds) if 0 <= phrase.start - mention.end <= reach]


def _follows(clause: Clause, mention: Mention, kind: str) -> bool:
    """Whether a phrase of a kind stands right before a name."""
    before = clause.words[max(0, mention.start - 2 * _CLOSE - 1) : mention.start]
    ends = range(max(1, len(before) - _CLOSE + 1), len(before) + 1)
    return any(is_phrase(before[start:end], "clauses", kind) for end in ends for start in range(end))
