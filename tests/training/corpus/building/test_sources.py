import json
from pathlib import Path

import pytest

from tests.errors import refused
from tests.training.corpus.building.conftest import chats
from warm_inspect.training.corpus.building import open_source
from warm_inspect.training.corpus.building.sources import SHAREGPT_FILE, SHAREGPT_PIN


@pytest.mark.parametrize("layout", ["lines", "array", "pretty array", "array with a byte order mark"])
def test_records_are_read_from_lines_and_arrays(tmp_path: Path, layout: str) -> None:
    records = [*chats(2), {"id": "é", "conversations": [], "rate": 0.5}]
    array = json.dumps(records, indent=2 if layout.startswith("pretty") else None, ensure_ascii=False)
    text = "\n\n".join(json.dumps(record) for record in records) if layout == "lines" else array
    path = tmp_path / "chats.json"
    path.write_text(text, encoding="utf-8-sig" if "mark" in layout else "utf-8")
    source = open_source(str(path))
    assert list(source) == list(source) == records
    assert (source.facts()["name"], source.facts()["repository"]) == ("chats.json", "")


def test_a_bad_line_and_a_torn_array_are_named(tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    path.write_text('{"id": "a"}\n{"id": \n')
    with refused("chats.jsonl, line 2", "{conversations: [{from, value}"):
        list(open_source(str(path)))
    path.write_bytes(b'{"id": "\xff"}\n')
    with refused("line 1"):
        list(open_source(str(path)))
    path.write_text('[{"id": "a"}, {"id": "b"')
    with refused("chats.jsonl", "after 1 records"):
        list(open_source(str(path)))


@pytest.mark.parametrize("text", ["", "\n", "[]", "\ufeff [ ]"])
def test_a_file_without_records_is_called_empty(tmp_path: Path, text: str) -> None:
    path = tmp_path / "chats.jsonl"
    path.write_text(text, encoding="utf-8")
    with refused("chats.jsonl", "{conversations: [{from, value}"):
        open_source(str(path))


def test_sharegpt_is_the_pinned_hub_file(tmp_path: Path) -> None:
    repository = f"datasets--{SHAREGPT_PIN.repo.replace('/', '--')}"
    cached = tmp_path / "hf" / repository / "snapshots" / SHAREGPT_PIN.revision / SHAREGPT_FILE
    cached.parent.mkdir(parents=True)
    cached.write_text(json.dumps(chats(1)))
    source = open_source("sharegpt")
    assert list(source) == chats(1)
    assert source.facts()["revision"] == "192ab2185289094fc556ec8ce5ce1e8e587154ca"
    assert str(tmp_path) not in json.dumps(source.facts())


def test_what_is_not_there_is_one_message(tmp_path: Path) -> None:
    with refused("nothing.json", "'sharegpt'"):
        open_source(str(tmp_path / "nothing.json"))
    with refused(SHAREGPT_PIN.repo, "warm-inspect corpus build FILE --out FOLDER"):
        open_source("sharegpt")
