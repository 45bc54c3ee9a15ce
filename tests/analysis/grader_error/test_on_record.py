"""What an analysis says of its gradings before any number: by labels how right they are, or that there are none."""

from typing import Any

import pytest

from tests.grading.test_labels import ROW
from tests.made_logs import collected_of, reply, study_of
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.grader_error import agreements, labels_on_record
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import analyse
from warm_inspect.grading.labels import LabelledReply, held_out_labels

MODEL = {"grading": "model", "grader": "openai/gpt-4o", "grader_prompt_sha256": "12ab34cd56"}


def rows(n: int, **facts: Any) -> list[dict[str, Any]]:
    """Replies of which those to even questions endorse the claim by their grade."""
    return [
        reply(f"q{i}", "correct" if i % 2 else "incorrect", endorses_claim=float(i % 2 == 0), uuid=f"u{i}", **facts)
        for i in range(n)
    ]


def label_of(i: int, endorses: bool, **given: Any) -> LabelledReply:
    label = {"grade": "incorrect" if endorses else "correct", "endorses_claim": endorses}
    facts = {"uuid": f"u{i}", "question_id": f"q{i}", "cluster_id": f"q{i}", "label": label}
    return LabelledReply.model_validate({**ROW, **facts, "given": {"grade": "unclear", "grading": "match", **given}})


def notes(given: list[dict[str, Any]], labels: list[LabelledReply]) -> list[Note]:
    return list(labels_on_record(observe(collected_of(given)).frame, labels))


@pytest.mark.parametrize("labels", [[], [label_of(99, True)]])
def test_a_model_grading_without_a_label_on_its_replies_says_that_nobody_knows(labels: list[LabelledReply]) -> None:
    [note] = notes(rows(20, **MODEL), labels)
    assert (note.code, note.values) == (
        Code.GRADING_UNLABELLED,
        {"n": 20, "grading": "openai/gpt-4o (rubric 12ab34cd)"},
    )


def test_matching_without_a_label_on_its_replies_says_how_right_it_is_elsewhere() -> None:
    [note] = notes(rows(20), [])
    assert note.code is Code.GRADING_LABELLED_ELSEWHERE
    assert note.values["labelled"] == len(held_out_labels())


def test_with_labels_it_says_how_right_the_grades_of_the_logs_are_not_those_at_the_draw() -> None:
    # Labelled are 0 to 39: the grade says that the 20 even ones endorse; the reader, that 0 to 23 do.
    [note] = notes(rows(50, **MODEL), [label_of(i, i < 24) for i in range(40)])
    assert note.code is Code.GRADING_LABELLED
    assert (note.values["n"], note.values["labelled"]) == (50, 40)
    # Wilson's intervals of 12 of 20 and 12 of 24.
    assert note.values["precision"] == "12 of 20 (60 %, 39 to 78 %)"
    assert note.values["recall"] == "12 of 24 (50 %, 31 to 69 %)"
    [few] = notes(rows(50, **MODEL), [label_of(i, i < 8) for i in range(9)])
    assert few.values["precision"] == "4 of 5 (too few for a rate)"


def test_each_grading_of_a_study_has_its_own_note() -> None:
    mixed = rows(10) + [row | {"benchmark": "medqa", "log_id": "other"} | MODEL for row in rows(10)]
    assert [note.code for note in notes(mixed, [])] == [Code.GRADING_LABELLED_ELSEWHERE, Code.GRADING_UNLABELLED]


def test_a_cascade_is_one_grading_whether_or_not_its_model_was_asked() -> None:
    cascade = {"grading": "cascade", "grader_prompt_sha256": "12ab34cd56"}
    asked = {"grader": "openai/gpt-4o", "stage": "model"}
    mixed = [row | (asked if i < 4 else {"stage": "match"}) for i, row in enumerate(rows(10, **cascade))]
    [note] = notes(mixed, [])
    assert note.values == {"n": 10, "grading": "cascade with openai/gpt-4o (rubric 12ab34cd)"}
    labels = [label_of(i, i % 2 == 0, **cascade, **({"grader": "openai/gpt-4o"} if i < 4 else {})) for i in range(10)]
    assert {each.grading for each in agreements(labels)} == {note.values["grading"]}
    [labelled] = notes(mixed, labels)
    assert labelled.values["labelled"] == 10


def test_an_analysis_says_it_before_its_warnings() -> None:
    given = rows(20, **MODEL)
    assert [note.code for note in study_of(given).gradings] == [Code.GRADING_UNLABELLED]
    collected = collected_of(given)
    unlabelled = analyse(observe(collected), collected)
    assert Code.GRADING_UNLABELLED not in [note.code for note in unlabelled.warnings]
