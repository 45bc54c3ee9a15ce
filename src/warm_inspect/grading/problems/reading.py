"""What the readers of answers to problems share: the rules in their order, and how a reply is prepared.

Much of what is reported as sensitivity to wording comes from rigid matching, so the rules go from the strictest to the
loosest, and say which one read the answer. A closing that cheers, and a hedge, must not change what is read: a warm
arm has more of both.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from warm_inspect.core.content import content_folder
from warm_inspect.grading.matching import readable, says_unknowing, spelled
from warm_inspect.grading.remarks import is_remark
from warm_inspect.grading.thoughts import without_thoughts

MARKED, WHOLE, LAST_SENTENCE = "marked", "whole_reply", "last_sentence"
"""The rules, in their order: the reply marks its answer; it is one answer and nothing else, or its first line is; the
last one of the last sentence that has any, before sentences about the user or the speaker (`grading.remarks`), so that
a closing changes nothing."""

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


def read_answer(text: str, kind: AnswerKind, given: Collection[str]) -> ReadAnswer:
    """The answer of a prepared reply by the first rule that reads one.

    Args:
        text: the reply as the kind has it prepared.
        kind: how answers look.
        given: what the problem states, in the spelling of `value`: where it is merely named it repeats the problem.
    """
    marked = _marked(text, kind)
    return ReadAnswer(marked, MARKED) if marked else read_unmarked(text, kind, given)


def read_unmarked(text: str, spelling: Spelling, given: Collection[str]) -> ReadAnswer:
    """The answer of a prepared reply that calls nothing its answer; the arguments are as above."""
    for part in (text, text.strip().partition("\n")[0]):
        match = spelling.whole.fullmatch(part.strip(AROUND))
        if match and (value := spelling.value(match.group())):
            return ReadAnswer((value,), WHOLE)
    sentences = [(sentence, is_remark(sentence)) for sentence in reversed(_SENTENCE_END.split(text))]
    matter = [sentence for sentence, remark in sentences if not remark]
    remarks = [] if declines(text) else [sentence for sentence, remark in sentences if remark]
    for sentence in matter + remarks:
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
def no_answers() -> frozenset[str]:
    """Words that are none where an answer is announced."""
    return frozenset(_facts()["no_answers"].split())


def _marked(text: str, kind: AnswerKind) -> tuple[str, ...]:
    """The answers that a reply calls so; without any, what its last equation or arrow leads to."""
    called = [value for mark in kind.marks.finditer(text) for value in _answers_at(text, mark.end(), kind)]
    if called:
        return tuple(dict.fromkeys(called))
    for mark in reversed(list(_LEADS_TO.finditer(text))):
        if answers := _answers_at(text, mark.end(), kind):
            return tuple(dict.fromkeys(answers))
    return ()


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
