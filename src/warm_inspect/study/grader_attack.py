"""The attack set put to a grader."""

from collections.abc import Sequence
from pathlib import Path

from inspect_ai.dataset import Sample
from inspect_ai.model import Model

from warm_inspect.core.vocabulary import INCORRECT_ANSWERS, Grading
from warm_inspect.grading.model import Attack, AttackReport, attack_set
from warm_inspect.scorers import correctness
from warm_inspect.solvers import REPLY
from warm_inspect.study.grader_trial import try_grading


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
    samples = [_sample(attack) for attack in attack_set()]
    return AttackReport.of(
        try_grading("grader_attack", samples, correctness(Grading.MODEL), graders, log_dir, max_connections)
    )


def _sample(attack: Attack) -> Sample:
    question = attack.question
    return Sample(
        id=attack.name,
        input=question.text,
        target=list(question.references),
        metadata={REPLY: attack.reply, INCORRECT_ANSWERS: [question.incorrect_claim]},
    )
