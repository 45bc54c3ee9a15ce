"""What the readers of answers to problems share: the rules in their order, and how a reply is prepared.

Much of what is reported as sensitivity to wording comes from rigid matching, so the rules go from the strictest to the
loosest, and say which one read the answer. A closing that cheers, and a hedge, must not change what is read: a warm
arm has more of both.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

import yaml

from warm_inspect.core.content import content_folder
from warm_inspect.grading.matching import readable, says_unknowing, spelled
from warm_inspect.grading.remarks import is_remark, without_address
from warm_inspect.grading.thoughts import without_thoughts

MARKED, WHOLE, LAST_SENTENCE = "marked", "whole_reply", "last_sentence"
"""The rules, in their order: the reply marks its answer; it is one answer and nothing else, or its first line is; the
last one of the last sentence that has any. Asides, sentences about the user, the speaker or something else than the
problem, come behind all others, and where the reply declines they are not read, so that a closing changes nothing."""

AROUND = " \t\n.!:;,\"'`*“”‘’()[]"
"""What may stand round an answer that is all that a line says."""
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’)*]*\s+|\n+")
_OR = re.compile(r"[\"'”’*`)]*\s*,?\s*(?:or(?: maybe| perhaps| possibly| even)?|/)\s+[\"'“‘*`(]*", re.IGNORECASE)
_LEADS_TO = re.compile(r"[=→⇒]|[-=]>|\b(?:becomes?|equals|converts to)\b", re.IGNORECASE)
_BETWEEN = re.compile(
    r"[\s:,\"'“‘*`(=]*(?:(?:an?|the|word|name|equal|exactly|about|approximately|around|to|be|maybe|perhaps|likely|"
    r"probably|most|simply|just|actually|now|is)\b[\s:,\"'“‘*`(]*){0,4}",
    re.IGNORECASE,
)
"""What may stand between a mark and the answer."""
_DENIED = re.compile(r"(?:\bnot|n['’]t|\bnever|\brather than|\binstead of)\s+(?:be |equal to |the word )?[\"'“‘*`(]*$")
_ATTRIBUTES = re.compile(
    r"\b(?:the|an?|this|that|my|your|our)((?:\s+(?!(?:the|an?|of)\b)[\w'’-]+){1,3})\s+$", re.IGNORECASE
)
"""What stands between an article and a mark: `the most important word`."""
_EQUATED = re.compile(r"(?:\A|(?<=\n)|(?<=[.!?,]\s))[^\d.!?,\n=]{1,80}(?:=|\bequals\b)", re.IGNORECASE)
"""What is said to equal something, without a number in it."""
_QUOTED = re.compile(r"[\"“‘'*`][^\"”’'*`]{1,40}[\"”’'*`]")
_FORMULA = re.compile(r"\\(?:boxed|text|mathrm|mathbf|textbf|texttt)\s*\{([^{}]*)\}|\\[()\[\],!;]|\$")


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """The answers that a reply gives, in one spelling, and the rule that read them; several where they differ."""

    answers: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How the answers to one kind of problem look where nothing calls them so."""

    named: Callable[[str], Iterable[re.Match[str]]]
    """Those that a text names anywhere."""
    whole: re.Pattern[str]
    """One that is all of a line."""
    value: Callable[[str], str]
    """Its one spelling, by which answers are compared; empty where it is none after all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerKind(Spelling):
    """How the answers to one kind of problem look, and what calls them so."""

    marks: re.Pattern[str]
    """What calls it the answer."""
    marked: re.Pattern[str]
    """One behind a mark; it may be looser there, since the reply calls it so."""
    fits: Callable[[str], bool] = lambda value: True
    """Whether a value could answer this problem; one that could not is read where no other is."""


class Sentences:
    """The sentences of a prepared reply, and which of them are asides."""

    def __init__(self, text: str, marks: re.Pattern[str], stated: Collection[str]) -> None:
        """Reads where sentences end.

        Args:
            text: the prepared reply.
            marks: what calls an answer so; where it calls something else so, its sentence is an aside.
            stated: what the problem states; its words are of the problem.
        """
        self._starts = [0, *(end.end() for end in _SENTENCE_END.finditer(text))]
        self._of_problem = _of_problem() | {word for each in stated for word in re.findall(r"\w+", each.casefold())}
        self.texts = [text[start:end] for start, end in zip(self._starts, [*self._starts[1:], None], strict=True)]
        asides = {place for place, sentence in enumerate(self.texts) if _is_remark(sentence)}
        called = chain(marks.finditer(text), _EQUATED.finditer(text))
        others = (self._place(mark) for mark in called if not self._is_of_problem(text, mark))
        self._asides = asides.union(others)

    def is_aside(self, mark: re.Match[str]) -> bool:
        """Whether the sentence in which a mark begins is an aside."""
        return self._place(mark) in self._asides

    def start(self, mark: re.Match[str]) -> int:
        """Where the sentence of a mark begins."""
        return self._starts[self._place(mark)]

    def sentence(self, mark: re.Match[str]) -> str:
        """The sentence in which a mark begins."""
        return self.texts[self._place(mark)]

    def backwards(self, asides: bool) -> list[str]:
        """From the last on, those that are asides or those that are none."""
        return [text for place, text in reversed([*enumerate(self.texts)]) if (place in self._asides) is asides]

    def _place(self, mark: re.Match[str]) -> int:
        return bisect_right(self._starts, mark.start()) - 1

    def _is_of_problem(self, text: str, mark: re.Match[str]) -> bool:
        """Whether a mark names nothing but what the problem is about: not `the answer to a good life is`."""
        before = _ATTRIBUTES.search(text[max(self.start(mark), mark.start() - 40) : mark.start()])
        said_of = _QUOTED.sub(" ", f"{before.group(1) if before else ''} {mark.group()}")
        words = re.findall(r"[^\W\d_]+", said_of.casefold())
        # A number within it is one of the problem: `the sum of 12 and 30 taken together is`.
        return any(map(str.isdigit, mark.group())) or all(len(word) == 1 or word in self._of_problem for word in words)


def read_answer(text: str, kind: AnswerKind, given: Collection[str], stated: Collection[str]) -> ReadAnswer:
    """The answer of a prepared reply by the first rule that reads one.

    Args:
        text: the reply as the kind has it prepared.
        kind: how answers look.
        given: what the problem states, in the spelling of `value`: where it is merely named it repeats the problem.
        stated: the texts in which the problem states it.
    """
    sentences = Sentences(text, kind.marks, stated)
    called = [(mark, values) for mark in kind.marks.finditer(text) if (values := _answers_at(text, mark.end(), kind))]
    matter = [(mark, values) for mark, values in called if not sentences.is_aside(mark)]
    if fitting := _fitting([values for _, values in matter] or _led_to(text, kind, sentences), kind):
        return ReadAnswer(fitting, MARKED)
    cheers = {sentence for sentence in sentences.texts if _is_cheer(sentence)}
    cheered = [(mark, values) for mark, values in matter if sentences.sentence(mark) in cheers]
    if calm := [(mark, values) for mark, values in matter if sentences.sentence(mark) not in cheers]:
        return ReadAnswer(_each_once(values for _, values in calm), MARKED)
    read = read_unmarked(text, kind, given, sentences)
    if not cheered or any(map(kind.fits, read.answers)) or declines(text):
        return read
    return ReadAnswer(_each_once(values for _, values in cheered), MARKED)


def read_unmarked(text: str, spelling: Spelling, given: Collection[str], sentences: Sentences) -> ReadAnswer:
    """The answer of a prepared reply that calls nothing its answer; the arguments are as above."""
    for part in (text, text.strip().partition("\n")[0]):
        match = spelling.whole.fullmatch(part.strip(AROUND))
        if match and (value := spelling.value(match.group())):
            return ReadAnswer((value,), WHOLE)
    asides = [] if declines(text) else sentences.backwards(asides=True)
    for sentence in sentences.backwards(asides=False) + asides:
        if named := _named(sentence, spelling, given):
            return ReadAnswer((named[-1],), LAST_SENTENCE)
    return ReadAnswer()


def denied(text: str, place: int) -> bool:
    """Whether what stands at a place is said not to be the answer."""
    return _DENIED.search(text[max(0, place - 40) : place].lower()) is not None


def said(reply: str) -> str:
    """The words of a reply that are read, without thoughts and marks of formulas; digits of any script as ours."""
    text = _FORMULA.sub(lambda mark: mark.group(1) or "", readable(without_thoughts(reply) or ""))
    return text if text.isascii() else "".join(map(_digit, text)).strip()


def declines(reply: str) -> bool:
    """Whether a reply says that it does not know, or that the problem cannot be solved."""
    words = f" {' '.join(spelled(readable(without_thoughts(reply) or '')))} "
    return says_unknowing(reply) or any(f" {phrase} " in words for phrase in _facts()["declines"])


@cache
def _of_problem() -> frozenset[str]:
    return frozenset(_facts()["of_problem"].split())


@cache
def no_answers() -> frozenset[str]:
    """Words that are none where an answer is announced."""
    return frozenset(_facts()["no_answers"].split())


def _led_to(text: str, kind: AnswerKind, sentences: Sentences) -> list[list[str]]:
    """What the last equation or arrow leads to that stands in no aside."""
    for mark in reversed(list(_LEADS_TO.finditer(text))):
        if not sentences.is_aside(mark) and (answers := _answers_at(text, mark.end(), kind)):
            return [answers]
    return []


def _fitting(groups: Iterable[Collection[str]], kind: AnswerKind) -> tuple[str, ...]:
    """The answers of the marks that have one that fits, each once."""
    return _each_once(values for values in groups if any(map(kind.fits, values)))


def _each_once(groups: Iterable[Collection[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(groups)))


def _is_remark(sentence: str) -> bool:
    """Whether a sentence speaks to the user or of the speaker, but for what it says of the problem."""
    words = f" {' '.join(spelled(without_address(sentence)))} "
    for phrase in _facts()["of_both"]:
        words = words.replace(f" {phrase} ", " ")
    return is_remark(words)


def _is_cheer(sentence: str) -> bool:
    return sentence.rstrip().endswith("!") or without_address(sentence) != sentence


def _answers_at(text: str, place: int, kind: AnswerKind) -> list[str]:
    """The answer behind a mark, and those that an or puts beside it."""
    between = _BETWEEN.match(text, place)
    match = kind.marked.match(text, between.end() if between else place)
    values: list[str] = []
    while match:
        if value := kind.value(match.group()):
            values.append(value)
        other = _OR.match(text, match.end())
        match = kind.marked.match(text, other.end()) if other else None
    return values


def _named(text: str, spelling: Spelling, given: Collection[str]) -> list[str]:
    values = [spelling.value(match.group()) for match in spelling.named(text) if not denied(text, match.start())]
    return [value for value in values if value and value not in given]


def _digit(sign: str) -> str:
    return sign if sign.isascii() else str(unicodedata.decimal(sign, sign))


@cache
def _facts() -> dict[str, Any]:
    text = content_folder("families/reliability").joinpath("declines.yaml").read_text(encoding="utf-8")
    facts: dict[str, Any] = yaml.safe_load(text)
    return facts
