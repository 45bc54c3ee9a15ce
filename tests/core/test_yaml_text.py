"""YAML that users give: what YAML 1.1 guesses about is a text or an error, never another value."""

from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.hanging import ends_within
from warm_inspect.core.yaml_text import parse_yaml, read_yaml

BOMB = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", ("line 4", "'c'", "keep one")),
        ("a: 1\n'a': 2\n", ("line 2", "'a'")),
        (BOMB, ("line 1", "'a0'", "write the value out")),
        ("a: *b\n", ("line 1", "'b'")),
        ("a: !!python/object/apply:os.system [ls]\n", ("line 1", "python/object")),
        ("a: !!int 7\n", ("line 1", "tag")),
        ("a: .nan\n", ("line 1", ".nan", "finite")),
        ("a: 1\nb: -.inf\n", ("line 2", "-.inf")),
        ("a: 1e999\n", ("1e999",)),
        (f"a: {'9' * 5000}\n", ("5000", "40")),
        ('a: "\\ud83d"\n', ("line 1", "half a character")),
        ("? [a, b]\n: 1\n", ("line 1", "a name")),
        ("[" * 200_000, ("100 deep",)),
        ("a: [1\n", ("line 2", "not YAML")),
        ("a: 1\n---\nb: 2\n", ("not YAML", "line 2")),
        ("a: \x00\n", ("not YAML",)),
    ],
)
def test_what_is_unclear_is_refused_with_its_line(text: str, parts: tuple[str, ...]) -> None:
    with ends_within(60), refused("mine.yaml", "Do this.", *parts):
        parse_yaml(text, "mine.yaml", "Do this.")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *((word, word) for word in ("yes", "no", "on", "off", "y")),
        *((word, word) for word in ("1:30", "010", "0x10", "1_0", "2025-01-31", "<<", "=")),
        *((word, True) for word in ("true", "True")),
        *((word, False) for word in ("false", "FALSE")),
        *((word, None) for word in ("", "~", "null")),
        ("7", 7), ("-7", -7), ("+7", 7), ("0", 0),
        ("1.5", 1.5), ("1e-4", 1e-4), ("-.5", -0.5), ("1.", 1.0), ("2E3", 2000.0),
        ("'true'", "true"), ("[1, two]", [1, "two"]),
        ("no: 1\n2: {y: 3}", {"no": 1, "2": {"y": 3}}),
    ],
)  # fmt: skip
def test_a_value_is_what_stands_there(text: str, value: Any) -> None:
    read = parse_yaml(text, "here")
    assert (read, type(read)) == (value, type(value))


def test_a_file_that_cannot_be_read_says_the_way_out(tmp_path: Path) -> None:
    with refused("nowhere.yaml", "Do this."):
        read_yaml(tmp_path / "nowhere.yaml", "Do this.")
