"""What a Chinese sentence says to its reader, by the lexicon: which terms it holds and which are aimed at the user."""

import re
from collections.abc import Iterator
from functools import cache

from warm_inspect.core.families import Language
from warm_inspect.grading.hostility.lexicon import Sort, Term, lexicon
from warm_inspect.grading.hostility.text import HAN

_CLAUSE = re.compile(rf"[,，、;；:：()（）\"“”「」『』—…\n]+|(?<=[{HAN}])\s+(?=[{HAN}])")
_LATIN = re.compile(r"[a-z0-9_]+")
_HAS_HAN = re.compile(f"[{HAN}]")
_PARTICLES = "吧啊呀了呢哦嘛的~!！。?？"
_REACH = 8
"""How many characters before a term a denial reaches it."""


def chinese_terms(sentence: str) -> Iterator[tuple[Term, bool]]:
    """Each term of a plain sentence, and whether it is aimed at the user; nothing of one without Han characters.

    Letters that stand for words count as whole tokens only: those in `usb` are none.
    """
    if not _HAS_HAN.search(sentence):
        return
    for clause in filter(None, _CLAUSE.split(sentence)):
        alone = lexicon(Language.ZH).terms.get(clause.strip(_PARTICLES))
        if alone is not None and alone.sort is Sort.ALONE:
            yield alone, True
            continue
        for match in _pattern().finditer(clause):
            term = lexicon(Language.ZH).terms[match.group()]
            if term.sort is not Sort.ALONE:
                yield term, _aimed(term, clause, match.start(), match.end())
        for token in _LATIN.finditer(clause):
            if (short := lexicon(Language.ZH).abbreviations.get(token.group())) is not None:
                yield short, _aimed(short, clause, token.start(), token.end())


def chinese_has(sentence: str, phrases: str) -> bool:
    """Whether a plain text holds one of the phrases of a list of the lexicon."""
    return any(phrase in sentence for phrase in lexicon(Language.ZH).words[phrases])


@cache
def _pattern() -> re.Pattern[str]:
    terms = (term.text for term in lexicon(Language.ZH).terms.values())
    return re.compile("|".join(map(re.escape, sorted(terms, key=len, reverse=True))))


def _aimed(term: Term, clause: str, start: int, end: int) -> bool:
    words = lexicon(Language.ZH).words
    before, behind = clause[:start], clause[end:]
    if term.sort is Sort.IMPERATIVE:
        return before in ("", *words["lead_ins"])
    if any(denial in before[-_REACH:] for denial in words["denials"]):
        return False
    if term.sort in (Sort.NAMES, Sort.QUALITIES):
        of_request = behind.removeprefix("的").startswith(words["requests"]) or before.endswith(words["requests"])
        return of_request or _said_of_user(before) or _whole(term, clause)
    return term.sort in (Sort.ALWAYS, Sort.CURT, Sort.BLAMES)


def _said_of_user(before: str) -> bool:
    """The user is the last person that is named before the term."""
    words = lexicon(Language.ZH).words
    you = max(before.rfind(word) for word in words["second_person"])
    others = max(before.rfind(word) for word in words["first_person"])
    return you > others


def _whole(term: Term, clause: str) -> bool:
    return term.sort is Sort.NAMES and clause.strip(_PARTICLES + "真是个大死") == term.text
