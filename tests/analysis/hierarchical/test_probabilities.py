"""From draws in log-odds to rates, effects and shares of the spread, against integrals and sums by hand."""

from math import exp, pi, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from tests.analysis.hierarchical.test_layout import rows
from warm_inspect.analysis.contrasts import Contrast
from warm_inspect.analysis.estimates import arm_effect
from warm_inspect.analysis.hierarchical.fit import effect_of
from warm_inspect.analysis.hierarchical.layout import Layout, Source, layout_of
from warm_inspect.analysis.hierarchical.probabilities import mean_rate, mean_sampling_variance, rates_of
from warm_inspect.analysis.hierarchical.sampling import Draws
from warm_inspect.analysis.hierarchical.spread import Part, spread_of
from warm_inspect.analysis.observations import Cell


def rate(logit: float) -> float:
    return 1 / (1 + exp(-logit))


def averaged(logit: float, variance: float) -> float:
    """The mean rate over a normal effect, by adaptive quadrature."""
    sd = sqrt(variance)
    return float(quad(lambda z: rate(logit + sd * z) * exp(-z * z / 2) / sqrt(2 * pi), -9, 9)[0])


def draws_of(layout: Layout, mean: list[float], sd: dict[str, float], **shared: list[float]) -> Draws:
    """Draws of two chains of one draw that all say the same; sets without a deviation here have none."""
    deviations = [sd.get(each.name, 0.0) for each in layout.effects]
    effects = [shared.get(each.name, [0.0] * each.levels) for each in layout.shared]
    return Draws(
        mean=np.tile(np.array(mean, dtype=float), (2, 1, len(layout.benchmarks), 1)),
        sd=np.tile(np.array(deviations), (2, 1, 1)),
        shared=tuple(np.tile(np.array(values, dtype=float), (2, 1, 1)) for values in effects),
        divergent=0,
    )


@pytest.mark.parametrize(("logit", "variance"), [(0.0, 1.0), (-2.0, 4.0), (1.5, 0.0), (-4.0, 9.0)])
def test_averages_over_a_normal_effect(logit: float, variance: float) -> None:
    arrays = np.array([logit]), np.array([variance])
    mean = averaged(logit, variance)
    assert mean_rate(*arrays)[0] == pytest.approx(mean, abs=5e-4)
    square = quad(lambda z: rate(logit + sqrt(variance) * z) ** 2 * exp(-z * z / 2) / sqrt(2 * pi), -9, 9)[0]
    assert mean_sampling_variance(*arrays)[0] == pytest.approx(mean - square, abs=5e-4)


def test_an_effect_over_these_and_over_other_statements() -> None:
    """Two questions, each with a statement of its own; the second statement makes warm twice as wrong as the first."""
    layout = layout_of(rows(context=["filler"]), "wrong")
    draws = draws_of(layout, [0.0, 0.5], {"question": 1.0, "statement": 2.0}, statement=[-1.0, 1.0])
    rates = rates_of(layout, draws)
    assert layout.cells == (Cell("neutral", "filler", "none"), Cell("warm", "filler", "none"))
    these = [(averaged(mean - 1, 1) + averaged(mean + 1, 1)) / 2 for mean in (0.0, 0.5)]
    others = [averaged(mean, 1 + 4) for mean in (0.0, 0.5)]
    assert rates.given[0, 0] == pytest.approx(these, abs=5e-4)
    assert rates.drawn[1, 0] == pytest.approx(others, abs=5e-4)
    neutral, warm = layout.cells
    effect = effect_of(
        Contrast("arm_effect", arm_effect("warm", "neutral"), ({warm: 1.0, neutral: -1.0},)), layout, rates
    )
    assert effect is not None
    assert effect.given == pytest.approx([these[1] - these[0]] * 2, abs=1e-3)
    assert effect.drawn == pytest.approx([others[1] - others[0]] * 2, abs=1e-3)
    assert (effect.n, effect.questions) == (2, 2)


def test_benchmarks_weigh_equally_and_an_incomplete_one_is_left_out() -> None:
    frame = pd.concat(
        [
            rows(benchmark=["medqa"], question_id=["q1", "q2", "q3"]),
            rows(benchmark=["triviaqa"]),
            rows(benchmark=["truthfulqa"], arm=["warm"]),
        ]
    )
    layout = layout_of(frame, "wrong")
    draws = draws_of(layout, [0.0, 1.0], {})
    draws.mean[:, :, layout.benchmarks.index("triviaqa"), 1] = 2.0
    neutral, warm = layout.cells
    overall, none = (
        effect_of(
            Contrast("arm_effect", arm_effect("warm", "neutral", benchmark=name), ({warm: 1.0, neutral: -1.0},)),
            layout,
            rates_of(layout, draws),
        )
        for name in ("", "truthfulqa")
    )
    assert none is None
    assert overall is not None
    assert overall.given == pytest.approx([(rate(1) + rate(2)) / 2 - 0.5] * 2)
    assert (overall.n, overall.questions) == (5, 5)


def test_the_shares_of_the_spread() -> None:
    layout = layout_of(rows(context=["none", "neutral"]), "wrong")
    decomposed = spread_of(layout, draws_of(layout, [0.0] * 4, {"question": 2.0, "question × arm": 1.0}))
    parts = {part.effect or part.source.value: part for part in decomposed}
    # The two sets of the question have variances 4 and 1, so they divide what is not sampling as 4 to 1.
    left = mean_sampling_variance(np.zeros(1), np.array([5.0]))[0] / 0.25
    assert parts["sampling"].share[0] == pytest.approx(left)
    assert parts["question × arm"].share[0] == pytest.approx((1 - left) / 5)
    assert parts["question × arm"].levels == 4
    whole = [part for part in decomposed if not part.effect]
    assert [part.source for part in whole] == [Source.QUESTION, Source.SAMPLING]
    assert sum(part.share[0] for part in whole) == pytest.approx(1)
    assert whole[0] == Part(Source.QUESTION, "", 2, (sqrt(5.0),) * 3, whole[0].share)
