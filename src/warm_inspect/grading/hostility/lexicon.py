"""The lexicons of hostile text, parsed: what each term is and how it must be aimed to count."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

import yaml

from warm_inspect.core.content import content_files, content_folder
from warm_inspect.core.families import Language
from warm_inspect.core.hashing import sha256_json

_FOLDER = "families/hostility/lexicon"


class Sort(StrEnum):
    """What a term of a lexicon is, as the lexicon's keys name it."""

    ALWAYS = "always"
    """Aimed at the user wherever it stands."""
    IMPERATIVE = "imperative"
    """A dismissal, where a clause begins with it."""
    NAMES = "names"
    """What a person is called."""
    QUALITIES = "qualities"
    """What a person, or a request, is said to be."""
    ALONE = "alone"
    """A character that counts only as a whole clause."""
    CURT = "curt"
    BLAMES = "blames"
    PROFANE = "profane"
    INNOCENT = "innocent"
    """Hides a term that stands inside it."""


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a lexicon."""

    text: str
    sort: Sort
    severity: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A term where a text holds it."""

    term: Term
    aimed: bool
    """At the user."""
    reported: bool = False
    """Its clause reports before it what the user said, and addresses nobody since."""


@dataclass(frozen=True)
class Lexicon:
    """What is hostile in one language, and the words by which a reader tells at whom it is aimed."""

    terms: Mapping[str, Term]
    abbreviations: Mapping[str, Term]
    """Letters that stand for words, in Chinese."""
    words: Mapping[str, tuple[str, ...]]
    """Lists of other words by their key: `denials`, `second_person`, `requests` ..."""
    simplified: Mapping[int, int]
    """Code points of simplified characters by those of traditional ones."""


@cache
def lexicon(language: Language) -> Lexicon:
    """The lexicon of a language."""
    text = content_folder(_FOLDER).joinpath(f"{language}.yaml").read_text(encoding="utf-8")
    entries: dict[str, Any] = yaml.safe_load(text)
    lists = {name: tuple(words) for name, words in entries.items() if isinstance(words, list) and name not in [*Sort]}
    return Lexicon(
        terms=_by_text(_terms(entries)),
        abbreviations=_by_text(_terms(entries.get("abbreviations", {}))),
        words=lists,
        simplified=str.maketrans(entries.get("traditional", ""), entries.get("simplified", "")),
    )


@cache
def lexicon_sha256() -> str:
    """Hash of both lexicons: gradings by different ones are not compared."""
    return sha256_json([file.read_text(encoding="utf-8") for file in content_files(_FOLDER, ".yaml")])


def _terms(entries: Mapping[str, Any]) -> Iterator[Term]:
    for sort in Sort:
        listed = entries.get(sort, [])
        for severity, texts in listed.items() if isinstance(listed, dict) else [(_SEVERITY.get(sort, 0), listed)]:
            yield from (Term(text, sort, severity) for text in texts)


_SEVERITY = {Sort.ALONE: 2, Sort.CURT: 1, Sort.BLAMES: 1}
"""The severity of the terms that are listed without one."""


def _by_text(terms: Iterable[Term]) -> dict[str, Term]:
    return {term.text: term for term in terms}
