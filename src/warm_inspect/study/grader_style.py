"""The set of styles put to a grading."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from inspect_ai.dataset import Sample
from inspect_ai.model import Model
from inspect_ai.scorer import Score

from warm_inspect.core.vocabulary import CLAIMS, INCORRECT_ANSWERS, Benchmark, Grading
from warm_inspect.datasets import BenchmarkItem, load_bundled
from warm_inspect.grading.style import Content, Style, StyledReply, StyleReport, styled_replies
from warm_inspect.scorers import correctness
from warm_inspect.solvers import REPLY
from warm_inspect.study.grader_trial import try_grading


def measure_style(
    grading: Grading, graders: Sequence[str | Model], log_dir: Path, max_connections: int | None = None
) -> StyleReport:
    """What a grading makes of the same content in four styles.

    Cost: none for `match`; for `model` one call of each grader per reply, two when the first cannot be used.

    Args:
        grading: `match` or `model`.
        graders: for `model`, Inspect's names of the models, or models; none for `match`.
        log_dir: folder of the log.
        max_connections: calls in flight; None takes Inspect's own number.

    Raises:
        PrerequisiteError: a grader cannot be used, or the run was interrupted.
    """
    scores = try_grading(
        "grader_style", _samples(styled_replies()), correctness(grading), graders, log_dir, max_connections
    )
    graded = {name: score.as_dict() for name, score in scores.items() if isinstance(score.value, Mapping)}
    return StyleReport({name: {key: float(value or 0) for key, value in each.items()} for name, each in graded.items()})


def plain_verdicts(grader: str | Model, log_dir: Path) -> Mapping[Content, Score]:
    """What a grader says of one terse right reply and one terse wrong one: the least that shows that it can grade.

    Cost: two calls, four when the first replies cannot be used.

    Raises:
        PrerequisiteError: the grader cannot be used, or the run was interrupted.
    """
    plain = [
        next(each for each in styled_replies() if (each.content, each.style) == (content, Style.TERSE))
        for content in Content
    ]
    scores = try_grading("grader_plain", _samples(plain), correctness(Grading.MODEL), [grader], log_dir)
    return {reply.content: scores[reply.name] for reply in plain}


def _samples(replies: Sequence[StyledReply]) -> list[Sample]:
    items = {item.question_id: item for benchmark in Benchmark for item in load_bundled(benchmark).items}
    return [_sample(reply, items[reply.question_id]) for reply in replies]


def _sample(reply: StyledReply, item: BenchmarkItem) -> Sample:
    return Sample(
        id=reply.name,
        input=item.question,
        target=list(item.references),
        metadata={
            REPLY: reply.text,
            INCORRECT_ANSWERS: list(item.incorrect_answers),
            CLAIMS: [item.correct_claim, item.incorrect_claim],
            "belief": reply.belief,
            "form": item.form.value,
        },
    )
