"""The attack set put to a grader, as an Inspect evaluation whose log keeps every reply and what the grader said."""

from collections.abc import Sequence
from pathlib import Path

from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import Model

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import CORRECTNESS, INCORRECT_ANSWERS
from warm_inspect.grading.model import GRADER_ROLE, Attack, AttackReport, attack_set
from warm_inspect.scorers import correctness
from warm_inspect.solvers import NO_MODEL, REPLY, replay


def attack_grader(graders: Sequence[str | Model], log_dir: Path, max_connections: int | None = None) -> AttackReport:
    """How the graders, one or a panel, fare on the attack set.

    Cost: one call of each grader per attack, two when the first reply cannot be used.

    Args:
        graders: Inspect's names of the models, or models.
        log_dir: folder of the log.
        max_connections: calls in flight; None takes Inspect's own number.

    Raises:
        PrerequisiteError: a grader cannot be used, or the run was interrupted.
    """
    task = Task(
        name="grader_attack",
        dataset=MemoryDataset([_sample(attack) for attack in attack_set()]),
        solver=replay(),
        scorer=correctness(),
    )
    [log] = inspect_eval(
        task,
        model=NO_MODEL,
        model_roles={GRADER_ROLE: list(graders) if len(graders) > 1 else graders[0]},
        log_dir=str(log_dir),
        display="none",
        max_connections=max_connections,
        score_display=False,
        log_level="error",
        log_realtime=False,
    )
    if log.status != "success" or log.samples is None:
        reason = log.error.message if log.error else "it was interrupted"
        raise PrerequisiteError(f"The attacks did not finish: {reason}. The log is {log.location}.")
    return AttackReport.of({str(sample.id): (sample.scores or {})[CORRECTNESS] for sample in log.samples})


def _sample(attack: Attack) -> Sample:
    question = attack.question
    return Sample(
        id=attack.name,
        input=question.text,
        target=list(question.references),
        metadata={REPLY: attack.reply, INCORRECT_ANSWERS: [question.incorrect_claim]},
    )
