"""Text into tokens: accents, contractions, initials and titles in one spelling.

Punctuation is no token, but the mark between two tokens is kept with the second: clauses end there.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from warm_inspect.grading.matching.cues import facts, listed

_TOKEN = re.compile(
    r"""
    (?P<initials>(?<![^\W_])(?:(?:[^\W\d_]\.){2,}|[A-Z]\.(?:[ ]?[A-Z]\.)+))
    |(?P<label>(?<![^\W_])(?:(?<![)\d])[-+])?\d+(?:\.\d+)?[^\W\d_][^\W_]*)
    |(?P<number>(?<![^\W_])(?:(?<![)\d])[-+])?(?:
        \d+(?:[/:]\d+)+
        |(?:\d{1,3}(?:[,\ ]\d{3})+(?!,?\d)|\d+)(?:\.\d+)*
        |\.\d+
    ))
    |(?P<word>[^\W_]+(?:'[^\W_]+)*(?:\+\+|\#)?)
    |(?P<end>[.!?]+|\n+)
    |(?P<mark>[,;:()\[\]\u2014\u2013]|--+|(?<=\s)-(?=\s))
    |(?P<hyphen>-)
    |(?P<sign>[%$\u20ac\u00a3&])
    """,
    re.VERBOSE,
)
_DECIMAL_COMMA = re.compile(r"(?<![\d,])(\d+),(\d{1,2})(?![\d,])")
_FOLLOWING = re.compile(r" ([^\W\d_]+)")
_LABEL = re.compile(r"([-+]?[\d.]+)(.*)")
_MARKS = {"\u2014": "-", "\u2013": "-", "[": "(", "]": ")"}
_SPELLINGS = str.maketrans({"\u2019": "'", "\u2018": "'", "\u2212": "-", "\u2010": "-", "\u2011": "-", "\u00a0": " "})


@dataclass(frozen=True, slots=True)
class Token:
    """One word or number of a text."""

    text: str
    """Its one spelling, in lower case."""
    before: str = ""
    """The mark between it and the token before: one of `. ! ?`, a line break, `, ; : ( ) -`; empty for a mere space."""
    capital: bool = False
    """Whether its first letter is a capital."""
    capitals: bool = False
    """Whether all of its letters are."""
    glued: bool = False
    """Whether a hyphen joins it to the token before."""

    @property
    def opens_sentence(self) -> bool:
        """Whether a sentence ends before it."""
        return self.before in (".", "!", "?", "\n")


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, in order; numbers as they are written. Linear in its length."""
    text = _plain(text)
    before, glued, shortened, named = "", False, False, True
    end = -1
    for part in _TOKEN.finditer(text):
        kind, written = str(part.lastgroup), part.group()
        if kind == "hyphen":
            glued = part.start() == end
            end = part.end()
        elif kind == "mark":
            before = before or _MARKS.get(written, written[0])
        elif kind == "end":
            if not (written == "." and shortened and _goes_on(text, part.end())):
                before = "?" if "?" in written else written[0]
        else:
            spelling = _spelling(kind, written)
            joined = glued and part.start() == end and not before
            yield Token(spelling[0], before, written[0].isupper(), written.isupper(), joined)
            yield from map(Token, spelling[1:])
            initial = len(written) == 1 and written.isupper() and written != "I"
            shortened = written.lower() in listed("words", "abbreviated") or (
                initial and _within_name(text, part, named)
            )
            named = written[0].isupper() or bool(before)
            before, glued, end = "", False, part.end()


def _plain(text: str) -> str:
    """The text without accents, with one kind of apostrophe, minus sign and decimal point."""
    letters = text.replace("\r", "\n")
    if not text.isascii():
        letters = unicodedata.normalize("NFKD", letters).translate(_SPELLINGS)
        letters = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return _DECIMAL_COMMA.sub(r"\1.\2", letters)


def _within_name(text: str, initial: re.Match[str], named: bool) -> bool:
    """Whether a capital letter is an initial: behind a capitalised word, or before a small one ("H. pylori")."""
    following = _FOLLOWING.match(text, initial.end() + 1)
    return named or (following is not None and following[1].islower())


def _goes_on(text: str, place: int) -> bool:
    """Whether a sentence goes on behind a shortened word: what follows does not look like the start of another."""
    following = _FOLLOWING.match(text, place)
    return following is not None and following[1].lower() not in listed("clauses", "openers")


def _spelling(kind: str, written: str) -> list[str]:
    if kind == "sign":
        return [facts("words")["signs"][written]]
    if kind == "initials":
        return [re.sub(r"[. ]", "", written).lower()]
    if (
        kind == "label"
        and (parts := _LABEL.fullmatch(written.lower()))
        and parts[2] in listed("numbers", "onto_numbers")
    ):
        return [parts[1], parts[2]]
    return [facts("words")["titles"].get(part, part) for part in _in_full(written.lower())]


def _in_full(word: str) -> list[str]:
    """A word with its contraction written out, a possessive without its ending."""
    known = facts("words")
    if word in known["whole"]:
        return str(known["whole"][word]).split()
    stem, apostrophe, ending = word.rpartition("'")
    if not apostrophe:
        return [word]
    if ending == "s":
        return [stem, "is"] if stem in known["is_behind"] else [stem.replace("'", "")]
    if word.endswith("n't"):
        return [*_in_full(word[:-3]), "not"]
    return [*_in_full(stem), known["endings"][ending]] if ending in known["endings"] else [word.replace("'", "")]
