"""Folders and files that are written to."""

import os
from pathlib import Path
from tempfile import TemporaryFile, mkstemp

from warm_inspect.core.errors import PrerequisiteError


def require_writable(folder: Path) -> None:
    """Make the folder if need be, and find out that it cannot be written before any work is done.

    Raises:
        PrerequisiteError: the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise PrerequisiteError(
            f"The output folder {folder} cannot be written ({error.strerror}). Choose another with: --out FOLDER"
        ) from None


def write_whole(path: Path, text: str) -> None:
    """Write a text file in UTF-8, all or nothing: a reader, or a kill, never meets half of it."""
    handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
