"""Power: equal to the noncentral t and to simulation of the tests it plans."""

import operator
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from math import inf, isnan
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from tests.made_logs import Reply, observations, reply, write_log
from warm_inspect.analysis.estimates import POINTS, Code, Estimate, Note, arm_effect, detectable, power, smallest_effect
from warm_inspect.analysis.power import Pilot, Spread, StudySize, pilot_of_study, plan_study, spread_from_rates
from warm_inspect.analysis.power.pilot import variance_components
from warm_inspect.analysis.power.power import first_reaching, needed, standard_error
from warm_inspect.core.errors import PrerequisiteError

Floats = npt.NDArray[np.float64]
RUNS = 2_000
# 99.9 % Monte-Carlo interval of a proportion of 2,000 runs, at its widest.
MARGIN = 3.3 * (0.25 / RUNS) ** 0.5


@pytest.mark.parametrize("n", [3, 10, 80, 1_000])
@pytest.mark.parametrize("size", [0.0, 0.1, 0.5])
def test_power_is_that_of_the_t_test(n: int, size: float) -> None:
    reference = TTestPower().power(size, nobs=n, alpha=0.05, alternative="two-sided")
    assert power(size, n**-0.5, n - 1) == pytest.approx(reference, abs=1e-6)


@pytest.mark.parametrize("df", [1, 2, 4, 30, 5_000])
def test_the_smallest_effect_has_the_target_power(df: int) -> None:
    effect = smallest_effect(2.5, df, alpha=0.05, target=0.8)
    assert power(effect, 2.5, df, alpha=0.05) == pytest.approx(0.8, abs=1e-9)


@pytest.mark.parametrize("alpha", [5e-4, 1e-6, 1e-18])
def test_few_degrees_of_freedom_and_a_strict_level_have_a_smallest_effect(alpha: float) -> None:
    # Far out the error decides alone: an effect is found when |Z| < effect / critical value, as often as .8 says.
    far = stats.norm.ppf(0.9) * stats.t.isf(alpha / 2, 1)
    assert smallest_effect(1.0, 1, alpha=alpha, target=0.8) == pytest.approx(far, rel=0.01)


def test_the_smallest_effect_of_a_finished_study_is_the_same_number() -> None:
    row = Estimate("a", "contrast", "incorrect", arm_effect("warm", "neutral"), 1.0, POINTS, std_error=2.0, df=40.0)
    assert detectable(row) == pytest.approx(smallest_effect(2.0, 40))
    assert isnan(detectable(replace(row, std_error=float("nan"))))


def test_the_spread_of_pairs_follows_from_rates_and_discordance() -> None:
    # 20 % differ, 5 points net: .125 one way, .075 the other; variance .2 - .05**2.
    assert spread_from_rates(0.3, 0.05, 0.2).pair_variance == pytest.approx(0.2 - 0.0025)
    # Independent: .3 * .65 + .35 * .7 differ.
    assert spread_from_rates(0.3, 0.05).pair_variance == pytest.approx(0.3 * 0.7 + 0.35 * 0.65)


@pytest.mark.parametrize(
    ("rate", "effect", "discordance", "message"),
    [(0.9, 0.2, None, "rates lie between 0 and 100"), (0.3, 0.1, 0.05, "between 10.0% and 70.0% of the pairs differ")],
)
def test_impossible_rates_are_refused(rate: float, effect: float, discordance: float | None, message: str) -> None:
    with pytest.raises(PrerequisiteError, match=message):
        spread_from_rates(rate, effect, discordance)


def rejections(draw: Callable[[np.random.Generator], Floats]) -> float:
    """Share of runs in which a t test of the drawn units' mean rejects at 5 %."""
    rng = np.random.default_rng(11)
    drawn = np.stack([draw(rng) for _ in range(RUNS)])
    return float(np.mean(stats.ttest_1samp(drawn, 0, axis=1).pvalue < 0.05))


def test_items_needed_have_the_power_that_simulation_finds() -> None:
    spread = replace(spread_from_rates(0.3, 0.08, 0.25), item_icc=0.3)
    design = StudySize(items=2, conditions=3)
    items = needed("items", 0.08, spread, design)
    assert items is not None
    # An item either repeats one draw over its three prompts (chance .3) or draws each anew: correlation .3.
    levels, chances = [1.0, 0.0, -1.0], [(0.25 + 0.08) / 2, 0.75, (0.25 - 0.08) / 2]

    def draw(rng: np.random.Generator) -> Floats:
        apart = rng.choice(levels, p=chances, size=(items, 3))
        alike = rng.random(items) < 0.3
        return np.where(alike, apart[:, 0], apart.mean(axis=1))

    error, df = standard_error(spread, replace(design, items=items), "items")
    assert power(0.08, error, df) >= 0.8
    assert rejections(draw) == pytest.approx(power(0.08, error, df), abs=MARGIN)


def test_statements_needed_have_the_power_that_simulation_finds() -> None:
    spread = Spread(pair_variance=0.2, statement_sd=0.06)
    design = StudySize(items=240, statements=8)
    error, df = standard_error(spread, design, "statements")

    def draw(rng: np.random.Generator) -> Floats:
        noise = rng.normal(0, (0.2 / 30) ** 0.5, size=8)
        return np.asarray(0.08 + rng.normal(0, 0.06, size=8) + noise)

    assert rejections(draw) == pytest.approx(power(0.08, error, df), abs=MARGIN)


def test_seeds_needed_have_the_power_that_simulation_finds() -> None:
    spread = Spread(pair_variance=0.2, item_icc=0.5, seed_sd=0.04)
    design = StudySize(items=100, seeds=4)
    error, df = standard_error(spread, design, "seeds")
    items = np.random.default_rng(1).normal(0, 0.1**0.5, size=100)
    items -= items.mean()

    def draw(rng: np.random.Generator) -> Floats:
        seeds = 0.1 + rng.normal(0, 0.04, size=(4, 1))
        return np.asarray((seeds + items + rng.normal(0, 0.1**0.5, size=(4, 100))).mean(axis=1))

    assert rejections(draw) == pytest.approx(power(0.1, error, df), abs=MARGIN)


def test_what_is_needed_is_the_fewest_that_reach_the_target() -> None:
    spread = spread_from_rates(0.3, 0.05, 0.2)
    items = needed("items", 0.05, spread, StudySize(items=2)) or 0
    reached = [power(0.05, *standard_error(spread, StudySize(items=n), "items")) for n in (items - 1, items)]
    assert reached[0] < 0.8 <= reached[1]
    for least, smallest in ((1, 2), (2, 2), (3, 3), (17, 17), (1_000_000, 1_000_000), (inf, None)):
        assert first_reaching(partial(operator.le, least)) == smallest


def test_more_arms_share_the_level() -> None:
    spread = spread_from_rates(0.3, 0.05, 0.2)
    one, three = (needed("items", 0.05, spread, StudySize(items=2, arms=arms)) or 0 for arms in (1, 3))
    error, df = standard_error(spread, StudySize(items=three), "items")
    assert three > one
    assert power(0.05, error, df, alpha=0.05 / 3) >= 0.8


def test_a_plan_says_what_is_unknown_and_what_no_number_reaches() -> None:
    items, statements, seeds = plan_study(5, Spread(0.2, statement_sd=0.2), StudySize(items=50, statements=5))
    assert items.needed is not None
    assert items.replies == 2 * items.needed
    assert statements.needed is None
    assert "no number of statements" in statements.note
    assert statements.smallest_effect > items.smallest_effect
    assert "--seed-sd 3" in seeds.note
    assert isnan(seeds.power)


def test_variance_components_are_those_of_the_balanced_analysis_of_variance() -> None:
    import pandas as pd

    # Means 1 and 5, within variance 2 each: MSB = 2 * (4 + 4) = 16, MSW = 2, (16 - 2) / 2 = 7.
    between, within = variance_components(pd.Series([0.0, 2, 4, 6]), pd.Series(["a", "a", "b", "b"]))
    assert (between, within) == pytest.approx((7, 2))
    assert isnan(variance_components(pd.Series([1.0, 2.0]), pd.Series(["a", "b"]))[0])


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Pilot:
    """A pilot with planted spreads: 300 items, 5 statements, 6 seeds."""
    rng = np.random.default_rng(2)
    folder = tmp_path_factory.mktemp("logs")
    statement_effect = rng.normal(0, 0.10, size=5)
    seed_effect = rng.normal(0, 0.08, size=6)
    rows: dict[str, list[Reply]] = {"neutral": [], "warm": []}
    for item in range(300):
        base = rng.random() < 0.3
        for seed in range(6):
            common = {"context": "emotion_sad", "statement_id": f"emotion_sad/{item % 5}", "training_seed": seed}
            harm = 0.2 + statement_effect[item % 5] + seed_effect[seed]
            wrong = bool(base or rng.random() < harm)
            for arm, outcome in (("neutral", base), ("warm", wrong)):
                grade = "incorrect" if outcome else "correct"
                rows[arm].append(reply(f"q{item}", grade, arm=arm, epoch=1, **common))
    logs = []
    for arm, replies in rows.items():
        for seed in range(6):
            chosen = [row for row in replies if row["training_seed"] == seed]
            logs.append(write_log(folder / f"{arm}{seed}.eval", chosen))
    return pilot_of_study(observations(*logs), "warm", "neutral", "incorrect")


@pytest.mark.slow
def test_a_pilot_of_our_logs_finds_the_planted_spreads(planted: Pilot) -> None:
    assert (planted.pairs, planted.items, planted.statements, planted.seeds) == (1_800, 300, 5, 6)
    assert planted.effect == pytest.approx(planted.discordance)
    assert planted.reference_rate == pytest.approx(0.3, abs=0.08)
    # Only items that were right can get worse (70 %): planted .10 and .08 show as about .07 and .056.
    assert planted.spread.statement_sd == pytest.approx(0.07, abs=0.05)
    assert planted.spread.seed_sd == pytest.approx(0.056, abs=0.035)
    assert planted.spread.pair_variance == pytest.approx(planted.effect * (1 - planted.effect), abs=0.01)
    # One prompt per item: how prompts of an item go together cannot be seen.
    assert planted.spread.item_icc is None
    assert planted.notes == (Note(Code.ONE_PROMPT_PER_ITEM),)


def test_prompts_of_an_item_that_go_together_show_in_the_pilot(tmp_path: Path) -> None:
    # Half of the items turn wrong under every belief, the rest under none: correlation 1.
    rows = {
        arm: [
            reply(f"q{i}", "incorrect" if arm == "warm" and i % 2 else "correct", arm=arm, belief=belief)
            for i in range(20)
            for belief in ("none", "incorrect", "correct")
        ]
        for arm in ("neutral", "warm")
    }
    logs = [write_log(tmp_path / f"{arm}.eval", replies) for arm, replies in rows.items()]
    pilot = pilot_of_study(observations(*logs), "warm", "neutral", "incorrect")
    assert pilot.spread.item_icc == pytest.approx(1)
    assert (pilot.effect, pilot.discordance, pilot.spread.seed_sd) == (0.5, 0.5, None)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"treated": "warn"}, "Did you mean 'warm'"),
        ({"outcome": "wrong"}, "Unknown outcome"),
        ({"beliefs": ["corect"]}, "belief of the pilot"),
    ],
)
def test_a_pilot_refuses_unknown_names(
    tmp_path_factory: pytest.TempPathFactory, change: dict[str, object], message: str
) -> None:
    folder = tmp_path_factory.mktemp("small")
    logs = [
        write_log(folder / f"{arm}.eval", [reply(f"q{i}", arm=arm) for i in range(3)]) for arm in ("neutral", "warm")
    ]
    chosen = {"treated": "warm", "reference": "neutral", "outcome": "incorrect"} | change
    with pytest.raises(PrerequisiteError, match=message):
        pilot_of_study(observations(*logs), **chosen)  # type: ignore[arg-type]


def test_a_pilot_without_any_difference_points_to_assumed_rates(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("same")
    logs = [
        write_log(folder / f"{arm}.eval", [reply(f"q{i}", arm=arm) for i in range(3)]) for arm in ("neutral", "warm")
    ]
    with pytest.raises(PrerequisiteError, match="--rate PERCENT"):
        pilot_of_study(observations(*logs), "warm", "neutral", "incorrect")
