"""JSON that users give, read by one rule: what a parser would guess about is an error that names the place.

Of two equal keys Python's parser keeps the last; it takes NaN, numbers of any length and halves of characters. Any of
these would become a wrong value or a crash far from the file.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warm_inspect.core.errors import PrerequisiteError

MAX_DEPTH = 100
"""Lists and objects within each other."""
MAX_DIGITS = 40
"""Digits of a whole number."""


class UnclearText(ValueError):
    """A text that can be parsed, but does not say one thing; the message says which."""


def read_bytes(path: Path, way_out: str, at_most: int | None = None) -> bytes:
    """The bytes of a user's file.

    Args:
        path: of the file.
        way_out: what the user can do.
        at_most: bytes that a file of this kind has; of a longer one no more are read.

    Raises:
        PrerequisiteError: the file cannot be read, or is longer.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read() if at_most is None else stream.read(at_most + 1)
    except OSError as error:
        raise PrerequisiteError(f"{path} cannot be read ({error.strerror})", way_out) from None
    if at_most is not None and len(data) > at_most:
        raise PrerequisiteError(f"{path} has more than {at_most:,} bytes, so it is not what it is called", way_out)
    return data


def read_text(path: Path, way_out: str, at_most: int | None = None) -> str:
    """The text of a user's file in UTF-8, without a byte order mark; see `read_bytes`.

    Raises:
        PrerequisiteError: the file cannot be read, is longer than `at_most`, or is no text in UTF-8.
    """
    try:
        return read_bytes(path, way_out, at_most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PrerequisiteError(
            f"{path.name} is not UTF-8 text (byte {error.start})", f"Save it as UTF-8. {way_out}".strip()
        ) from None


def parse_json(text: str, place: str, way_out: str = "") -> Any:  # noqa: ANN401 - any JSON value
    """The value of a JSON text.

    Args:
        text: the whole text, or one line of JSON Lines.
        place: file and, for a line, its number: what the error begins with.
        way_out: what the user can do.

    Raises:
        PrerequisiteError: the text is not JSON, or has a key twice, a number that is none or too long, half a
            character, or too many levels.
    """
    try:
        value = decoder().decode(text)
        for part in _parts(value):
            if isinstance(part, str):
                require_whole(part)
    except json.JSONDecodeError as error:
        column = f"column {error.colno}"
        where = column if error.lineno == 1 else f"line {error.lineno}, {column}"
        raise PrerequisiteError(f"{place}: not JSON ({error.msg}, {where})", way_out) from None
    except UnclearText as error:
        raise PrerequisiteError(f"{place}: {error}", way_out) from None
    except RecursionError:
        raise PrerequisiteError(f"{place}: {_TOO_DEEP}", way_out) from None
    return value


def read_json(path: Path, way_out: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a JSON file.

    Raises:
        PrerequisiteError: the file cannot be read, or `parse_json` refuses its text.
    """
    return parse_json(read_text(path, way_out), path.name, way_out)


def decoder(*, nan_is_null: bool = False) -> json.JSONDecoder:
    """A parser that raises `UnclearText` at a key that comes twice, NaN and infinities, and numbers that are too long.

    Args:
        nan_is_null: read NaN and infinities, which data frames write for missing values, as null.
    """
    return json.JSONDecoder(
        object_pairs_hook=_once,
        parse_constant=(lambda _: None) if nan_is_null else _no_number,
        parse_int=_whole_number,
        parse_float=_finite,
    )


def require_whole(text: str) -> str:
    """The text, if it is whole: JSON and YAML can spell one half of a character (a surrogate).

    Raises:
        UnclearText: it is not.
    """
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise UnclearText(f"{text[:40]!r} holds half a character (U+D800 to U+DFFF); write it whole")
    return text


_TOO_DEEP = f"lists and objects stand more than {MAX_DEPTH} deep in each other"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        raise UnclearText(f"the key {next(name for name in names if names.count(name) > 1)!r} comes twice; keep one")
    return value


def _no_number(text: str) -> None:
    raise UnclearText(f"{text} is no number in JSON; write a finite number, or null for a missing one")


def _whole_number(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise UnclearText(f"the number {text[:12]}... has {len(text)} digits; at most {MAX_DIGITS} are read")
    return int(text)


def _finite(text: str) -> float:
    value = float(text)
    if abs(value) == float("inf"):
        raise UnclearText(f"the number {text[:12]} is too large; write one below 1e308")
    return value


def _parts(value: object) -> Iterator[object]:
    """Every key and value in a JSON value.

    Raises:
        UnclearText: there are too many levels.
    """
    level, depth = [value], 0
    while level:
        yield from level
        within = [part for part in level if isinstance(part, dict | list)]
        depth += 1
        if within and depth > MAX_DEPTH:
            raise UnclearText(_TOO_DEEP)
        level = [each for part in within for each in ([*part, *part.values()] if isinstance(part, dict) else part)]
