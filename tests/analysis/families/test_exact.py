"""Exact ends of shares, and the worked values of the power table."""

import pytest

from warm_inspect.analysis.families.exact import (
    design_effect,
    exact_interval,
    needed_without_event,
    upper_end,
)


@pytest.mark.parametrize(
    ("share", "needed"),
    [(0.2, 14), (0.05, 59), (0.02, 149), (0.01, 299), (0.005, 598), (0.001, 2_995), (0.0001, 29_956)],
)
def test_so_many_trials_without_an_event_bound_a_share(share: float, needed: int) -> None:
    assert needed_without_event(share) == needed
    assert upper_end(0, needed) <= share < upper_end(0, needed - 1)


@pytest.mark.parametrize(("n", "bound"), [(10, 0.259), (24, 0.117), (48, 0.061), (96, 0.031), (1_000, 0.0030)])
def test_no_event_gives_a_one_sided_bound(n: int, bound: float) -> None:
    assert list(exact_interval(0, n)) == pytest.approx([0, bound], abs=5e-4)
    assert upper_end(0, n) == pytest.approx(1 - 0.05 ** (1 / n))
    assert upper_end(n, n) == 1


@pytest.mark.parametrize(
    ("events", "n", "low", "high"), [(3, 300, 0.002, 0.029), (3, 3_000, 0.0002, 0.0029), (5, 5, 0.478, 1.0)]
)
def test_events_give_a_two_sided_interval(events: int, n: int, low: float, high: float) -> None:
    assert list(exact_interval(events, n)) == pytest.approx([low, high], rel=0.05)


@pytest.mark.parametrize(("m", "rho", "effect"), [(4, 0.05, 1.15), (10, 0.05, 1.45), (10, 0.1, 1.9), (50, 0.05, 3.45)])
def test_dialogues_of_a_script_count_for_less(m: int, rho: float, effect: float) -> None:
    assert design_effect(m, rho) == pytest.approx(effect)
