"""Find and read logs: sample summaries only, of our own tasks only, and every log that is left out is counted."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from os import cpu_count
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.api.types import union_categoricals

from warm_inspect.analysis.logs.find import find_logs
from warm_inspect.analysis.logs.read import ReadLog, read_log
from warm_inspect.analysis.logs.scored_log import ScoredLog, read_scored_log
from warm_inspect.core.errors import PrerequisiteError

Progress = Callable[[Sequence[str]], Iterable[str]]
"""Wraps the files while they are read, to show how far the reading is."""

_WORTH_PROCESSES = 32 << 20
"""Bytes of logs from which reading in several processes pays for starting them."""


@dataclass(frozen=True)
class Collected:
    """The samples of every usable log, and what was left out."""

    samples: pd.DataFrame
    """One row per sample: its metadata, identity and grade; `excluded` holds the reason when it has no grade."""
    logs: tuple[dict[str, Any], ...]
    """One record per log that was used; `excluded_rows` counts the rows of its data set that a rule kept out."""
    other_tasks: tuple[str, ...]
    """Logs of tasks that are not ours."""
    unfinished: tuple[str, ...]
    """Logs that did not finish and that no finished retry replaces."""
    unreadable: tuple[str, ...]
    controls: tuple[ScoredLog, ...] = ()
    """Logs of control benchmarks, ours or others'."""

    @property
    def skipped(self) -> tuple[tuple[str, str], ...]:
        """Kind and file name of each log that was left out."""
        kinds = {"other task": self.other_tasks, "unfinished": self.unfinished, "unreadable": self.unreadable}
        return tuple((kind, name) for kind, names in kinds.items() for name in names)

    @property
    def complete(self) -> bool:
        """Whether no log of ours was left out."""
        return not (self.unfinished or self.unreadable)


def collect(paths: Sequence[str], progress: Progress = iter) -> Collected:
    """The samples of all logs that the paths name.

    Raises:
        PrerequisiteError: no usable log; or a log breaks the contract between evaluation and analysis.
    """
    read = list(_read(find_logs(paths), progress))
    for log in read:
        if log.problem:
            raise PrerequisiteError(log.problem)
    used = [log for log in read if log.kind == "used"]
    controls = [log for log in read if log.kind == "control"]
    finished = {log.task_id for log in (*used, *controls)}
    other, unreadable = (tuple(log.name for log in read if log.kind == kind) for kind in ("other task", "unreadable"))
    unfinished = tuple(log.name for log in read if log.kind == "unfinished" and log.task_id not in finished)
    if not used:
        raise PrerequisiteError(
            f"Nothing to analyse: found {len(other)} logs of other tasks, {len(unfinished)} unfinished and "
            f"{len(unreadable)} unreadable ones. Finish a run with: inspect eval-retry LOG, or start one with: "
            "inspect eval warm_inspect/truthfulqa --model MODEL"
        )
    samples = _joined([log.samples for log in used])
    return Collected(
        samples=samples,
        logs=tuple(dict(log.record) for log in used),
        other_tasks=other,
        unfinished=unfinished,
        unreadable=unreadable,
        controls=tuple(read_scored_log(log.path) for log in controls),
    )


def _read(paths: Sequence[str], progress: Progress) -> Iterator[ReadLog]:
    """The logs in their order, read by as many processes as there are processors when there is much to read."""
    workers = min(cpu_count() or 1, len(paths))
    if workers == 1 or _size(paths) < _WORTH_PROCESSES:
        yield from map(read_log, progress(paths))
        return
    # A forked process has everything imported; where there is no fork, each pays for its imports.
    method = "fork" if "fork" in get_all_start_methods() else "spawn"
    with ProcessPoolExecutor(workers, mp_context=get_context(method)) as pool:
        # Submitted before the progress bar starts a thread: processes should not fork under it.
        found = pool.map(read_log, paths)
        for _, log in zip(progress(paths), found, strict=True):
            yield log


def _size(paths: Sequence[str]) -> float:
    """Bytes of the files on this machine; remote ones are always worth it."""
    return sum(Path(path).stat().st_size if "://" not in path else _WORTH_PROCESSES for path in paths)


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The frames below each other, the categories of each column united."""
    columns: dict[str, Any] = {}
    for name in frames[0]:
        parts = [frame[name] for frame in frames]
        categorical = all(part.dtype == "category" for part in parts)
        columns[str(name)] = union_categoricals(parts) if categorical else pd.concat(parts, ignore_index=True)
    return pd.DataFrame(columns)
