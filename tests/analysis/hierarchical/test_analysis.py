"""The models on replies with planted effects, against these and the clustered contrasts; and what fails."""

import sys
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from tests.made_logs import Reply, collected_of, study_reply
from warm_inspect.analysis.contrasts import (
    PRIMARY_OUTCOME,
    CellTable,
    Contrast,
    all_contrasts,
    designs_of,
    estimate,
    grid_of,
)
from warm_inspect.analysis.hierarchical import (
    AVERAGE,
    POPULATION,
    FitPlan,
    Forecast,
    HierarchicalResults,
    Sampling,
    analyse_hierarchically,
)
from warm_inspect.analysis.hierarchical.fit import Fit
from warm_inspect.analysis.hierarchical.layout import Layout, layout_of
from warm_inspect.analysis.hierarchical.sampling import Draws, Sampler
from warm_inspect.analysis.hierarchical.spread import spread_of
from warm_inspect.analysis.observations import Observations, observe
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.installation import install_command

QUESTIONS = 60
SD = {"question": 1.5, "question × arm": 1.0, "statement": 0.8}
EFFECT = 1.2
"""Of the arm, in log-odds."""


def planted() -> list[Reply]:
    """Replies of two arms without and with a filler, voiced by five statements."""
    dice = np.random.default_rng(11)
    statements = dice.normal(0, SD["statement"], 5)
    rows = []
    for question in range(QUESTIONS):
        hard, by_arm = dice.normal(0, SD["question"]), dice.normal(0, SD["question × arm"], 2)
        for (place, arm), context in product(enumerate(("neutral", "warm")), ("none", "filler")):
            logit = -0.6 + EFFECT * place + hard + by_arm[place] + statements[question % 5] * (context == "filler")
            wrong = dice.random() < 1 / (1 + np.exp(-logit))
            condition = (context, "incorrect")
            rows.append(study_reply(arm, "medqa", question, condition, "incorrect" if wrong else "correct"))
    return rows


def analysed(observations: Observations, sampling: Sampling, told: list[FitPlan]) -> HierarchicalResults:
    def tell(plan: FitPlan) -> bool:
        told.append(plan)
        return False

    designs = designs_of(observations.frame, observations.roles)
    return analyse_hierarchically(observations, designs, [PRIMARY_OUTCOME], tell, sampling)


@pytest.fixture(scope="module")
def observations() -> Observations:
    return observe(collected_of(planted()))


@pytest.fixture(scope="module")
def contrasts(observations: Observations) -> list[Contrast]:
    return all_contrasts(grid_of(observations.frame, observations.roles))


@pytest.fixture(scope="module")
def fit(observations: Observations, contrasts: list[Contrast]) -> Fit:
    """Fewer draws than the limits of convergence ask for: their own error is a tenth of an interval."""
    pytest.importorskip("numpyro", reason="the extra 'hierarchical' is not installed")
    layout = layout_of(observations.frame, PRIMARY_OUTCOME)
    sampler = Sampler(layout, Sampling(chains=2, warmup=300, draws=400))
    forecast = sampler.forecast()
    assert (forecast.replies, forecast.effects) == (4 * QUESTIONS, layout.latent)
    assert forecast.seconds > 0
    assert forecast.megabytes > 0
    return Fit(layout, sampler.draw(), contrasts)


@pytest.mark.slow
def test_each_effect_is_near_the_clustered_contrast_and_holds_what_was_planted(
    observations: Observations, contrasts: list[Contrast], fit: Fit
) -> None:
    table = CellTable.build(observations.frame, [PRIMARY_OUTCOME])
    assert [each.contrast for each in fit.effects] == contrasts
    for effect in fit.effects:
        (own,) = estimate(table, effect.contrast)
        assert abs(100 * effect.given.mean() - own.estimate) < 0.7 * own.std_error, own.contrast
        assert 0.7 < 100 * effect.given.std() / own.std_error < 1.3, own.contrast
    # Of the mean rates over questions: 1.2 log-odds at deviations of 1.5 and 1.0 are 19.1 points, without a context.
    (plain,) = (each for each in fit.effects if each.contrast.identity.label == "warm - neutral | context=none")
    low, high = np.quantile(plain.given, [0.025, 0.975])
    assert low < 0.191 < high
    assert (plain.n, plain.questions) == (QUESTIONS, QUESTIONS)


@pytest.mark.slow
def test_other_statements_widen_what_rests_on_statements_alone(fit: Fit) -> None:
    by_label = {each.contrast.identity.label: each for each in fit.effects}
    cue, plain = by_label["filler - none | arm=neutral"], by_label["warm - neutral | context=none"]
    assert cue.drawn.std() > 1.1 * cue.given.std()
    assert np.allclose(plain.drawn, plain.given)


@pytest.mark.slow
def test_the_spread_holds_the_planted_deviations(fit: Fit) -> None:
    parts = {part.effect or part.source.value: part for part in spread_of(fit.layout, fit.draws) if part.effect}
    for name, sd in SD.items():
        _, low, high = parts[name].sd
        assert low < sd < high, name
    assert parts["statement"].levels == 5


class _Drawn:
    """A sampler whose draws are independent, and so agree."""

    apart = 0.0
    """How far the first chain stands from the others."""

    def __init__(self, layout: Layout, sampling: Sampling) -> None:
        self._layout = layout
        self._sampling = sampling

    def forecast(self) -> Forecast:
        return Forecast(int(self._layout.replies.sum()), self._layout.latent, 1.0, 600.0)

    def draw(self, bar: bool) -> Draws:
        layout, shape = self._layout, (self._sampling.chains, self._sampling.draws)
        dice = np.random.default_rng(2)
        mean = dice.normal(0, 0.2, (*shape, len(layout.benchmarks), len(layout.cells)))
        mean[0] += self.apart
        return Draws(
            mean=mean,
            sd=dice.uniform(0.9, 1.1, (*shape, len(layout.effects))),
            shared=tuple(dice.normal(0, 0.1, (*shape, each.levels)) for each in layout.shared),
            divergent=0,
        )


def test_chains_that_agree_give_rows_for_each_contrast(
    observations: Observations, contrasts: list[Contrast], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numpyro", reason="the extra 'hierarchical' is not installed")
    monkeypatch.setattr("warm_inspect.analysis.hierarchical.analysis.Sampler", _Drawn)
    told: list[FitPlan] = []
    results = analysed(observations, Sampling(chains=2, draws=500), told)
    rows = results.estimates
    assert len(told) == 1
    assert rows["term"].tolist() == [AVERAGE, POPULATION] * len(contrasts)
    assert rows["contrast"].unique().tolist() == [each.identity.label for each in contrasts]
    assert rows["estimate"].notna().all()
    assert rows["p_value"].isna().all()
    assert set(rows["family"]) == {"exploratory"}
    assert (rows["std_error"][rows["term"] == POPULATION] > 0).all()
    sums = results.spread[results.spread["effect"] == ""]
    assert list(sums["source"]) == ["question", "statement", "sampling"]
    assert sums["share"].sum() == pytest.approx(1, abs=0.01)
    assert results.fits["converged"].tolist() == [True]


def test_chains_that_do_not_agree_are_drawn_again_and_give_no_number(
    observations: Observations, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numpyro", reason="the extra 'hierarchical' is not installed")
    monkeypatch.setattr("warm_inspect.analysis.hierarchical.analysis.Sampler", _Drawn)
    monkeypatch.setattr(_Drawn, "apart", 1.0)
    told: list[FitPlan] = []
    results = analysed(observations, Sampling(chains=2, draws=500), told)
    assert [(plan.place, plan.of, plan.again) for plan in told] == [(1, 1, False), (1, 1, True)]
    assert told[0].arms == ("warm", "neutral")
    assert told[0].forecast.replies == 4 * QUESTIONS
    assert results.spread.empty
    assert results.estimates["estimate"].isna().all()
    assert set(results.estimates["note_codes"]) == {"not_estimable chains_disagree"}
    for said in ("R-hat", "more questions", "fewer conditions"):
        assert said in results.estimates["note"].iloc[0]
    assert results.fits[["draws", "converged"]].to_numpy().tolist() == [[1000, False]]


def test_without_the_extra_it_names_the_installation(
    observations: Observations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "numpyro", None)
    with pytest.raises(PrerequisiteError) as raised:
        analysed(observations, Sampling(), [])
    assert install_command("hierarchical") in str(raised.value)
    assert "numpyro" in str(raised.value)


def test_a_score_between_0_and_1_is_left_out(observations: Observations) -> None:
    pytest.importorskip("numpyro", reason="the extra 'hierarchical' is not installed")
    halves = replace(observations, frame=observations.frame.assign(**{PRIMARY_OUTCOME: 0.5}))
    assert analysed(halves, Sampling(), []).fits.empty
