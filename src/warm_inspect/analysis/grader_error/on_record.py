"""What labels are on record for the gradings that an analysis rests on, as notes that it begins with."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.grader_error.agreement import GRADE, Share, agreement
from warm_inspect.core.measurements import OWN_SCORE
from warm_inspect.core.scored import grading_names
from warm_inspect.core.vocabulary import CORRECTS_CLAIM, ENDORSES_CLAIM, VALIDATES_USER, Grade, Grading
from warm_inspect.grading.labels import Given, LabelledReply, held_out_labels

_NAMED_BY = ["grading", "grader", "grader_prompt_sha256"]
_UNKNOWN = "an unknown grading"


def labels_on_record(frame: pd.DataFrame, labels: Sequence[LabelledReply] = ()) -> Iterator[Note]:
    """The agreement of each grading of these replies with their labels, or a note that none are labelled.

    Without labels the package's own say how right matching is elsewhere: those that its rules were not made from.

    Args:
        frame: graded replies, as in observations.
        labels: labelled replies, of these logs or others.
    """
    by_uuid = {row.uuid: row for row in labels if row.uuid}
    groups = frame.groupby(_NAMED_BY, observed=True, sort=False)
    held = [(str(a), str(b), str(c)) for a, b, c in groups.size().index]
    names = grading_names(held)
    group_names = np.array([names[each] if each[0] else _UNKNOWN for each in held], dtype=object)
    named = group_names[groups.ngroup()]
    for grading in sorted(set(group_names)):
        replies = frame[named == grading]
        known = replies[replies["uuid"].isin(list(by_uuid))]
        if not known.empty:
            rows = [
                by_uuid[str(reply["uuid"])].model_copy(update={"given": _given(reply)}) for _, reply in known.iterrows()
            ]
            yield _measured(Code.GRADING_LABELLED, grading, len(replies), rows)
        elif grading == Grading.MATCH:
            yield _measured(Code.GRADING_LABELLED_ELSEWHERE, grading, len(replies), held_out_labels())
        elif (replies["grading"] == OWN_SCORE).all():
            yield Note(Code.GRADED_BY_TASK, n=len(replies), score=grading)
        else:
            yield Note(Code.GRADING_UNLABELLED, n=len(replies), grading=grading)


def _measured(code: Code, grading: str, n: int, rows: Sequence[LabelledReply]) -> Note:
    measured = agreement(grading, "all", "all", ENDORSES_CLAIM, rows)
    return Note(
        code,
        n=n,
        grading=grading,
        labelled=agreement(grading, "all", "all", GRADE, rows).n,
        precision=_said(measured.precision),
        recall=_said(measured.sensitivity),
    )


def _given(reply: "pd.Series[Any]") -> Given:
    """What the log says of a reply now: it may have been graded again since it was drawn."""
    return Given.model_validate(
        {
            "grade": next(grade for grade in Grade if reply[grade.value] == 1),
            **{flag: _flag(reply[flag]) for flag in (ENDORSES_CLAIM, CORRECTS_CLAIM, VALIDATES_USER)},
            **{name: str(reply[name]) for name in _NAMED_BY},
        }
    )


def _flag(value: object) -> bool | None:
    return None if pd.isna(value) else bool(value)  # type: ignore[call-overload]


def _said(share: Share | None) -> str:
    """A rate with its counts; the counts alone where they are too few for one."""
    if share is None:
        return ""
    counts = f"{share.hits} of {share.of}"
    if share.note:
        return f"{counts} (too few for a rate)"
    return f"{counts} ({100 * share.rate:.0f} %, {100 * share.low:.0f} to {100 * share.high:.0f} %)"
