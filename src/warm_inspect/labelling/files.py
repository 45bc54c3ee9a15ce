"""The three files of a labelling: the sheet that a reader sees, the key that they do not, and the labels they give.

All are JSON lines. The sheet names no arm, context, log or grade; a row is called after what it shows, so that it has
one name in every sheet, and labels of one sheet serve another.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.lines import read_lines
from warm_inspect.grading.labels import Judgement, Reply

SUFFIX = ".jsonl"
_KEY, _LABELS = ".key", ".labels"
_EXPORT = "Make one with: warm-inspect label export LOGS -o sheet.jsonl"


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SheetRow(_Line):
    """What a reader sees of one reply."""

    row: str
    question: str
    references: tuple[str, ...]
    claim: str
    """The item's wrong claim."""
    stated: str
    """What the user said about the answer, word for word; empty when they said nothing about it."""
    reply: str
    """Without its thoughts."""

    @classmethod
    def named(cls, *, question: str, references: tuple[str, ...], claim: str, stated: str, reply: str) -> "SheetRow":
        """The row of a labelling sheet for this reply, named by a hash of what the labeller is shown."""
        row = sha256_json([question, claim, stated, reply])[:12]
        return cls(row=row, question=question, references=references, claim=claim, stated=stated, reply=reply)


class KeyRow(_Line):
    """Which replies of which logs a row stands for: those with its question, claim and words."""

    row: str
    replies: tuple[Reply, ...]


class Mark(_Line):
    """One line of the labels: what a reader says of a row. Of several lines the last one counts."""

    row: str
    label: Judgement | None
    """None takes back what was said before."""
    comment: str = ""
    at: str
    """When, in UTC."""


def sheet_path(text: Path) -> Path:
    """The path of a sheet.

    Raises:
        PrerequisiteError: its name does not end as a sheet's does, or is that of a key or of labels.
    """
    if text.suffix != SUFFIX or text.stem.endswith((_KEY, _LABELS)):
        raise PrerequisiteError(f"{text} cannot be a sheet: its name ends in {SUFFIX}, for example sheet{SUFFIX}.")
    return text


def key_path(sheet: Path) -> Path:
    """Where the key of a sheet lies unless it was moved."""
    return sheet.with_name(f"{sheet.stem}{_KEY}{SUFFIX}")


def labels_path(sheet: Path) -> Path:
    """Where the labels of a sheet are written."""
    return sheet.with_name(f"{sheet.stem}{_LABELS}{SUFFIX}")


def key_of_labels(labels: Path) -> Path:
    """Where the key of labels lies unless it was moved."""
    return key_path(labels.with_name(f"{labels.stem.removesuffix(_LABELS)}{SUFFIX}"))


def read_sheet(path: Path) -> list[SheetRow]:
    """The rows of a sheet.

    Raises:
        PrerequisiteError: the file is no sheet, or has no row.
    """
    rows = read_lines(sheet_path(path), SheetRow, _EXPORT)
    if not rows:
        raise PrerequisiteError(f"{path} has no rows. {_EXPORT}.")
    return rows


def read_key(path: Path) -> dict[str, KeyRow]:
    """The rows of a key, by name.

    Raises:
        PrerequisiteError: the file is none.
    """
    way_out = "Give the key that `label export` wrote beside the sheet with: --key sheet.key.jsonl"
    return {row.row: row for row in read_lines(path, KeyRow, way_out)}


def standing(marks: list[Mark]) -> dict[str, Mark]:
    """What the marks say in the end, the most recent last."""
    labels: dict[str, Mark] = {}
    for mark in marks:
        labels.pop(mark.row, None)
        if mark.label:
            labels[mark.row] = mark
    return labels


def read_marks(path: Path) -> Mapping[str, Mark]:
    """The labels of a file, by row, the most recent last.

    Raises:
        PrerequisiteError: the file is none.
    """
    return standing(read_lines(path, Mark, "Label a sheet with: warm-inspect label serve sheet.jsonl"))
