"""What a reply gives as a text in another form, by rules; pure functions of the reply."""

import re
from collections.abc import Callable, Sequence

from warm_inspect.core.families import Transform
from warm_inspect.grading.problems.numbers import COUNTED, NUMBER, NUMBERED, number_value
from warm_inspect.grading.problems.reading import AROUND, AnswerKind, ReadAnswer, no_answers, read_answer, said

_MARKS = re.compile(
    r"\b(?:answer|result|solution|output|date|initials|amount|entry|value|order|words|phrase|domain|after|name|sum|total)\b"
    r"[^.\n=?!]{0,60}?(?:\bis\b|\bare\b|\bwould be\b|\bwill be\b|\bbecomes\b|:)"
    r"|\bis equal to\b",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"\*\*|`")
_ESCAPED = re.compile(r"\\(?=[_&%#])")
_MONTHS = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_DIGIT_DATE = r"\d{1,4}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{1,4}(?![\w])"
_PATTERNS = {
    Transform.DATE_ORDER: rf"(?<![\w/.-]){_DIGIT_DATE}",
    Transform.DATE_WORDS: (
        rf"(?<![\w/.-])(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTHS},?\s+\d{{4}}"
        rf"|{_MONTHS}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|{_DIGIT_DATE})"
    ),
    Transform.INITIALS: r"(?<![\w.])[A-Z](?:\.\s?-?|\s|-)?(?:[A-Z](?:\.\s?-?|\s|-)?){0,4}[A-Z]\.?(?![\w])",
    Transform.CONVERSION: NUMBER.pattern.replace(
        r"(?!\w|[.,]\d)", rf"(?!\d|[.,]\d|\s*(?:%|percent\b|{COUNTED})|\s*[x×*·]\s?\d)"
    ),
    Transform.IDENTIFIER: r"(?<![\w-])(?:[A-Za-z]+(?:[_-][A-Za-z]+)+|[A-Za-z][a-z]*(?:[A-Z][a-z]*)+)(?![\w-])",
    Transform.DOMAIN: r"(?<![\w.@-])@?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?![\w@-])",
}
_OF_UNITS = re.compile(
    rf"\b(?:1|one|an?|each)\s+[a-z]+\s*(?:=|is equal to|equals|is|has|contains)\s*(?:{NUMBER.pattern})(?:\s+[a-z]+)?",
    re.IGNORECASE,
)
"""What a unit is worth, which is said on the way: "1 kilogram = 1000 grams"."""
_NUMBERED = re.compile(NUMBERED, re.IGNORECASE)
_BETWEEN_WORDS = r"(?:\s*[,;/]\s*(?:and\s+)?|\s+and\s+|[ \t]+)"
_LIST_LINE = re.compile(r"(?<=\w),?[ \t]*\n[ \t]*(?:(?:[-*•]|\d+[.)])[ \t]*|(?=\w+[,.]?(?:\n|$)))")
"""Where the next word of a list begins on a line of its own."""


def read_transform(reply: str, kind: Transform, given: Sequence[str]) -> ReadAnswer:
    """The text that a reply gives as transformed, by the first rule that reads one.

    A repetition of the text itself is no answer.

    Args:
        reply: of the model.
        kind: how the text is to be transformed.
        given: what is to be done, and the text.
    """
    text = given[-1]
    plain = _ESCAPED.sub("", _EMPHASIS.sub("", said(reply))).replace(text, " ")
    if kind is Transform.CONVERSION:
        plain = _NUMBERED.sub(" ", _OF_UNITS.sub(" ", plain))
    if kind is Transform.SORTING:
        plain = _LIST_LINE.sub(", ", plain)
    pattern = _PATTERNS.get(kind) or _pattern_of(kind, text)
    flags = re.IGNORECASE if kind in (Transform.DATE_WORDS, Transform.COLUMN, Transform.SORTING) else 0
    named = re.compile(pattern, flags)
    value = _VALUES[kind]
    # In the end one word behind a mark is an answer to what a column holds, whether it stands in the line or not.
    marked = re.compile(rf"{pattern}|[^\W\d_]{{2,}}(?=[\"”’]?(?:[.,;!\n]|$))", flags) if kind is _COLUMN else named
    answers = AnswerKind(
        named=named.finditer,
        marked=marked,
        whole=named,
        marks=_MARKS,
        value=value,
        fits=lambda answer: named.fullmatch(answer) is not None if kind is _COLUMN else True,
    )
    return read_answer(plain, answers, {value(text)}, given)


def transform_value(kind: Transform, text: str) -> str:
    """A transformed text in the spelling by which answers are compared."""
    return _VALUES[kind](text)


_COLUMN = Transform.COLUMN


def _pattern_of(kind: Transform, text: str) -> str:
    """One of the entries of a line, or several of the words of a list."""
    words = "|".join(sorted(map(re.escape, re.findall(r"\w+", text)), key=len, reverse=True))
    one = rf"(?<!\w)(?:{words})(?!\w)"
    return one if kind is _COLUMN else rf"{one}(?:{_BETWEEN_WORDS}{one})+"


def _date(text: str) -> str:
    """A date in digits, in its order: without the zeros before them."""
    return "/".join(str(int(part)) for part in re.findall(r"\d+", text))


def _date_in_words(text: str) -> str:
    """A date in its order, the months by their first letters."""
    parts = re.findall(r"\d+|[a-z]+", text.lower())
    parts = [part for part in parts if part not in ("st", "nd", "rd", "th", "of")]
    return " ".join(str(int(part)) if part.isdecimal() else part[:3] for part in parts)


def _word(text: str) -> str:
    word = text.strip(AROUND).casefold()
    return "" if word in no_answers() else word


_VALUES: dict[Transform, Callable[[str], str]] = {
    Transform.DATE_ORDER: _date,
    Transform.DATE_WORDS: _date_in_words,
    Transform.INITIALS: lambda text: "".join(re.findall(r"[A-Z]", text)),
    Transform.CONVERSION: lambda text: number_value(number.group()) if (number := NUMBER.search(text)) else "",
    Transform.COLUMN: _word,
    Transform.SORTING: lambda text: ",".join(
        word for word in re.findall(r"[^\W\d_]+", text.casefold()) if word != "and"
    ),
    Transform.IDENTIFIER: lambda text: text.strip(AROUND),
    Transform.DOMAIN: lambda text: text.strip("@.").casefold(),
}
