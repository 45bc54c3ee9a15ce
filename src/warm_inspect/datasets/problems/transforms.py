"""Short texts that are asked for in another form; difficulty is how many words they have and how much changes."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import yaml

from warm_inspect.conditions import TRANSFORM_TASKS
from warm_inspect.core.content import content_folder
from warm_inspect.core.families import Design, Domain, Transform
from warm_inspect.datasets.problems.problem import EASIEST_ITEMS, EASIEST_LEVELS, Problem

MOST_TRANSFORMS = 25
"""Texts of a level, at most."""
_LEVELS = 8
_OF_LEVEL = MOST_TRANSFORMS + EASIEST_ITEMS
"""Texts in each of the equal levels, of all designs together."""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Text:
    """A text, what it is to become, and the task that says so."""

    kind: Transform
    task: str
    before: str
    after: str


def transforms(design: Design, items: int, seed: int) -> Iterator[Problem]:
    """The texts of a design, the lowest level first; there is none of fixed length."""
    if design is Design.FIXED_LENGTH:
        return
    first, count = (MOST_TRANSFORMS, EASIEST_ITEMS) if design is Design.EASIEST else (0, items)
    levels = texts_by_level(seed)
    for level, texts in enumerate(levels[:EASIEST_LEVELS] if design is Design.EASIEST else levels):
        for place, text in enumerate(texts[first : first + count], first):
            name = f"transforms-{design}-{level}-{place:03}"
            yield Problem(
                question_id=name,
                question=text.before,
                category=text.kind,
                cluster_id=name,
                domain=Domain.TRANSFORMS,
                design=design,
                difficulty=level,
                stated={"task": text.task, "text": text.before},
                targets=(text.after,),
            )


@cache
def texts_by_level(seed: int) -> tuple[tuple[Text, ...], ...]:
    """All texts of a seed in eight equal levels, those of a level in a seeded order.

    A level is an eighth of the ranks of `difficulties`; equal ones stand in the order in which they were made.
    """
    texts = [text for kind in Transform for text in _texts(kind, _OF_LEVEL * _LEVELS // len(Transform), seed)]
    ranked = sorted(range(len(texts)), key=list(difficulties(texts)).__getitem__)
    levels = []
    for level in range(_LEVELS):
        of_level = [texts[place] for place in ranked[level * _OF_LEVEL : (level + 1) * _OF_LEVEL]]
        Random(f"{seed}:transforms:{level}").shuffle(of_level)
        levels.append(tuple(of_level))
    return tuple(levels)


def difficulties(texts: Sequence[Text]) -> list[float]:
    """Of each text the mean of two percentile ranks among all: of its words before and after, and of what changes."""
    words = [len(_WORD.findall(text.before)) + len(_WORD.findall(text.after)) for text in texts]
    changes = [levenshtein(text.before, text.after) for text in texts]
    return [(a + b) / 2 for a, b in zip(_percentile_ranks(words), _percentile_ranks(changes), strict=True)]


def levenshtein(a: str, b: str) -> int:
    """The least number of characters that are inserted, deleted or replaced to make one text of another."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (x != y))
    return row[-1]


def _percentile_ranks(values: Sequence[int]) -> list[float]:
    """The share of values below each, equal ones half."""
    ordered = sorted(values)
    below = {value: place for place, value in reversed(list(enumerate(ordered)))}
    equal = {value: ordered.count(value) for value in below}
    return [(below[value] + equal[value] / 2) / len(values) for value in values]


def _texts(kind: Transform, count: int, seed: int) -> list[Text]:
    """So many different texts of a kind."""
    rng = Random(f"{seed}:transforms:{kind}")
    texts: dict[tuple[str, str], Text] = {}
    while len(texts) < count:
        before, after, drawn = _MADE[kind](rng)
        task = TRANSFORM_TASKS[kind].format(**drawn)
        texts.setdefault((task, before), Text(kind, task, before, after))
    return list(texts.values())


_Made = tuple[str, str, dict[str, str]]
"""A text before and after, and what is drawn for its task."""


def _date(rng: Random) -> tuple[int, int, int]:
    return rng.randint(1950, 2049), rng.randint(1, 12), rng.randint(1, 28)


def _date_order(rng: Random) -> _Made:
    year, month, day = _date(rng)
    return f"{year}-{month:02}-{day:02}", f"{day:02}/{month:02}/{year}", {}


def _date_words(rng: Random) -> _Made:
    year, month, day = _date(rng)
    return f"{year}-{month:02}-{day:02}", f"{day} {_listed('months')[month - 1]} {year}", {}


def _initials(rng: Random) -> _Made:
    first, last = rng.sample(_listed("first_names"), rng.randint(1, 4)), rng.choice(_listed("last_names"))
    return f"{last}, {' '.join(first)}", " ".join(f"{name[0]}." for name in (*first, last)), {}


def _conversion(rng: Random) -> _Made:
    given, asked, factor = rng.choice(_facts()["units"])
    amount = Decimal(rng.randint(11, 999)).scaleb(-rng.randint(0, 2))
    return f"{amount} {given}", f"{(amount * factor).normalize():f} {asked}", {"unit": asked}


def _column(rng: Random) -> _Made:
    entries = rng.sample([*_listed("words"), *_listed("first_names")], rng.randint(3, 8))
    place = rng.randint(1, min(len(entries), len(_listed("places"))) - 1)
    return ",".join(entries), entries[place], {"place": _listed("places")[place - 1]}


def _sorting(rng: Random) -> _Made:
    count = rng.randint(3, 7)
    while True:
        words = rng.sample(_listed("words"), count)
        if words != sorted(words):
            return ", ".join(words), ", ".join(sorted(words)), {}


def _identifier(rng: Random) -> _Made:
    words = rng.sample(_listed("phrase_words"), rng.randint(2, 6))
    style = rng.choice(list(_facts()["styles"]))
    joined = {
        "snake": "_".join(words),
        "kebab": "-".join(words),
        "upper": "_".join(words).upper(),
        "camel": words[0] + "".join(word.capitalize() for word in words[1:]),
    }
    return " ".join(words), joined[style], {"style": _facts()["styles"][style]}


def _domain(rng: Random) -> _Made:
    person = f"{rng.choice(_listed('first_names'))}.{rng.choice(_listed('last_names'))}".lower()
    hosts = [*rng.sample(_listed("hosts"), rng.randint(0, 2)), rng.choice(_listed("names"))]
    domain = ".".join([*hosts, rng.choice(_listed("endings"))])
    return f"{person}@{domain}", domain, {}


_MADE: dict[Transform, Callable[[Random], _Made]] = {
    Transform.DATE_ORDER: _date_order,
    Transform.DATE_WORDS: _date_words,
    Transform.INITIALS: _initials,
    Transform.CONVERSION: _conversion,
    Transform.COLUMN: _column,
    Transform.SORTING: _sorting,
    Transform.IDENTIFIER: _identifier,
    Transform.DOMAIN: _domain,
}


@cache
def _facts() -> dict[str, Any]:
    text = content_folder("families/reliability").joinpath("transforms.yaml").read_text(encoding="utf-8")
    facts: dict[str, Any] = yaml.safe_load(text)
    return facts


@cache
def _listed(name: str) -> list[str]:
    words: str = _facts()[name]
    return words.split()
