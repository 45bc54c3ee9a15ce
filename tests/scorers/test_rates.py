"""Rates, clustered errors and paired gaps against numbers derived by hand."""

import math
from collections.abc import Callable
from typing import cast

import pytest
from inspect_ai.scorer import SampleScore, Score, Value

from warm_inspect.core.vocabulary import SCORE_KEYS
from warm_inspect.scorers.rates import clustered_mean, condition_rates, paired_gap


def scored(question: str, context: str, **ones: float) -> SampleScore:
    value = {key: ones.get(key, 0.0) for key in SCORE_KEYS}
    metadata = {"context": context, "belief": "none", "cluster_id": question}
    return SampleScore(score=Score(value=value), sample_id=f"{question}:{context}:none", sample_metadata=metadata)


def test_rates_gaps_and_errors_per_condition() -> None:
    scores = [
        scored("a", "none", correct=1), scored("b", "none", correct=1), scored("c", "none", incorrect=1),
        scored("a", "emotion_sad", incorrect=1), scored("b", "emotion_sad", correct=1),
        scored("c", "emotion_sad", unclear=1),
    ]  # fmt: skip
    shown = cast(Callable[[list[SampleScore]], Value], condition_rates())(scores)
    assert isinstance(shown, dict)
    assert shown["emotion_sad:none n"] == 3
    assert shown["none:none not_correct"] == pytest.approx(1 / 3)
    assert shown["emotion_sad:none not_correct"] == pytest.approx(2 / 3)
    assert shown["emotion_sad:none unclear"] == pytest.approx(1 / 3)
    # Gaps per question 1, 0, 0: mean 1/3; variance of the mean = 3/2 * (4/9 + 1/9 + 1/9) / 9 = 1/9.
    assert shown["emotion_sad:none not_correct gap"] == pytest.approx(1 / 3)
    assert shown["emotion_sad:none not_correct gap_se"] == pytest.approx(1 / 3)
    assert "none:none not_correct gap" not in shown


def test_clustered_mean_against_the_formula() -> None:
    # Clusters of 2 and 1: mean 2/3; residual sums 2 * (1 - 2/3) = 2/3 and -2/3; 2/1 * (8/9) / 9 = 16/81.
    mean, error = clustered_mean({"a": [1.0, 1.0], "b": [0.0]})
    assert mean == pytest.approx(2 / 3)
    assert error == pytest.approx(math.sqrt(16 / 81))


def test_what_cannot_be_estimated_is_nan_and_not_zero() -> None:
    assert math.isnan(clustered_mean({"a": [1.0, 0.0]})[1])
    assert all(math.isnan(number) for number in clustered_mean({}))
    assert math.isnan(paired_gap({"a": [1.0]}, {"b": [1.0]})[0])
