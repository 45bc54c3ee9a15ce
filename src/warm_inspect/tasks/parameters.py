"""The task parameters: `-T` gives them unchecked and untyped, this is where both happens."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal, TypeVar, cast, get_args

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, ValidationError
from pydantic_core import ErrorDetails

from warm_inspect.conditions.words import PERSONAS
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.vocabulary import NONE, Grading, Source


def _persona(value: object) -> str:
    return PERSONAS[NONE if value is None else str(value)].name


class TaskParameters(BaseModel):
    """The parameters that every task has. A field's description says what its value must be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    persona: Annotated[str, PlainValidator(_persona)]
    items: int | None = Field(strict=True, ge=1, description="a whole number of at least 1")
    seed: int = Field(strict=True, ge=0, description="a whole number of at least 0")


class GradedParameters(TaskParameters):
    """Those of a task whose items have several sources and whose replies can be graded in several ways."""

    source: Source
    grading: Literal[Grading.MODEL, Grading.MATCH]


class BenchmarkParameters(TaskParameters):
    """Those of a benchmark, whose items are crossed with conditions."""

    source: Source
    grading: Grading
    contexts: str | list[str] = Field(description="a name or a list of names: give -T contexts=none,emotion_sad")
    beliefs: str | list[str] = Field(description="a name or a list of names: give -T beliefs=none,incorrect")


P = TypeVar("P", bound=TaskParameters)


def check_parameters(kind: type[P], /, **given: object) -> P:
    """The parameters as typed values.

    Args:
        kind: which parameters the task has.
        given: the values as Inspect passes them on, of known and unknown names.

    Raises:
        PrerequisiteError: an unknown name or value; names the legal ones.
    """
    for name in given:
        if name not in kind.model_fields:
            hint = "Inspect's own settings are flags, not -T parameters."
            raise unknown_value("task parameter", name, kind.model_fields, hint)
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        raise _explained(kind, error.errors()[0], given) from None


def _explained(kind: type[TaskParameters], error: ErrorDetails, given: dict[str, object]) -> PrerequisiteError:
    name = str(error["loc"][0])
    field, value = kind.model_fields[name], given[name]
    if error["type"] in ("enum", "literal_error"):
        legal: Iterable[str] = get_args(field.annotation) or cast(type[StrEnum], field.annotation)
        return unknown_value(name, value, legal)
    return PrerequisiteError(f"{name}={value!r} is not {field.description}.")
