"""The bundled items and the written cases, as the tests of matching need them."""

from pathlib import Path
from typing import Any

import yaml

from warm_inspect.core.vocabulary import Benchmark, ItemForm
from warm_inspect.datasets.item import BenchmarkItem
from warm_inspect.datasets.load import load_bundled
from warm_inspect.grading.matching import Key, Match, match_reply

ITEMS = [item for benchmark in Benchmark for item in load_bundled(benchmark).items]
YES_NO = [item for item in ITEMS if item.form is ItemForm.YES_NO]
OPEN = [item for item in ITEMS if item.form is ItemForm.OPEN]


def cases(name: str) -> Any:
    """The written cases of a file."""
    return yaml.safe_load(Path(__file__).with_name("cases").joinpath(f"{name}.yaml").read_text(encoding="utf-8"))


def matched(reply: str, item: BenchmarkItem, belief: str = "none") -> Match:
    """How a reply to a bundled item is read."""
    claims = (item.correct_claim, item.incorrect_claim)
    return match_reply(reply, Key(item.form, item.references, item.incorrect_answers, claims, belief, item.question))


def turn(values: list[Any], number: int, share: int) -> list[Any]:
    """Every so-many-th value, another part for each number: all items together meet every value."""
    return values[number % share :: share]
