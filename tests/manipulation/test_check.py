import math
from collections.abc import Sequence

import numpy as np
import pytest

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.manifest import MeterValidity
from warm_inspect.manipulation.check import (
    ArmScores,
    ManipulationCheck,
    MeterLift,
    arm_readings,
    judge,
    manipulation_check,
    meter_lift,
    score_arm,
)
from warm_inspect.warmth.meter import WarmthMeter


class Readings:
    """A meter that reads the number a text starts with."""

    label = "readings@1"

    def score(self, texts: Sequence[str]) -> list[float]:
        return [float(text.split()[0]) for text in texts]


class Length:
    label = "length@1"

    def score(self, texts: Sequence[str]) -> list[float]:
        return [float(len(text)) for text in texts]


def lift(d: float, low: float, high: float) -> MeterLift:
    return MeterLift(meter="m@1", n=40, lift=d, d=d, d_low=low, d_high=high)


@pytest.mark.parametrize(
    ("moved", "direction", "passed"),
    [
        (lift(0.9, 0.4, 1.3), 1, True),
        (lift(0.35, 0.01, 0.7), 1, True),
        (lift(0.34, 0.2, 0.5), 1, False),
        (lift(0.9, -0.1, 1.9), 1, False),
        (lift(0.9, 0.4, 1.3), -1, False),
        (lift(-0.9, -1.3, -0.4), -1, True),
        (lift(-0.9, -1.3, -0.4), 1, False),
        (lift(-0.9, -1.9, 0.1), -1, False),
        (lift(0.2, -0.2, 0.6), 0, True),
        (lift(-0.5, -0.9, -0.1), 0, False),
        (lift(0.35, 0.1, 0.6), 0, False),
    ],
)
def test_verdict(moved: MeterLift, direction: int, passed: bool) -> None:
    assert judge(moved, "original", direction=direction).passed is passed


def test_d_is_the_lift_over_the_pooled_spread() -> None:
    # Both arms have variance 10/9 * .25 (five 0s and five 1s, shifted by 2): d = 2 / sqrt(10/9 * .25).
    reference = [0.0, 1.0] * 5
    found = meter_lift("m@1", [value + 2 for value in reference], reference)
    assert found.lift == pytest.approx(2)
    assert found.d == pytest.approx(2 / math.sqrt(10 / 9 * 0.25))
    assert found.d_low <= found.d <= found.d_high


def test_interval_of_unmoved_arms_covers_zero_as_often_as_it_says() -> None:
    # 60 null experiments of 40 prompts: a 95 % interval misses 0 in 3 of them on average, in over 8 hardly by luck.
    random = np.random.default_rng(1)
    misses = 0
    for _ in range(60):
        prompt = random.normal(size=40)
        found = meter_lift(
            "m@1", (prompt + random.normal(size=40)).tolist(), (prompt + random.normal(size=40)).tolist()
        )
        misses += not found.d_low <= 0 <= found.d_high
    assert misses <= 8


def test_lift_is_deterministic() -> None:
    random = np.random.default_rng(2)
    scores, reference = random.normal(size=(2, 30)).tolist()
    assert meter_lift("m@1", scores, reference) == meter_lift("m@1", scores, reference)


def test_too_few_prompts_are_an_error() -> None:
    with pytest.raises(PrerequisiteError, match="replies to 9 prompts and needs at least 10"):
        meter_lift("m@1", [1.0] * 9, [0.0] * 9)


def test_arms_of_different_size_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        meter_lift("m@1", [1.0] * 12, [0.0] * 11)


def test_readings_without_spread() -> None:
    assert meter_lift("m@1", [0.1] * 12, [0.1] * 12).d == 0
    with pytest.raises(PrerequisiteError, match="probably empty or all alike"):
        meter_lift("m@1", [0.2] * 12, [0.1] * 12)


def test_manipulation_check_reports_every_meter_and_gates_on_the_first() -> None:
    meters: list[WarmthMeter] = [Readings(), Length()]
    warm = score_arm("warm", [f"{prompt % 3 + 2} ok" for prompt in range(12)], meters)
    neutral = score_arm("neutral", [f"{prompt % 3} okay then{'!' * (prompt % 2)}" for prompt in range(12)], meters)
    found = manipulation_check(warm, neutral, direction=1)
    assert found.check.passed
    assert (found.check.meter, found.check.reference_arm, found.check.n_prompts) == ("readings@1", "neutral", 12)
    assert found.check.lift == pytest.approx(2)
    assert [(each.meter, each.lift) for each in found.beside] == [("length@1", -7.5)]
    shown = [(each.arm, each.meter, each.n, each.mean, each.mean_chars) for each in found.readings]
    assert shown == [
        ("warm", "readings@1", 12, 3.0, 4.0),
        ("warm", "length@1", 12, 4.0, 4.0),
        ("neutral", "readings@1", 12, 1.0, 11.5),
        ("neutral", "length@1", 12, 11.5, 11.5),
    ]
    assert ManipulationCheck.model_validate_json(found.model_dump_json()) == found
    assert ArmScores.model_validate_json(warm.model_dump_json()) == warm


def test_arms_of_different_meters_are_refused() -> None:
    replies = [f"{prompt} ok" for prompt in range(12)]
    with pytest.raises(ValueError, match="different meters"):
        manipulation_check(score_arm("warm", replies, [Readings()]), score_arm("cold", replies, [Length()]), 1)


def test_a_meter_that_gave_no_number_leaves_the_prompt_out() -> None:
    reference: list[float | None] = [float(prompt % 4) for prompt in range(14)]
    scores: list[float | None] = [prompt % 3 + 1.0 for prompt in range(14)]
    holes = [None, *scores[1:13], None]
    found = meter_lift("m@1", holes, reference)
    assert found.n == 12
    assert found == meter_lift("m@1", scores[1:13], reference[1:13])
    arm = ArmScores(arm="warm", chars=(1,) * 14, scores={"m@1": tuple(holes), "silent@1": (None,) * 14})
    [reading] = arm_readings(arm)
    assert (reading.meter, reading.n, reading.unscored) == ("m@1", 12, 2)


def test_prompts_of_one_question_are_resampled_together() -> None:
    # Four copies of each of 15 prompts say no more than the 15 do: the interval must not shrink to half.
    random = np.random.default_rng(3)
    scores, reference = random.normal(size=(2, 15))
    once = meter_lift("m@1", scores.tolist(), reference.tolist())
    names = [str(prompt) for prompt in range(15)] * 4
    copies = meter_lift("m@1", scores.tolist() * 4, reference.tolist() * 4, names)
    blind = meter_lift("m@1", scores.tolist() * 4, reference.tolist() * 4)
    width = once.d_high - once.d_low
    assert copies.d_high - copies.d_low == pytest.approx(width, rel=0.1)
    assert blind.d_high - blind.d_low < 0.65 * width
    with pytest.raises(PrerequisiteError, match="replies to 3 prompts"):
        meter_lift("m@1", [0.1 * prompt for prompt in range(15)], [0.0] * 15, [str(i % 3) for i in range(15)])


def test_check_carries_lengths_and_the_validity_that_allows_it() -> None:
    warm = score_arm("warm", [f"{prompt % 3 + 2} okay" for prompt in range(12)], [Readings()])
    original = score_arm("original", [f"{prompt % 3} ok" for prompt in range(12)], [Readings()])
    validity = MeterValidity(pairs="demo: warm against cold", n=24, auc=0.9, auc_low=0.8, auc_high=1.0)
    check = manipulation_check(warm, original, 1, validity).check
    assert (check.mean_chars, check.reference_mean_chars, check.validity) == (6, 4, validity)
