"""The test of a mean of bounded values: exact where the answer is known, and with the level that it promises."""

from itertools import product
from math import prod

import numpy as np
import pytest
from scipy import stats

from warm_inspect.analysis.contrasts import p_reaches, upper_bound


def equal(*values: float) -> tuple[np.ndarray, np.ndarray]:
    """Values of equal weight, and their weights."""
    n = len(values)
    return np.array(values, dtype=float) / n, np.full(n, 1 / n)


@pytest.mark.parametrize(("n", "events"), [(1, 0), (20, 0), (100, 0), (59, 3), (200, 17), (7, 7)])
@pytest.mark.parametrize("limit", [0.03, 0.4])
def test_two_kinds_of_values_give_the_exact_binomial_test(n: int, events: int, limit: float) -> None:
    p = p_reaches(limit, *equal(*[1] * events, *[0] * (n - events)))
    assert p == pytest.approx(stats.binom.cdf(events, n, limit), abs=1e-6)


def test_the_bound_of_0_of_n_is_the_exact_one_and_1_is_the_most() -> None:
    assert upper_bound(0.05, *equal(*[0] * 60)) == pytest.approx(1 - 0.05 ** (1 / 60), abs=1e-6)
    assert upper_bound(0.05, *equal(1, 1)) == 1.0


@pytest.mark.parametrize("seed", range(3))
def test_unequal_weights_and_any_values_agree_with_random_exponentials(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(12, 2.0))
    values = weights * rng.uniform(-1, 0.6, 12)
    limit = 0.2
    draws = rng.exponential(size=(400_000, 13))
    sums = draws[:, :12] @ (values - limit * weights) + draws[:, 12] * weights.max() * (1 - limit)
    assert p_reaches(limit, values, weights) == pytest.approx((sums >= 0).mean(), abs=0.003)


def test_many_values_of_small_spread_give_the_t_test_but_for_the_one_that_nobody_saw() -> None:
    rng = np.random.default_rng(0)
    d = rng.choice([-1.0, 0.0, 1.0], 5_000, p=[0.2, 0.6, 0.2])
    limit = 0.02
    # The value that nobody saw moves the mean by 1 / n on average.
    moved = stats.t.cdf((d.mean() + (1 - limit) / 5_000 - limit) / (d.std(ddof=1) / 5_000**0.5), 4_999)
    assert p_reaches(limit, *equal(*d)) == pytest.approx(moved, rel=0.03)


def test_a_limit_of_0_is_never_below_what_was_not_seen() -> None:
    assert p_reaches(0.0, *equal(*[0] * 1_000)) == pytest.approx(1)
    assert p_reaches(0.0, *equal(*[-1] * 20)) == pytest.approx(0.5**20, abs=1e-9)


def test_one_cluster_of_much_weight_cannot_show_less_than_its_weight_hides() -> None:
    weights = np.array([0.3, *[0.7 / 140] * 140])
    # Were it all harm once in ten times, the mean harm would be .03, and nine times of ten nothing would be seen.
    assert p_reaches(0.03, np.zeros(141), weights) > 0.9
    assert upper_bound(0.05, np.zeros(141), weights) > 0.3


@pytest.mark.slow
def test_no_distribution_of_three_values_passes_more_often_than_the_level() -> None:
    """Every sample of five clusters, weighed by its exact probability, with the mean at the limit."""
    limit, n, level = 0.3, 5, 0.05
    for low, middle, top in product((-1.0, 0.0), (0.25, 0.4, 0.7), (0.05, 0.15, 0.29)):
        # `top` is the chance of the value 1; the other two chances follow from the mean.
        rest = 1 - top
        at_middle = (limit - top - low * rest) / (middle - low)
        chances = (rest - at_middle, at_middle, top)
        if min(chances) < 0:
            continue
        passed = sum(
            prod(chances[i] for i in sample)
            for sample in product(range(3), repeat=n)
            if p_reaches(limit, *equal(*((low, middle, 1.0)[i] for i in sample))) <= level
        )
        assert passed <= level + 1e-9, (low, middle, top)
