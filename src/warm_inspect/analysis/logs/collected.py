"""Find and read logs: sample summaries only, each log once, and every log that is left out is counted."""

import gc
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from multiprocessing import get_all_start_methods, get_context
from os import cpu_count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from warm_inspect.analysis.logs.files import find_logs, merged_logs
from warm_inspect.analysis.logs.gradings import with_one_grading
from warm_inspect.analysis.logs.log import Log, read_log
from warm_inspect.analysis.logs.measured import columns_of, measured_frame
from warm_inspect.analysis.logs.own_scores import with_own_score
from warm_inspect.core.controls import ControlBenchmark
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.log_file import UnreadableLog, file_name, reading
from warm_inspect.core.measurements import BENCHMARKS, MEASUREMENTS, OWN_TASKS, Measurement

# Commands that only look for logs need no pandas, which takes most of a second to import.
if TYPE_CHECKING:
    import pandas as pd

FileProgress = Callable[[Sequence[str]], Iterable[str]]
"""Wraps the files while they are read, to show how far the reading is."""

logger = logging.getLogger(__name__)

_SHOWN = 3
"""Unfinished logs that an error names."""
_WORTH_PROCESSES = 32 << 20
"""Bytes of logs from which reading in several processes pays for starting them."""


@dataclass(frozen=True)
class Collected:
    """The samples of every usable log, and what was left out."""

    samples: "pd.DataFrame"
    """One row per sample of a benchmark, or of an own task: its metadata, identity and grade; `excluded` holds the
    reason when it has no grade."""
    logs: tuple[Log, ...]
    """The logs that `samples` come from; without their samples."""
    other_tasks: tuple[str, ...]
    """Logs of tasks that are not ours."""
    unfinished: tuple[str, ...]
    """Logs that did not finish and that no finished retry replaces."""
    unreadable: tuple[str, ...]
    controls: tuple[Log, ...] = ()
    """Logs of control benchmarks, ours or others', with their samples."""
    families: "Mapping[str, pd.DataFrame]" = field(default_factory=dict)
    """The samples of each further family of measurement, by its name, as in `samples`."""
    family_logs: tuple[Log, ...] = ()
    """The logs that `families` come from; without their samples."""
    paths: tuple[str, ...] = ()
    """Every log that was found."""
    to_retry: tuple[str, ...] = ()
    """Paths: of each task that did not finish the log with most samples, from which a retry asks least again."""

    @property
    def skipped(self) -> tuple[tuple[str, str], ...]:
        """Kind and file name of each log that was left out."""
        kinds = {"other task": self.other_tasks, "unfinished": self.unfinished, "unreadable": self.unreadable}
        return tuple((kind, name) for kind, names in kinds.items() for name in names)

    @property
    def complete(self) -> bool:
        """Whether every log of this package's tasks was read."""
        return not (self.unfinished or self.unreadable)


class _Kind(StrEnum):
    MEASURED = "measured"
    CONTROL = "control"
    OTHER_TASK = "other task"
    UNFINISHED = "unfinished"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class _ReadFile:
    """What one file held: the outcome of reading it."""

    path: str
    kind: _Kind
    log: Log | None = None
    """None when unreadable; only that of a control benchmark has its samples."""
    frame: "pd.DataFrame | None" = None
    """The samples of a measured log."""
    whole_samples: int = 0
    """Samples that ended without an error."""
    problem: str = ""
    """How it breaks the contract between evaluation and analysis, or why it is unreadable."""

    @property
    def task_id(self) -> str:
        return self.log.task_id if self.log else ""


class _Wanted(NamedTuple):
    """What is read of logs that hold several."""

    grading: str
    score: str


def collect(paths: Sequence[str], progress: FileProgress = iter, grading: str = "", score: str = "") -> Collected:
    """The samples of all logs that the paths name.

    Args:
        paths: files, folders and glob patterns.
        progress: wraps the files while they are read.
        grading: which grading is read of logs that hold several (see `with_one_grading`).
        score: which score is read as how correct a reply is (see `with_own_score`).

    Raises:
        PrerequisiteError: no usable log; a log breaks the contract between evaluation and analysis, or holds several
            gradings or scores and none or an unknown one is asked for; or benchmarks and own tasks are mixed.
    """
    files = find_logs(paths)
    read = list(_read_files(files, progress, _Wanted(grading, score)))
    for each in read:
        if each.kind is _Kind.UNREADABLE:
            logger.warning("%s is left out: %s", file_name(each.path), each.problem)
        elif each.problem:
            raise PrerequisiteError(each.problem)
    used = [each for each in read if each.kind in (_Kind.MEASURED, _Kind.CONTROL)]
    # A retry has the task id of the run that it completes.
    finished = {each.task_id for each in used}
    other, unreadable = (_names(read, kind) for kind in (_Kind.OTHER_TASK, _Kind.UNREADABLE))
    open_runs = _fullest_first(each for each in read if each.kind is _Kind.UNFINISHED and each.task_id not in finished)
    unfinished = _names(open_runs, _Kind.UNFINISHED)
    fullest = {each.task_id: each.path for each in reversed(open_runs)}
    to_retry = tuple(each.path for each in open_runs if fullest[each.task_id] == each.path)
    frames = {name: _frame(measurement, used) for name, measurement in MEASUREMENTS.items()}
    if all(frame.empty for frame in frames.values()):
        raise PrerequisiteError(
            f"Nothing to analyse: found {len(other)} logs of other tasks, {len(unfinished)} unfinished and "
            f"{len(unreadable)} unreadable ones. {_ends(open_runs)}Finish a run with: inspect eval-retry "
            f"{next(iter(to_retry), 'LOG')}, or start one with: inspect eval warm_inspect/truthfulqa --model MODEL"
        )
    logs = [each.log for each in used if each.log]
    studied = _studied(logs)
    measured = [log for log in logs if isinstance(log.holds, Measurement)]
    return Collected(
        samples=frames.pop(studied.name),
        logs=tuple(log for log in measured if log.holds == studied),
        other_tasks=other,
        unfinished=unfinished,
        unreadable=unreadable,
        controls=tuple(log for log in logs if isinstance(log.holds, ControlBenchmark)),
        families={name: frame for name, frame in frames.items() if not frame.empty},
        family_logs=tuple(log for log in measured if log.holds != studied),
        paths=tuple(files),
        to_retry=to_retry,
    )


def _studied(logs: Sequence[Log]) -> Measurement:
    """The family that is analysed: the benchmarks, or own tasks.

    Raises:
        PrerequisiteError: both are there, whose scores do not mean the same.
    """
    own = [log.name for log in logs if log.holds == OWN_TASKS]
    ours = [log.name for log in logs if log.holds == BENCHMARKS]
    if own and ours:
        raise PrerequisiteError(
            f"{ours[0]} is of a benchmark and {own[0]} of a task of your own, whose scores do not mean the same",
            "Name the logs of one of them",
        )
    return OWN_TASKS if own else BENCHMARKS


def _names(read: Iterable[_ReadFile], kind: _Kind) -> tuple[str, ...]:
    return tuple(file_name(each.path) for each in read if each.kind is kind)


def _fullest_first(read: Iterable[_ReadFile]) -> list[_ReadFile]:
    """Logs by task in the order of their first, and of one task the log with most whole samples first.

    A retry that is killed while it copies finished samples leaves a log with fewer of them than the one before.
    """
    logs = list(read)
    place: dict[str, int] = {}
    for each in logs:
        place.setdefault(each.task_id, len(place))
    return sorted(logs, key=lambda each: (place[each.task_id], -each.whole_samples))


def _ends(unfinished: Iterable[_ReadFile]) -> str:
    """How the first unfinished logs ended: of which model, and by an error or not."""
    logs = [each.log for each in unfinished if each.log]
    return "".join(f"{file_name(log.path)}, of {log.model}, has the status {log.status}. " for log in logs[:_SHOWN])


def _frame(measurement: Measurement, used: Iterable[_ReadFile]) -> "pd.DataFrame":
    """The samples of all logs of a family."""
    import pandas as pd

    frames = [each.frame for each in used if each.log and each.log.holds == measurement and each.frame is not None]
    return _joined(frames) if frames else pd.DataFrame(columns=list(columns_of(measurement)))


def _read_files(paths: Sequence[str], progress: FileProgress, wanted: _Wanted) -> Iterator[_ReadFile]:
    """Each file that is read: all but the shards that a finished merged log covers."""
    shards = [path for path in paths if merged_logs(path)]
    whole = list(_in_processes([path for path in paths if path not in shards], progress, wanted))
    yield from whole
    finished = {each.path for each in whole if each.log and each.log.finished}
    if left := [path for path in shards if finished.isdisjoint(merged_logs(path))]:
        yield from _in_processes(left, progress, wanted)


def _in_processes(paths: Sequence[str], progress: FileProgress, wanted: _Wanted) -> Iterator[_ReadFile]:
    """The logs in their order, read by as many processes as there are processors when there is much to read."""
    workers = min(cpu_count() or 1, len(paths))
    if workers <= 1 or _size(paths) < _WORTH_PROCESSES:
        yield from (_read_file(path, wanted) for path in progress(paths))
        return
    # A forked process has everything imported; where there is no fork, each pays for its imports.
    method = "fork" if "fork" in get_all_start_methods() else "spawn"
    with ProcessPoolExecutor(workers, mp_context=get_context(method)) as pool:
        # Submitted before the progress bar starts a thread: processes should not fork under it.
        results = pool.map(partial(_read_file, wanted=wanted), paths)
        for _, read in zip(progress(paths), results, strict=True):
            yield read


def _read_file(path: str, wanted: _Wanted) -> _ReadFile:
    """Read one log. What is wrong with a file is returned, not raised, so that this can run in a process of its own."""
    try:
        with reading(path), _no_search_for_cycles():
            log = read_log(path)
            bare, kind = replace(log, samples={}), _kind_of(log)
            if kind is _Kind.CONTROL:
                return _ReadFile(path, kind, with_one_grading(log, wanted.grading))
            frame = _samples_of(log, wanted) if kind is _Kind.MEASURED else None
            whole = sum(not sample.failed for sample in log.samples.values())
            return _ReadFile(path, kind, bare, frame, whole)
    except UnreadableLog as error:
        return _ReadFile(path, _Kind.UNREADABLE, problem=error.reason)
    except PrerequisiteError as error:
        return _ReadFile(path, _Kind.MEASURED, problem=str(error))


def _kind_of(log: Log) -> _Kind:
    """What a log that could be read is good for. Without samples an unfinished log does not say what it is of."""
    if log.holds is None:
        return _Kind.OTHER_TASK if log.samples or log.finished else _Kind.UNFINISHED
    if not log.finished:
        return _Kind.UNFINISHED
    return _Kind.CONTROL if isinstance(log.holds, ControlBenchmark) else _Kind.MEASURED


def _samples_of(log: Log, wanted: _Wanted) -> "pd.DataFrame":
    """The checked samples of a measured log, by the one score and the one grading that are read of it."""
    log = with_own_score(log, wanted.score)
    if log.holds != OWN_TASKS:
        log = with_one_grading(log, wanted.grading)
    assert isinstance(log.holds, Measurement)
    return measured_frame(log, log.holds)


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Pauses garbage collection: a log is a million objects without a cycle, and scanning takes half of the reading."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _size(paths: Sequence[str]) -> float:
    """Bytes of the files on this machine; remote ones are always worth it."""
    return sum(Path(path).stat().st_size if "://" not in path else _WORTH_PROCESSES for path in paths)


def _joined(frames: "Sequence[pd.DataFrame]") -> "pd.DataFrame":
    """The frames below each other, the categories of each column united."""
    import pandas as pd
    from pandas.api.types import union_categoricals

    # Concatenated as they are, categories that differ between frames would turn into a text for each row.
    columns: dict[str, Any] = {}
    for name in frames[0]:
        parts = [frame[name] for frame in frames]
        categorical = all(part.dtype == "category" for part in parts)
        columns[str(name)] = union_categoricals(parts) if categorical else pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns)
