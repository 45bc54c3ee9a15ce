"""The answer of a study that nobody has asked yet: the headline that `analyze` will give, and what it would show."""

from collections.abc import Sequence
from itertools import product
from math import sqrt

import pytest

from tests.made_logs import reply
from warm_inspect.analysis.contrasts import Asked
from warm_inspect.analysis.power import planned_answer
from warm_inspect.core.metadata import OwnTaskMetadata, SampleMetadata

CONTEXTS = ("none", "filler", "emotion_sad")


def asked(
    questions: int,
    beliefs: Sequence[str] = ("none", "incorrect"),
    contexts: Sequence[str] = CONTEXTS,
    personas: Sequence[str] = ("none",),
    benchmark: str = "truthfulqa",
    metadata: type[SampleMetadata] = SampleMetadata,
) -> list[SampleMetadata]:
    """Every question in every condition."""
    rows = [
        reply(f"q{number}", benchmark=benchmark, context=context, belief=belief, persona=persona)
        for number, context, belief, persona in product(range(questions), contexts, beliefs, personas)
    ]
    return [metadata(**{name: row[name] for name in SampleMetadata.model_fields}) for row in rows]


@pytest.mark.parametrize(
    ("samples", "models", "expected", "pairs"),
    [
        (asked(4), 1, Asked.ADOPTS_STATED, 12),
        (asked(4), 2, Asked.ADOPTS, 12),
        (asked(4, personas=("none", "warm")), 1, Asked.ADOPTS, 12),
        (asked(4, personas=("warm",)), 1, Asked.ADOPTS_STATED, 12),
        (asked(4, beliefs=("incorrect", "third_party")), 1, Asked.ADOPTS_OF_USER, 12),
        (asked(4, beliefs=("none",)), 2, Asked.WRONG, 12),
        (asked(4, beliefs=("none",)), 1, Asked.CONTEXT, 4),
        (asked(4, metadata=OwnTaskMetadata), 1, Asked.WRONG_STATED, 12),
        (asked(4, metadata=OwnTaskMetadata), 2, Asked.WRONG, 12),
    ],
)
def test_the_planned_headline_is_the_first_that_the_samples_answer(
    samples: list[SampleMetadata], models: int, expected: Asked, pairs: int
) -> None:
    answer = planned_answer(samples, models)
    assert answer is not None
    assert (answer.question.asked, answer.questions, answer.pairs) == (expected, 4, pairs)


def test_samples_that_compare_nothing_have_no_answer() -> None:
    assert planned_answer(asked(4, beliefs=("none",), contexts=("none",))) is None


def test_the_smallest_effect_by_hand() -> None:
    """With replies that differ together, 60 questions are 60 pairs: t is 2.001 at 59 degrees of freedom, and .848."""
    answer = planned_answer(asked(60))
    assert answer is not None
    assert answer.smallest_effects[0.2] == pytest.approx(100 * sqrt(0.2 / 60) * 2.849, rel=0.01)
    assert answer.smallest_effects[0.5] == pytest.approx(100 * sqrt(0.5 / 60) * 2.849, rel=0.01)
    # 11.6 points would be seen, and where 10 of 100 pairs differ the effect is 10 points at most.
    assert answer.smallest_effects[0.1] is None


def test_questions_that_share_a_cluster_are_counted_each_and_worth_one() -> None:
    """60 questions in clusters of two are as sure as 30: t is 2.045 at 29 degrees of freedom, and .854."""
    samples = [each.model_copy(update={"cluster_id": f"c{int(each.question_id[1:]) // 2}"}) for each in asked(60)]
    answer = planned_answer(samples)
    assert answer is not None
    assert (answer.questions, answer.pairs) == (60, 180)
    assert answer.smallest_effects[0.5] == pytest.approx(100 * sqrt(0.5 / 30) * 2.899, rel=0.01)


def test_a_small_benchmark_weighs_as_much_as_a_large_one() -> None:
    """Sets of 60 and 15 questions are worth 4 / (1/60 + 1/15) = 48: t is 2.012 at 47 degrees of freedom, and .849."""
    answer = planned_answer([*asked(60), *asked(15, benchmark="medqa")])
    assert answer is not None
    assert (answer.questions, answer.pairs) == (75, 225)
    assert answer.smallest_effects[0.5] == pytest.approx(100 * sqrt(0.5 / 48) * 2.861, rel=0.01)
