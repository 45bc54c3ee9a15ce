"""MedQA without its options, in the words of the patient's relative.

Jin et al. 2020, arXiv 2009.13081; https://huggingface.co/datasets/GBaker/MedQA-USMLE-4-options (CC BY 4.0).
The study used the file with five options: the same questions and right answers.

A stem is put openly, without its option list, or excluded where it cannot be put so. Its wording is one for every
condition: only noun phrases are replaced, the patient's first mention ("A 67-year-old man" becomes "My 67-year-old
father") and later mentions ("the patient"). Stems without a patient's age or sex keep their wording.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import yaml

from warm_inspect.core.content import content_folder
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.vocabulary import Benchmark, ItemForm
from warm_inspect.datasets.hub.rows import REPEATED, Pin, Selection, column, fetch_lines, plain, question_id, text
from warm_inspect.datasets.item import BenchmarkItem, ItemSet

_NUMBERS = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
_AGE = rf"(?P<count>\d+|{_NUMBERS})(?:[- ]and[- ]a[- ]half)?[- ](?P<unit>year|month|week|day|hour)s?[- ]?old"
_ADJECTIVES = r"(?:(?!an?\b|the\b|her\b|his\b|their\b)[\w'-]+,? ){0,3}?"
"""Up to three words between the article and the age, none of which begins another noun phrase."""
_AGED = re.compile(rf"\b[Aa]n? (?P<before>{_ADJECTIVES})(?P<age>{_AGE})(?P<comma>,?)(?= |,)")
"""The beginning of "A previously healthy 34-year-old woman", as far as the age."""
_NEWBORN = re.compile(
    r"\b[Aa]n? (?P<before>(?:[\d,]+[ -]?g \([^)]*\) )?)(?:(?:fe)?male )?(?P<age>newborn|neonate)(?P<comma>)(?= )"
)
"""The same of patients without an age: "A 3,000-g (6.6-lb) male newborn"."""
_WORD = re.compile(r" (?P<word>[\w'’/+-]+)(?P<comma>,?)")
SENTENCE_END = re.compile(r"(?<=[.?!])[\"”]?\s+(?=[\"“A-Z])|\n")
"""The gap between two sentences, of which the second begins with a capital letter; or the end of a line."""
_MAX_WORDS = 7
"""The longest noun phrase that is read as naming the patient."""

_LISTED = re.compile(r"\b(?P<w>[Ww])hich of the following\b(?P<words>(?: [\w'’/-]+){0,8})")
"""A question about options, of which an open question lists none, with up to eight words behind it."""

MEDQA = "GBaker/MedQA-USMLE-4-options"
MEDQA_REVISION = "0fb93dd23a7339b6dcd27e241cb9b5eca62d4d18"

NO_CLAIM = "has no usable wrong option"

_FILE = "phrases_no_exclude_test.jsonl"
"""The split `test`."""


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
    """The stem with the patient as the speaker's relative; unchanged when it does not give the patient's age or sex."""
    opening = SENTENCE_END.split(stem, maxsplit=1)[0]
    newborn, aged = _NEWBORN.search(opening), _AGED.search(opening)
    patient = newborn or aged
    if not patient:
        return stem
    words, end = _noun_phrase(stem, patient.end(), only_naming=patient is newborn)
    if re.match(r"\.\d", stem[end:]):
        return stem
    years = _years(patient) if patient is aged else 0
    sex = _sex(stem[patient.start() : patient.end()].split() + words, stem[end:])
    if not sex:
        return stem
    relation = _relation(years, sex, stem)
    kept = [word for word in words if word.strip(",").lower() not in _naming_words()]
    start = "My" if patient.group()[0] == "A" else "my"
    age = "newborn" if patient is newborn else re.sub(r"[- ]+", "-", re.sub(r"(?<=[a-z])old$", "-old", patient["age"]))
    phrase = " ".join([start, *patient["before"].split(), age + (patient["comma"] if kept else ""), *kept, relation])
    closing = "," if words and words[-1].endswith(",") else ""
    return stem[: patient.start()] + phrase + closing + _later_mentions(stem[end:], relation, years, sex)


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


def _years(age: re.Match[str]) -> int:
    if age["unit"] != "year":
        return 0
    count = age["count"]
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

    def mention(match: re.Match[str]) -> str:
        return ("My " if match["article"][0] == "T" else "my ") + relation + ("'s" if match["bare"] else "")

    pattern = rf"\b(?P<article>[Tt]he|[Tt]his) (?:{'|'.join(nouns)})\b(?! population| care\b)(?P<bare>(?= condition))?"
    text = re.sub(pattern, mention, text)
    return re.sub(r"\byour (?=(?:primary care )?(?:office|clinic|practice)\b)", "the ", text)


def tidy(stem: str) -> str:
    """The stem (or option) without stray quotes and spaces, its question closed by a question mark."""
    text = re.sub(r" {2,}", " ", stem.strip())
    if text.endswith(('"', "”")) and len(re.findall('["“”]', text)) % 2:
        text = text[:-1].rstrip()
    if text.endswith(":") and _LISTED.search(_last_sentence(text)):
        text = text[:-1] + "?"
    return text


def exclusion_reason(stem: str) -> str:
    """The stated rule by which a tidy stem is excluded; empty when none applies."""
    places = {"stem": stem, "question": _last_sentence(stem)}
    for rule in wording()["exclusions"]:
        if any(re.search(pattern, places[rule["where"]]) for pattern in rule["patterns"]):
            return str(rule["reason"])
    return ""


def open_question(stem: str) -> str:
    """The stem without its reference to a list: "Which of the following is" becomes "What is"."""
    return _LISTED.sub(_without_list, stem)


def _last_sentence(stem: str) -> str:
    return SENTENCE_END.split(stem)[-1]


def _without_list(match: re.Match[str]) -> str:
    """`Which` with the noun in the number that its verb asks for, or `what` when no noun follows."""
    rules = wording()
    words = match["words"].split()
    for place, word in enumerate(words):
        if word in rules["list_nouns"]:
            return " ".join([f"{match['w']}hat", *words[place + 1 :]])
        if word in rules["no_noun"] or word.endswith("ly") or "'" in word or "’" in word:
            break
        if word.endswith("s") and not word.endswith(("ss", "us", "is")):
            several = next((w in ("are", "were", "have") for w in words[place + 1 :] if w in rules["no_noun"]), False)
            noun = word if several else _singular(word)
            return " ".join([f"{match['w']}hich", *words[:place], noun, *words[place + 1 :]])
    return " ".join([f"{match['w']}hat", *words])


def _singular(noun: str) -> str:
    irregular: dict[str, str] = wording()["singular"]
    if noun in irregular:
        return irregular[noun]
    for plural, singular in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if noun.endswith(plural):
            return noun.removesuffix(plural) + singular
    return noun


def load_medqa() -> ItemSet[BenchmarkItem]:
    """The items of the USMLE test split."""
    return map_medqa(fetch_lines(Pin(MEDQA, MEDQA_REVISION), _FILE))


def map_medqa(rows: Sequence[Mapping[str, Any]]) -> ItemSet[BenchmarkItem]:
    """The item set from the split's rows.

    Raises:
        PrerequisiteError: a column is missing or does not hold text.
    """
    selection = Selection[BenchmarkItem]()
    for row in rows:
        stem = text(row, "question", MEDQA)
        answer = tidy(text(row, "answer", MEDQA))
        options = [tidy(text(row, f"options.{key}", MEDQA)) for key in sorted(column(row, "options", MEDQA))]
        wrong = [option for option in options if plain(option) != plain(answer) and _is_claim(option)]
        name = question_id(Benchmark.MEDQA, stem, [answer], options)
        tidied = tidy(stem)
        reason = REPEATED if selection.repeats(plain(tidied)) else exclusion_reason(tidied)
        if not reason and not (wrong and _is_claim(answer)):
            reason = NO_CLAIM
        if reason:
            selection.exclude(name, reason)
        else:
            selection.items.append(_item(name, tidied, answer, _voiced(stem, wrong), text(row, "meta_info", MEDQA)))
    return selection.item_set(Benchmark.MEDQA, MEDQA_REVISION)


def _item(name: str, stem: str, answer: str, wrong: str, exam: str) -> BenchmarkItem:
    return BenchmarkItem(
        question_id=name,
        question=open_question(relative_voice(stem)),
        form=ItemForm.OPEN,
        references=(answer,),
        incorrect_answers=(wrong,),
        correct_claim=answer.removesuffix("."),
        incorrect_claim=wrong.removesuffix("."),
        category="step1" if exam == "step1" else "step2&3",
        cluster_id=name,
    )


def _voiced(stem: str, wrong: Sequence[str]) -> str:
    """The option that false beliefs name: chosen by the hash of the question alone, the same for every seed."""
    return wrong[int(sha256_text(stem), 16) % len(wrong)]


def _is_claim(option: str) -> bool:
    return bool(option) and not re.search(wording()["about_options"], option)
