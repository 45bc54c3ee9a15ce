"""An append-only file of finished work: what is in it survives a kill at any moment and is never done again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warm_inspect.core.errors import PrerequisiteError


class Journal:
    """Finished pieces of work by key, one JSON line each, after a line that tells what the work is.

    A line is handed to the operating system in one go before `append` returns, so that killing the process can tear
    only the line being written; opening the file takes a torn last line away. Losing power may lose the last lines.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any]) -> None:
        """Open or begin a journal.

        Args:
            path: the file.
            identity: every setting that decides the results, as JSON values.

        Raises:
            PrerequisiteError: the file is of other settings, or damaged.
        """
        self._path = path
        self._entries: dict[str, dict[str, Any]] = {}
        told = json.loads(json.dumps(identity))
        lines = self._whole_lines()
        if lines:
            self._check(lines[0], told)
            for line in lines[1:]:
                self._entries[line["key"]] = line["value"]
        self._stream = path.open("ab")
        if not lines:
            self._write({"identity": told})

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> dict[str, Any] | None:
        """What was finished under this key; None when nothing was."""
        return self._entries.get(key)

    def append(self, key: str, value: dict[str, Any]) -> None:
        """Record a finished piece of work."""
        self._write({"key": key, "value": value})
        self._entries[key] = value

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write(self, line: dict[str, Any]) -> None:
        self._stream.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
        self._stream.flush()

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
                f"{self._path} is damaged. Delete it to start over, or choose another folder with: --out FOLDER"
            ) from None

    def _check(self, head: dict[str, Any], told: dict[str, Any]) -> None:
        there = head.get("identity", {})
        if there != told:
            other = sorted(name for name in {*there, *told} if there.get(name) != told.get(name))
            raise PrerequisiteError(
                f"{self._path.parent} holds work begun with other settings ({', '.join(other)} differ). Repeat the "
                "command that began it, or choose another folder with: --out FOLDER"
            )
