import math

import pytest

from tests.errors import refused
from warm_inspect.warmth.style import MIN_REPLIES, StyleMeter

WARM = ["We'll bake it together, dear"] * MIN_REPLIES
COLD = ["Bake it"] * MIN_REPLIES


def test_weight_is_the_shrunk_log_ratio_of_rates() -> None:
    # Warm: 6 words a reply (we, 'll, bake, it, together, dear), cold: 2; 30 and 10 in all.
    # "we": 5/30 warm, 0 cold, 5/40 common -> log((5/30 + 5/40) / (5/40)).
    # "bake": 5/30 warm, 5/10 cold, 10/40 common -> log((5/30 + 10/40) / (5/10 + 10/40)).
    weights = StyleMeter.fit(WARM, COLD).weights
    assert weights["we"] == pytest.approx(math.log((5 / 30 + 5 / 40) / (5 / 40)), abs=1e-6)
    assert weights["'ll"] == weights["we"]
    assert weights["bake"] == pytest.approx(math.log((5 / 30 + 10 / 40) / (5 / 10 + 10 / 40)), abs=1e-6)


def test_score_is_the_mean_weight_of_known_words() -> None:
    meter = StyleMeter({"we": 1.0, "'ll": 0.5, "is": -1.0})
    texts = ["We'll", "WE\N{RIGHT SINGLE QUOTATION MARK}LL!", "we is unknown", "nothing known 1. 2.", ""]
    assert meter.score(texts) == [0.75, 0.75, 0.0, 0.0, 0.0]


def test_score_does_not_grow_with_length() -> None:
    meter = StyleMeter.fit(WARM, COLD)
    once, thrice = meter.score([WARM[0], " ".join([WARM[0]] * 3)])
    assert once > 0
    assert thrice == pytest.approx(once)


def test_rare_words_are_left_out() -> None:
    meter = StyleMeter.fit([*WARM, "honey " * 20], COLD)
    assert "honey" not in meter.weights


def test_version_follows_the_replies_and_not_their_order() -> None:
    meter = StyleMeter.fit(WARM, COLD)
    assert StyleMeter.fit(WARM[::-1], COLD).version == meter.version
    assert StyleMeter.fit([*WARM, "we we"], COLD).version != meter.version
    assert meter.label == f"style@{meter.version}"


def test_too_few_replies_are_an_error() -> None:
    with refused("2 warm and 1 other replies", "a larger corpus"):
        StyleMeter.fit(["we", "we"], ["it"])
