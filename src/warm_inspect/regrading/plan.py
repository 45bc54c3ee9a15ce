"""What there is to grade in logs: which samples of which log lack a grade, by which grading, and who is to be asked."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from inspect_ai.log import EvalLog, EvalSample

from warm_inspect.analysis.logs import (
    Log,
    LoggedScore,
    Sample,
    SampleKey,
    find_logs,
    held_gradings,
    merged_logs,
    read_log,
    scorer_of,
)
from warm_inspect.core.endings import EMPTY_REPLY, NO_REPLY, PROMPT_BLOCKED, PROMPT_TOO_LONG
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.log_file import UnreadableLog, file_name, read_chosen, read_contents
from warm_inspect.core.scored import ScoreDetails
from warm_inspect.core.script import is_incomplete
from warm_inspect.core.vocabulary import PANEL, Grading
from warm_inspect.regrading.gradings import (
    REGRADABLE,
    Graders,
    Regradable,
    grader_names,
    named_graders,
    recorded_graders,
)

_WITHOUT_REPLY = {NO_REPLY, PROMPT_TOO_LONG, PROMPT_BLOCKED, EMPTY_REPLY}
"""Reasons for which a sample has no grade and no grading can give it one."""


@dataclass(frozen=True, slots=True)
class GradingWanted:
    """A grading that a user wants for every sample."""

    grading: Grading
    graders: tuple[str, ...] = ()
    """Inspect's names of the models; none takes those a log names, else the default grader."""


@dataclass(frozen=True, slots=True)
class Asking:
    """One grading of one log, and the samples that lack its grade."""

    key: str
    """The score that gets them."""
    is_new: bool
    """Whether the log does not have this score yet."""
    grading: Grading
    graders: Graders
    samples: tuple[SampleKey, ...]


@dataclass(frozen=True, slots=True)
class PlannedLog:
    """A finished log of this package's tasks, and the gradings to ask for."""

    log: Log
    """Without its samples."""
    scorer: str
    source: str
    """What is read: the output of an earlier run where there is one."""
    target: Path
    """What is written."""
    askings: tuple[Asking, ...]
    failed: int
    """Samples that ended in an error: they have no reply to grade."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A log that is not graded again."""

    name: str
    reason: str
    is_fault: bool
    """Whether that leaves something undone; a log of somebody else's task does not."""


@dataclass(frozen=True)
class RegradingPlan:
    """Every grading to ask for, log by log, and the logs that are left out."""

    logs: tuple[PlannedLog, ...]
    left_out: tuple[LeftOut, ...]
    folder: Path
    """Where the journal lies."""

    @property
    def to_grade(self) -> int:
        """Grades that are missing."""
        return sum(len(asking.samples) for each in self.logs for asking in each.askings)


def plan_regrading(
    paths: Sequence[str],
    wanted: GradingWanted | None,
    out: Path | None,
    progress: Callable[[Sequence[str]], Iterable[str]] = iter,
) -> RegradingPlan:
    """What there is to ask about the logs; calls no model and writes nothing.

    Args:
        paths: log files, folders and glob patterns.
        wanted: the grading that every sample is to have; None completes the gradings that each log has or was to have.
        out: the folder for the logs; None writes each log in its place.
        progress: wraps the files while they are read.

    Raises:
        PrerequisiteError: no log, two logs of one name for one folder, an output that is another log's, or logs that
            cannot be written in their place.
    """
    files = find_logs(paths)
    targets = _targets(files, out)
    logs: list[PlannedLog] = []
    left_out: list[LeftOut] = []
    for path in progress(files):
        try:
            planned = _planned(path, targets[path], wanted)
        except UnreadableLog as error:
            planned = LeftOut(file_name(path), f"unreadable: {error.reason}", is_fault=True)
        if isinstance(planned, LeftOut):
            left_out.append(planned)
        else:
            logs.append(planned)
    return RegradingPlan(tuple(logs), tuple(left_out), out or _common_folder(files))


def replies(log: PlannedLog, samples: Sequence[SampleKey]) -> list[EvalSample]:
    """Samples of a log with their replies, as the model gave them.

    Raises:
        UnreadableLog: a sample is damaged.
    """
    return read_chosen(log.source, samples)


def _planned(path: str, target: Path, wanted: GradingWanted | None) -> PlannedLog | LeftOut:
    name = file_name(path)
    if merged_logs(path):
        return LeftOut(name, "a shard: give the log that merges it", is_fault=True)
    log = read_log(path)
    scorer = scorer_of(log)
    if scorer not in REGRADABLE:
        return LeftOut(name, f"holds no replies that are graded (task {log.task})", is_fault=False)
    if not log.finished:
        return LeftOut(name, f"not finished (status {log.status}): inspect eval-retry {name}", is_fault=True)
    source = path
    if target.exists() and str(target) != path:
        before, source = log, str(target)
        log = read_log(source)
        if log.eval_id != before.eval_id:
            raise PrerequisiteError(f"{target} is another log than {path}. Choose another folder with: --out FOLDER")
    regradable = REGRADABLE[scorer]
    header, _ = read_contents(source)
    held = held_gradings(log)
    askings = []
    for key, grading, graders in _wanted_gradings(log, header, scorer, held, wanted):
        if grading not in regradable.gradings:
            legal = ", ".join(regradable.gradings)
            return LeftOut(name, f"{log.task} is not graded by {grading}, only by {legal}", is_fault=True)
        samples = _without_grade(log, key, whole=bool(wanted) and grading is Grading.MATCH)
        if samples and not wanted and key in held and (fault := _unlike_today(held[key], regradable, grading)):
            return LeftOut(name, fault, is_fault=True)
        if samples:
            askings.append(Asking(key, key not in held, grading, graders, samples))
    failed = sum(sample.failed for sample in log.samples.values())
    return PlannedLog(replace(log, samples={}), scorer, source, target, tuple(askings), failed)


def _wanted_gradings(
    log: Log, header: EvalLog, scorer: str, held: dict[str, ScoreDetails], wanted: GradingWanted | None
) -> Iterator[tuple[str, Grading, Graders]]:
    """The score key, the grading and the graders of each grading that every sample of the log is to have."""
    if wanted is None:
        yield from _gradings_to_complete(header, scorer, held)
    else:
        yield _grading_to_add(header, scorer, held, wanted)


def _gradings_to_complete(
    header: EvalLog, scorer: str, held: dict[str, ScoreDetails]
) -> Iterator[tuple[str, Grading, Graders]]:
    """The gradings that the log holds; where it holds none, the one that its scorer was to give."""
    options = next((each.options for each in header.eval.scorers or [] if _is(each.name, scorer)), None) or {}
    for key, details in (held or {scorer: ScoreDetails()}).items():
        grading = Grading(details.grading or options.get("grading", Grading.MODEL.value))
        yield key, grading, () if grading is Grading.MATCH else recorded_graders(header, details)


def _grading_to_add(
    header: EvalLog, scorer: str, held: dict[str, ScoreDetails], wanted: GradingWanted
) -> tuple[str, Grading, Graders]:
    """The grading that the user wants: under the key of the same one where the log holds it, else under a new key."""
    new_key = _next_key(scorer, held)
    # Matching is never completed but done anew for every sample: it costs nothing, and its rules may have changed.
    if wanted.grading is Grading.MATCH:
        return new_key, wanted.grading, ()
    graders = named_graders(wanted.graders) or recorded_graders(header, ScoreDetails())
    regradable = REGRADABLE[scorer]
    rules = regradable.rules_sha256(wanted.grading) if wanted.grading in regradable.gradings else ""
    same = (wanted.grading, grader_names(graders), rules)
    keys = (key for key, each in held.items() if (each.grading, each.grader, each.grader_prompt_sha256) == same)
    return next(keys, new_key), wanted.grading, graders


def _is(name: str, scorer: str) -> bool:
    return name.rpartition("/")[2] == scorer


def _next_key(scorer: str, held: Iterable[str]) -> str:
    """The key that Inspect gives one more score of a scorer."""
    taken = set(held)
    names = (scorer, *(f"{scorer}{n}" for n in range(1, len(taken) + 1)))
    return next(name for name in names if name not in taken)


def _unlike_today(held: ScoreDetails, regradable: Regradable, grading: Grading) -> str:
    """Why the missing grades of a score cannot be given as the others were; empty when they can."""
    if not held.grader_prompt_sha256 or held.grader_prompt_sha256 == regradable.rules_sha256(grading):
        return ""
    graders = "".join(f" --grader {name}" for name in held.grader.removeprefix(PANEL).split(", ") if name)
    return f"graded by {held.by}, by other rules than today's: grade all of it with --grading {grading}{graders}"


def _without_grade(log: Log, key: str, *, whole: bool) -> tuple[SampleKey, ...]:
    """The samples with a reply and without this score, or all with a reply."""
    return tuple(
        place
        for place, sample in log.samples.items()
        if not sample.failed and (whole or _lacks_grade(sample, sample.scores.get(key)))
    )


def _lacks_grade(sample: Sample, score: LoggedScore | None) -> bool:
    if score is None:
        return True
    reason = score.reason or ""
    return score.unscored and not (reason in _WITHOUT_REPLY or is_incomplete(reason))


def _targets(files: Sequence[str], out: Path | None) -> dict[str, Path]:
    """Where each log is written."""
    if out is None:
        if remote := next((path for path in files if "://" in path), None):
            raise PrerequisiteError(f"{remote} cannot be written in one piece. Write into a folder: --out FOLDER")
        return {path: Path(path) for path in files}
    names = Counter(map(file_name, files))
    if twice := next((name for name, n in names.items() if n > 1), None):
        raise PrerequisiteError(f"Several logs are called {twice}. Give their folders one by one, each its own --out.")
    targets = {path: out / file_name(path) for path in files}
    for path, target in targets.items():
        if "://" not in path and target.exists() and target.samefile(path):
            raise PrerequisiteError(f"--out {out} is where {path} lies. Give another folder, or: --in-place")
    return targets


def _common_folder(files: Sequence[str]) -> Path:
    """The innermost folder that holds all of them."""
    first, *others = [Path(path).parent for path in files]
    return next(each for each in (first, *first.parents) if all(other.is_relative_to(each) for other in others))
