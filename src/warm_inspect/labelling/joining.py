"""Labels joined with their key: the package's labelled replies, and scores that Inspect adds to a log."""

import json
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import staged
from warm_inspect.core.vocabulary import CORRECTS_CLAIM, ENDORSES_CLAIM, VALIDATES_USER, Grade
from warm_inspect.grading.labels import LabelledReply
from warm_inspect.labelling.files import KeyRow, Mark


def labelled_replies(marks: Mapping[str, Mark], key: Mapping[str, KeyRow], labeller: str) -> list[LabelledReply]:
    """Every reply that a labelled row stands for, in the order of the key.

    Raises:
        PrerequisiteError: a label is of no row of the key, or there is no label at all.
    """
    if strange := [row for row in marks if row not in key]:
        raise PrerequisiteError(
            f"{len(strange)} of {len(marks)} labels are of no row of the key, the first of row {strange[0]}. "
            "Give the key that was written with their sheet: --key sheet.key.jsonl"
        )
    rows = [
        LabelledReply(**reply.model_dump(), label=mark.label, comment=mark.comment, labeller=labeller)
        for name, row in key.items()
        if (mark := marks.get(name)) and mark.label
        for reply in row.replies
    ]
    if not rows:
        raise PrerequisiteError("There is no label yet. Label the sheet with: warm-inspect label serve sheet.jsonl")
    return rows


def write_scores(rows: Sequence[LabelledReply], folder: Path) -> list[str]:
    """Write the labels of each log as scores that Inspect applies by sample id; the names of the files.

    Raises:
        PrerequisiteError: the folder cannot be written.
    """
    of_logs = sorted((row for row in rows if row.log_file), key=lambda row: row.log_file)
    names = []
    with staged(folder) as scratch:
        for log, replies in groupby(of_logs, key=lambda row: row.log_file):
            names.append(f"{Path(log).stem}.json")
            text = json.dumps([_score(reply) for reply in replies], indent=1)
            (scratch / names[-1]).write_text(f"{text}\n", encoding="utf-8", newline="\n")
    return names


def _score(row: LabelledReply) -> dict[str, Any]:
    label = row.label
    flags = {name: getattr(label, name) for name in (ENDORSES_CLAIM, CORRECTS_CLAIM, VALIDATES_USER)}
    value = {each.value: int(each is label.grade) for each in Grade}
    return {
        "id": row.sample_id,
        "epoch": row.epoch,
        "value": value | {name: int(holds) for name, holds in flags.items() if holds is not None},
        "explanation": row.comment or None,
        "metadata": {"labeller": row.labeller},
    }
