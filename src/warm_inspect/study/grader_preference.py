"""Wrong and right replies in unlike clothing, put to a grader that is told no right answer."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from inspect_ai.dataset import Sample
from inspect_ai.model import Model

from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.datasets import load_bundled
from warm_inspect.grading.pairs import Choice
from warm_inspect.grading.preference import PreferenceReport, preference_pairs
from warm_inspect.scorers import preference_score
from warm_inspect.study.grader_trial import try_grading


def measure_preference(
    graders: Sequence[str | Model], log_dir: Path, max_connections: int | None = None
) -> PreferenceReport:
    """How often a grader prefers a wrong reply to a right one, by what they wear.

    Cost: two calls of each grader per pair, more where a first reply of it cannot be used.

    Args:
        graders: Inspect's names of the models, or models; several are a panel.
        log_dir: folder of the log.
        max_connections: calls in flight; None takes Inspect's own number.

    Raises:
        PrerequisiteError: a grader cannot be used, or the run was interrupted.
    """
    questions = {item.question_id: item.question for benchmark in Benchmark for item in load_bundled(benchmark).items}
    samples = [
        Sample(
            id=pair.name,
            input=questions[pair.question_id],
            metadata={Choice.FIRST.value: pair.wrong, Choice.SECOND.value: pair.right, "cluster_id": pair.question_id},
        )
        for pair in preference_pairs()
    ]
    scores = try_grading("grader_preference", samples, preference_score(), graders, log_dir, max_connections)
    judged = {name: score.as_dict() for name, score in scores.items() if isinstance(score.value, Mapping)}
    return PreferenceReport(
        {name: {key: float(value or 0) for key, value in each.items()} for name, each in judged.items()}
    )
