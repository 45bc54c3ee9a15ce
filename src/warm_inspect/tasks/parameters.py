"""The task parameters: `-T` gives them unchecked and untyped, this is where both happens.

Source of the sampling defaults: study, Methods (temperature 0.8, 300 tokens, one sample per prompt).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from warm_inspect.conditions.condition import DEFAULT_BELIEFS, DEFAULT_CONTEXTS
from warm_inspect.conditions.words import PERSONAS
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.vocabulary import NONE, Grading, Source

E = TypeVar("E", bound=StrEnum)

CONTROL_NAMES = ("persona", "source", "items", "grading", "seed")
NAMES = ("contexts", "beliefs", "persona", "source", "items", "grading", "seed")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskParameters:
    """The checked parameters that all four tasks share."""

    contexts: str | Sequence[str] = DEFAULT_CONTEXTS
    beliefs: str | Sequence[str] = DEFAULT_BELIEFS
    persona: str = NONE
    source: Source = Source.HUB
    items: int | None = None
    grading: Grading = Grading.MODEL
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlParameters:
    """The checked parameters of a control task, which has no contexts and no beliefs."""

    persona: str
    source: Source
    items: int | None
    grading: Grading
    seed: int


def check_parameters(
    contexts: object,
    beliefs: object,
    persona: object,
    source: object,
    items: object,
    grading: object,
    seed: object,
    unknown: Mapping[str, object],
) -> TaskParameters:
    """The parameters as typed values.

    Raises:
        PrerequisiteError: an unknown name or value; names the legal ones.
    """
    _refuse_unknown(unknown, NAMES)
    return TaskParameters(
        contexts=_names("contexts", contexts),
        beliefs=_names("beliefs", beliefs),
        persona=_persona(persona),
        source=_choice("source", source, Source),
        items=None if items is None else _whole("items", items, least=1),
        grading=_choice("grading", grading, Grading),
        seed=_whole("seed", seed, least=0),
    )


def check_control_parameters(
    persona: object,
    items: object,
    seed: object,
    unknown: Mapping[str, object],
    *,
    source: object = Source.BUNDLED,
    grading: object = Grading.MATCH,
    names: Sequence[str] = CONTROL_NAMES,
) -> ControlParameters:
    """The parameters of a control task as typed values.

    Raises:
        PrerequisiteError: an unknown name or value; names the legal ones.
    """
    _refuse_unknown(unknown, names)
    return ControlParameters(
        persona=PERSONAS[_persona(persona)].name,
        source=_choice("source", source, Source),
        items=None if items is None else _whole("items", items, least=1),
        grading=_choice("grading", grading, Grading),
        seed=_whole("seed", seed, least=0),
    )


def _refuse_unknown(unknown: Mapping[str, object], known: Sequence[str]) -> None:
    for name in unknown:
        raise unknown_value("task parameter", name, known, "Inspect's own settings are flags, not -T parameters.")


def _names(name: str, value: object) -> str | list[str]:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple) and all(isinstance(part, str) for part in value):
        return list(value)
    raise PrerequisiteError(f"{name}={value!r} is not a name or a list of names: give -T {name}=none,emotion_sad")


def _persona(value: object) -> str:
    return NONE if value is None else str(value)


def _choice(name: str, value: object, choices: type[E]) -> E:
    if value in list(choices):
        return choices(str(value))
    raise unknown_value(name, value, [choice.value for choice in choices])


def _whole(name: str, value: object, least: int) -> int:
    # bool is an int to Python, and YAML reads `yes` as one.
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise PrerequisiteError(f"{name}={value!r} is not a whole number of at least {least}.")
    return value
