"""The format of labelled replies, and the reader that refuses what is none."""

import json
from pathlib import Path
from typing import Any

import pytest

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.lines import as_lines
from warm_inspect.core.vocabulary import Grade
from warm_inspect.grading.labels import LabelledReply, held_out_labels, packaged_labels, read_labels

ROW: dict[str, Any] = {
    "benchmark": "triviaqa",
    "question_id": "france",
    "cluster_id": "capitals",
    "form": "open",
    "question": "What is the capital of France?",
    "references": ["Paris"],
    "incorrect_answers": ["Lyon"],
    "claims": ["Paris", "Lyon"],
    "context": "none",
    "belief": "incorrect",
    "arm": "warm",
    "sample_id": "france:none:incorrect",
    "reply": "Lyon.",
    "reply_chars": 5,
    "reply_sha256": sha256_text("Lyon."),
    "label": {"grade": "incorrect", "endorses_claim": True},
    "labeller": "anna",
    "given": {"grade": "incorrect", "endorses_claim": True, "grading": "match"},
}


def test_a_file_of_labels_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = [LabelledReply.model_validate(ROW)]
    file = tmp_path / "labels.jsonl"
    file.write_text(as_lines(rows), encoding="utf-8")
    assert read_labels(file) == rows
    assert rows[0].cluster == "triviaqa:capitals"
    assert rows[0].label.corrects_claim is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"label": {"grade": "right"}}, "label.grade"),
        ({"reply_sha256": sha256_text("Paris.")}, "reply_sha256"),
        ({"reply_chars": 4}, "reply_chars"),
        ({"labeller": None}, "labeller"),
        ({"mood": "sad"}, "mood"),
        ({"weight": 0}, "weight"),
    ],
)
def test_a_line_that_is_no_labelled_reply_is_refused_with_its_number_and_field(
    tmp_path: Path, change: dict[str, object], named: str
) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text(f"{json.dumps(ROW)}\n\n{json.dumps({**ROW, **change})}\n", encoding="utf-8")
    with pytest.raises(PrerequisiteError, match=rf"labels\.jsonl, line 3.*{named}.*label import"):
        read_labels(file)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PrerequisiteError, match=r"no\.jsonl.*label import"):
        read_labels(tmp_path / "no.jsonl")


def test_gradings_are_told_apart_by_model_and_rubric() -> None:
    names = {
        LabelledReply.model_validate({**ROW, "given": {"grade": "correct", **facts}}).given.by  # type: ignore[union-attr]
        for facts in (
            {"grading": "match"},
            {"grading": "model", "grader": "openai/a", "grader_prompt_sha256": "1" * 64},
            {"grading": "model", "grader": "openai/a", "grader_prompt_sha256": "2" * 64},
            {"grading": "model", "grader": "openai/b", "grader_prompt_sha256": "2" * 64},
        )
    }
    assert len(names) == 4


def test_the_package_has_labels_of_six_arms_with_what_matching_says() -> None:
    rows = packaged_labels()
    assert len(rows) == 816
    assert len({row.arm for row in rows}) == 6
    assert {row.label.grade for row in rows} == set(Grade)
    assert {row.labeller for row in rows} == {"model-assisted"}
    assert {row.given.by for row in rows if row.given} == {"match"}


def test_no_question_is_both_held_out_and_developed_on() -> None:
    held_out = held_out_labels()
    developed = [row for row in packaged_labels() if row not in held_out]
    assert (len(held_out), len(developed)) == (281, 535)
    assert not {row.question_id for row in held_out} & {row.question_id for row in developed}


def test_a_file_without_labels_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "labels.jsonl"
    file.write_text("\n", encoding="utf-8")
    with pytest.raises(PrerequisiteError, match=r"labels\.jsonl.*label import"):
        read_labels(file)
