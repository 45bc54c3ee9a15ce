"""An append-only file of finished work, which survives a kill at any moment and is never done again."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from filelock import FileLock, Timeout

from warm_inspect.core.errors import PrerequisiteError


class Journal:
    """Finished pieces of work by key, one JSON line each, after a line with the settings of the work.

    A line is on disk before `append` returns, so that killing the process or losing power can tear only the line being
    written; opening the file takes a torn last line away. One process at a time has it open.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any]) -> None:
        """Open or begin a journal.

        Args:
            path: the file.
            identity: every setting that decides the results, as JSON values.

        Raises:
            PrerequisiteError: another process has it open; or the file was written with different settings, or is
                damaged.
        """
        self._path = path
        self._entries: dict[str, dict[str, Any]] = {}
        self._lock = FileLock(path.with_name(f".{path.name}.lock"))
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise PrerequisiteError(
                f"Another process is at work in {path.parent}",
                "Let it end, or choose another folder with: --out FOLDER",
            ) from None
        try:
            self._stream = self._open(json.loads(json.dumps(identity)))
        except BaseException:
            self._lock.release()
            raise

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> dict[str, Any] | None:
        """The result finished under this key; None without one."""
        return self._entries.get(key)

    def append(self, key: str, value: dict[str, Any]) -> None:
        """Record a finished piece of work."""
        _write(self._stream, {"key": key, "value": value})
        self._entries[key] = value

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
        self._lock.release()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self, identity: dict[str, Any]) -> BinaryIO:
        """The file, ready to be appended to, after reading its entries."""
        lines = self._whole_lines()
        if lines:
            self._check(lines[0], identity)
            self._entries.update({line["key"]: line["value"] for line in lines[1:]})
        stream = self._path.open("ab")
        if not lines:
            _write(stream, {"identity": identity})
        return stream

    def _whole_lines(self) -> list[dict[str, Any]]:
        if not self._path.exists():
            return []
        data = self._path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):
            with self._path.open("r+b") as stream:
                stream.truncate(len(whole))
        try:
            return [json.loads(line) for line in whole.split(b"\n")[:-1]]
        except ValueError:
            raise PrerequisiteError(
                f"{self._path} is damaged", "Delete it to start over, or choose another folder with: --out FOLDER"
            ) from None

    def _check(self, head: dict[str, Any], identity: dict[str, Any]) -> None:
        written = head.get("identity", {})
        if written != identity:
            other = sorted(name for name in {*written, *identity} if written.get(name) != identity.get(name))
            raise PrerequisiteError(
                f"{self._path.parent} holds work begun with other settings ({', '.join(other)} differ)",
                "Repeat the command that began it, or choose another folder with: --out FOLDER",
            )


def _write(stream: BinaryIO, line: dict[str, Any]) -> None:
    stream.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    stream.flush()
    os.fsync(stream.fileno())
