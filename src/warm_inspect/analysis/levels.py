"""The order of factor levels in every table and figure: the reference first, then the order of the study."""

from collections.abc import Iterable
from functools import cache

from warm_inspect.core.factors import BELIEF_LEVELS, CONTEXT_LEVELS, PERSONA_LEVELS
from warm_inspect.core.vocabulary import ORIGINAL, Benchmark

CONTROL_CONTEXT = "filler"
"""The control for having any statement at all: a context effect is a cue minus this."""

ANY = "any"
"""A belief whose template is not told: published tables pool the two in which the user is wrong."""

FACTORS = ("arm", "benchmark", "context", "context_group", "belief", "persona", "base_model")
"""The factors whose levels have an order."""

_ARMS = (
    ORIGINAL,
    "original_repeat",
    "unmodified",
    "self_distilled",
    "neutral",
    "warm",
    "self_distilled_warm",
    "cold",
    "self_distilled_cold",
)


@cache
def known_levels(factor: str) -> tuple[str, ...]:
    """The levels of a factor that have a place in its order."""
    known: dict[str, Iterable[str]] = {
        "arm": _ARMS,
        "benchmark": (benchmark.value for benchmark in Benchmark),
        "context": CONTEXT_LEVELS,
        "context_group": dict.fromkeys(level.group for level in CONTEXT_LEVELS.values()),
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


@cache
def plain_contexts() -> frozenset[str]:
    """The contexts without a cue; each is a group of its own."""
    return frozenset(level.name for level in CONTEXT_LEVELS.values() if level.group == level.name)


def context_group(context: str) -> str:
    """The group of a known context."""
    return CONTEXT_LEVELS[context].group
