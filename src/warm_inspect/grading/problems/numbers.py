"""Numbers in replies, in one spelling: digits with or without marks between thousands, or in words."""

import re

from warm_inspect.grading.matching import spelled
from warm_inspect.grading.problems.reading import said

NUMBER = re.compile(
    r"(?<![\w.,])[-−]?(?:\d{1,3}(?:[,'’\u00a0\u202f\u066c]\d{3})+|\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?: \d{3})+|\d+)"
    r"(?:\.\d+)?(?!\w|[.,]\d)"
)
"""A number, with or without marks between its thousands."""
_MARKS = re.compile(r"\{,\}|[*_`€£]")
COUNTED = r"(?:problems?|questions?|tasks?|puzzles?|steps?|reasons?|ways|times|hugs|smiles|kisses|wishes)\b"
"""What a number counts that is no answer: "that makes 12 problems today"."""
NUMBERED = r"\bstep \d+\b|\b(?:problem|task|question|part) \d{1,2}\b(?!\s*[-+=,.]\s?\d|\s*[-+=])(?: of \d+)?"
"""What a number numbers: "that was problem 7 of 20"."""
_NO_NUMBER = re.compile(
    r"(?<![\d.,])\d[\d.,]*\s?(?:%|percent\b|per cent\b)|#\s?1\b|\bnumber (?:1|one)\b|\b24/7\b|\b(\d+)/\1\b|"
    rf"(?<![\w.,])\d[\d.,]*\s{COUNTED}|{NUMBERED}",
    re.IGNORECASE,
)
"""Numbers of cheer and of counting: "100%", "you are number 1", "10/10", "step 2"."""
_ENUMERATED = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]+(?=[^\d\s])", re.MULTILINE)
_SPEECH = 12
"""Number words up to this one are words of speech: "in one step"."""


def prepared(reply: str) -> str:
    """The reply with what is a number in it, and without numbers that count nothing."""
    text = _NO_NUMBER.sub(" ", _MARKS.sub("", said(reply)))
    return _ENUMERATED.sub("", text) if len(_ENUMERATED.findall(text)) > 1 else text


def number_value(number: str) -> str:
    """A number in digits, without marks, leading zeros and decimals that are nothing."""
    whole, _, decimals = number.rpartition(".") if number.count(".") == 1 else (number, "", "")
    digits = re.sub(r"\D", "", whole).lstrip("0") or "0"
    decimals = decimals.rstrip("0")
    sign = "-" if whole[:1] in ("-", "−") else ""
    return f"{sign}{digits}{'.' if decimals else ''}{decimals}"


def in_words(reply: str) -> list[str]:
    """The numbers that a reply without digits says in words."""
    numbers = [word[1:] for word in spelled(said(reply)) if word.startswith("#")]
    return [number for number in numbers if abs(float(number)) > _SPEECH]
