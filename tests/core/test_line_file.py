"""Lines on disk: whole after a write that failed, whatever part of it got there. The journal's tests do the kills."""

import errno
import json
import os
from pathlib import Path

import pytest

from warm_inspect.core.line_file import LineFile


def test_a_line_that_could_not_be_written_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lines.jsonl"
    file = LineFile(path, ValueError())
    file.append({"n": 1})

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as patch:
        # The bytes are in the file by then, and may be a part of the line only.
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="full"):
            file.append({"n": 2})
    file.append({"n": 3})
    file.close()
    assert [json.loads(line) for line in path.read_text().splitlines()] == [{"n": 1}, {"n": 3}]


def test_the_file_is_free_again_when_it_is_closed_or_could_not_be_opened(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        LineFile(path, ValueError())
    path.rmdir()
    file = LineFile(path, ValueError())
    with pytest.raises(ValueError, match="in use"):
        LineFile(path, ValueError("in use"))
    file.close()
    LineFile(path, ValueError()).close()
