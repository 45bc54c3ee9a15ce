"""Labels on disk: each at once, taken back by a line, and whole after a kill."""

from pathlib import Path

import pytest

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import Grade
from warm_inspect.grading.labels import Judgement
from warm_inspect.labelling import LabelFile, read_marks

RIGHT = Judgement(grade=Grade.CORRECT, endorses_claim=False, corrects_claim=True, validates_user=False)
WRONG = Judgement(grade=Grade.INCORRECT, endorses_claim=True, corrects_claim=False, validates_user=True)


def test_a_label_is_on_disk_when_add_returns_and_is_there_again_later(tmp_path: Path) -> None:
    file = tmp_path / "sheet.labels.jsonl"
    with LabelFile(file) as labels:
        labels.add("a", RIGHT, "")
        assert read_marks(file)["a"].label == RIGHT
        labels.add("b", WRONG, "odd\nreply")
    with LabelFile(file) as again:
        assert [(row, mark.label, mark.comment) for row, mark in again.marks.items()] == [
            ("a", RIGHT, ""),
            ("b", WRONG, "odd\nreply"),
        ]


def test_undo_takes_back_the_most_recent_label_that_stands(tmp_path: Path) -> None:
    file = tmp_path / "sheet.labels.jsonl"
    with LabelFile(file) as labels:
        for row in "abc":
            labels.add(row, RIGHT, "")
        labels.add("a", WRONG, "")
        undone = [mark.row for mark in (labels.undo(), labels.undo()) if mark]
        assert undone == ["a", "c"]
        assert list(read_marks(file)) == list(labels.marks) == ["b"]
        labels.undo()
        assert labels.undo() is None
    with LabelFile(file) as again:
        assert again.marks == {}


@pytest.mark.parametrize("torn", ['{"row":"b","lab', "{", "x" * 5000])
def test_a_kill_in_the_middle_of_a_line_loses_that_line_only(tmp_path: Path, torn: str) -> None:
    file = tmp_path / "sheet.labels.jsonl"
    with LabelFile(file) as labels:
        labels.add("a", RIGHT, "")
    with file.open("a") as stream:
        stream.write(torn)
    with LabelFile(file) as labels:
        assert list(labels.marks) == ["a"]
        labels.add("b", WRONG, "")
    assert list(read_marks(file)) == ["a", "b"]


def test_two_processes_do_not_write_one_file(tmp_path: Path) -> None:
    file = tmp_path / "sheet.labels.jsonl"
    with LabelFile(file), pytest.raises(PrerequisiteError, match=r"sheet\.labels\.jsonl .*stop"):
        LabelFile(file)
    with LabelFile(file):
        pass


def test_a_line_that_is_no_label_is_named(tmp_path: Path) -> None:
    file = tmp_path / "sheet.labels.jsonl"
    file.write_text('{"row": "a"}\n')
    with pytest.raises(PrerequisiteError, match=r"line 1, label.*label serve"):
        LabelFile(file)
    # The lock is free again.
    file.write_text("")
    with LabelFile(file):
        pass
