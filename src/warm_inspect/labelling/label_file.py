"""The labels of a sheet while they are given: each on disk before the next is asked for."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.line_file import LineFile
from warm_inspect.grading.labels import Judgement
from warm_inspect.labelling.files import Mark, read_marks


class LabelFile:
    """The file of labels beside a sheet, opened to go on with it."""

    def __init__(self, path: Path) -> None:
        """Open the labels of a sheet, or begin them.

        Raises:
            PrerequisiteError: another process has them, they cannot be written, or a line is no mark.
        """
        self.path = path
        in_use = PrerequisiteError(
            f"{path} is being written by another `warm-inspect label serve`. Use its page, or stop it first."
        )
        try:
            self._file = LineFile(path, in_use)
        except OSError as error:
            raise PrerequisiteError(f"{path} cannot be written ({error.strerror}). Copy the sheet elsewhere.") from None
        try:
            self.marks = dict(read_marks(path))
            """The marks that stand, by row, the most recent last."""
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, row: str, label: Judgement, comment: str) -> None:
        """Label a row.

        Raises:
            OSError: the label could not be written, and does not stand.
        """
        mark = self._append(Mark(row=row, label=label, comment=comment, at=_now()))
        self.marks.pop(row, None)
        self.marks[row] = mark

    def undo(self) -> Mark | None:
        """Take back the most recent mark that stands, and return it; None when there is none.

        Raises:
            OSError: that could not be written, and the mark stands.
        """
        if not self.marks:
            return None
        row = next(reversed(self.marks))
        self._append(Mark(row=row, label=None, at=_now()))
        return self.marks.pop(row)

    def _append(self, mark: Mark) -> Mark:
        self._file.append(mark.model_dump(mode="json"))
        return mark


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
