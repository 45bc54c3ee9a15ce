"""What an English sentence says to its reader, by the lexicon: which terms it holds and which are aimed at the user."""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from warm_inspect.core.families import Language
from warm_inspect.grading.hostility.lexicon import Sort, Term, lexicon

_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
_CLAUSE = re.compile(r"[,;:()\u2013\u2014\"“”]+|\s-+\s")
_REACH = 7
"""How many words before a term a denial reaches it."""
_PAINT = re.compile(r"[*_~`]+")


def english_terms(sentence: str) -> Iterator[tuple[Term, bool]]:
    """Each term of a plain sentence, and whether it is aimed at the user."""
    for clause in _CLAUSE.split(_PAINT.sub("", sentence)):
        words = _WORD.findall(clause)
        place = 0
        while place < len(words):
            term, length = _longest(words, place)
            if term is not None:
                yield term, _aimed(term, words, place, place + length)
            place += length


def english_has(sentence: str, phrases: str) -> bool:
    """Whether a plain text holds one of the phrases of a list of the lexicon."""
    text = f" {' '.join(_WORD.findall(sentence))} "
    return any(f" {phrase} " in text for phrase in lexicon(Language.EN).words[phrases])


def english_apology(text: str) -> bool:
    """Whether a plain text apologises; to be sorry for what befell the user is no apology."""
    said = " ".join(_WORD.findall(text))
    for phrase in lexicon(Language.EN).words["sympathy"]:
        said = said.replace(phrase, "")
    return english_has(said, "apologies")


def _longest(words: Sequence[str], place: int) -> tuple[Term | None, int]:
    for term in _by_first_word().get(words[place], ()):
        length = len(term.text.split())
        if list(words[place : place + length]) == term.text.split():
            return term, length
    return None, 1


@cache
def _by_first_word() -> dict[str, list[Term]]:
    """The terms by their first word, the longest first."""
    by_word: dict[str, list[Term]] = {}
    for term in lexicon(Language.EN).terms.values():
        by_word.setdefault(term.text.split()[0], []).append(term)
    return {word: sorted(terms, key=lambda term: -len(term.text.split())) for word, terms in by_word.items()}


def _aimed(term: Term, words: Sequence[str], start: int, end: int) -> bool:
    lists = lexicon(Language.EN).words
    before = words[:start]
    if term.sort is Sort.IMPERATIVE:
        return all(word in lists["lead_ins"] for word in before)
    if set(before[-_REACH:]) & set(lists["denials"]):
        return False
    if term.sort in (Sort.NAMES, Sort.QUALITIES):
        return _said_of_user(words, start) or _of_request(words, start, end) or _vocative(term, words, start, end)
    return term.sort in (Sort.ALWAYS, Sort.CURT, Sort.BLAMES)


def _said_of_user(words: Sequence[str], start: int) -> bool:
    """`you are so TERM`, `you TERM`, `your TERM`, `your code is TERM`: only words between that say nothing else."""
    lists = lexicon(Language.EN).words
    place = start - 1
    while place >= 0 and words[place] in lists["fillers"]:
        place -= 1
    if place < 0:
        return False
    if words[place] in lists["second_person"]:
        return True
    copula = {"is", "are", "was", "were"} & set(words[place + 1 : start])
    return bool(copula) and "your" in words[max(0, place - 2) : place]


def _of_request(words: Sequence[str], start: int, end: int) -> bool:
    """`a stupid question`, `this request is stupid`."""
    lists = lexicon(Language.EN).words
    owners = set(words[max(0, start - 4) : start]) & set(lists["first_person"])
    if owners:
        return False
    if set(words[end : end + 1]) & set(lists["requests"]):
        return True
    place = start - 1
    while place >= 0 and words[place] in lists["fillers"]:
        place -= 1
    return 0 <= place < start - 1 and words[place] in lists["requests"] and "my" not in words[:place]


def _vocative(term: Term, words: Sequence[str], start: int, end: int) -> bool:
    """The clause is the term and nothing else: `What an idiot.`, `Listen, fool`."""
    if term.sort is not Sort.NAMES:
        return False
    fillers = set(lexicon(Language.EN).words["fillers"])
    rest = [*words[:start], *words[end:]]
    return all(word in fillers or word in lexicon(Language.EN).terms for word in rest) and "i" not in rest
