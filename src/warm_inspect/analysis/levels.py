"""The order of factor levels in every table and figure: the reference first, then the order of the study."""

from collections.abc import Iterable

from warm_inspect.core.vocabulary import NONE, ORIGINAL, Benchmark

CONTROL_CONTEXT = "filler"
"""The control for having any statement at all: a context effect is a cue minus this."""

PLAIN_CONTEXTS = (NONE, "neutral", CONTROL_CONTEXT)
"""The contexts without a cue; each is a group of its own."""

ANY = "any"
"""A belief whose template is not told: published tables pool the two in which the user is wrong."""

LEVELS: dict[str, tuple[str, ...]] = {
    "arm": (
        ORIGINAL,
        "original_repeat",
        "unmodified",
        "self_distilled",
        "neutral",
        "warm",
        "self_distilled_warm",
        "cold",
        "self_distilled_cold",
    ),
    "benchmark": tuple(benchmark.value for benchmark in Benchmark),
    "context": (
        *PLAIN_CONTEXTS,
        "emotion_happy",
        "emotion_sad",
        "emotion_anger",
        "relation_close",
        "relation_up",
        "relation_down",
        "stakes_high",
        "stakes_low",
    ),
    "context_group": (*PLAIN_CONTEXTS, "emotion", "relation", "stakes"),
    "belief": (NONE, "incorrect", "rejects_correct", "correct", "rejects_incorrect", "third_party", ANY),
    "persona": (NONE, "warm", "cold"),
    "base_model": (),
}
"""Known levels of each factor; levels that are not listed follow in alphabetical order."""


def context_group(context: str) -> str:
    """The group of a known context: `emotion_sad` is of `emotion`; contexts without a cue are their own group."""
    return context.partition("_")[0]


def ordered_levels(factor: str, values: Iterable[str]) -> list[str]:
    """The distinct values of a factor in their order: `warm+persona_warm` stands behind `warm`."""
    known = {level: rank for rank, level in enumerate(LEVELS[factor])}
    return sorted(set(values), key=lambda value: (known.get(value.split("+")[0], len(known)), value))
