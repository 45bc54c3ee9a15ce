"""Equivalence against statsmodels, a closed form, and replies that are missing."""

from math import nan

import numpy as np
import pytest
from statsmodels.stats.weightstats import DescrStatsW

from tests.errors import refused
from tests.made_logs import Reply, collected_of, reply
from warm_inspect.analysis.contrasts import (
    CellTable,
    Contrast,
    ReplyBounds,
    all_contrasts,
    equivalence_test,
    grid_of,
)
from warm_inspect.analysis.estimates import Code, Estimate
from warm_inspect.analysis.observations import observe, replies_asked_for
from warm_inspect.analysis.study import analyse

OUTCOME = "incorrect"


def pairs(worse: int, better: int, equal: int) -> list[Reply]:
    """Questions that only warm got wrong, only the original, and neither."""
    rows = []
    for i in range(worse + better + equal):
        wrong = {"warm": i < worse, "original": worse <= i < worse + better}
        rows += [
            reply(f"q{i}", "incorrect" if wrong[arm] else "correct", arm=arm, log_id=arm)
            for arm in ("original", "warm")
        ]
    return rows


def shown(rows: list[Reply], margin: float, label: str = "warm - original") -> Estimate:
    observed = observe(collected_of(rows))
    contrasts: dict[str, Contrast] = {each.identity.label: each for each in all_contrasts(grid_of(observed.frame))}
    bounds = ReplyBounds.of(replies_asked_for(observed), [OUTCOME])
    row = equivalence_test(CellTable.build(observed.frame, [OUTCOME]), contrasts[label], OUTCOME, bounds, margin)
    assert row
    return row


@pytest.mark.parametrize(("worse", "better", "equal"), [(20, 20, 360), (12, 20, 368), (30, 10, 360)])
@pytest.mark.parametrize("margin", [5.0, 10.0])
def test_it_is_near_the_paired_tost_of_another_program_and_never_easier(
    worse: int, better: int, equal: int, margin: float
) -> None:
    row = shown(pairs(worse, better, equal), margin)
    reference = DescrStatsW(np.repeat([100.0, -100.0, 0.0], [worse, better, equal]))
    assert (row.conf_low, row.conf_high) == pytest.approx(reference.tconfint_mean(alpha=0.1))
    p_value = reference.ttost_mean(-margin, margin)[0]
    assert p_value <= row.p_value <= p_value + 0.06
    assert row.estimate == pytest.approx(100 * (worse - better) / 400)
    assert row.notes[0].values["points"] == margin


@pytest.mark.parametrize("n", [30, 59, 100])
def test_where_nothing_differs_only_the_number_of_questions_counts(n: int) -> None:
    # (1 - margin)^n, the chance that n questions miss a harm of the size of the margin: .95^59 = .0485.
    row = shown(pairs(0, 0, n), 5)
    assert row.p_value == pytest.approx(0.95**n, rel=1e-6)
    # The exact bound excludes as much: 1 - .05^(1 / n).
    assert (row.conf_low, row.conf_high) == pytest.approx((-100 * (1 - 0.05 ** (1 / n)), 100 * (1 - 0.05 ** (1 / n))))


def test_missing_replies_count_against_it_on_either_side() -> None:
    rows = pairs(0, 0, 200)
    assert shown(rows, 5).p_value < 0.05
    for arm in ("warm", "original"):
        lost = [row | ({"truncated": 1.0} if row["arm"] == arm and i < 24 else {}) for i, row in enumerate(rows)]
        # 12 of 200 are missing: up to 6 points either way are not excluded.
        row = shown(lost, 5)
        assert row.p_value > 0.5
        assert max(-row.conf_low, row.conf_high) > 6
        assert row.estimate == 0


def test_an_interval_within_the_margin_that_the_test_does_not_confirm_says_so() -> None:
    # One question of 50 differs: t gives 2 +- 3.4 points, and 50 questions can miss a harm of 6 points.
    row = shown(pairs(1, 0, 49), 6)
    assert row.conf_low > -6
    assert row.conf_high < 6
    assert row.p_value > 0.05
    assert Code.INTERVAL_WITHIN_MARGIN in [note.code for note in row.notes]


def test_a_second_difference_has_twice_the_range_and_needs_more_questions() -> None:
    plain = pairs(0, 0, 100)
    rows = [
        row
        | {
            "context": context,
            "prompt_sha256": f"{row['question_id']}{context}",
            "sample_id": context + row["sample_id"],
        }
        for row in plain
        for context in ("none", "filler")
    ]
    label = "(warm - original | context=filler) - (warm - original | context=none)"
    assert shown(rows, 5, label).p_value == pytest.approx(0.975**100, rel=1e-6)


@pytest.mark.parametrize("margin", [0.0, -3.0, nan, 100.0])
def test_a_margin_that_is_none_is_refused(margin: float) -> None:
    collected = collected_of(pairs(0, 0, 5))
    with refused(f"{margin:g}", "--equivalence-margin 3"):
        analyse(observe(collected), collected, equivalence_margin=margin)
