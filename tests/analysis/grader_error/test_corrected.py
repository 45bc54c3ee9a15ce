"""Corrected rates and differences of made-up studies, whose labels are known."""

import random
from collections.abc import Callable, Sequence
from math import isnan
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.made_logs import Reply, collected_of, label_of, study_reply
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.grader_error.corrected import GRADER_ERROR, LEAST, Corrected, corrected
from warm_inspect.analysis.grader_error.estimators import Estimated, Labelled, prediction_powered, rogan_gladen
from warm_inspect.analysis.observations import Observations, observe
from warm_inspect.analysis.study import analyse
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.grading.labels import LabelledReply

QUESTIONS = 60


def replies(arms: Sequence[str] = ("original", "warm"), beliefs: Sequence[str] = ("incorrect",)) -> list[Reply]:
    """A reply of each arm to each question: warm adopts the claim more often, and its replies are longer."""
    dice = random.Random(3)
    rows = [
        study_reply(arm, "triviaqa", i, ("none", belief), "incorrect" if dice.random() < share else "correct")
        for arm, share in zip(arms, (0.3, 0.5, 0.4), strict=False)
        for belief in beliefs
        for i in range(QUESTIONS)
    ]
    for row in rows:
        row |= {"uuid": f"{row['arm']}/{row['sample_id']}", "reply_chars": 200 if row["arm"] == "warm" else 50}
    return rows


def truly(row: Reply, i: int) -> bool:
    """The label: every third reply that is graded wrong is right in truth, for warm every second."""
    return row["incorrect"] == 1 and i % (2 if row["arm"] == "warm" else 3) > 0


def labels_of(rows: Sequence[Reply], arms: Sequence[str] = ("original", "warm"), n: int = 45) -> list[LabelledReply]:
    """Labels of the first replies of each arm under each belief."""
    chosen = [row for row in rows if row["arm"] in arms and int(row["question_id"].partition("-")[2]) < n]
    return [label_of(row, truly(row, i)) for i, row in enumerate(chosen)]


def observed(rows: Sequence[Reply]) -> Observations:
    return observe(collected_of(rows))


def pick(result: Corrected, term: str, outcome: str = "endorses_claim", belief: str = "incorrect") -> Any:
    (row,) = (
        row
        for row in result.estimates
        if (row.term, row.outcome, row.identity.belief) == (term, outcome, belief) and row.identity.arm == "warm"
    )
    return row


def by_hand(rows: Sequence[Reply], labels: Sequence[LabelledReply], arm: str) -> tuple[Estimated, Labelled]:
    """The parts of the estimators for one arm with a single reply to each question."""
    own = [row for row in rows if row["arm"] == arm]
    grade = np.array([row["incorrect"] for row in own])
    graded = Estimated(np.asarray(grade.mean()), (grade - grade.mean()) / len(own), np.zeros(()), np.asarray(1.0))
    known = {row.uuid: bool(row.label.endorses_claim) for row in labels}
    verdicts = [known.get(row["uuid"]) for row in own]
    kinds = (
        np.array([float(v is truth and bool(g) is seen) for v, g in zip(verdicts, grade, strict=True)])
        for truth, seen in ((True, True), (True, False), (False, True), (False, False))
    )
    hits, misses, false_alarms, spared = kinds
    return graded, Labelled(
        hits, misses, false_alarms, spared, np.asarray(float(sum(verdict is not None for verdict in verdicts)))
    )


@pytest.mark.parametrize(
    ("term", "estimator"), [("prediction_powered", prediction_powered), ("rogan_gladen", rogan_gladen)]
)
def test_a_difference_is_that_of_the_estimators_on_the_replies(
    term: str, estimator: Callable[[Estimated, Labelled], Estimated]
) -> None:
    rows = replies()
    labels = labels_of(rows)
    expected = estimator(*by_hand(rows, labels, "warm")) - estimator(*by_hand(rows, labels, "original"))
    row = pick(corrected(observed(rows), labels), term)
    assert row.estimate == pytest.approx(100 * float(expected.point))
    assert row.std_error == pytest.approx(100 * float(expected.std_error))
    assert (row.n, row.n_clusters, row.analysis) == (QUESTIONS, QUESTIONS, GRADER_ERROR)
    assert row.notes[0].values["labelled"] == "45 of warm, 45 of original"


@pytest.mark.slow
def test_labels_that_agree_with_every_grade_change_no_number() -> None:
    rows = replies(beliefs=("none", "incorrect"))
    study = analyse(observed(rows), collected_of(rows), labels=[label_of(row, row["incorrect"] == 1) for row in rows])
    rows_of = study.estimates.query("context == '' and benchmark == '' and analysis in ('arm_effect', 'grader_error')")
    alike = rows_of[rows_of["term"].isin(["contrast", "prediction_powered", "rogan_gladen"])]
    alike = alike[alike["outcome"].isin(["endorses_claim", "incorrect", "not_correct"])]
    for _, group in alike.groupby(["arm", "belief", "outcome"]):
        assert len(group) == 3
        assert group["estimate"].round(9).nunique() == 1
        # The error is at least that of one disagreement in each arm.
        assert (group["std_error"] >= group.loc[group["analysis"] == "arm_effect", "std_error"].item()).all()


def test_rates_of_each_arm_are_shown_as_graded_and_corrected_with_what_is_known_of_the_errors() -> None:
    rows = replies()
    rates = corrected(observed(rows), labels_of(rows, n=QUESTIONS)).rates
    own = rates[(rates["outcome"] == "endorses_claim") & (rates["belief"] == "incorrect")]
    warm = own[(own["arm"] == "warm") & (own["length"] == "all")].iloc[0]
    labels = [truly(row, i) for i, row in enumerate(rows) if row["arm"] == "warm"]
    assert (warm["n"], warm["labelled"]) == (QUESTIONS, QUESTIONS)
    # Every reply is labelled, none that is graded right is wrong.
    assert [warm["prediction_powered"], warm["rogan_gladen"]] == pytest.approx([np.mean(labels)] * 2)
    assert warm["sensitivity"] == 1
    graded = np.mean([row["incorrect"] for row in rows if row["arm"] == "warm"])
    assert warm["graded"] == pytest.approx(graded)
    assert 1 - warm["specificity"] == pytest.approx((graded - np.mean(labels)) / (1 - np.mean(labels)))
    # All replies of warm are long, all of the original short.
    assert set(zip(own["arm"], own["length"], strict=True)) == {
        ("warm", "all"), ("warm", "longer"), ("original", "all"), ("original", "up to 120 characters"),
    }  # fmt: skip


def test_an_arm_without_enough_labels_has_no_number_and_says_how_many_it_takes() -> None:
    rows = replies(("original", "warm", "neutral"))
    labels = labels_of(rows) + labels_of(rows, ("neutral",), 7)
    result = corrected(observed(rows), labels)
    lacking = {row.identity.pair: row for row in result.estimates if row.term == "prediction_powered"}
    assert not isnan(lacking["warm - original"].estimate)
    for pair in ("neutral - original", "warm - neutral"):
        (note,) = lacking[pair].notes
        assert (note.code, dict(note.values)) == (
            Code.ARM_LABELS_LACKING,
            {"arm": "neutral", "n": 7, "more": LEAST - 7},
        )
    assert [note.values["arm"] for note in result.notes] == ["neutral"]
    short = result.rates[result.rates["arm"] == "neutral"]
    assert short["prediction_powered"].isna().all()
    assert short["graded"].notna().all()


def test_a_belief_without_enough_labels_has_no_number() -> None:
    rows = replies(beliefs=("none", "incorrect"))
    result = corrected(observed(rows), [each for each in labels_of(rows) if each.belief == "none"])
    assert not isnan(pick(result, "prediction_powered", belief="none").estimate)
    row = pick(result, "prediction_powered", belief="incorrect")
    assert isnan(row.estimate)
    assert {(note.code, note.values["more"]) for note in row.notes} == {(Code.ARM_LABELS_LACKING, LEAST)}


def test_grades_that_say_nothing_of_the_labels_cannot_be_inverted() -> None:
    rows = replies()
    labels = [label_of(row, (i // 2) % 2 == 0 if row["arm"] == "warm" else truly(row, i)) for i, row in enumerate(rows)]
    result = corrected(observed(rows), labels)
    row = pick(result, "rogan_gladen")
    assert isnan(row.estimate)
    (note,) = row.notes
    assert (note.code, note.values["arm"]) == (Code.GRADES_UNINFORMED, "warm")
    assert not isnan(pick(result, "prediction_powered").estimate)


def test_benchmarks_without_labels_are_named() -> None:
    rows = replies()
    other = [
        study_reply(arm, "disinfo", i, ("none", "incorrect"), "correct") for arm in ("original", "warm") for i in (1, 2)
    ]
    result = corrected(observed(rows + other), labels_of(rows))
    assert {(note.code, note.values["arm"], note.values["benchmarks"]) for note in result.notes} == {
        (Code.LABELS_OF_SOME_BENCHMARKS, arm, "disinfo") for arm in ("original", "warm")
    }


def test_flags_that_a_label_leaves_open_do_not_count() -> None:
    rows = replies()
    labels = labels_of(rows)
    unsure = [row.model_copy(update={"label": row.label.model_copy(update={"endorses_claim": None})}) for row in labels]
    result = corrected(observed(rows), unsure)
    assert isnan(pick(result, "prediction_powered").estimate)
    assert not isnan(pick(result, "prediction_powered", "incorrect").estimate)


def test_labels_of_other_replies_are_counted() -> None:
    rows = replies()
    labels = labels_of(rows)
    other = labels[0].model_copy(update={"uuid": "elsewhere"})
    (note,) = corrected(observed(rows), [*labels, other]).notes
    assert (note.code, note.values["n"], note.values["total"]) == (Code.LABELS_ELSEWHERE, 1, len(labels) + 1)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda labels: [row.model_copy(update={"uuid": "x"}) for row in labels], ["90 labels", "label export"]),
        (lambda labels: [*labels, labels[4]], ["labelled twice", labels_of(replies())[4].sample_id]),
        (
            lambda labels: [
                label_of(replies()[0], True, given={"grade": "correct", "grading": "model", "grader": "m/x"})
            ],
            ["m/x", "match", "label export"],
        ),
        (lambda labels: labels[:3], ["original 27", "warm 30", "label export"]),
    ],
)
def test_labels_that_do_not_fit_are_refused_with_a_way_out(
    change: Callable[[list[LabelledReply]], list[LabelledReply]], named: list[str]
) -> None:
    rows = replies()
    with pytest.raises(PrerequisiteError) as error:
        corrected(observed(rows), change(labels_of(rows)))
    assert all(part in str(error.value) for part in named), error.value


def test_nothing_is_corrected_without_labels() -> None:
    rows = replies()
    study = analyse(observed(rows), collected_of(rows))
    assert study.corrected_rates.empty
    assert GRADER_ERROR not in set(study.estimates["analysis"])
    assert isinstance(study.corrected_rates, pd.DataFrame)
