"""Hostile values, and where in JSON they can stand."""

import copy
import os
import random
from typing import Any

TIMES = int(os.environ.get("WARM_INSPECT_ATTACKS", "1"))
"""How many times the number of attacks of the suite are made."""
FEW = 2
"""Kills of a command in the suite itself."""
KILLS = int(os.environ.get("WARM_INSPECT_KILLS", str(FEW)))
"""How often a command that writes is killed."""


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


HOSTILE: tuple[Any, ...] = (
    None, True, -1, 10**400, 2**63, 1e308, float("nan"), float("inf"), "", "x" * 70_000, "\ud800", "\x00", "\x1b[31m",
    "../../../x", "=cmd", [], {}, [[]], {"": {}}, {"a" * 300: 1}, "2025-13-45", nested(150),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value inside, the outer ones first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


def with_hostile(value: Any, dice: random.Random) -> Any:
    """The JSON value with one of its values replaced or lost."""
    value = copy.deepcopy(value)
    *outer, last = dice.choice(places(value)[1:])
    holder = value
    for key in outer:
        holder = holder[key]
    if dice.random() < 0.15:
        del holder[last]
    else:
        holder[last] = dice.choice(HOSTILE)
    return value
