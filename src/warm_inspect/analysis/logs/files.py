"""Log files: which of them the user's paths name, and what each holds, with every checksum verified.

Paths are files, folders and glob patterns, here or on any file system that fsspec knows. A finished archive is read
directly, under two names of members that Inspect does not document: its own reader of summaries takes about nine times
as long. It reads the rest, which is JSON, the journals of unfinished runs, and archives of any other layout; a test
holds both ways to the same result.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from glob import glob, has_magic
from pathlib import Path
from types import NoneType
from typing import Any
from zipfile import BadZipFile, ZipFile, ZipInfo

from inspect_ai.log import (
    EvalLog,
    EvalSample,
    read_eval_log,
    read_eval_log_sample,
    read_eval_log_sample_summaries,
)
from pydantic_core import from_json

from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError

MAX_UNPACKED = 512 << 20
"""Bytes of a log that are unpacked at most, its samples apart: about 200,000 summaries."""

_HEADER, _SUMMARIES, _SAMPLES = "header.json", "summaries.json", "samples/"
_NOT_READ = {"events", "store", "attachments"}
FORMATS = (".eval", ".json")
"""The two formats in which Inspect writes logs."""
_IN_FOLDERS = ("*.eval", "????-??-??T*.json")
"""Which files of a folder are logs. Other JSON may lie there too; a log's name starts with its time, as Inspect lists
them."""
_SHARDS = ".shards"


def find_logs(paths: Sequence[str]) -> list[str]:
    """The logs that the paths name, each once: files, folders (searched recursively) and glob patterns.

    Paths with a scheme (`s3://bucket/logs`) are looked up by fsspec, others on this machine.

    Raises:
        PrerequisiteError: a path does not exist, or is a file of another kind; or there is no log at all.
    """
    logs: dict[str, None] = {}
    for path in paths:
        logs.update(dict.fromkeys(_remote(path) if "://" in path else map(str, _local(path))))
    if not logs:
        raise PrerequisiteError(
            f"No Inspect log in {', '.join(paths)}. Make one with: inspect eval warm_inspect/truthfulqa --model MODEL"
        )
    return list(logs)


def file_name(path: str) -> str:
    """The last part of a path or URL."""
    return path.rstrip("/").rpartition("/")[2]


def merged_logs(path: str) -> list[str]:
    """Where the log that merges this shard may lie; empty for a log that is no shard.

    Inspect writes the shards of a run as `<log>.shards/<number>/<shard>` beside `<log>.eval`, which holds all their
    samples once it is finished.
    """
    folder = path.replace("\\", "/").split("/")[:-2]
    if not folder or not folder[-1].endswith(_SHARDS):
        return []
    log = path[: len("/".join(folder)) - len(_SHARDS)]
    return [f"{log}.eval", f"{log}-recovered.eval"]


def _local(text: str) -> Iterable[Path]:
    path = Path(text)
    if path.is_dir():
        matches: Iterable[Path] = sorted(match for pattern in _IN_FOLDERS for match in path.rglob(pattern))
    elif path.exists():
        matches = [path]
        _check_format(text)
    elif has_magic(text):
        names = glob(text, recursive=True)  # noqa: PTH207 - Path.glob refuses absolute patterns
        matches = sorted(Path(name) for name in names if name.endswith(FORMATS))
    else:
        raise _missing(text)
    return [match.resolve() for match in matches]


def _remote(url: str) -> list[str]:
    """The logs of a URL.

    Raises:
        PrerequisiteError: the scheme is unknown, the place cannot be reached, or nothing is there.
    """
    from fsspec.core import url_to_fs  # type: ignore[import-untyped]

    try:
        system, path = url_to_fs(url)
        if has_magic(path):
            names = [name for name in system.glob(path) if name.endswith(FORMATS)]
        elif system.isdir(path):
            names = [name for pattern in _IN_FOLDERS for name in system.glob(f"{path.rstrip('/')}/**/{pattern}")]
        elif system.exists(path):
            _check_format(url)
            names = [path]
        else:
            raise _missing(url)
    except PrerequisiteError:
        raise
    except Exception as error:  # every file system has errors of its own
        raise PrerequisiteError(f"{url} cannot be read: {type(error).__name__}: {error}") from None
    return [str(system.unstrip_protocol(name)) for name in sorted(set(names))]


def _check_format(text: str) -> None:
    if not text.endswith(FORMATS):
        raise PrerequisiteError(f"{text} is not an Inspect log: the name of a log ends in {' or '.join(FORMATS)}.")


def _missing(text: str) -> PrerequisiteError:
    return PrerequisiteError(f"No file or folder {text}. Give the folder that `inspect eval` wrote its logs to.")


class UnreadableLog(PrerequisiteError):
    """A file that cannot be read as a log."""

    def __init__(self, path: str, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"{path} cannot be read as an Inspect log ({reason}). "
            "A log that was cut off can be mended with: inspect log recover LOG"
        )


class _Refused(ValueError):
    """A log that is not read, with the reason as its message."""


@contextmanager
def reading(path: str) -> Iterator[None]:
    """Turns whatever error the block meets into `UnreadableLog`: a damaged file can raise any type.

    Raises:
        UnreadableLog: the block failed.
        PrerequisiteError: the memory did not suffice; or an error of this type in the block, as it is.
    """
    try:
        yield
    except InspectPrerequisiteError:
        raise
    except MemoryError:
        raise PrerequisiteError(
            f"{file_name(path)} needs more memory than this machine has free. Give fewer logs at once."
        ) from None
    except Exception as error:
        told = isinstance(error, BadZipFile | OSError) and str(error)
        # The message of another error may quote the log.
        reason = f"{type(error).__name__}: {told}" if told else type(error).__name__
        raise UnreadableLog(path, str(error) if isinstance(error, _Refused) else reason) from error


def read_contents(path: str) -> tuple[EvalLog, list[dict[str, Any]]]:
    """The header, and the summary of each sample as the log holds it, the last run of each sample only.

    Raises:
        Exception: of any type, when the file is no log, is damaged or too large (see `reading`).
    """
    if path.endswith(".eval"):
        with _opened(path) as archive:
            names = set(archive.namelist())
            if {_HEADER, _SUMMARIES} <= names:
                _refuse_large(map(archive.getinfo, (_HEADER, _SUMMARIES)))
                header = EvalLog.model_validate(from_json(archive.read(_HEADER)))
                return header, _latest(from_json(archive.read(_SUMMARIES)))
            _verify(archive)
    header = read_eval_log(path, header_only=True)
    return header, _latest([summary.model_dump() for summary in read_eval_log_sample_summaries(path)])


def read_sample(path: str, id: str, epoch: int) -> EvalSample:
    """One sample with its messages.

    Raises:
        UnreadableLog: the log or the sample cannot be read, or is not there.
    """
    with reading(path):
        if path.endswith(".eval"):
            with _opened(path) as archive:
                # Read for its checksum, which Inspect does not verify.
                archive.read(f"{_SAMPLES}{id}_epoch_{epoch}.json")
        return read_eval_log_sample(path, id, epoch, exclude_fields=_NOT_READ)


@contextmanager
def _opened(path: str) -> Iterator[ZipFile]:
    import fsspec  # type: ignore[import-untyped]

    with fsspec.open(path, "rb") as file, ZipFile(file) as archive:
        yield archive


def _verify(archive: ZipFile) -> None:
    """Check whatever Inspect will read of an archive that is not finished."""
    members = [member for member in archive.infolist() if not member.filename.startswith(_SAMPLES)]
    if any(member.filename in (_HEADER, _SUMMARIES) for member in members):
        raise _Refused(f"it has one of {_HEADER} and {_SUMMARIES} without the other")
    _refuse_large(members)
    for member in members:
        archive.read(member)


def _refuse_large(members: Iterable[ZipInfo]) -> None:
    size = sum(member.file_size for member in members)
    if size > MAX_UNPACKED:
        raise _Refused(f"it unpacks to {size / 2**20:,.0f} MiB, and at most {MAX_UNPACKED / 2**20:,.0f} are read")


def _latest(rows: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - whatever the file holds
    """The last row of each sample: the run of a sample that was queued again stands behind the one it replaces.

    Raises:
        ValueError: these are no summaries.
    """
    if not isinstance(rows, list) or not all(map(_is_summary, rows)):
        raise _Refused("it holds no list of sample summaries")
    return list({(str(row["id"]), row["epoch"]): row for row in rows}.values())


def _is_summary(row: Any) -> bool:  # noqa: ANN401
    return (
        isinstance(row, dict)
        and isinstance(row.get("id"), str | int)
        and isinstance(row.get("epoch"), int)
        and all(isinstance(row.get(part), dict | NoneType) for part in ("metadata", "scores"))
    )
