"""Writing files and folders: a kill at any moment leaves the old state or the new one, never half of either."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile, mkstemp

from warm_inspect.core.errors import PrerequisiteError


def user_folder(text: str) -> Path | None:
    """The existing folder that a text names, with `~` expanded.

    None when it names none, which includes texts that cannot name any: of an unknown user, too long, or with a NUL.
    """
    try:
        folder = Path(text).expanduser()
        return folder if text and folder.is_dir() else None
    except (OSError, RuntimeError, ValueError):
        return None


def folder_setting(variable: str) -> Path | None:
    """The folder that an environment variable gives, with `~` expanded; None when it is not set.

    Raises:
        PrerequisiteError: the value begins with `~` and a user that does not exist.
    """
    value = os.environ.get(variable)
    if not value:
        return None
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise PrerequisiteError(f"{variable} is {value!r}, and there is no such user. Give the whole path.") from None


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
        raise _not_writable(folder, error) from None


def write_whole(path: Path, text: str) -> None:
    """Write a text file in UTF-8, all or nothing, and on disk before this returns."""
    with whole_file(path) as draft:
        draft.write_text(text, encoding="utf-8", newline="")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A draft that takes the place of a file, whole and on disk, when the block ends without an error.

    A file that stands there already keeps its permissions.
    """
    handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}-")
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        if path.exists():
            shutil.copymode(path, draft)
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """An empty draft folder that takes the place of `target`, whole, when the block ends without an error.

    What an earlier process left of its draft is thrown away: callers make sure that one process at a time makes the
    target. A folder that stands there already is replaced.
    """
    draft = target.with_name(f".{target.name}.partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
        if target.exists():
            shutil.rmtree(target)
        draft.replace(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A scratch folder whose files move into `folder`, beside what is there, when the block ends without an error.

    Raises:
        PrerequisiteError: the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        scratch = TemporaryDirectory(dir=folder, prefix=".writing-")
    except OSError as error:
        raise _not_writable(folder, error) from None
    with scratch as name:
        yield Path(name)
        for file in sorted(Path(name).iterdir()):
            file.replace(folder / file.name)


def _not_writable(folder: Path, error: OSError) -> PrerequisiteError:
    return PrerequisiteError(
        f"The output folder {folder} cannot be written ({error.strerror}). Choose another with: --out FOLDER"
    )
