"""Which number a reply to a word problem states as its answer, by rules; pure functions of the reply.

The last number of a reply is not it: a closing about anything may hold one. The rules, in their order: what the reply
calls its answer; a part of it that is a number and nothing else; the last number that counts what is asked or that is
said to be it, and that the question does not give; one at the beginning of a part; one of another thing; the only one
there is. A number in a remark about the user or the speaker is none, nor is one that is denied or compared with, and
different numbers without a statement, or with an "or" between them, give no answer. Number words are numbers.
"""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from itertools import pairwise

import yaml

from warm_inspect.core.content import content_folder
from warm_inspect.grading.matching import readable, spelled
from warm_inspect.grading.remarks import Part, behind_correction, parts_of
from warm_inspect.grading.thoughts import without_thoughts

_NUMBER = re.compile(
    r"(?<![\w.,/:#])[-−]?(?:\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+|\d+)(?:\.\d+)?(?!\d|[.,/:]\d|(?:st|nd|rd|th|x)\b|\w*\d)"
)
"""A number, with or without marks between its thousands; no fraction, time, ordinal or part of a label."""
_FORMATTING = re.compile(
    r"\\(?:boxed|text|mathbf|textbf)\s*\{([^{}]*)\}|\\[()\[\],!;]|\\(?=[%$])|[$_`€£]|\*{2,}|(?<![^\s(])\*(?=\S)|(?<=\S)\*(?!\w)"
)
_PARENTHESIS = re.compile(r"\([^()]*\)")
_CALLED = re.compile(
    r"\\boxed\s*(?=\{)|#{4}|\b(?:answer|result|total)\b[^.\n=?!\d]{0,40}?(?:\bis\b|\bwould be\b|\bwill be\b|[:=])",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?](?:\s|$)|\n")
_TERM = re.compile(r"\s*(?:[^\W\d_]+[\s/]*){0,2}(?:[-+*/x×÷−]|plus\b|minus\b|times\b)\s*\d", re.IGNORECASE)
_NOT = re.compile(r"\bnot\b\D{0,20}$", re.IGNORECASE)
_DENIED = re.compile(
    r"(?:\bnot|n['’]t|\brather than|\binstead of)\s+(?:(?:a|the|be|is|as|about|equal|to|by|just under)\s+){0,2}$",
    re.IGNORECASE,
)
_THAN = re.compile(r"\bthan(?:\s+(?:the|those|these|just))?\s*$", re.IGNORECASE)
_MORE = re.compile(r"\s*(?:[^\W\d_]+\s+)?(?:more|less|fewer|older|younger|longer|greater|bigger) than\b", re.IGNORECASE)
"""What compares a number with another one."""
_OR = re.compile(r"\s*,?\s*or\b(?:\s+[^\W\d_]+){0,2}\s*", re.IGNORECASE)
_GIVES = re.compile(
    r"(?:=|\b(?:it|that|this|there|which|he|she)['’]s"
    r"|\b(?:is|are|makes?|gives?|equals?|has|have|gets?|needs?|pays?|costs?|leaves?|left with|to|be))"
    r"(?:\s+(?:about|exactly|only|just|now|still|equal|to))*\s*$",
    re.IGNORECASE,
)
"""What stands directly before the number that a part states."""
_CONCLUDES = re.compile(r"(?:\b(?:so|thus|therefore|hence|then)|:)\s*$", re.IGNORECASE)
"""The same where the number stands for itself."""
_NEAR = 60
"""Characters on either side of a number that are read with it."""
_NOUNS = re.compile(r"\s*((?:[^\W\d_]+[-' ]?\s*){0,3})")
_ASKED = re.compile(r"\bhow (?:many|much) ([^\W\d_]+)|\bhow old\b", re.IGNORECASE)
_NO_UNITS = frozenset(
    "in on at of per left now then because since so and or but are is was were for from to together altogether total "
    "remain remaining more each after as by which that when with if all she he they it the".split()
)
"""Words behind a number that are not what it counts."""


def stated_number(reply: str, question: str = "") -> str:
    """The number that a reply states as its answer, in digits; empty where it states none, or several.

    Args:
        reply: of the model; thoughts in it are left out.
        question: what was asked: a number of what it asks for is an answer, one that it gives rarely.
    """
    said = _in_digits(readable(without_thoughts(reply) or ""))
    question = _in_digits(question)
    corrected = behind_correction(said)
    texts = (corrected, _PARENTHESIS.sub(" ", said), said)
    return next((answer for text in texts if (answer := _read(text, question)) is not None), "")


def _read(text: str, question: str) -> str | None:
    """What a text states: empty where it states several numbers, None where it states nothing."""
    if called := _called(text):
        return called[0] if len(called) == 1 else ""
    parts = [part for part in parts_of(_plain(text)) if _NUMBER.search(part.text)]
    if alone := [part.text.strip(" .!:\"'") for part in parts if _NUMBER.fullmatch(part.text.strip(" .!:\"'"))]:
        return _value(alone[-1])
    percent = re.search("%|percent", question) is not None
    given = frozenset(_value(number) for number in _NUMBER.findall(question))
    numbers = [number for part in parts for number in _stated(part, _asked(question), percent)]
    for statement in sorted({number.statement for number in numbers}):
        stated = [number for number in numbers if number.statement == statement]
        if computed := [number for number in stated if number.value not in given]:
            return "" if computed[-1].alternative else computed[-1].value
    matter = (part.text for part in parts if not part.remark)
    named = {
        _value(number.group()) for text in matter for number in _NUMBER.finditer(text) if not _beside(text, number)
    }
    only = named - given or {number.value for number in numbers} or named
    return only.pop() if len(only) == 1 else None


def _called(text: str) -> tuple[str, ...]:
    """What a text calls its answer, the last time it does; several where an "or" joins them."""
    for mark in reversed(list(_CALLED.finditer(text))):
        behind = _plain(text[mark.end() :]).lstrip()
        if answers := _answers(_SENTENCE_END.split(behind, maxsplit=1)[0]):
            return answers
    return ()


def _answers(sentence: str) -> tuple[str, ...]:
    """The numbers with which a sentence gives the answer: behind its equation and behind what it denies."""
    numbers = list(_NUMBER.finditer(sentence))
    while numbers and _NOT.search(sentence[max(0, numbers[0].start() - _NEAR) : numbers[0].start()]):
        numbers.pop(0)
    if numbers and _TERM.match(sentence, numbers[0].end()):
        equals = sentence.rfind("=")
        numbers = [number for number in numbers if equals != -1 and number.start() > equals]
    joined = numbers[:1]
    for before, number in pairwise(numbers):
        if not _OR.fullmatch(sentence[before.end() : number.start()]):
            break
        joined.append(number)
    return tuple(dict.fromkeys(_value(number.group()) for number in joined))


class _Statement(IntEnum):
    """How a part states a number, the most certain first."""

    SAID = 0
    """It counts what is asked, or stands for itself behind what states it."""
    FIRST = 1
    """It stands for itself at the beginning."""
    OTHER = 2
    """It stands behind what states it, and counts another thing."""
    BARE = 3


@dataclass(frozen=True, slots=True)
class _Number:
    """A number that a part states about the matter."""

    value: str
    statement: _Statement
    alternative: bool
    """Whether an "or" puts another number beside it."""


def _stated(part: Part, asked: Set[str], percent: bool) -> Iterator[_Number]:
    """The numbers that a part states about the matter, in their order.

    Args:
        part: of the reply.
        asked: stems of what the question asks the number of.
        percent: whether the question is about percent.
    """
    numbers = [number for number in _NUMBER.finditer(part.text) if not _beside(part.text, number)]
    joined = {
        each.start()
        for pair in pairwise(numbers)
        if _OR.fullmatch(part.text[pair[0].end() : pair[1].start()])
        and _value(pair[0].group()) != _value(pair[1].group())
        for each in pair
    }
    for number in numbers:
        before, behind = (
            part.text[max(0, number.start() - _NEAR) : number.start()],
            part.text[number.end() : number.end() + _NEAR],
        )
        if behind.startswith("%") and not percent:
            continue
        nouns = _NOUNS.match(behind)
        counted = nouns[1].lower().split() if nouns else []
        counts = not asked.isdisjoint(map(_stem, counted))
        gives = _GIVES.search(before) is not None
        alone = not counted or (not part.remark and counted[0] in _NO_UNITS)
        if (gives and (counts or alone)) or (
            not part.remark and (counts or (alone and _CONCLUDES.search(before) is not None))
        ):
            statement = _Statement.SAID
        elif part.remark or not (gives or alone):
            continue
        elif not alone:
            statement = _Statement.OTHER
        else:
            statement = _Statement.BARE if before.strip() else _Statement.FIRST
        yield _Number(_value(number.group()), statement, number.start() in joined)


def _beside(text: str, number: re.Match[str]) -> bool:
    """Whether a number is denied, or only compared with."""
    before, behind = text[max(0, number.start() - _NEAR) : number.start()], text[number.end() : number.end() + _NEAR]
    return any(place.search(before) for place in (_DENIED, _THAN)) or _MORE.match(behind) is not None


def _asked(question: str) -> Set[str]:
    """The stems of what a question asks the number of."""
    return frozenset(_stem(many.lower() or "years") for many in _ASKED.findall(question))


def _stem(word: str) -> str:
    return word.removesuffix("s").removesuffix("re").removesuffix("er")


def _value(number: str) -> str:
    whole, _, decimals = number.partition(".")
    digits = re.sub(r"\D", "", whole).lstrip("0") or "0"
    decimals = decimals.rstrip("0")
    return "".join(("-" if whole[0] in "-−" else "", digits, f".{decimals}" if decimals else ""))


def _plain(text: str) -> str:
    """The text without the marks of formulas, emphasis and currency."""
    return _FORMATTING.sub(lambda mark: mark[1] or "", text)


def _in_digits(text: str) -> str:
    """The text with its number words in digits; a "one" by itself is mostly a pronoun and stays."""

    def digits(words: re.Match[str]) -> str:
        numbers = spelled(words.group())
        return words.group() if len(numbers) != 1 or numbers == ("#1",) else numbers[0].removeprefix("#")

    return _number_words().sub(digits, text)


@cache
def _number_words() -> re.Pattern[str]:
    numbers = yaml.safe_load(content_folder("graders/matching").joinpath("numbers.yaml").read_text(encoding="utf-8"))
    small, powers = "|".join(numbers["small"]), "|".join(numbers["powers"])
    return re.compile(rf"\b(?:{small})(?:(?:[-\s]+|(?<=hundred)\s+and\s+)(?:{small}|{powers}))*\b(?!-)", re.IGNORECASE)
