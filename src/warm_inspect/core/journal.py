"""An append-only file of finished work, which survives a kill at any moment and is never done again."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.line_file import LineFile


class Journal:
    """Finished pieces of work by key, one JSON line each, after a line with the settings of the work.

    What was appended is on disk (see `LineFile`). One process at a time has it open.
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
        self._file = LineFile(
            path,
            PrerequisiteError(
                f"Another process is at work in {path.parent}",
                "Let it end, or choose another folder with: --out FOLDER",
            ),
        )
        try:
            self._read(json.loads(json.dumps(identity)))
        except BaseException:
            self._file.close()
            raise

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: str) -> dict[str, Any] | None:
        """The result finished under this key; None without one."""
        return self._entries.get(key)

    def append(self, key: str, value: dict[str, Any]) -> None:
        """Record a finished piece of work."""
        self._file.append({"key": key, "value": value})
        self._entries[key] = value

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> "Journal":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self, identity: dict[str, Any]) -> None:
        """Read the entries of the file; a new one begins with the settings."""
        try:
            lines = [json.loads(line) for line in self._file.lines]
        except ValueError:
            raise PrerequisiteError(
                f"{self._path} is damaged", "Delete it to start over, or choose another folder with: --out FOLDER"
            ) from None
        if not lines:
            self._file.append({"identity": identity})
            return
        self._check(lines[0], identity)
        self._entries.update({line["key"]: line["value"] for line in lines[1:]})

    def _check(self, head: dict[str, Any], identity: dict[str, Any]) -> None:
        written = head.get("identity", {})
        if written != identity:
            other = sorted(name for name in {*written, *identity} if written.get(name) != identity.get(name))
            raise PrerequisiteError(
                f"{self._path.parent} holds work begun with other settings ({', '.join(other)} differ)",
                "Repeat the command that began it, or choose another folder with: --out FOLDER",
            )
