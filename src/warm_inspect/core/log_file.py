"""The one door to Inspect's log files: whatever is wrong with a file makes it unreadable, by name.

Every checksum of what is read is verified first, which Inspect does not do, and no entry is unpacked beyond a size.
Logs in JSON have no checksums.

The header and the summaries of a finished archive are read directly, under two names of members that Inspect does not
document: its own reader of summaries takes about nine times as long. It reads the rest, which is JSON, the journals of
unfinished runs, and archives of any other layout; a test holds both ways to the same result.
"""

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from types import NoneType
from typing import Any, Literal
from zipfile import BadZipFile, ZipFile, ZipInfo

from inspect_ai.log import (
    EvalLog,
    EvalSample,
    read_eval_log,
    read_eval_log_sample_summaries,
    read_eval_log_samples_by_id,
)
from pydantic_core import from_json

from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError, plain_reason

MAX_UNPACKED = 512 << 20
"""Bytes to which the header and the summaries of a log, about 200,000 samples, or one sample may unpack."""

MAX_TEXT = 1 << 16
"""Characters of an id, an answer, a reason or a detail in a summary, which Inspect cuts to far fewer."""

_LEAST, _MOST = -(2**63), 2**63 - 1
_HEADER, _SUMMARIES, _SAMPLES = "header.json", "summaries.json", "samples/"
_NOT_READ = {"events"}


def file_name(path: str) -> str:
    """The last part of a path or URL."""
    return path.rstrip("/").rpartition("/")[2]


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
        PrerequisiteError: the memory did not suffice; or an error of our type in the block, as it is.
    """
    try:
        yield
    except PrerequisiteError:
        raise
    except MemoryError:
        raise PrerequisiteError(
            f"{file_name(path)} needs more memory than this machine has free. Give fewer logs at once."
        ) from None
    except Exception as error:
        told = isinstance(error, BadZipFile | OSError | InspectPrerequisiteError) and plain_reason(error)
        # The message of another error may quote the log.
        reason = f"{type(error).__name__}: {told}" if told else type(error).__name__
        raise UnreadableLog(path, str(error) if isinstance(error, _Refused) else reason) from error


Format = Literal["eval", "json"]


def log_format(path: str) -> Format:
    """The format of a log by its name."""
    return "json" if path.endswith(".json") else "eval"


def read_contents(path: str, format: Format | None = None) -> tuple[EvalLog, list[dict[str, Any]]]:
    """The header, and the summary of each sample as the log holds it, the last run of each sample only.

    Args:
        path: the file.
        format: of a draft, whose name does not tell it.

    Raises:
        UnreadableLog: the file is no log, is damaged or too large.
    """
    with reading(path):
        format = format or log_format(path)
        if format == "eval":
            with _opened(path) as archive:
                if {_HEADER, _SUMMARIES} <= set(archive.namelist()):
                    _refuse_large(map(archive.getinfo, (_HEADER, _SUMMARIES)))
                    header = EvalLog.model_validate(from_json(archive.read(_HEADER)))
                    return header, _latest(from_json(archive.read(_SUMMARIES)))
                _verify_facts(archive)
        header = read_eval_log(path, header_only=True, format=format)
        summaries = read_eval_log_sample_summaries(path, format=format)
        return header, _latest([summary.model_dump() for summary in summaries])


def read_whole(path: str, without: Set[str] = frozenset()) -> EvalLog:
    """The log with all its samples.

    Args:
        path: the file.
        without: fields of the samples that are not read.

    Raises:
        UnreadableLog: the file is no log, is damaged or too large.
    """
    with reading(path):
        if log_format(path) == "eval":
            with _opened(path) as archive:
                _verify_facts(archive)
                _verify_each(archive, (name for name in archive.namelist() if name.startswith(_SAMPLES)))
        return read_eval_log(path, exclude_fields=set(without))


def read_chosen(path: str, places: Sequence[tuple[str, int]]) -> list[EvalSample]:
    """Some samples with their messages and without their events, by id and epoch, in this order.

    Raises:
        UnreadableLog: the log or a sample cannot be read, or is not there.
    """
    with reading(path):
        if log_format(path) == "eval":
            with _opened(path) as archive:
                _verify_each(archive, (f"{_SAMPLES}{id}_epoch_{epoch}.json" for id, epoch in places))
        return read_eval_log_samples_by_id(path, places, resolve_attachments=True, exclude_fields=_NOT_READ)


@contextmanager
def _opened(path: str) -> Iterator[ZipFile]:
    import fsspec  # type: ignore[import-untyped]

    with fsspec.open(path, "rb") as file, ZipFile(file) as archive:
        yield archive


def _verify_facts(archive: ZipFile) -> None:
    """Check everything but the samples: header and summaries, or the journal of a run that is not finished."""
    members = [member for member in archive.infolist() if not member.filename.startswith(_SAMPLES)]
    if len({_HEADER, _SUMMARIES} & {member.filename for member in members}) == 1:
        raise _Refused(f"it has one of {_HEADER} and {_SUMMARIES} without the other")
    _refuse_large(members)
    for member in members:
        archive.read(member)


def _verify_each(archive: ZipFile, names: Iterable[str]) -> None:
    for name in names:
        _refuse_large([archive.getinfo(name)])
        archive.read(name)


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
    """Whether a row has the types that Inspect writes, in all that is read of it."""
    if not isinstance(row, dict):
        return False
    metadata, scores = row.get("metadata"), row.get("scores")
    return (
        (_is_short(row.get("id")) or _is_whole(row.get("id")))
        and (_is_whole(row.get("epoch")) and row["epoch"] > 0)
        and (row.get("uuid") is None or _is_short(row["uuid"]))
        and isinstance(row.get("error"), str | NoneType)
        and isinstance(row.get("input"), str | list)
        and _are_texts(row.get("choices") or [])
        and (isinstance(row.get("target"), str) or _are_texts(row.get("target")))
        and (metadata is None or (isinstance(metadata, dict) and all(map(_is_storable, metadata.values()))))
        and (scores is None or (isinstance(scores, dict) and all(map(_is_score, scores.values()))))
    )


def _is_score(score: Any) -> bool:  # noqa: ANN401
    if not isinstance(score, dict) or "value" not in score:
        return False
    value, details = score["value"], score.get("metadata")
    values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (value,)
    return (
        all(isinstance(each, str | int | float | NoneType) and _is_storable(each) for each in values)
        and all(
            _is_short(text) for part in ("answer", "explanation", "reason") if (text := score.get(part)) is not None
        )
        and (details is None or (isinstance(details, dict) and all(map(_is_storable, details.values()))))
    )


def _is_short(text: Any) -> bool:  # noqa: ANN401
    return isinstance(text, str) and _is_storable(text)


def _are_texts(texts: Any) -> bool:  # noqa: ANN401
    return isinstance(texts, list) and all(isinstance(text, str) for text in texts)


def _is_whole(number: Any) -> bool:  # noqa: ANN401
    return isinstance(number, int) and not isinstance(number, bool) and _is_storable(number)


def _is_storable(value: Any) -> bool:  # noqa: ANN401
    """Whether a value is no text that Inspect would have cut, and no whole number that a column cannot hold."""
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    return type(value) is not int or _LEAST <= value <= _MOST
