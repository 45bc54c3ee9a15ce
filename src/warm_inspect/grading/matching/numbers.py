"""Numbers in one spelling: `#` and the value, with sign and decimals; an ordinal is the number and a stop.

"1,500", "1 500" and "one thousand five hundred" are `#1500`, "-40" and "minus forty" `#-40`, "21st" is `21.`; a unit
behind a number has one name; "2 August 1776" is put in the order of "August 2, 1776".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from warm_inspect.grading.matching.cues import facts, listed
from warm_inspect.grading.matching.tokens import Token

_DIGITS = re.compile(r"[-+]?(?:\d[\d, ]*(?:\.\d+)?|\.\d+)")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_DAYS = 31


def with_numbers(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with each number in its one spelling."""
    counted = _counted(tokens)
    return _dated(_measured(_signed(counted))) if any(is_number(token.text) for token in counted) else counted


def is_number(text: str) -> bool:
    """Whether a spelling is a number's."""
    return text.startswith("#")


def measure(unit: str) -> str:
    """What a unit measures (`time`, `length` ...); empty for other words."""
    return _units().get(unit, ("", ""))[0]


def unit_name(word: str) -> str:
    """The one name of a unit; other words as they are."""
    return _units().get(word, ("", word))[1]


def _counted(tokens: Sequence[Token]) -> list[Token]:
    counted: list[Token] = []
    i = 0
    while i < len(tokens):
        width, spelling = _number_at(tokens, i)
        counted.append(replace(tokens[i], text=spelling) if width else tokens[i])
        i += width or 1
    return counted


def _number_at(tokens: Sequence[Token], start: int) -> tuple[int, str]:
    """How many tokens from here on make one number, and its spelling; 0 when none do."""
    first = tokens[start].text
    if ordinal := _ordinal(first):
        return 1, f"{ordinal}."
    digits = _DIGITS.fullmatch(first) is not None
    if not digits and (first not in facts("numbers")["small"] or _is_pronoun(tokens, start)):
        return 0, ""
    reading = _Reading(Decimal(re.sub("[, ]", "", first)) if digits else None, spelled_out=not digits)
    i = start + digits
    while i < len(tokens) and (i == start or not tokens[i].before):
        if not (reading.takes(tokens[i].text) or _joins(tokens, i)):
            break
        i += 1
    last = _ordinal(tokens[i].text) if i < len(tokens) and not tokens[i].before else 0
    if reading.ends_in_tens and 0 < last < 10:
        return i + 1 - start, f"{_written(reading.number + last)}."
    return i - start, f"#{_written(reading.number)}"


def _ordinal(text: str) -> int:
    """The number of an ordinal, in figures or as a word; 0 for other words."""
    figures = _ORDINAL.fullmatch(text)
    return int(figures[1]) if figures else facts("numbers")["ordinals"].get(text, 0)


def _joins(tokens: Sequence[Token], i: int) -> bool:
    """Whether an "and" stands within a number: "two hundred and six"."""
    known = facts("numbers")
    behind = tokens[i + 1].text if i + 1 < len(tokens) else ""
    return tokens[i].text == "and" and tokens[i - 1].text in known["powers"] and behind in known["small"]


@dataclass
class _Reading:
    """A number that is read word by word."""

    below: Decimal | None
    """What is read behind the last thousand, million ...; None before the first word."""
    spelled_out: bool
    """Whether it began with a word; behind figures only hundred, thousand ... belong to the number."""
    above: Decimal = Decimal(0)
    """The thousands, millions ... before it."""

    @property
    def number(self) -> Decimal:
        """All that is read."""
        return self.above + (self.below or 0)

    @property
    def ends_in_tens(self) -> bool:
        """Whether an ordinal up to ninth may complete it: "twenty-first"."""
        below = self.below or Decimal(0)
        return self.spelled_out and below % 10 == 0 and below % 100 > 10

    def takes(self, text: str) -> bool:
        """Take in the next word; False where the number ends before it."""
        powers, small = facts("numbers")["powers"], facts("numbers")["small"]
        if text in powers and self.below is not None:
            if powers[text] == 100:
                if self.below >= 1000:
                    return False
                self.below *= 100
            else:
                self.above, self.below = self.above + self.below * powers[text], Decimal(0)
            return True
        joined = _joined(self.below, small[text]) if text in small and self.spelled_out else None
        if joined is None:
            return False
        self.below = joined
        return True


def _joined(value: Decimal | None, more: int) -> Decimal | None:
    """The value with another number word behind it; None where a new number starts."""
    if not value:
        return Decimal(more) if value is None or more else None
    if more < 10:
        return value + more if value % 10 == 0 and value % 100 != 10 else None
    if value % 100 == 0:
        return value + more
    return value * 100 + more if 10 <= value < 100 else None  # Years: nineteen forty-five.


def _written(value: Decimal) -> str:
    return f"{value.normalize():f}" if value else "0"


def _is_pronoun(tokens: Sequence[Token], i: int) -> bool:
    """Whether "one" stands for a thing and is no number: "no one", "one of them"."""
    if tokens[i].text != "one":
        return False
    before = tokens[i - 1].text if i and not tokens[i].before else ""
    behind = tokens[i + 1].text if i + 1 < len(tokens) and not tokens[i + 1].before else ""
    return before in listed("numbers", "pronoun_before") or behind in listed("numbers", "pronoun_behind")


def _signed(tokens: Sequence[Token]) -> list[Token]:
    """Numbers with the sign that is said: "minus forty", "forty degrees below zero"."""
    signed: list[Token] = []
    for token in tokens:
        said = signed[-1].text if signed and not token.before else ""
        if (
            is_number(token.text)
            and said in ("minus", "negative")
            and not (len(signed) > 1 and is_number(signed[-2].text))
        ):
            signed[-1] = replace(signed[-1], text=f"#-{token.text[1:]}")
        elif token.text == "#0" and said == "below" and (place := _last_number(signed)) is not None:
            signed[place] = replace(signed[place], text=f"#-{signed[place].text[1:].lstrip('-')}")
            signed.pop()
        else:
            signed.append(token)
    return signed


def _last_number(tokens: Sequence[Token]) -> int | None:
    """The place of a number that stands up to two words before "below zero"."""
    places = range(len(tokens) - 2, max(-1, len(tokens) - 5), -1)
    return next((place for place in places if is_number(tokens[place].text)), None)


def _measured(tokens: Sequence[Token]) -> list[Token]:
    """Units behind numbers by their one name; a sign of money stands behind its number."""
    measured: list[Token] = []
    for token in tokens:
        last = measured[-1].text if measured and not token.before else ""
        degrees = last in ("degree", "degrees") and len(measured) > 1 and is_number(measured[-2].text)
        if (
            is_number(token.text)
            and measure(last) == "money"
            and not (len(measured) > 1 and is_number(measured[-2].text))
        ):
            measured[-1:] = [replace(measured[-1], text=token.text), replace(token, text=last)]
        elif degrees and measure(token.text) == "temperature":
            measured[-1] = replace(measured[-1], text=unit_name(token.text))
        elif is_number(last) and (token.text in _units() or token.text == "per"):
            measured.append(replace(token, text=unit_name(token.text)))
        elif token.text == "cent" and last == "per":
            measured[-1] = replace(measured[-1], text="percent")
        else:
            measured.append(token)
    return measured


def _dated(tokens: Sequence[Token]) -> list[Token]:
    """Dates as month and day, whichever came first."""
    months = listed("numbers", "months")
    dated: list[Token] = []
    for i, token in enumerate(tokens):
        if dated and not token.before and (day := _day(token.text)) and dated[-1].text in months:
            dated.append(replace(token, text=day))
            continue
        of = len(dated) > 1 and dated[-1].text == "of"
        day = _day(dated[-1 - of].text) if len(dated) > of and not token.before else ""
        year = i + 1 < len(tokens) and is_number(tokens[i + 1].text)
        if token.text in months and day and year:
            place = len(dated) - 1 - of
            dated[place:] = [replace(dated[place], text=token.text), replace(token, text=day, before="")]
        else:
            dated.append(token)
    return dated


def _day(text: str) -> str:
    """The number of a day of the month, said as a number or an ordinal; empty for other words."""
    digits = text[1:] if is_number(text) else text[:-1] if text.endswith(".") else ""
    return f"#{digits}" if digits.isdecimal() and 1 <= int(digits) <= _DAYS else ""


@cache
def _units() -> dict[str, tuple[str, str]]:
    """What each spelling of a unit measures, and the unit's one name."""
    return {
        form: (kind, unit)
        for kind, units in facts("numbers")["measures"].items()
        for unit, forms in units.items()
        for form in forms
    }
