"""Cohen's d between arms, by hand and under a null simulation."""

import math

import numpy as np
import pytest

from tests.errors import refused
from warm_inspect.manipulation.effect_size import MIN_PROMPTS, meter_lift


def test_d_is_the_lift_over_the_pooled_spread() -> None:
    # Both arms have variance 10/9 * .25 (five 0s and five 1s, shifted by 2): d = 2 / sqrt(10/9 * .25).
    reference = [0.0, 1.0] * 5
    lift = meter_lift("m@1", [value + 2 for value in reference], reference)
    assert lift.lift == pytest.approx(2)
    assert lift.d == pytest.approx(2 / math.sqrt(10 / 9 * 0.25))
    assert lift.d_low <= lift.d <= lift.d_high


def test_interval_of_unmoved_arms_covers_zero_as_often_as_it_says() -> None:
    # 60 null experiments of 40 prompts: a 95 % interval misses 0 in 3 of them on average, in over 8 hardly by luck.
    random = np.random.default_rng(1)
    misses = 0
    for _ in range(60):
        prompt = random.normal(size=40)
        lift = meter_lift("m@1", (prompt + random.normal(size=40)).tolist(), (prompt + random.normal(size=40)).tolist())
        misses += not lift.d_low <= 0 <= lift.d_high
    assert misses <= 8


def test_lift_is_deterministic() -> None:
    scores, reference = np.random.default_rng(2).normal(size=(2, 30)).tolist()
    assert meter_lift("m@1", scores, reference) == meter_lift("m@1", scores, reference)


def test_a_prompt_without_a_number_is_left_out() -> None:
    reference: list[float | None] = [float(prompt % 4) for prompt in range(14)]
    scores: list[float | None] = [prompt % 3 + 1.0 for prompt in range(14)]
    lift = meter_lift("m@1", [None, *scores[1:13], None], reference)
    assert lift.n == 12
    assert lift == meter_lift("m@1", scores[1:13], reference[1:13])


def test_prompts_of_one_question_are_resampled_together() -> None:
    # Four copies of each of 15 prompts say no more than the 15 do: the interval must not shrink to half.
    scores, reference = np.random.default_rng(3).normal(size=(2, 15))
    once = meter_lift("m@1", scores.tolist(), reference.tolist())
    names = [str(prompt) for prompt in range(15)] * 4
    copies = meter_lift("m@1", scores.tolist() * 4, reference.tolist() * 4, names)
    blind = meter_lift("m@1", scores.tolist() * 4, reference.tolist() * 4)
    width = once.d_high - once.d_low
    assert copies.d_high - copies.d_low == pytest.approx(width, rel=0.1)
    assert blind.d_high - blind.d_low < 0.65 * width


@pytest.mark.parametrize(
    ("prompts", "questions", "counted"),
    [(MIN_PROMPTS - 1, [], MIN_PROMPTS - 1), (15, [str(prompt % 3) for prompt in range(15)], 3)],
)
def test_too_few_prompts_or_questions_are_an_error(prompts: int, questions: list[str], counted: int) -> None:
    with refused(f"{counted} prompts", f"at least {MIN_PROMPTS}", "more held-out prompts"):
        meter_lift("m@1", [0.1 * prompt for prompt in range(prompts)], [0.0] * prompts, questions)


def test_readings_without_spread_have_no_d_unless_they_are_equal() -> None:
    assert meter_lift("m@1", [0.1] * 12, [0.1] * 12).d == 0
    with refused("m@1", "Look at the generated replies"):
        meter_lift("m@1", [0.2] * 12, [0.1] * 12)


def test_arms_of_different_size_are_refused() -> None:
    with refused("shorter", by=ValueError):
        meter_lift("m@1", [1.0] * 12, [0.0] * 11)
