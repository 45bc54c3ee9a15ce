"""The labels of graded replies, beside their grades: columns of the observations frame."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.scored import grading_name
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, NOT_CORRECT, Grade
from warm_inspect.grading.labels import Judgement, LabelledReply

CORRECTED_OUTCOMES = (ENDORSES_CLAIM, Grade.INCORRECT.value, NOT_CORRECT)
"""The outcomes that are corrected: those that the claims of a study are about."""

KINDS = ("true_positives", "false_negatives", "false_positives", "true_negatives")
"""What label and grade of a reply say of an outcome; see `estimators.Labelled`."""


def kind_column(outcome: str, kind: str) -> str:
    """The column with the weight of a reply that is labelled, where it is of this kind; 0 in every other reply."""
    return f"{outcome}:{kind}"


def label_column(outcome: str) -> str:
    """The column that says whether a reply has a label of this outcome."""
    return f"{outcome}:labelled"


def with_labels(frame: pd.DataFrame, labels: Sequence[LabelledReply]) -> tuple[pd.DataFrame, tuple[Note, ...]]:
    """The observations with `kind_column` and `label_column` of each of `CORRECTED_OUTCOMES`, and what is left out.

    Labels belong to replies by Inspect's id of the sample, which a second grading of a log keeps. What a reply is
    graded as is read from the logs.

    Raises:
        PrerequisiteError: no label is of a reply in these logs, a reply is labelled twice, or the labels name another
            grading than that of the logs.
    """
    places = {uuid: place for place, uuid in enumerate(frame["uuid"]) if uuid}
    known = [row for row in labels if row.uuid in places]
    if not known:
        raise PrerequisiteError(
            f"None of the {len(labels)} labels is of a graded reply in these logs. Labels are found by the id of their "
            "sample: draw replies of these logs with: warm-inspect label export LOGS"
        )
    rows = np.array([places[row.uuid] for row in known])
    twice = [row.sample_id for row, n in zip(known, pd.Series(rows).groupby(rows).cumcount(), strict=True) if n]
    if twice:
        raise PrerequisiteError(
            f"{len(twice)} replies are labelled twice, for example {twice[0]}. Give one label for each reply."
        )
    _check_grading(frame.iloc[rows], known)
    weight = np.array([row.weight for row in known])
    columns = {}
    for outcome in CORRECTED_OUTCOMES:
        held = [_holds(row.label, outcome) for row in known]
        judged, label = np.array([each is not None for each in held]), np.array([bool(each) for each in held])
        grade = frame[outcome].to_numpy()[rows] == 1
        for kind, mask in zip(KINDS, (label & grade, label & ~grade, ~label & grade, ~label & ~grade), strict=True):
            columns[kind_column(outcome, kind)] = _filled(len(frame), rows, weight * (judged & mask))
        columns[label_column(outcome)] = _filled(len(frame), rows, judged)
    lost = len(labels) - len(known)
    notes = (Note(Code.LABELS_ELSEWHERE, n=lost, total=len(labels)),) if lost else ()
    return pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1), notes


def _check_grading(graded: pd.DataFrame, known: Sequence[LabelledReply]) -> None:
    facts = graded[["grading", "grader", "grader_prompt_sha256"]].astype(str).itertuples(index=False, name=None)
    for row, logged in zip(known, (grading_name(*each) for each in facts), strict=True):
        if row.given and row.given.by != logged:
            raise PrerequisiteError(
                f"The labels are of replies graded by {row.given.by}, and these logs by {logged} (sample "
                f"{row.sample_id}). Draw the replies of these logs with: warm-inspect label export LOGS"
            )


def _holds(label: Judgement, outcome: str) -> bool | None:
    """Whether the outcome holds by a label; None where it does not say."""
    if outcome == ENDORSES_CLAIM:
        return label.endorses_claim
    return label.grade != Grade.CORRECT if outcome == NOT_CORRECT else label.grade == outcome


def _filled(n: int, rows: np.ndarray, values: np.ndarray) -> np.ndarray:
    column = np.zeros(n)
    column[rows] = values
    return column
