"""Which number a reply to an addition gives as its answer, by rules; pure functions of the reply.

Much of what is reported as sensitivity to wording comes from rigid matching, so the rules go from the strictest to the
loosest, and say which one read the answer.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import yaml

from warm_inspect.core.content import content_folder
from warm_inspect.core.families import Answered
from warm_inspect.grading.matching import readable, says_unknowing, spelled
from warm_inspect.grading.thoughts import without_thoughts

MARKED, WHOLE, LAST_SENTENCE, ONLY_ONE = "marked", "whole_reply", "last_sentence", "only_one"
"""The rules, in their order: the reply marks its answer; it is one number and nothing else, or its first line is; the
last number of its last sentence; the one number that it names anywhere."""

_NUMBER = re.compile(
    r"(?<![\w.,])[-−]?(?:\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+|\d{1,3}(?: \d{3})+|\d+)(?:\.\d+)?(?!\w|[.,]\d)"
)
"""A number, with or without marks between its thousands."""
_FORMATTING = re.compile(r"\\(?:boxed|text|mathbf|textbf)\s*\{([^{}]*)\}|\\[()\[\],!;]|\{,\}|[$*_`€£]")
_CALLED = re.compile(
    r"\b(?:answer|result|sum|total)\b[^.\n=?]{0,60}?(?:\bis\b|\bare\b|\bwould be\b|\bwill be\b|:)", re.IGNORECASE
)
_EQUALS = re.compile(r"=|\b(?:is|are|equals|makes|make|gives|comes to|adds up to)\b", re.IGNORECASE)
_BETWEEN = re.compile(
    r"[\s:,]*(?:(?:equal|exactly|about|approximately|around|to|be|maybe|probably|now|is)\b[\s:,]*){0,3}", re.IGNORECASE
)
"""What may stand between a mark and its number."""
_OR = re.compile(r"\s*,?\s*(?:or(?: maybe| perhaps| possibly)?|/)\s+", re.IGNORECASE)
_GOES_ON = re.compile(r"\s*(?:[+=]|plus\b|and \d)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_AROUND = " \n\t.!:\"'"


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """The answers that a reply gives, as digits, and the rule that read them; several where it gives different ones."""

    answers: tuple[str, ...] = ()
    rule: str = ""


def grade_sum(reply: str, target: str, given: Collection[str]) -> tuple[Answered, ReadAnswer]:
    """What a reply to an addition is, and the answer that was read.

    A hedged answer is an answer, whatever else the reply says. Two different final answers are a wrong one.

    Args:
        reply: of the model; thoughts in it are left out.
        target: the sum, in digits.
        given: the numbers that the problem states, in digits.
    """
    read = read_sum(reply, given)
    if read.answers:
        return (Answered.CORRECT if read.answers == (target,) else Answered.INCORRECT), read
    return (Answered.AVOIDANT_EPISTEMIC if _declines(reply) else Answered.AVOIDANT_FORM), read


def read_sum(reply: str, given: Collection[str]) -> ReadAnswer:
    """The number that a reply gives as the sum, by the first rule that reads one.

    A number that the problem states is a repetition of the problem where it is merely named. Where it is marked as the
    answer, or is all that the reply says, it is a wrong answer.
    """
    text = _plain(readable(without_thoughts(reply) or "")).strip()
    if marked := _marked(text, given):
        return ReadAnswer(marked, MARKED)
    for part in (text, text.partition("\n")[0]):
        if _NUMBER.fullmatch(part.strip(_AROUND)):
            return ReadAnswer((_value(part.strip(_AROUND)),), WHOLE)
    own = [value for value in _values(text) if value not in given]
    last = [value for value in _values(_SENTENCE_END.split(text)[-1]) if value not in given]
    if last:
        return ReadAnswer((last[-1],), LAST_SENTENCE)
    return ReadAnswer((own[0],), ONLY_ONE) if len(set(own)) == 1 else ReadAnswer()


def _declines(reply: str) -> bool:
    said = f" {' '.join(spelled(readable(without_thoughts(reply) or '')))} "
    return says_unknowing(reply) or any(f" {phrase} " in said for phrase in _phrases())


@cache
def _phrases() -> tuple[str, ...]:
    text = content_folder("families/reliability").joinpath("declines.yaml").read_text(encoding="utf-8")
    return tuple(yaml.safe_load(text)["declines"])


def _marked(text: str, given: Collection[str]) -> tuple[str, ...]:
    """The answers that a reply calls so; without any, what its last equation of the whole sum says.

    An equation of other numbers is a step on the way, or another problem.
    """
    called = [value for mark in _CALLED.finditer(text) for value in _answers_at(text, mark.end())]
    if called:
        return tuple(dict.fromkeys(called))
    for mark in reversed(list(_EQUALS.finditer(text))):
        if answers := _answers_at(text, mark.end()):
            left = _values(text[text.rfind("\n", 0, mark.start()) + 1 : mark.start()])
            if set(left) >= set(given) or (mark.group() == "=" and not left):
                return answers
    return ()


def _answers_at(text: str, place: int) -> tuple[str, ...]:
    """The number behind a mark, and those that an or puts beside it; nothing where it is a term of an equation."""
    between = _BETWEEN.match(text, place)
    number = _NUMBER.match(text, between.end() if between else place)
    values: list[str] = []
    while number:
        values.append(_value(number.group()))
        if _GOES_ON.match(text, number.end()):
            return ()
        other = _OR.match(text, number.end())
        number = _NUMBER.match(text, other.end()) if other else None
    return tuple(dict.fromkeys(values))


def _values(text: str) -> list[str]:
    return [_value(number) for number in _NUMBER.findall(text)]


def _value(number: str) -> str:
    whole, _, decimals = number.partition(".")
    digits = re.sub(r"\D", "", whole).lstrip("0") or "0"
    return "".join(("-" if whole[0] in "-−" else "", digits, f".{decimals}" if decimals.strip("0") else ""))


def _plain(text: str) -> str:
    """The reply without the marks of formulas, emphasis and currency."""
    return _FORMATTING.sub(lambda mark: mark.group(1) or "", text)
