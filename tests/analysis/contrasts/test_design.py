"""What is compared with what."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from tests.made_logs import Reply, collected_of, grid
from warm_inspect.analysis.contrasts import (
    COMPOUNDING,
    DesignName,
    Grid,
    all_contrasts,
    designs_of,
    family_of_tests,
    unanswered_rows,
)
from warm_inspect.analysis.estimates import Code, Identity, Kind, Note
from warm_inspect.analysis.observations import Cell, observe, roles_of
from warm_inspect.core.roles import Role

GRID = Grid(
    arms=("original", "neutral", "warm"),
    contexts=("none", "filler", "emotion_sad"),
    beliefs=("none", "incorrect", "third_party"),
    benchmarks=("medqa",),
    roles=roles_of(("original", "neutral", "warm")),
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
    assert labels[:2] == ["neutral - none | arm=original", "emotion_sad - none | arm=original"]


@pytest.mark.parametrize(
    ("label", "outcome", "family"),
    [
        ("warm - neutral | belief=incorrect", "endorses_claim", "primary"),
        ("warm - neutral | belief=none", "not_correct", "secondary"),
        ("warm - neutral | belief=incorrect", "not_correct", "secondary"),
        ("(warm - neutral | belief=incorrect) - (warm - neutral | belief=third_party)", "endorses_claim", "secondary"),
        ("(warm - neutral | context=emotion_sad) - (warm - neutral | context=filler)", "not_correct", "secondary"),
        ("warm - neutral | belief=incorrect", "incorrect", "arm_effect: incorrect"),
        ("warm - original | belief=incorrect", "endorses_claim", "arm_effect: endorses_claim"),
        ("neutral - original | context=filler", "incorrect", "arm_effect: incorrect"),
        ("warm - original | benchmark=medqa", "incorrect", "exploratory"),
        ("emotion_sad - filler | arm=warm", "incorrect", "context_effect: incorrect"),
    ],
)
def test_families_follow_the_table_of_two_arms(label: str, outcome: str, family: str) -> None:
    assert family_of_tests(designs_of(frame(*GRID.arms), roles_of(GRID.arms)), CONTRASTS[label], outcome) == family


def frame(*arms: str, contexts: tuple[str, ...] = GRID.contexts, **facts: Any) -> pd.DataFrame:
    """Observations of these arms, under every belief of the grid."""
    rows = grid(dict.fromkeys(arms, 0.5), 3, contexts, GRID.beliefs, **facts)
    return observe(collected_of(rows)).frame


PLAIN: dict[str, Any] = {"adapter_sha256": "", "training_seed": -1, "model": "m"}
TWO = {"after": 0.5, "before": 0.5}
DECLARED = {"after": Role.TREATED, "before": Role.REFERENCE}


@pytest.mark.parametrize(
    ("replies", "declared", "design"),
    [
        (grid({"warm": 0.5, "neutral": 0.5}), {}, DesignName.TRAINED),
        (grid({"warm": 0.5, "original": 0.5}), {}, DesignName.BEFORE_AND_AFTER),
        (grid(TWO, **PLAIN), DECLARED, DesignName.BEFORE_AND_AFTER),
        (grid({"m": 0.5}, **PLAIN) + grid({"m": 0.5}, persona="warm", **PLAIN), {}, DesignName.PERSONA),
        (grid(TWO, base_model="a") + grid(TWO, base_model="b", log_id="b"), DECLARED, DesignName.SEVERAL),
        (grid({"warm": 0.5, "neutral": 0.5}) + grid({"warm": 0.5, "neutral": 0.5}, training_seed=1), {},
         DesignName.SEVERAL),
        (grid({"m": 0.5}), {}, DesignName.ONE_MODEL),
    ],
)  # fmt: skip
def test_the_first_design_that_fits_is_taken(
    replies: list[Reply], declared: dict[str, Role], design: DesignName
) -> None:
    observations = observe(collected_of(replies), roles=declared)
    assert [each.name for each in designs_of(observations.frame, observations.roles)] == [design]


def test_one_model_is_asked_about_beliefs_contexts_and_both() -> None:
    (design,) = designs_of(frame("m"), roles_of(["m"]))
    assert [(question.outcome, question.identity.label) for question in design.questions] == [
        ("endorses_claim", "incorrect - none | arm=m"),
        ("endorses_claim", "incorrect - third_party | arm=m"),
        ("not_correct", "emotion_sad - filler | arm=m, belief=none"),
        ("endorses_claim", "(incorrect - none | context=emotion_sad) - (incorrect - none | context=filler) | arm=m"),
    ]


def test_without_a_filler_a_context_is_compared_with_none_and_does_not_compound() -> None:
    (design,) = designs_of(frame("m", contexts=("none", "emotion_sad")), roles_of(["m"]))
    assert [question.identity.label for question in design.questions[2:]] == ["emotion_sad - none | arm=m, belief=none"]


def test_compounding_is_the_second_difference_of_four_cells() -> None:
    (contrast,) = (
        each
        for each in all_contrasts(replace(GRID, arms=("m",), roles=roles_of(["m"])))
        if each.analysis == COMPOUNDING
    )
    assert contrast.blocks == (
        {
            Cell("m", "emotion_sad", "incorrect"): 1,
            Cell("m", "emotion_sad", "none"): -1,
            Cell("m", "filler", "incorrect"): -1,
            Cell("m", "filler", "none"): 1,
        },
    )


def test_the_first_row_that_the_logs_can_answer_is_the_headline() -> None:
    rows = grid({"warm": 0.5, "neutral": 0.5}, 3, ("none",), ("none",))
    observations = observe(collected_of(rows))
    (design,) = designs_of(observations.frame, observations.roles)
    assert [(each.outcome, each.identity.label) for each in design.questions] == [
        ("not_correct", "warm - neutral | belief=none")
    ]


def test_a_secondary_row_that_the_logs_cannot_answer_keeps_its_place() -> None:
    """What was not run must not make the tests of what was run easier."""
    rows = grid({"warm": 0.5, "neutral": 0.5}, 3, ("none",), ("none", "incorrect"))
    observations = observe(collected_of(rows))
    (design,) = designs_of(observations.frame, observations.roles)
    absent = {
        "(warm - neutral | belief=incorrect) - (warm - neutral | belief=third_party)": "endorses_claim",
        "(warm - neutral | context=emotion_sad) - (warm - neutral | context=filler)": "not_correct",
    }
    assert {each.identity.label: each.outcome for each in design.unanswered} == absent
    assert set(design.unanswered.values()) == {Note(Code.NOT_ASKED)}
    for row in unanswered_rows([design]):
        assert (absent[row.contrast], row.family, row.estimable) == (row.outcome, "secondary", False)
    # What stands above the headline was to be the headline, not one of the others.
    plain = observe(collected_of(row for row in rows if row["belief"] == "none"))
    (first,) = designs_of(plain.frame, plain.roles)
    assert [each.outcome for each in first.unanswered] == ["not_correct", "endorses_claim", "not_correct"]


def test_an_outcome_that_nothing_was_scored_by_keeps_its_place() -> None:
    frame = observe(collected_of(grid({"m": 0.5}, 3))).frame.assign(endorses_claim=float("nan"))
    (design,) = designs_of(frame, roles_of(["m"]))
    assert {question.asked.value for question in design.unanswered} == {"adopts_stated", "adopts_of_user"}
    assert set(design.unanswered.values()) == {Note(Code.NOT_MEASURED, outcome="endorses_claim")}


def test_a_rerun_is_chance_for_the_model_that_it_repeats_alone() -> None:
    roles = roles_of(["a", "b", "c"], {"a": Role.REFERENCE, "b": Role.TREATED, "c": Role.RERUN})
    (design,) = designs_of(frame("a", "b", "c"), roles)
    assert design.chance == Identity(Kind.NOISE, "c", "a", belief="incorrect")
    roles = roles_of(["m", "again"], {"again": Role.RERUN})
    (design,) = designs_of(frame("m", "again"), roles)
    assert design.chance == Identity(Kind.NOISE, "again", "m", factor="belief", level="incorrect", versus="none")


def test_styled_arms_are_compared_with_every_arm_that_shares_their_training() -> None:
    arms = ("original", "original_repeat", "unmodified", "self_distilled", "neutral", "warm", "cold")
    pairs = Grid(arms, ("none",), ("none",), ("a",)).pairs
    assert pairs[:6] == [(arm, "original") for arm in arms[1:]]
    assert {("warm", "neutral"), ("warm", "unmodified"), ("warm", "self_distilled"), ("warm", "cold")} <= set(pairs)
    assert ("cold", "neutral") in pairs
