"""Written replies put to a grading, as an Inspect evaluation whose log keeps every reply and what the grading said."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import Model
from inspect_ai.scorer import Score, Scorer

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.grading.model import GRADER_ROLE
from warm_inspect.solvers import NO_MODEL, replay


def try_grading(
    name: str,
    samples: Sequence[Sample],
    scorer: Scorer,
    graders: Sequence[str | Model],
    log_dir: Path,
    max_connections: int | None = None,
) -> Mapping[str, Score]:
    """The scores of replies that stand in the samples' metadata, by the samples' ids.

    Args:
        name: of the task in the log.
        samples: with the metadata that the scorer reads.
        scorer: what grades them.
        graders: Inspect's names of the models in the role `grader`, or models; none where no model grades.
        log_dir: folder of the log.
        max_connections: calls in flight; None takes Inspect's own number.

    Raises:
        PrerequisiteError: a grader cannot be used, or the run was interrupted.
    """
    roles = {GRADER_ROLE: list(graders) if len(graders) > 1 else graders[0]} if graders else None
    logs = inspect_eval(
        Task(name=name, dataset=MemoryDataset(list(samples)), solver=replay(), scorer=scorer),
        model=NO_MODEL,
        model_roles=roles,
        log_dir=str(log_dir),
        display="none",
        max_connections=max_connections,
        score_display=False,
        log_level="error",
        log_realtime=False,
    )
    if not logs:
        raise PrerequisiteError(f"{name} was interrupted before it began. Give the same command again.")
    [log] = logs
    if log.status != "success" or log.samples is None:
        reason = log.error.message if log.error else "it was interrupted"
        raise PrerequisiteError(f"{name} did not finish: {reason}. The log is {log.location}.")
    return {str(sample.id): next(iter((sample.scores or {}).values())) for sample in log.samples}
