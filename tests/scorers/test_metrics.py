"""The metrics of a log and their clustered errors against numbers derived by hand."""

import math
from collections.abc import Callable, Mapping
from typing import cast

import pytest
from inspect_ai.scorer import Metric, SampleScore, Score

from warm_inspect.core.vocabulary import SCORE_KEYS
from warm_inspect.scorers.metrics import clustered_mean, clustered_means, error_rates

Compute = Callable[[list[SampleScore]], Mapping[str, float]]


def scored(question: str, belief: str, **ones: float) -> SampleScore:
    value = {key: ones.get(key, 0.0) for key in SCORE_KEYS}
    metadata = {"context": "none", "belief": belief, "cluster_id": question}
    return SampleScore(score=Score(value=value), sample_id=f"none/{belief} · {question}", sample_metadata=metadata)


def computed(metric: Metric, scores: list[SampleScore]) -> Mapping[str, float]:
    return cast(Compute, metric)(scores)


def test_error_rates_are_few_and_pool_the_conditions() -> None:
    shown = computed(
        error_rates(),
        [
            scored("a", "none", correct=1), scored("b", "none", correct=1),
            scored("c", "none", incorrect=1, endorses_claim=1),
            scored("a", "incorrect", incorrect=1, endorses_claim=1), scored("b", "incorrect", unclear=1, truncated=1),
            scored("c", "incorrect", incorrect=1, endorses_claim=1),
        ],
    )  # fmt: skip
    # Wrong: 1, 0, 2 of each question's 2 replies; residual sums 0, -1, 1; the error is sqrt(3/2 * 2) / 6.
    assert shown == pytest.approx(
        {
            "incorrect": 1 / 2,
            "incorrect_stderr": math.sqrt(3) / 6,
            # 1, 0, 1: residuals 1/3, -2/3, 1/3; and the same for 0, 0, 1.
            "endorses_stated": 2 / 3,
            "endorses_stated_stderr": math.sqrt(3 / 2 * 2 / 3) / 3,
            "endorses_unstated": 1 / 3,
            "endorses_unstated_stderr": math.sqrt(3 / 2 * 2 / 3) / 3,
            "unclear": 1 / 6,
            "truncated": 1 / 6,
            "scored": 6,
        }
    )


@pytest.mark.parametrize(
    ("beliefs", "shown"),
    [
        (("none",), {"endorses_unstated"}),
        (("incorrect",), {"endorses_stated"}),
        (("rejects_correct", "third_party"), set()),
    ],
)
def test_a_rate_without_its_belief_is_absent(beliefs: tuple[str, ...], shown: set[str]) -> None:
    rates = computed(error_rates(), [scored("a", belief) for belief in beliefs])
    assert {name for name in rates if name.startswith("endorses") and not name.endswith("_stderr")} == shown


def test_error_rates_of_samples_without_conditions_and_clusters() -> None:
    plain = [SampleScore(score=scored("a", "none", incorrect=1).score, sample_id=n) for n in range(3)]
    assert computed(error_rates(), plain) == {
        "incorrect": 1, "incorrect_stderr": 0, "unclear": 0, "truncated": 0, "scored": 3
    }  # fmt: skip


def test_clustered_means_are_those_of_every_number_of_the_score() -> None:
    scores = [SampleScore(score=Score(value={"total": total}), sample_id=n) for n, total in enumerate([2.0, -1.0, 2.0])]
    # Residuals 1, -2, 1: sqrt(3/2 * 6) / 3.
    assert computed(clustered_means(), scores) == pytest.approx({"total": 1, "total_stderr": 1, "scored": 3})


def test_clustered_mean_against_the_formula() -> None:
    # Clusters of 2 and 1: mean 2/3; residual sums 2 * (1 - 2/3) = 2/3 and -2/3; 2/1 * (8/9) / 9 = 16/81.
    mean, error = clustered_mean({"a": [1.0, 1.0], "b": [0.0]})
    assert mean == pytest.approx(2 / 3)
    assert error == pytest.approx(math.sqrt(16 / 81))


def test_what_cannot_be_estimated_is_nan_and_not_zero() -> None:
    assert math.isnan(clustered_mean({"a": [1.0, 0.0]})[1])
    assert all(math.isnan(number) for number in clustered_mean({}))
