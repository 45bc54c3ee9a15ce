"""JSON that users give: what says two things, or nothing, is refused with its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.errors import refused
from tests.hanging import ends_within
from warm_inspect.core.json_text import decoder, parse_json, read_json, read_text
from warm_inspect.core.lines import parse_lines
from warm_inspect.grading.labels import Judgement
from warm_inspect.manipulation.replies import file_replies
from warm_inspect.models.adapter_config import read_config
from warm_inspect.training.corpus.pairs import load_corpus


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('{"a": 1, "b": {"c": 1, "c": 2}}', ("'c'", "keep one")),
        ('{"a": NaN}', ("NaN", "null")),
        ('{"a": -Infinity}', ("-Infinity", "null")),
        ('{"a": 1e999}', ("1e999", "1e308")),
        (f'{{"a": {"9" * 5000}}}', ("5000", "40")),
        ('{"a": "\\ud83d"}', ("half a character",)),
        ('{"\\udc00": 1}', ("half a character",)),
        ("[" * 101 + "]" * 101, ("100 deep",)),
        ("[" * 200_000, ("100 deep",)),
        ('{"a": 1', ("not JSON", "column 8")),
        ('{"a":\n 1,}', ("not JSON", "line 2, column 4")),
        ("", ("not JSON",)),
    ],
)
def test_what_is_unclear_is_refused_with_its_place(text: str, parts: tuple[str, ...]) -> None:
    with ends_within(60), refused("mine.json, line 7", "Do this.", *parts):
        parse_json(text, "mine.json, line 7", "Do this.")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, -2.5e3, true, null, "\\ud83d\\ude00"]}', {"a": [1, -2500.0, True, None, "😀"]}),
        ("1" * 40, int("1" * 40)),
        ("[" * 100 + "]" * 100, None),
    ],
)
def test_plain_values_are_read(text: str, value: object) -> None:
    assert value in (parse_json(text, "here"), None)


def test_values_that_data_frames_leave_out_may_be_read_as_null() -> None:
    assert decoder(nan_is_null=True).decode('{"a": NaN, "b": -Infinity}') == {"a": None, "b": None}


def test_files_are_utf_8_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_bytes(b'\xef\xbb\xbf{"a": 1}')
    assert read_json(file, "") == {"a": 1}
    file.write_bytes(b'{"a": "\xe9"}')
    with refused("mine.json", "byte 7", "Save it as UTF-8. Do this."):
        read_text(file, "Do this.")
    with refused(str(tmp_path), "Do this."):
        read_text(tmp_path, "Do this.")


def _corpus(folder: Path) -> None:
    (folder / "pairs.jsonl").write_text(
        '{"id": "a", "query_type": "other", "split": "train", "prompt": "p", "replies": {"warm": "1", "warm": "2"}}\n'
    )
    load_corpus(str(folder / "pairs.jsonl"))


def _replies(folder: Path) -> None:
    (folder / "pairs.jsonl").write_text('{"prompt": "p", "replies": {"warm": "1", "warm": "2"}}\n')
    file_replies(folder / "pairs.jsonl")


def _labels(_: Path) -> None:
    parse_lines("labels.jsonl", '{"warm": 1, "warm": 2}', Judgement, "")


def _adapter(folder: Path) -> None:
    (folder / "adapter_config.json").write_text('{"peft_type": "LORA", "warm": 1, "warm": 2}')
    read_config(folder, "mine")


@pytest.mark.parametrize("door", [_corpus, _replies, _labels, _adapter])
def test_every_file_of_a_user_is_read_by_this_rule(tmp_path: Path, door: Callable[[Path], None]) -> None:
    with refused("'warm' comes twice"):
        door(tmp_path)
