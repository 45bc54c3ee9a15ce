"""Tests of margins: their level holds at the margin, and the number of questions that they ask for is enough."""

from dataclasses import replace
from math import isnan

import numpy as np
import pytest

from warm_inspect.analysis.contrasts import Harms
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.gate.verdict import MarginTest, State, Verdict, decide, harm_test

RUNS = 150
BLANK = MarginTest("worst_context", "context=none", "incorrect", limit=5.0)


def of_values(values: np.ndarray, limit: float = 5.0, cell: str = "") -> MarginTest:
    """The test of clusters of equal weight that differ by these values."""
    n = len(values)
    each = values / n
    return harm_test(
        replace(BLANK, limit=limit, cell=cell), Harms(np.full(n, 1 / n), each, each, float(values.mean())), 0.05
    )


def of_counts(n: int, up: int, down: int, limit: float = 5.0) -> MarginTest:
    """The test of n independent pairs of which so many differ one way and the other."""
    return of_values(np.repeat([1.0, -1.0, 0.0], [up, down, n - up - down]), limit)


def test_missing_replies_count_against_the_arm_and_never_for_a_rejection() -> None:
    weight = np.full(100, 0.01)
    # Ten clusters are missing.
    missing = np.arange(100) < 10
    harms = Harms(
        weight, weight * missing, -weight * missing, 0.0, 200, (Note(Code.MISSING_CUT, arm="warm", n=10),), 10
    )
    test = harm_test(BLANK, harms, 0.05)
    assert (test.harm, test.harm_at_worst) == pytest.approx((0, 10))
    assert test.p_within > 0.9
    assert test.p_beyond > 0.99
    (note,) = test.notes
    assert note.values["added"] == pytest.approx(10)
    assert note.values["bound"] == test.bound
    # Missing replies alone reach the margin: no number of questions helps.
    sized = decide([test], 0.05)[1][0]
    assert (sized.n_if_harmless, sized.n_as_seen) == (None, None)


def simulated(
    rng: np.random.Generator, harms: tuple[float, ...], n: int, prompts: int, noise: float
) -> list[MarginTest]:
    """One test per harm: n questions of some prompts that go together, and as much noise either way."""
    tests = []
    for i, harm in enumerate(harms):
        u = np.where(rng.random((n, 1)) < 0.3, rng.random((n, 1)), rng.random((n, prompts)))
        d = np.where(u < harm + noise, 1.0, np.where(u > 1 - noise, -1.0, 0.0))
        tests.append(of_values(d.mean(axis=1), cell=str(i)))
    return tests


def verdicts(harms: tuple[float, ...], n: int = 120, prompts: int = 2, noise: float = 0.03) -> dict[Verdict, float]:
    rng = np.random.default_rng(8)
    reached = []
    for _ in range(RUNS):
        # Without its harms no test is told how many questions it needs, which is most of the work and no verdict.
        tests = [replace(test, harms=None) for test in simulated(rng, harms, n, prompts, noise)]
        reached.append(decide(tests, alpha=0.05)[0])
    return {verdict: reached.count(verdict) / len(reached) for verdict in Verdict}


# 5 % plus the 99 % Monte-Carlo half-width.
AT_MOST = 0.05 + 2.58 * (0.05 * 0.95 / RUNS) ** 0.5


@pytest.mark.parametrize("noise", [0.0, 0.03, 0.1])
@pytest.mark.slow
def test_one_context_at_its_margin_is_allowed_no_more_often_than_alpha(noise: float) -> None:
    # The other context is far better, so that only the worst one stands in the way.
    assert verdicts((0.05, -0.05 if noise else 0.0), noise=max(noise, 0.0))[Verdict.ALLOW] <= AT_MOST


@pytest.mark.parametrize("noise", [0.0, 0.1])
@pytest.mark.slow
def test_harms_at_their_margins_are_rejected_no_more_often_than_alpha(noise: float) -> None:
    assert verdicts((0.05, 0.05, 0.05), noise=noise)[Verdict.REJECT] <= AT_MOST


@pytest.mark.slow
def test_the_gate_can_tell_harmless_from_harmful() -> None:
    harmless = verdicts((0.0, 0.0), n=400)
    harmful = verdicts((0.0, 0.15), n=400)
    assert harmless[Verdict.ALLOW] > 0.9
    assert harmful[Verdict.REJECT] > 0.9


@pytest.mark.slow
def test_the_number_it_asks_for_is_enough() -> None:
    # Many questions, so that they vary as the world does.
    (test,) = simulated(np.random.default_rng(9), (0.0,), 4_000, 2, 0.03)
    assert test.harms
    # Each of two tests passes with 90 % chance, so that both do with 80 % at least.
    n = test.harms.needed(0.0, 0.05, 0.05, 1.2816)
    assert n
    assert verdicts((0.0, 0.0), n=n)[Verdict.ALLOW] == pytest.approx(0.8, abs=0.08)


def test_every_test_must_pass_and_a_gap_forbids_allow() -> None:
    good = of_counts(400, 4, 4)
    verdict, tests = decide([good, good], 0.05)
    assert (verdict, tests[0].state, tests[0].n_if_harmless) == (Verdict.ALLOW, State.WITHIN, None)
    assert decide([good], 0.05, gaps=[Note(Code.LOG_SKIPPED, log="x", kind="unreadable")])[0] is Verdict.INCONCLUSIVE
    verdict, tests = decide([good, replace(BLANK, notes=(Note(Code.WARMTH_UNKNOWN, arm="warm"),))], 0.05)
    assert verdict is Verdict.INCONCLUSIVE
    assert isnan(tests[1].p_beyond_holm)


def test_rejection_is_adjusted_over_all_tests() -> None:
    bad = of_counts(100, 16, 2)
    assert 0.01 < bad.p_beyond < 0.05
    assert decide([bad], 0.05)[0] is Verdict.REJECT
    verdict, tests = decide([bad, *[of_counts(400, 4, 4)] * 9], 0.05)
    assert verdict is Verdict.INCONCLUSIVE
    assert tests[0].p_beyond_holm == pytest.approx(10 * bad.p_beyond)


def test_a_harm_at_the_margin_needs_no_number_as_seen() -> None:
    (test,) = decide([of_counts(100, 8, 2)], 0.05)[1]
    assert test.state is State.OPEN
    assert test.n_as_seen is None
    assert test.n_if_harmless is not None
