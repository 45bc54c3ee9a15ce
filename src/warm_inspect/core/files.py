"""Writing files and folders: a kill at any moment leaves the old state or the new one, never half of either.

Of files that are put beside others into one folder (`staged`), a kill in the instant in which they move leaves some of
the old ones or some of the new: never parts of two.
"""

import errno
import os
import shutil
import uuid
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
    # In the same folder, because a rename is atomic only within one file system.
    handle, name = mkstemp(dir=path.parent, prefix=f".{path.name}-")
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        if path.exists():
            shutil.copymode(path, draft)
        # Before the rename: else a power cut can leave the new name with none of the new bytes.
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
    target. A folder that stands there already is replaced; one that was on its way out when a process died is back.
    """
    draft, old = (target.with_name(f".{target.name}.{state}") for state in ("partial", "old"))
    shutil.rmtree(draft, ignore_errors=True)
    if old.exists() and not target.exists():
        old.replace(target)
    shutil.rmtree(old, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
        # A folder cannot be renamed onto one that holds files, so the old one steps aside first.
        if target.exists():
            target.replace(old)
        draft.replace(target)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A scratch folder whose files move into `folder`, beside what is there, when the block ends without an error.

    Scratch folders of processes of this machine that died are thrown away.

    Raises:
        PrerequisiteError: the folder cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear_scratch(folder)
        scratch = TemporaryDirectory(dir=folder, prefix=f"{_SCRATCH}{os.getpid()}-")
    except OSError as error:
        raise _not_writable(folder, error) from None
    with scratch as name:
        yield Path(name)
        files = sorted(Path(name).iterdir())
        # All that are replaced go before the first new one comes: a kill leaves no mixture of two sets.
        for file in files:
            (folder / file.name).unlink(missing_ok=True)
        for file in files:
            file.replace(folder / file.name)


_SCRATCH = f".writing-{uuid.getnode():x}-"
"""How scratch folders of this machine begin; the number of the process follows.

The machine is named because a folder on a shared disk has those of processes elsewhere, which are not seen from here.
"""


def _clear_scratch(folder: Path) -> None:
    import psutil

    for scratch in folder.glob(f"{_SCRATCH}*"):
        process = scratch.name.removeprefix(_SCRATCH).partition("-")[0]
        if process.isdecimal() and not psutil.pid_exists(int(process)):
            shutil.rmtree(scratch, ignore_errors=True)


_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def why_full(error: BaseException) -> str:
    """What to tell of an error that a full disk caused, however many libraries passed it on; empty for any other."""
    each: BaseException | None = error
    while each is not None:
        # Libraries that write through code of their own raise errors without the number, with its text in the message.
        if (isinstance(each, OSError) and each.errno in _FULL) or os.strerror(errno.ENOSPC) in str(each):
            name = getattr(each, "filename", None)
            place = f" where {name} is written" if name else ""
            return f"There is no space left on the disk{place}. Free some, and give the same command again."
        each = each.__cause__ or each.__context__
    return ""


def _not_writable(folder: Path, error: OSError) -> PrerequisiteError:
    return PrerequisiteError(
        f"The output folder {folder} cannot be written ({error.strerror}). Choose another with: --out FOLDER"
    )
