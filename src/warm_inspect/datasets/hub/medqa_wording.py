"""A MedQA stem in the words of the patient's relative: one grammatical wording for every condition.

Only noun phrases are replaced: the patient's first mention ("A 67-year-old man" becomes "My 67-year-old father"), and
later mentions ("the patient"). Stems without a patient's age or sex keep their wording.
"""

import re
from functools import cache
from typing import Any

import yaml

from warm_inspect.core.documents import content_folder

_NUMBERS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_AGE = rf"(?P<count>\d+|{_NUMBERS})(?:[- ]and[- ]a[- ]half)?[- ](?P<unit>year|month|week|day|hour)s?[- ]?old"
_ADJECTIVES = r"(?:(?!an?\b|the\b|her\b|his\b|their\b)[\w'-]+,? ){0,3}?"
_AGED = re.compile(rf"\b[Aa]n? (?P<before>{_ADJECTIVES})(?P<age>{_AGE})(?P<comma>,?)(?= |,)")
_NEWBORN = re.compile(
    r"\b[Aa]n? (?P<before>(?:[\d,]+[ -]?g \([^)]*\) )?)(?:(?:fe)?male )?(?P<age>newborn|neonate)(?P<comma>)(?= )"
)
_WORD = re.compile(r" (?P<word>[\w'’/+-]+)(?P<comma>,?)")
SENTENCE_END = re.compile(r"(?<=[.?!])[\"”]?\s+(?=[\"“A-Z])|\n")
_MAX_WORDS = 7
"""The longest noun phrase that is read as naming the patient."""


@cache
def wording() -> dict[str, Any]:
    """The words and rules of the rewording."""
    rules: dict[str, Any] = yaml.safe_load(
        content_folder("wordings").joinpath("medqa.yaml").read_text(encoding="utf-8")
    )
    for name in ("ends", "no_noun"):
        rules[name] = {word.strip() for line in rules[name] for word in line.split(",")}
    return rules


def relative_voice(stem: str) -> str:
    """The stem with the patient as the speaker's relative; unchanged when it does not tell the patient's age or sex."""
    opening = SENTENCE_END.split(stem, maxsplit=1)[0]
    newborn, aged = _NEWBORN.search(opening), _AGED.search(opening)
    found = newborn or aged
    if not found:
        return stem
    words, end = _noun_phrase(stem, found.end(), only_naming=found is newborn)
    if re.match(r"\.\d", stem[end:]):
        return stem
    years = _years(found) if found is aged else 0
    sex = _sex(stem[found.start() : found.end()].split() + words, stem[end:])
    if not sex:
        return stem
    relation = _relation(years, sex, stem)
    kept = [word for word in words if word.strip(",").lower() not in _naming_words()]
    start = "My" if found.group()[0] == "A" else "my"
    age = "newborn" if found is newborn else re.sub(r"[- ]+", "-", re.sub(r"(?<=[a-z])old$", "-old", found["age"]))
    phrase = " ".join([start, *found["before"].split(), age + (found["comma"] if kept else ""), *kept, relation])
    closing = "," if words and words[-1].endswith(",") else ""
    return stem[: found.start()] + phrase + closing + _later_mentions(stem[end:], relation, years, sex)


def _noun_phrase(text: str, start: int, only_naming: bool) -> tuple[list[str], int]:
    """The words that name the patient behind the age, with their commas, and where they end."""
    rules, end = wording(), start
    words: list[str] = []
    while len(words) < _MAX_WORDS and (match := _WORD.match(text, end)):
        word = match["word"].lower()
        adverb = word.endswith("ly") and not _names_soon(text[match.end() :])
        if only_naming and word not in _naming_words():
            break
        if adverb or (word in rules["ends"] and not _joins_adjectives(word, text[match.end() :])):
            break
        words.append(match["word"] + match["comma"])
        end = match.end()
        if word in rules["male"] + rules["female"] and word not in ("male", "female"):
            break
    return words, end


def _names_soon(rest: str) -> bool:
    return bool(re.match(rf" [\w-]+ (?:{'|'.join(_naming_words())})\b", rest))


def _joins_adjectives(word: str, rest: str) -> bool:
    return word == "and" and _names_soon(rest)


@cache
def _naming_words() -> frozenset[str]:
    rules = wording()
    return frozenset([*rules["male"], *rules["female"], *rules["generic"]])


def _sex(words: list[str], rest: str) -> str:
    """The patient's sex by the noun, else by the first pronoun behind it; empty when neither tells."""
    spoken = {word.strip(",").lower() for word in words}
    for sex in ("female", "male"):
        if spoken & set(wording()[sex]):
            return sex
    pronoun = re.search(r"\b(?:(he|his|him)|(she|hers?))\b", rest, re.IGNORECASE)
    if not pronoun:
        return ""
    return "male" if pronoun.group(1) else "female"


def _years(found: re.Match[str]) -> int:
    if found["unit"] != "year":
        return 0
    count = found["count"]
    return int(count) if count.isdigit() else _NUMBERS.split("|").index(count) + 1


def _relation(years: int, sex: str, stem: str) -> str:
    rules = wording()
    for row in rules["exceptions"]:
        if row["from"] <= years < row["below"] and re.search(row["when"], stem):
            return str(row[sex])
    return str(next(row[sex] for row in rules["relations"] if years < row["below"]))


def _later_mentions(text: str, relation: str, years: int, sex: str) -> str:
    nouns = ["patient", *(noun for noun in wording()[sex] if noun != sex)]
    if years < 18:
        nouns += ["child", "infant", "newborn", "neonate", "baby"]

    def mention(found: re.Match[str]) -> str:
        return ("My " if found["article"][0] == "T" else "my ") + relation + ("'s" if found["bare"] else "")

    pattern = rf"\b(?P<article>[Tt]he|[Tt]his) (?:{'|'.join(nouns)})\b(?! population| care\b)(?P<bare>(?= condition))?"
    text = re.sub(pattern, mention, text)
    return re.sub(r"\byour (?=(?:primary care )?(?:office|clinic|practice)\b)", "the ", text)
