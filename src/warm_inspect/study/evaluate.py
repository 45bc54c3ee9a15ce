"""Evaluate arms with Inspect's eval sets: what is done is reused, what was cut short goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

from inspect_ai import Task, eval_set
from inspect_ai.log import EvalLog, read_eval_log_sample_summaries

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import Benchmark, Grading, Source
from warm_inspect.study.arms import ArmRun
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
    """How replies are generated."""

    max_tokens: int
    temperature: float
    concurrency: int
    """Samples in flight: a local model batches what is there."""


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

    def tasks(self, persona: str) -> list[Task]:
        """The four benchmark tasks under a persona."""
        return [
            build(
                contexts=list(self.contexts),
                beliefs=list(self.beliefs),
                persona=persona,
                source=self.source.value,
                items=self.items,
                grading=self.grading.value,
                seed=self.seed,
            )
            for build in TASKS.values()
        ]


@dataclass(frozen=True, slots=True)
class Weights:
    """Hashes of what is evaluated: an eval set knows the model's name, not its weights."""

    base_sha256: str
    adapter_sha256: str = ""
    """Empty without an adapter."""


def evaluate(arm: ArmRun, settings: EvaluationSettings, log_dir: Path, weights: Weights) -> list[EvalLog]:
    """The logs of one arm on all four benchmarks, run as far as they are not there yet.

    Draws nothing; `warm_inspect.study.progress` tells how far it is.

    Args:
        arm: what to evaluate.
        settings: what it is asked.
        log_dir: this arm's own log folder.
        weights: the model's weights now; logs of other weights are not reused.

    Raises:
        PrerequisiteError: samples failed, or the folder holds logs of other weights or a damaged log.
    """
    _refuse_other_weights(log_dir, weights)
    return run_tasks(settings.tasks(arm.persona), arm, settings, log_dir)


def run_tasks(tasks: Sequence[Task], arm: ArmRun, settings: GenerationSettings, log_dir: Path) -> list[EvalLog]:
    """The headers of the arm's logs on the tasks, run as far as they are not in the folder yet.

    Raises:
        PrerequisiteError: samples failed.
    """
    finished, logs = eval_set(
        list(tasks),
        log_dir=str(log_dir),
        model=arm.load(),
        display="none",
        max_tasks=len(tasks),
        max_samples=settings.concurrency,
        max_connections=settings.concurrency,
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
        seed=arm.sampling_seed,
        retry_attempts=1,
        score_display=False,
        log_level="error",
    )
    if finished:
        return logs
    failed = next((log for log in logs if log.status != "success"), None)
    reason = failed.error.message if failed and failed.error else "it was interrupted"
    raise PrerequisiteError(
        f"Evaluating {arm.name} did not finish: {reason}. Finished samples are in {log_dir}; "
        "the same command goes on from there."
    )


def _refuse_other_weights(log_dir: Path, weights: Weights) -> None:
    wanted = {"base_sha256": weights.base_sha256, "adapter_sha256": weights.adapter_sha256}
    for log in log_dir.glob("*.eval"):
        try:
            summaries = read_eval_log_sample_summaries(str(log))
        except (BadZipFile, OSError, ValueError, KeyError):
            raise PrerequisiteError(
                f"{log} is damaged and cannot be gone on from. Delete it and run the same command again."
            ) from None
        # A sample that failed early has no weights in its metadata yet; Inspect runs it again.
        done = [summary.metadata for summary in summaries if summary.completed and not summary.error]
        if any({name: metadata.get(name) for name in wanted} != wanted for metadata in done):
            raise PrerequisiteError(
                f"{log} was made with other weights than the ones on disk now. "
                f"Move or delete {log_dir} and run the same command again."
            )
