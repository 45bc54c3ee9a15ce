"""Which word a reply to an anagram gives as its answer, by rules; pure functions of the reply."""

import re
from collections import Counter

from warm_inspect.grading.problems.reading import AnswerKind, ReadAnswer, no_answers, read_answer, said

_MARKS = re.compile(
    r"\b(?:answer|result|solution|word|anagram|answer key)\b[^.\n=?!]{0,60}?(?:\b(?:is|would be|will be|was)\b|:)"
    r"|\b(?:unscrambles? to|unscrambled(?: to| into| is)?|rearranged? to(?: form| make| spell)?|spells?)\b",
    re.IGNORECASE,
)
_MARKED = re.compile(
    r"[^\W\d_]{2,}(?=[\"”`*]|['’](?!\w)|\s*(?:[.,;!?:()\n—–]|$|or\b|which\b|because\b|since\b|as\b|with\b|by\b))"
)
_SPELT = re.compile(r"\b[^\W\d_](?:(?:[ -]|, )[^\W\d_]\b){2,}")
"""A word letter by letter."""
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{2,}(?![^\W_])")
_QUOTES = '"“”‘’`*'


def read_anagram(reply: str, letters: str) -> ReadAnswer:
    """The word that a reply gives as the solution, by the first rule that reads one.

    Unmarked, a word is a solution where it has exactly these letters, or is set in quotation marks or bold type.
    """
    letters = letters.casefold()
    text = _SPELT.sub(lambda word: re.sub(r"[ ,-]", "", word.group()), said(reply))
    kind = AnswerKind(
        named=lambda part: (word for word in _WORD.finditer(part) if _is_named(word, part, letters)),
        marked=_MARKED,
        whole=_WORD,
        marks=_MARKS,
        value=_value,
        fits=lambda value: _is_near(value, letters),
    )
    return read_answer(text, kind, {letters}, (letters,))


def _is_named(word: re.Match[str], text: str, letters: str) -> bool:
    around = text[max(0, word.start() - 1) : word.start()], text[word.end() : word.end() + 1]
    return sorted(word.group().casefold()) == sorted(letters) or all(sign and sign in _QUOTES for sign in around)


def _is_near(word: str, letters: str) -> bool:
    """Whether more than two thirds of a word and of the letters are the same."""
    shared = (Counter(word) & Counter(letters)).total()
    return 3 * shared > 2 * max(len(word), len(letters))


def _value(word: str) -> str:
    word = word.strip(_QUOTES).casefold()
    return "" if word in no_answers() else word
