"""Written replies put to a grading, as an Inspect evaluation whose log keeps every reply and what the grading said."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import Model, get_model
from inspect_ai.scorer import Score, Scorer

from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError, plain_reason
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
    opened = [_opened(grader) for grader in graders]
    roles = {GRADER_ROLE: opened if len(opened) > 1 else opened[0]} if opened else None
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


def _opened(grader: str | Model) -> Model:
    if isinstance(grader, Model):
        return grader
    try:
        return get_model(grader)
    except (InspectPrerequisiteError, ImportError, OSError, ValueError) as error:
        raise PrerequisiteError(
            f"The grader {grader!r} cannot be used: {plain_reason(error)}",
            "Give any Inspect model, as in --model openai/gpt-6-luna",
        ) from error
