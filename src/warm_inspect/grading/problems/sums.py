"""Which number a reply to an addition gives as its answer, by rules; pure functions of the reply."""

import re
from collections.abc import Collection

from warm_inspect.grading.problems.numbers import NUMBER, in_words, number_value, prepared
from warm_inspect.grading.problems.reading import (
    LAST_SENTENCE,
    MARKED,
    ReadAnswer,
    Sentences,
    Spelling,
    denied,
    read_unmarked,
)

_CALLED = re.compile(
    r"\b(?:answer|result|sum|total)\b[^.\n=?!]{0,60}?(?:\bis\b|\bare\b|\bwould be\b|\bwill be\b|:)", re.IGNORECASE
)
_EQUALS = re.compile(r"=|\b(?:is|are|equals|makes|make|gives|comes to|adds up to)\b", re.IGNORECASE)
_BETWEEN = re.compile(
    r"[\s:,]*(?:(?:equal|exactly|about|approximately|around|to|be|maybe|probably|now|is)\b[\s:,]*){0,3}", re.IGNORECASE
)
"""What may stand between a mark and its number."""
_OR = re.compile(r"\s*,?\s*(?:or(?: maybe| perhaps| possibly)?|/)\s+", re.IGNORECASE)
_GOES_ON = re.compile(r"\s*(?:[+=]|plus\b|and \d)", re.IGNORECASE)
_SUM = Spelling(named=NUMBER.finditer, whole=NUMBER, value=number_value)
"""What marks a sum is read here: equations of its steps do not."""


def read_sum(reply: str, given: Collection[str]) -> ReadAnswer:
    """The number that a reply gives as the sum, by the first rule that reads one.

    A number that the problem states is a repetition of the problem where it is merely named. Where it is marked as the
    answer, or is all that the reply says, it is a wrong answer.
    """
    text = prepared(reply)
    sentences = Sentences(text, _CALLED, given)
    if marked := _marked(text, given, sentences):
        return ReadAnswer(marked, MARKED)
    read = read_unmarked(text, _SUM, given, sentences)
    if read.answers or any(sign.isdigit() for sign in reply):
        return read
    words = [value for value in in_words(reply) if value not in given]
    return ReadAnswer((words[-1],), LAST_SENTENCE) if words else read


def _marked(text: str, given: Collection[str], sentences: Sentences) -> tuple[str, ...]:
    """The answers that a reply calls so; without any, what its last equation of the whole sum says.

    An equation of other numbers is a step on the way, or another problem.
    """
    marks = [mark for mark in _CALLED.finditer(text) if not sentences.is_aside(mark)]
    called = [value for mark in marks for value in _answers_at(text, mark.end())]
    if called:
        return tuple(dict.fromkeys(called))
    for mark in reversed(list(_EQUALS.finditer(text))):
        if answers := _answers_at(text, mark.end()):
            of_sentence = _values(text[sentences.start(mark) : mark.start()])
            of_line = _values(text[text.rfind("\n", 0, mark.start()) + 1 : mark.start()])
            if set(of_sentence) >= set(given) or (
                not sentences.is_aside(mark) and (set(of_line) >= set(given) or (mark.group() == "=" and not of_line))
            ):
                return answers
    return ()


def _answers_at(text: str, place: int) -> tuple[str, ...]:
    """The number behind a mark, and those that an or puts beside it; nothing where it is a term of an equation."""
    between = _BETWEEN.match(text, place)
    number = NUMBER.match(text, between.end() if between else place)
    values: list[str] = []
    while number:
        values.append(number_value(number.group()))
        if _GOES_ON.match(text, number.end()):
            return ()
        other = _OR.match(text, number.end())
        number = NUMBER.match(text, other.end()) if other else None
    return tuple(dict.fromkeys(values))


def _values(text: str) -> list[str]:
    return [number_value(number.group()) for number in NUMBER.finditer(text) if not denied(text, number.start())]
