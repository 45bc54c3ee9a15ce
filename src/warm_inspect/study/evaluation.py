"""Evaluate arms as one Inspect eval set: finished logs are reused, unfinished ones are resumed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import rich
from inspect_ai import Task, eval_set
from inspect_ai.log import EvalLog

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.log_file import UnreadableLog, read_contents
from warm_inspect.core.vocabulary import Benchmark, Grading, Source
from warm_inspect.study.arms import ArmRun, Weights
from warm_inspect.tasks.disinfo import disinfo
from warm_inspect.tasks.medqa import medqa
from warm_inspect.tasks.triviaqa import triviaqa
from warm_inspect.tasks.truthfulqa import truthfulqa

TASKS = {
    Benchmark.TRIVIAQA: triviaqa,
    Benchmark.TRUTHFULQA: truthfulqa,
    Benchmark.MEDQA: medqa,
    Benchmark.DISINFO: disinfo,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationSettings:
    """How replies are generated; None where each task's own setting holds."""

    max_tokens: int | None
    temperature: float | None
    concurrency: int | None
    """Samples in flight, which a local model batches; None takes Inspect's own number, for remote models."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSettings(GenerationSettings):
    """What every arm of a study is asked, in the task parameters' terms."""

    contexts: tuple[str, ...]
    beliefs: tuple[str, ...]
    source: Source
    grading: Grading
    items: int | None
    """Items per benchmark; None for all."""
    seed: int

    def tasks(self, arm: ArmRun) -> list[Task]:
        """The benchmark tasks of an arm, not bound to it yet."""
        return [
            build(
                contexts=list(self.contexts if arm.contexts is None else arm.contexts),
                beliefs=list(self.beliefs),
                persona=arm.persona,
                source=self.source.value,
                items=self.items,
                grading=self.grading.value,
                seed=self.seed,
            )
            for build in TASKS.values()
        ]


def evaluate(arms: Sequence[ArmRun], settings: EvaluationSettings, log_dir: Path) -> list[EvalLog]:
    """The headers of the logs of all arms on all benchmarks, run as far as they are not in the folder yet.

    All arms are one eval set: the end of a batch, when few rows are left to decode, comes once and not once per arm.
    Draws nothing on the terminal; see `on_sample_end` for the progress.

    Args:
        arms: no two alike in model, label, persona and seed.
        settings: what each arm is asked.
        log_dir: log folder; logs of other models in it are left alone.

    Raises:
        PrerequisiteError: samples failed, or the folder holds logs of other weights or a damaged log.
    """
    _refuse_other_weights(log_dir, {arm.model: arm.weights for arm in arms})
    return run_tasks([arm.bind(task) for arm in arms for task in settings.tasks(arm)], settings, log_dir)


def run_tasks(tasks: Sequence[Task], settings: GenerationSettings, log_dir: Path) -> list[EvalLog]:
    """The headers of the logs of tasks that are bound to arms; tasks whose logs are in the folder are not run again.

    Raises:
        PrerequisiteError: samples failed.
    """
    _put_fullest_last(log_dir)
    # Nothing is drawn. The display `none` lays out the table of all metrics of all tasks first, which takes seconds.
    rich.reconfigure(quiet=True)
    finished, logs = eval_set(
        list(tasks),
        log_dir=str(log_dir),
        log_dir_allow_dirty=True,
        display="log",
        max_tasks=len(tasks),
        max_samples=settings.concurrency,
        max_connections=settings.concurrency,
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
        retry_attempts=1,
        score_display=False,
        log_level="critical",
    )
    if finished:
        return logs
    failed = next(log for log in logs if log.status != "success" or log.invalidated)
    reason = "samples of it were declared invalid" if failed.invalidated else "it was interrupted"
    if failed.error:
        reason = failed.error.message
    raise PrerequisiteError(
        f"Evaluating {failed.eval.model} did not finish: {reason}. Finished samples are in {log_dir}; "
        "the same command goes on from there."
    )


def _put_fullest_last(log_dir: Path) -> None:
    """Give the time of now to the log with most finished samples of each task that did not end.

    Inspect goes on from a task's newest log. A run that goes on copies the finished samples into its own log before it
    asks for more, so a kill in between leaves a newest log with fewer of them than the one before, and the rest would
    be asked again.
    """
    of_tasks: dict[str, list[tuple[int, float, Path]]] = {}
    ended: set[str] = set()
    for path in log_dir.glob("*.eval"):
        try:
            header, samples = read_contents(str(path))
        except UnreadableLog:
            continue
        if header.status == "success":
            ended.add(header.eval.task_id)
        finished = sum(bool(sample.get("completed")) and not sample.get("error") for sample in samples)
        of_tasks.setdefault(header.eval.task_id, []).append((finished, path.stat().st_mtime, path))
    for task, logs in of_tasks.items():
        _, time, fullest = max(logs)
        if task not in ended and time < max(modified for _, modified, _ in logs):
            fullest.touch()


def _refuse_other_weights(log_dir: Path, weights: Mapping[str, Weights]) -> None:
    for path in log_dir.glob("*.eval"):
        try:
            header, samples = read_contents(str(path))
        except UnreadableLog:
            raise PrerequisiteError(
                f"{path} is damaged and cannot be resumed. Delete it and run the same command again."
            ) from None
        if header.eval.model not in weights:
            continue
        wanted = asdict(weights[header.eval.model])
        # A sample that failed early has no weights in its metadata yet; Inspect runs it again.
        done = [
            sample.get("metadata") or {} for sample in samples if sample.get("completed") and not sample.get("error")
        ]
        if any({name: metadata.get(name) for name in wanted} != wanted for metadata in done):
            raise PrerequisiteError(
                f"{path} was made with other weights than the ones on disk now. "
                "Move or delete it and run the same command again."
            )
