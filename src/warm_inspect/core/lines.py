"""JSON lines of one kind: each line is read as a typed value, and an error names the line and the field."""

from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.json_text import parse_json, read_text

T = TypeVar("T", bound=BaseModel)


def read_lines(path: Path, kind: type[T], way_out: str) -> list[T]:
    """The values of the non-blank lines of a file.

    Args:
        path: the file, in UTF-8.
        kind: the type of each line.
        way_out: the command that makes such a file.

    Raises:
        PrerequisiteError: the file cannot be read, or a line is not a value of this kind.
    """
    return parse_lines(path.name, read_text(path, f"{way_out}."), kind, way_out)


def parse_lines(name: str, text: str, kind: type[T], way_out: str) -> list[T]:
    """The values of the non-blank lines of a text; errors call it by `name`.

    Raises:
        PrerequisiteError: a line is not a value of this kind.
    """
    # Only a line feed ends a line: JSON may hold other separators as they are.
    return [_parsed(name, i, line, kind, way_out) for i, line in enumerate(text.split("\n"), 1) if line.strip()]


def as_lines(values: Iterable[BaseModel]) -> str:
    """The values as JSON Lines text, one value a line."""
    return "".join(f"{value.model_dump_json()}\n" for value in values)


def _parsed(name: str, number: int, line: str, kind: type[T], way_out: str) -> T:
    parse_json(line, f"{name}, line {number}", f"{way_out}.")
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise PrerequisiteError(
            f"{name}, line {number}{f', {place}' if place else ''}: {first['msg']}", f"{way_out}."
        ) from None
