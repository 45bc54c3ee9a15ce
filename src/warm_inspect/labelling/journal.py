"""The labels of a sheet while they are given: each on disk before the next is asked for."""

import os
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.lines import as_lines
from warm_inspect.grading.labels import Judgement
from warm_inspect.labelling.files import Mark, read_marks


class Journal:
    """Appends marks to a file, one process at a time; a kill loses at most the mark that was being written."""

    def __init__(self, path: Path) -> None:
        """Open the journal of a sheet, new or begun.

        Raises:
            PrerequisiteError: another process has it, it cannot be written, or a line is no mark.
        """
        self.path = path
        self._lock = FileLock(f"{path}.lock")
        try:
            self._lock.acquire(timeout=0)
            self._stream = path.open("ab")
        except Timeout:
            raise PrerequisiteError(
                f"{path} is being written by another `warm-inspect label serve`. Use its page, or stop it first."
            ) from None
        except OSError as error:
            self._lock.release()
            raise PrerequisiteError(f"{path} cannot be written ({error.strerror}). Copy the sheet elsewhere.") from None
        try:
            self._drop_torn_line()
            self.labels = dict(read_marks(path))
            """The marks that stand, by row, the most recent last."""
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def add(self, row: str, label: Judgement, comment: str) -> None:
        """Label a row."""
        mark = Mark(row=row, label=label, comment=comment, at=_now())
        self._append(mark)
        self.labels.pop(row, None)
        self.labels[row] = mark

    def undo(self) -> Mark | None:
        """Take back the most recent mark that stands, and return it; None when there is none."""
        if not self.labels:
            return None
        row = next(reversed(self.labels))
        self._append(Mark(row=row, label=None, at=_now()))
        return self.labels.pop(row)

    def _close(self) -> None:
        self._stream.close()
        self._lock.release()

    def _append(self, mark: Mark) -> None:
        self._stream.write(as_lines([mark]).encode())
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def _drop_torn_line(self) -> None:
        """Cut off a last line without an end, which a kill has left."""
        whole = self.path.read_bytes()
        self._stream.truncate(whole.rfind(b"\n") + 1)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
