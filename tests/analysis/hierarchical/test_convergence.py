"""Chains that agree pass; chains apart, stuck ones and divergent draws do not."""

import numpy as np
import pytest

from warm_inspect.analysis.estimates import Floats
from warm_inspect.analysis.hierarchical.convergence import convergence_of

pytest.importorskip("arviz_stats", reason="the extra 'hierarchical' is not installed")


def chains(shift: float = 0.0, stuck: float = 0.0) -> Floats:
    """Four chains of 500 draws of two numbers; the last chain stands apart, or each draw holds on to the one before."""
    drawn = np.random.default_rng(3).normal(size=(4, 500, 2))
    drawn[3, :, 1] += shift
    for place in range(1, 500):
        drawn[:, place] += stuck * drawn[:, place - 1]
    return drawn


def test_independent_draws_pass_and_what_never_changes_is_left_out() -> None:
    measured = convergence_of([chains(), np.zeros((4, 500))], divergent=0)
    assert measured.passed
    assert measured.r_hat < 1.01
    # 2,000 independent draws are worth about 2,000.
    assert 1600 < measured.ess_bulk < 2400
    assert 1400 < measured.ess_tail < 2600


@pytest.mark.parametrize(
    ("drawn", "divergent"),
    [(chains(shift=1.0), 0), (chains(stuck=0.97), 0), (chains(), 1)],
    ids=["apart", "stuck", "divergent"],
)
def test_others_do_not(drawn: Floats, divergent: int) -> None:
    assert not convergence_of([drawn], divergent).passed
