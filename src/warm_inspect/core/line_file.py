"""A file of JSON lines that grows while work is done, and that a kill at any moment leaves whole."""

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout


class LineFile:
    """Appends lines to a file, one process at a time.

    A line is on disk before `append` returns, so that killing the process or losing power can tear only the line being
    written; opening the file takes a torn last line away.
    """

    def __init__(self, path: Path, in_use: Exception) -> None:
        """Open or begin a file.

        Args:
            path: the file.
            in_use: what is raised when another process has it open.

        Raises:
            OSError: the file cannot be written.
        """
        self._lock = FileLock(path.with_name(f".{path.name}.lock"))
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise in_use from None
        try:
            self._stream = path.open("ab", buffering=0)
            # A kill within a write left a line without its end, to which the next would be joined.
            data = path.read_bytes()
            self._end = data.rfind(b"\n") + 1
            self._stream.truncate(self._end)
        except BaseException:
            self._lock.release()
            raise
        self.lines = data[: self._end].split(b"\n")[:-1]
        """The lines that the file had when it was opened."""

    def append(self, line: Mapping[str, Any]) -> None:
        """Write one line.

        Raises:
            OSError: it could not be written, and the file is as it was before.
        """
        data = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        try:
            # A raw write may take a part of the bytes, which on a full disk is no error.
            if self._stream.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._stream.fileno())
        except BaseException:
            self._stream.truncate(self._end)
            raise
        self._end += len(data)

    def close(self) -> None:
        """Close the file, and let other processes open it."""
        self._stream.close()
        self._lock.release()
