"""McNemar's test and sign flips: equal to enumeration by hand, to each other, and to scipy."""

from itertools import product
from math import comb, isnan

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar

from warm_inspect.analysis.contrasts import mcnemar, sign_flips
from warm_inspect.analysis.contrasts.exact_tests import DRAWS


@pytest.mark.parametrize(("only_a", "only_b"), [(5, 7), (0, 6), (14, 6), (1, 0), (40, 71), (3, 3)])
def test_mcnemar_is_the_exact_test(only_a: int, only_b: int) -> None:
    test = mcnemar(only_a, only_b)
    assert test.p_value == pytest.approx(reference_mcnemar([[9, only_a], [only_b, 9]], exact=True).pvalue, abs=1e-12)
    n, least = only_a + only_b, min(only_a, only_b)
    fewer = sum(comb(n, k) for k in range(least))
    assert test.mid_p == pytest.approx((2 * fewer + comb(n, least)) / 2**n, abs=1e-12)


def test_without_a_discordant_pair_there_is_no_test() -> None:
    assert isnan(mcnemar(0, 0).p_value)
    assert isnan(mcnemar(0, 0).mid_p)
    assert isnan(sign_flips([0.0, 0.0]).p_value)
    assert isnan(sign_flips([]).p_value)


@pytest.mark.parametrize("sums", [[1, 1, 1, -1], [0.5, 0.25, -0.25, 1, 0, -0.75], [3, 1, 1, 1], [2 / 3, 1 / 3, -1 / 3]])
def test_sign_flips_are_the_enumeration_of_all_signs(sums: list[float]) -> None:
    seen = abs(sum(sums)) - 1e-9
    flipped = [
        abs(sum(s * d for s, d in zip(signs, sums, strict=True))) for signs in product([-1, 1], repeat=len(sums))
    ]
    test = sign_flips(sums)
    assert test.exact
    assert test.p_value == pytest.approx(np.mean([total >= seen for total in flipped]))


def test_without_clusters_sign_flips_are_mcnemar() -> None:
    # 180 discordant pairs: far more sign patterns than could be listed one by one.
    test = sign_flips([1.0] * 110 + [-1.0] * 70 + [0.0] * 500)
    assert test.exact
    assert test.p_value == pytest.approx(mcnemar(110, 70).p_value, abs=1e-12)


def test_many_different_sizes_are_drawn_with_a_seed() -> None:
    sums = np.random.default_rng(3).normal(0.15, 1, size=60)
    test = sign_flips(list(sums))
    assert not test.exact
    assert test == sign_flips(list(sums))
    assert test.p_value >= 1 / (DRAWS + 1)
    library = stats.permutation_test((sums,), np.sum, permutation_type="samples", n_resamples=20_000, rng=1)
    # Both are draws: 4 standard errors of a difference of two proportions of 20,000.
    assert test.p_value == pytest.approx(library.pvalue, abs=4 * (2 * 0.25 / DRAWS) ** 0.5)


def test_a_certain_difference_is_never_given_a_p_value_of_zero() -> None:
    sums = np.random.default_rng(4).uniform(1, 2, size=100)
    assert sign_flips(list(sums)).p_value == pytest.approx(1 / (DRAWS + 1))


def test_the_null_is_rejected_no_more_often_than_alpha() -> None:
    rng = np.random.default_rng(5)
    rejected = [
        sign_flips(list(rng.choice([-1.0, 0.0, 1.0], p=[0.2, 0.6, 0.2], size=40))).p_value for _ in range(1_000)
    ]
    # An exact test of discrete data stays below its level: 5 % plus the 99 % Monte-Carlo half-width of 1.8 points.
    assert np.mean(np.array(rejected) <= 0.05) <= 0.068
