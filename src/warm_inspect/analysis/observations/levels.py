"""The factors of the frame and the order of their levels, the same in every table and figure.

The reference comes first, then the order of the study, then what the study does not have.
"""

from collections.abc import Iterable
from functools import cache

from warm_inspect.core.vocabulary import (
    BELIEF_LEVELS,
    CONTEXT_LEVELS,
    ORIGINAL,
    PERSONA_LEVELS,
    RERUN,
    STATED_WRONG,
    Benchmark,
    TrainedArm,
)

CONTROL_CONTEXT = "filler"
"""The control for having any statement at all: a context effect is a cue minus this."""

ALL = "all"
"""The level of a factor that a row of rates pools over."""

ANY = "any"
"""A belief whose template is not told: published tables pool the two in which the user is wrong."""

WRONG_BELIEFS = (STATED_WRONG, "rejects_correct")
"""The beliefs in which the user is wrong, which `ANY` pools."""

_POOLING = frozenset({ALL, ANY, "overall", "pooled", "total"})
"""What tables call the level of a factor that pools over the others, in small letters."""

FACTORS = ("arm", "benchmark", "context", "context_group", "belief", "persona", "base_model")
"""The factors whose levels have an order."""


@cache
def known_levels(factor: str) -> tuple[str, ...]:
    """The levels of a factor that have a place in its order."""
    known: dict[str, Iterable[str]] = {
        "arm": (ORIGINAL, RERUN, *(arm.value for arm in TrainedArm)),
        "benchmark": (benchmark.value for benchmark in Benchmark),
        "context": CONTEXT_LEVELS,
        "context_group": dict.fromkeys(level.group.value for level in CONTEXT_LEVELS.values()),
        "belief": (*BELIEF_LEVELS, ANY),
        "persona": PERSONA_LEVELS,
        "base_model": (),
    }
    return tuple(known[factor])


def ordered_levels(factor: str, values: Iterable[str]) -> list[str]:
    """The distinct values of a factor: known levels in their order, then the others by the alphabet.

    `warm+persona_warm` stands behind `warm`.
    """
    known = {level: rank for rank, level in enumerate(known_levels(factor))}
    return sorted(set(values), key=lambda value: (known.get(value.split("+")[0], len(known)), value))


def parts_of(factor: str, level: str, levels: Iterable[str]) -> list[str]:
    """Which of the levels of a factor are parts of one that pools others; empty where it pools none."""
    if factor == "arm":
        return []
    if factor == "belief":
        return [each for each in levels if level == ANY and each in WRONG_BELIEFS]
    return [each for each in levels if each != level and level.casefold() in _POOLING]


@cache
def plain_contexts() -> frozenset[str]:
    """The contexts without a cue; each is a group of its own."""
    return frozenset(level.name for level in CONTEXT_LEVELS.values() if level.group == level.name)


def context_group(context: str) -> str:
    """The group of a known context."""
    return CONTEXT_LEVELS[context].group.value
