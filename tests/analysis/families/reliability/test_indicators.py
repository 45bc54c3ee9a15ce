"""Worked values of each indicator, derived by hand."""

from math import isnan, nan

import numpy as np
import pytest

from warm_inspect.analysis.families.reliability.indicators import (
    chance_corrected,
    concordance,
    pair_agreement,
    repeat_agreement,
    template_agreement,
    ultracrepidarian,
)

ONCE = np.ones((1, 4))
FOUR = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0], [1, 1, 1, 0, 0]], dtype=float)
"""Right answers of four problems in five templates: 5, 5, 0 and 3 of 5."""


def test_agreement_of_pairs_is_unbiased() -> None:
    assert pair_agreement(np.array([5.0, 5, 0, 3, 1]), np.array([5.0, 5, 5, 5, 1]))[:4].tolist() == [1, 1, 1, 0.4]
    assert isnan(pair_agreement(np.array([1.0]), np.array([1.0]))[0])
    # The least there is: 8 of 15, and 3 of 5.
    assert pair_agreement(np.array([8.0, 3]), np.array([15.0, 5])) == pytest.approx([0.4667, 0.4], abs=1e-4)


def test_agreement_between_templates_and_beyond_chance() -> None:
    assert template_agreement(FOUR, ONCE) == pytest.approx([0.85])
    # P = .65, E = .545, (.85 - .545) / .455.
    assert chance_corrected(FOUR, ONCE) == pytest.approx([0.670], abs=5e-4)


def test_a_drawn_problem_counts_as_often_as_it_was_drawn() -> None:
    # The last problem four times: S = .4, P = .6, E = .52.
    draws = np.array([[0.0, 0, 0, 4]])
    assert template_agreement(FOUR, draws) == pytest.approx([0.4])
    assert chance_corrected(FOUR, draws) == pytest.approx([-0.25])


def test_a_missing_reply_is_left_out() -> None:
    lacking = FOUR.copy()
    lacking[3, 4] = nan
    lacking[2, 1:] = nan
    # 3 of 4 agree in 3 of 6 pairs; one reply is no pair.
    assert template_agreement(lacking, ONCE) == pytest.approx([(1 + 1 + 0.5) / 3])


def test_without_a_wrong_answer_there_is_nothing_beyond_chance() -> None:
    assert template_agreement(np.ones((4, 5)), ONCE) == pytest.approx([1])
    assert isnan(chance_corrected(np.ones((4, 5)), ONCE)[0])


def test_a_coin_agrees_by_half_and_no_more_than_chance() -> None:
    coin = np.random.default_rng(0).integers(0, 2, (4_000, 15)).astype(float)
    draws = np.ones((1, 4_000))
    assert template_agreement(coin, draws) == pytest.approx([0.5], abs=0.01)
    assert chance_corrected(coin, draws) == pytest.approx([0], abs=0.02)
    repeated = np.random.default_rng(1).integers(0, 2, (4_000, 3, 3)).astype(float)
    assert repeat_agreement(repeated, draws) == pytest.approx([0.5], abs=0.01)


def test_agreement_when_asked_again_is_of_replies_to_one_prompt() -> None:
    # Two problems, two templates: the first template always agrees, the second flips once in three.
    repeated = np.array([[[1, 1, 1], [1, 1, 0]], [[0, 0, 0], [0, 0, 0]]], dtype=float)
    assert repeat_agreement(repeated, np.ones((1, 2))) == pytest.approx([((1 + 1 / 3) / 2 + 1) / 2])
    once = np.array([[[1, nan], [0, nan]]])
    assert isnan(repeat_agreement(once, np.ones((1, 1)))[0])


@pytest.mark.parametrize(
    ("right", "area"),
    [
        ([1, 1, 0, 0], 1.0),
        ([0, 0, 1, 1], 0.0),
        # Failures 1 and 3 against successes 0 and 2: three of four pairs.
        ([1, 0, 1, 0], 0.75),
        ([1, 1, 1, 1], nan),
        ([0, 0, 0, 0], nan),
    ],
)
def test_concordance_is_the_chance_that_a_failure_is_harder(right: list[float], area: float) -> None:
    shown = concordance(np.array(right, dtype=float)[:, None], np.arange(4.0), ONCE)
    assert shown == pytest.approx([area], nan_ok=True)


def test_equal_difficulty_counts_half_and_templates_are_averaged() -> None:
    right = np.array([[1, 1], [0, 1], [1, 0], [0, 0]], dtype=float)
    # First template: pairs (1 over 0: tie), (1 over 2: no), (3 over 0), (3 over 2: tie) = 2 of 4; second: all four.
    assert concordance(right, np.array([0.0, 0, 1, 1]), ONCE) == pytest.approx([0.75])


def test_wrong_answers_of_all_that_are_not_right() -> None:
    wrong = np.array([[1, 0], [1, 1]], dtype=float)
    avoided = np.array([[0, 1], [0, 0]], dtype=float)
    assert ultracrepidarian(wrong, avoided, np.ones((1, 2))) == pytest.approx([0.75])
    assert isnan(ultracrepidarian(np.zeros((2, 2)), np.zeros((2, 2)), np.ones((1, 2)))[0])
