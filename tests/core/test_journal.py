from pathlib import Path

import pytest

from tests.errors import refused
from warm_inspect.core.journal import Journal

IDENTITY = {"model": "m", "seed": 0}


def filled(path: Path) -> Path:
    with Journal(path, IDENTITY) as journal:
        journal.append("a", {"text": "één\nline"})
        journal.append("b", {"text": "two"})
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return filled(tmp_path / "work.jsonl")


def test_what_was_appended_is_there_again(path: Path) -> None:
    with Journal(path, IDENTITY) as journal:
        assert (journal.get("a"), journal.get("b"), journal.get("c")) == ({"text": "één\nline"}, {"text": "two"}, None)
        assert len(journal) == 2


def test_a_file_cut_at_any_byte_keeps_the_whole_lines_and_goes_on(path: Path, tmp_path: Path) -> None:
    data = path.read_bytes()
    ends = [place + 1 for place, byte in enumerate(data) if byte == ord("\n")]
    for cut in range(len(data) + 1):
        torn = tmp_path / "torn.jsonl"
        torn.write_bytes(data[:cut])
        with Journal(torn, IDENTITY) as journal:
            whole = sum(end <= cut for end in ends)
            assert len(journal) == max(0, whole - 1)
            journal.append("c", {"text": "three"})
        with Journal(torn, IDENTITY) as journal:
            assert journal.get("c") == {"text": "three"}
            assert len(journal) == max(0, whole - 1) + 1


def test_a_line_is_on_disk_before_append_returns(path: Path) -> None:
    with Journal(path, IDENTITY) as journal:
        journal.append("c", {"text": "three"})
        assert path.read_text(encoding="utf-8").endswith('{"key": "c", "value": {"text": "three"}}\n')


def test_other_settings_are_named(path: Path) -> None:
    with refused("(seed, style differ)", "--out FOLDER"):
        Journal(path, {"model": "m", "seed": 1, "style": "warm"})


def test_two_processes_do_not_write_one_journal(path: Path) -> None:
    with Journal(path, IDENTITY) as journal:
        before = path.read_bytes()
        with refused(str(path.parent), "--out FOLDER"):
            Journal(path, IDENTITY)
        assert path.read_bytes() == before
        journal.append("c", {"text": "three"})
    with refused("(model, seed differ)"):
        Journal(path, {})
    with Journal(path, IDENTITY) as journal:
        assert len(journal) == 3


def test_damage_inside_is_an_error_and_not_a_loss(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'{"key": "a"', b'{"key: "a"'))
    with refused(str(path), "--out FOLDER"):
        Journal(path, IDENTITY)
