"""Tests of margins: equal to Tango's score test, and with error rates that hold at the margin."""

from dataclasses import replace
from math import isnan, nan, sqrt

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize_scalar

from warm_inspect.analysis.contrasts import MarginTest, State, Verdict, decide, harm_test
from warm_inspect.analysis.estimates import Code, Note

BLANK = MarginTest("worst_context", "context=none", "incorrect", limit=5.0)


def of_counts(n: int, up: int, down: int, limit: float = 5.0) -> MarginTest:
    """The test of n independent pairs of which so many differ one way and the other."""
    d = np.repeat([1.0, -1.0, 0.0], [up, down, n - up - down])
    error = 100 * d.std(ddof=1) / sqrt(n)
    blank = replace(BLANK, limit=limit)
    return harm_test(
        blank, 100 * d.mean(), error if error > 0 else nan, n, up=up / n, down=down / n, differing=up + down
    )


def score_variance(n: int, up: int, down: int, limit: float) -> float:
    """The variance of a pair when its likelihood is maximised numerically with the difference held at the limit."""

    def loss(q: float) -> float:
        return -float(up * np.log(q + limit) + down * np.log(q) + (n - up - down) * np.log(1 - 2 * q - limit))

    q = minimize_scalar(loss, bounds=(1e-12, (1 - limit) / 2 - 1e-12), method="bounded", options={"xatol": 1e-12}).x
    return float(2 * q + limit * (1 - limit))


@pytest.mark.parametrize(("up", "down"), [(12, 9), (6, 4), (30, 40), (9, 1)])
def test_independent_pairs_give_the_score_test(up: int, down: int) -> None:
    test = of_counts(200, up, down)
    z = ((up - down) / 200 - 0.05) / sqrt(score_variance(200, up, down, 0.05) / 200)
    # The t reference and n - 1 in the variance make it a shade more careful than the normal score test.
    assert test.p_within == pytest.approx(stats.t.cdf(z * sqrt(199 / 200), 199), rel=1e-4)
    assert test.p_within >= stats.norm.cdf(z) * 0.999


def test_no_difference_at_all_is_close_to_the_exact_bound() -> None:
    # 0 of 100 pairs: the exact P of "at least 5 % are harmed" is .95 ** 100.
    assert of_counts(100, 0, 0).p_within == pytest.approx(0.95**100, abs=0.01)
    assert of_counts(20, 0, 0).p_within > 0.05
    assert isnan(of_counts(100, 0, 0, limit=0.0).p_within)


def test_few_differing_clusters_count_as_whole_clusters() -> None:
    # 30 questions of 6 prompts: with 3 questions that differ, the error is that of 30 independent pairs at least.
    test = harm_test(BLANK, 1.0, 0.5, 30, up=0.01, down=0.0, differing=3)
    assert test.std_error >= 100 * sqrt(0.05 * 0.95 / 30)


def simulated(
    rng: np.random.Generator, harms: tuple[float, ...], n: int, prompts: int, noise: float
) -> list[MarginTest]:
    """One test per harm: n questions of some prompts that go together, and as much noise either way."""
    tests = []
    for i, harm in enumerate(harms):
        u = np.where(rng.random((n, 1)) < 0.3, rng.random((n, 1)), rng.random((n, prompts)))
        d = np.where(u < harm + noise, 1.0, np.where(u > 1 - noise, -1.0, 0.0))
        by_question = d.mean(axis=1)
        error = 100 * float(by_question.std(ddof=1)) / sqrt(n)
        up, down = float(d.clip(min=0).mean()), float(-d.clip(max=0).mean())
        tests.append(
            harm_test(
                replace(BLANK, cell=str(i)), 100 * float(d.mean()), error or nan, n,
                up=up, down=down, differing=int((d != 0).any(axis=1).sum()),
            )
        )  # fmt: skip
    return tests


def verdicts(harms: tuple[float, ...], n: int = 120, prompts: int = 2, noise: float = 0.03) -> dict[Verdict, float]:
    rng = np.random.default_rng(8)
    found = [decide(simulated(rng, harms, n, prompts, noise), alpha=0.05)[0] for _ in range(1_000)]
    return {verdict: found.count(verdict) / len(found) for verdict in Verdict}


# 5 % plus the 99 % Monte-Carlo half-width of 1,000 runs.
AT_MOST = 0.05 + 2.58 * (0.05 * 0.95 / 1_000) ** 0.5


@pytest.mark.parametrize("noise", [0.0, 0.03, 0.1])
def test_one_context_at_its_margin_is_allowed_no_more_often_than_alpha(noise: float) -> None:
    # The other context is far better, so that only the worst one stands in the way.
    assert verdicts((0.05, -0.05 if noise else 0.0), noise=max(noise, 0.0))[Verdict.ALLOW] <= AT_MOST


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_harms_at_their_margins_are_rejected_no_more_often_than_alpha(noise: float) -> None:
    assert verdicts((0.05, 0.05, 0.05), noise=noise)[Verdict.REJECT] <= AT_MOST


def test_the_gate_can_tell_harmless_from_harmful() -> None:
    harmless = verdicts((0.0, 0.0), n=400)
    harmful = verdicts((0.0, 0.15), n=400)
    assert harmless[Verdict.ALLOW] > 0.9
    assert harmful[Verdict.REJECT] > 0.9


def test_the_number_it_asks_for_is_enough() -> None:
    harms = (0.0, 0.0)
    open_test = next(
        test
        for test in decide(simulated(np.random.default_rng(9), harms, 60, 2, 0.03), alpha=0.05)[1]
        if test.n_if_harmless and test.p_within > 0.02
    )
    assert open_test.n_if_harmless is not None
    # It is computed from the error seen in 60 questions: near 80 %, not exactly.
    assert verdicts(harms, n=open_test.n_if_harmless)[Verdict.ALLOW] == pytest.approx(0.8, abs=0.15)


def test_every_test_must_pass_and_a_gap_forbids_allow() -> None:
    good = of_counts(400, 4, 4)
    verdict, tests = decide([good, good], 0.05)
    assert (verdict, tests[0].state, tests[0].n_if_harmless) == (Verdict.ALLOW, State.WITHIN, None)
    assert decide([good], 0.05, gaps=[Note(Code.LOG_SKIPPED, log="x", kind="unreadable")])[0] is Verdict.INCONCLUSIVE
    verdict, tests = decide([good, replace(BLANK, notes=(Note(Code.NOTHING_TO_TEST),))], 0.05)
    assert verdict is Verdict.INCONCLUSIVE
    assert isnan(tests[1].p_beyond_holm)


def test_rejection_is_adjusted_over_all_tests() -> None:
    bad = of_counts(100, 14, 2)
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
