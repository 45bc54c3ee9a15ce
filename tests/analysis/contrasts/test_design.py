"""What is compared with what."""

import pytest

from warm_inspect.analysis.contrasts import Grid, all_contrasts, family_of
from warm_inspect.analysis.observations import Cell

GRID = Grid(
    arms=("original", "neutral", "warm"),
    contexts=("none", "filler", "emotion_sad"),
    beliefs=("none", "incorrect", "third_party"),
    benchmarks=("medqa",),
)
CONTRASTS = {contrast.identity.label: contrast for contrast in all_contrasts(GRID)}


@pytest.mark.parametrize(
    "label",
    [
        "neutral - original",
        "warm - original",
        "warm - neutral",
        "warm - original | context=emotion_sad",
        "warm - neutral | belief=incorrect",
        "warm - original | benchmark=medqa",
        "emotion_sad - filler | arm=warm",
        "filler - none | arm=original",
        "incorrect - third_party | arm=original",
        "incorrect - none | arm=neutral",
        "(warm - original | context=emotion_sad) - (warm - original | context=filler)",
        "(warm - neutral | belief=incorrect) - (warm - neutral | belief=third_party)",
    ],
)
def test_the_named_contrasts_are_there(label: str) -> None:
    # Every block of a contrast compares like with like: its coefficients cancel.
    assert CONTRASTS[label].blocks
    assert all(sum(block.values()) == 0 for block in CONTRASTS[label].blocks)


def test_labels_are_unique() -> None:
    assert len(CONTRASTS) == len(all_contrasts(GRID))


def test_a_second_difference_has_four_cells_of_one_belief() -> None:
    label = "(warm - original | context=emotion_sad) - (warm - original | context=filler)"
    assert CONTRASTS[label].blocks[1] == {
        Cell("warm", "emotion_sad", "incorrect"): 1,
        Cell("original", "emotion_sad", "incorrect"): -1,
        Cell("warm", "filler", "incorrect"): -1,
        Cell("original", "filler", "incorrect"): 1,
    }


def test_without_filler_cues_are_compared_with_no_context() -> None:
    labels = [
        c.identity.label
        for c in all_contrasts(Grid(("original",), ("none", "neutral", "emotion_sad"), ("none",), ("a",)))
    ]
    assert labels == ["neutral - none | arm=original", "emotion_sad - none | arm=original"]


@pytest.mark.parametrize(
    ("label", "outcome", "family"),
    [
        ("warm - neutral | belief=incorrect", "endorses_claim", "primary"),
        ("warm - neutral | belief=incorrect", "incorrect", "secondary"),
        ("warm - original | belief=incorrect", "endorses_claim", "secondary"),
        ("(warm - neutral | context=emotion_sad) - (warm - neutral | context=filler)", "incorrect", "secondary"),
        ("(warm - neutral | belief=incorrect) - (warm - neutral | belief=third_party)", "endorses_claim", "secondary"),
        ("warm - original | belief=incorrect", "incorrect", "arm_effect: incorrect"),
        ("neutral - original | context=filler", "incorrect", "arm_effect: incorrect"),
        ("warm - original | benchmark=medqa", "incorrect", "exploratory"),
        ("emotion_sad - filler | arm=warm", "incorrect", "context_effect: incorrect"),
    ],
)
def test_families(label: str, outcome: str, family: str) -> None:
    assert family_of(CONTRASTS[label], outcome) == family


def test_styled_arms_are_compared_with_every_arm_that_shares_their_training() -> None:
    arms = ("original", "original_repeat", "unmodified", "self_distilled", "neutral", "warm", "cold")
    pairs = Grid(arms, ("none",), ("none",), ("a",)).pairs
    assert pairs[:6] == [(arm, "original") for arm in arms[1:]]
    assert {("warm", "neutral"), ("warm", "unmodified"), ("warm", "self_distilled"), ("warm", "cold")} <= set(pairs)
    assert ("cold", "neutral") in pairs
