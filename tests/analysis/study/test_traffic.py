"""The stated traffic: shares of conditions, and what an arm costs in them, against sums by hand and a bootstrap."""

from itertools import product
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.made_logs import Reply, collected_of, study_reply
from warm_inspect.analysis.contrasts import BEST, WORST, designs_of
from warm_inspect.analysis.estimates import CONTRAST, PER_THOUSAND, Estimate, Kind
from warm_inspect.analysis.observations import Observations, observe
from warm_inspect.analysis.study.rates import rates_table
from warm_inspect.analysis.study.traffic import Traffic, read_traffic
from warm_inspect.analysis.study.traffic_effects import (
    stated_weights,
    traffic_conditions,
    traffic_estimates,
)
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.roles import Role

CONTEXTS, BELIEFS = ("none", "emotion_sad"), ("none", "incorrect")
CONDITIONS = tuple(product(CONTEXTS, BELIEFS))
ROLES = {"after": Role.TREATED, "before": Role.REFERENCE}
TRAFFIC = Traffic({"belief": 0.1, "emotion_sad": 0.02})
WEIGHTS = {
    ("none", "none"): 0.98 * 0.9,
    ("none", "incorrect"): 0.98 * 0.1,
    ("emotion_sad", "none"): 0.02 * 0.9,
    ("emotion_sad", "incorrect"): 0.02 * 0.1,
}


def made(arms: dict[str, float], questions: dict[str, int], grade: str = "") -> list[Reply]:
    """Replies whose errors go together within a question; an arm's number is how much likelier it is to be wrong."""
    dice = np.random.default_rng(5)
    rows = []
    for benchmark, n in questions.items():
        for question in range(n):
            hard = dice.normal(0, 1)
            for (arm, worse), (context, belief) in product(arms.items(), CONDITIONS):
                pull = worse * (1 + (belief == "incorrect") + (context == "emotion_sad"))
                wrong = hard + pull + dice.normal(0, 0.7) > 0.5
                given = grade or ("incorrect" if wrong else "correct")
                rows.append(study_reply(arm, benchmark, question, (context, belief), given))
    return rows


def observed(rows: list[Reply], **roles: Role) -> Observations:
    return observe(collected_of(rows), roles=roles)


def costs(observations: Observations, traffic: Traffic = TRAFFIC) -> dict[tuple[str, str], Estimate]:
    designs = designs_of(observations.frame, observations.roles)
    rows = list(traffic_estimates(observations, designs, traffic))
    assert all(row.identity.kind is Kind.TRAFFIC_EFFECT and row.unit == PER_THOUSAND for row in rows)
    return {(row.outcome, row.term): row for row in rows}


@pytest.fixture(scope="module")
def pair() -> Observations:
    return observed(made({"before": 0.0, "after": 0.4}, {"triviaqa": 90, "medqa": 40}), **ROLES)


def wide(observations: Observations, outcome: str) -> pd.DataFrame:
    """One row for each question, a column for each arm and condition."""
    keys = ["arm", "context", "belief"]
    return observations.frame.pivot_table(outcome, ["benchmark", "question_id"], keys, observed=True)


def by_hand(table: pd.DataFrame, weights: dict[tuple[str, str], float]) -> "pd.Series[float]":
    """What each question adds to 1,000 conversations."""
    parts = [w * (table["after", c, b] - table["before", c, b]) for (c, b), w in weights.items()]
    return 1000 * sum(parts[1:], start=parts[0])


@pytest.mark.parametrize("outcome", ["incorrect", "not_correct", "endorses_claim"])
def test_the_cost_is_the_weighed_difference_within_questions(pair: Observations, outcome: str) -> None:
    row = costs(pair)[outcome, CONTRAST]
    counted = {key: w for key, w in WEIGHTS.items() if outcome != "endorses_claim" or key[1] == "incorrect"}
    per_benchmark = by_hand(wide(pair, outcome), counted).groupby("benchmark", observed=True)
    assert row.estimate == pytest.approx(per_benchmark.mean().mean())
    assert (row.n, row.n_clusters) == (130, 130)
    assert np.isnan(row.p_value)


def test_the_error_of_one_benchmark_is_that_of_the_mean_over_questions_with_its_covariances() -> None:
    one = observed(made({"before": 0.0, "after": 0.4}, {"triviaqa": 90}), **ROLES)
    row = costs(one)["incorrect", CONTRAST]
    each = by_hand(wide(one, "incorrect"), WEIGHTS)
    assert row.std_error == pytest.approx(each.std(ddof=1) / sqrt(90))


def test_conditions_that_go_together_within_a_question_are_not_independent_evidence() -> None:
    """After is wrong on 8 of 20 questions, in every condition: four quarters of one number, not four numbers."""
    rows = [
        study_reply(arm, "triviaqa", i, condition, "incorrect" if arm == "after" and i < 8 else "correct")
        for arm, i, condition in product(ROLES, range(20), CONDITIONS)
    ]
    row = costs(observed(rows, **ROLES), Traffic({"belief": 0.5, "emotion_sad": 0.5}))["incorrect", CONTRAST]
    assert row.estimate == pytest.approx(400)
    assert row.std_error == pytest.approx(1000 * sqrt(0.4 * 0.6 / 19))


def test_the_error_is_that_of_a_bootstrap_over_questions(pair: Observations) -> None:
    row = costs(pair)["incorrect", CONTRAST]
    dice = np.random.default_rng(1)
    groups = [
        own.to_numpy() for _, own in by_hand(wide(pair, "incorrect"), WEIGHTS).groupby("benchmark", observed=True)
    ]
    means = np.mean([own[dice.integers(0, len(own), (4_000, len(own)))].mean(axis=1) for own in groups], axis=0)
    assert row.std_error == pytest.approx(means.std(), rel=0.06)
    low, high = np.quantile(means, [0.025, 0.975])
    assert (row.conf_low, row.conf_high) == pytest.approx((low, high), abs=0.25 * row.std_error)


def test_chance_stands_beside_the_number_where_the_rerun_was_asked_the_same() -> None:
    rows = made({"before": 0.0, "again": 0.0, "after": 0.4}, {"triviaqa": 60})
    roles = ROLES | {"again": Role.RERUN}

    def chance(rows: list[Reply]) -> list[Estimate]:
        observations = observed(rows, **roles)
        made_of = traffic_estimates(observations, designs_of(observations.frame, observations.roles), TRAFFIC)
        return [row for row in made_of if row.identity.arm == "again" and row.outcome == "incorrect"]

    (row,) = chance(rows)
    table = wide(observed(rows, **roles), "incorrect")
    by_question = sum(w * (table["again"][key] - table["before"][key]) for key, w in WEIGHTS.items())
    assert row.identity.reference == "before"
    assert row.estimate == pytest.approx(1000 * by_question.mean())
    assert row.std_error == pytest.approx(1000 * by_question.std(ddof=1) / sqrt(60))
    fewer = [each for each in rows if each["arm"] != "again" or each["context"] == "none"]
    assert chance(fewer) == []


def test_one_model_is_compared_with_its_plain_questions() -> None:
    alone = observed(made({"mine": 0.4}, {"triviaqa": 60}))
    rows = costs(alone)
    table = wide(alone, "incorrect")["mine"]
    mean = sum(w * table[key] for key, w in WEIGHTS.items()) - table["none", "none"]
    assert rows["incorrect", CONTRAST].estimate == pytest.approx(1000 * mean.mean())
    assert rows["incorrect", CONTRAST].std_error == pytest.approx(1000 * mean.std(ddof=1) / sqrt(60))
    assert rows["incorrect", CONTRAST].contrast == "'belief=0.1,emotion_sad=0.02' - plain | arm=mine"


def test_a_traffic_of_one_condition_is_its_row_in_points_times_ten(pair: Observations) -> None:
    row = costs(pair, Traffic({"belief": 1.0, "emotion_sad": 1.0}))["incorrect", CONTRAST]
    table = wide(pair, "incorrect")
    apart = table["after", "emotion_sad", "incorrect"] - table["before", "emotion_sad", "incorrect"]
    assert row.estimate == pytest.approx(1000 * apart.groupby("benchmark", observed=True).mean().mean())


def test_no_bounds_where_every_reply_has_a_verdict(pair: Observations) -> None:
    assert {term for _, term in costs(pair)} == {CONTRAST}


def test_replies_without_a_verdict_give_bounds() -> None:
    """10 questions, all correct, but of the treated arm 1 cut, 1 ungraded and 1 filtered; of the reference 1 cut."""
    rows = made({"before": 0.0, "after": 0.0}, {"triviaqa": 10}, "correct")
    plain = {
        arm: [row for row in rows if (row["arm"], row["context"], row["belief"]) == (arm, "none", "none")]
        for arm in ("before", "after")
    }
    plain["after"][0] |= {"truncated": 1.0}
    plain["after"][1] |= {"excluded": "unscored: no verdict"}
    plain["after"][2] |= {"stop_reason": "content_filter"}
    plain["before"][3] |= {"truncated": 1.0}
    rows_of = costs(observed(rows, **ROLES))
    weight = 1000 * WEIGHTS["none", "none"] / 10
    assert rows_of["incorrect", CONTRAST].estimate == 0
    assert rows_of["incorrect", WORST].estimate == pytest.approx(3 * weight)
    assert rows_of["incorrect", BEST].estimate == pytest.approx(-weight)
    assert dict(rows_of["incorrect", WORST].notes[-1].values) == {"n": 4, "asked": 80}


def test_what_it_is_made_of_has_its_denominators(pair: Observations) -> None:
    designs = designs_of(pair.frame, pair.roles)
    table = traffic_conditions(stated_weights(pair, TRAFFIC), rates_table(pair.frame, pair.exclusions), designs)
    assert set(table["arm"]) == {"after", "before"}
    assert table.groupby("arm")["share"].sum().tolist() == pytest.approx([1.0, 1.0])
    assert (table["n"] == 130).all()
    sums = table.groupby("arm")["incorrect_per_1000"].sum()
    assert sums["after"] - sums["before"] == pytest.approx(costs(pair)["incorrect", CONTRAST].estimate)


@pytest.mark.parametrize(
    ("shares", "weights"),
    [
        ({"belief": 0.1, "emotion_sad": 0.02}, WEIGHTS),
        ({"belief": 0.0, "emotion_sad": 0.5}, {("none", "none"): 0.5, ("emotion_sad", "none"): 0.5}),
        (
            {"belief": 0.1, "emotion_sad": 0.02, "emotion_sad+belief": 0.015},
            {
                ("none", "none"): 0.895,
                ("none", "incorrect"): 0.085,
                ("emotion_sad", "none"): 0.005,
                ("emotion_sad", "incorrect"): 0.015,
            },
        ),
        (
            # What is left is independent: of .9 without sadness 1 in 9 is angry, whatever the belief.
            {"belief": 0.2, "emotion_sad": 0.1, "emotion_anger": 0.1, "belief+emotion_sad": 0.02},
            {
                ("none", "none"): 0.64,
                ("none", "incorrect"): 0.16,
                ("emotion_sad", "none"): 0.08,
                ("emotion_sad", "incorrect"): 0.02,
                ("emotion_anger", "none"): 0.08,
                ("emotion_anger", "incorrect"): 0.02,
            },
        ),
        ({"third_party": 0.3, "belief": 0.7}, {("none", "incorrect"): 0.7, ("none", "third_party"): 0.3}),
    ],
)
def test_shares_become_weights(shares: dict[str, float], weights: dict[tuple[str, str], float]) -> None:
    assert Traffic(shares).weights(CONTEXTS, BELIEFS) == pytest.approx(weights)


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ({"emotion_sda": 0.1}, ("emotion_sda", "emotion_sad", "belief", "third_party")),
        ({"incorrect": 0.1}, ("incorrect", "belief")),
        ({"none": 0.1}, ("none", "belief", "emotion_sad")),
        ({"emotion_sad": 0.6, "emotion_anger": 0.6}, ("contexts", "1.2")),
        ({"belief": 0.8, "third_party": 0.3}, ("beliefs", "1.1")),
        ({"emotion_sad": 0.1, "emotion_sad+belief": 0.05}, ("emotion_sad+belief", "belief", "0.05")),
        ({"emotion_sad+emotion_anger": 0.1}, ("emotion_sad+emotion_anger", "CONTEXT+BELIEF")),
        ({"belief": 0.5, "emotion_sad": 0.7, "emotion_sad+belief": 0.1}, ("emotion_sad+belief", "0.1")),
        (
            {"belief": 0.5, "emotion_sad": 0.5, "emotion_sad+belief": 0.1, "belief+emotion_sad": 0.1},
            ("belief+emotion_sad",),
        ),
    ],
)
def test_shares_that_name_nothing_or_contradict_each_other(shares: dict[str, float], said: tuple[str, ...]) -> None:
    with pytest.raises(PrerequisiteError) as error:
        Traffic(shares).weights(CONTEXTS, BELIEFS)
    assert all(text in str(error.value) for text in said)


@pytest.mark.parametrize(
    "stated", ["belief=1.2", "belief=-0.1", "belief", "belief=often", "belief=nan", "belief=0", ","]
)
def test_shares_that_are_none(stated: str) -> None:
    with pytest.raises(PrerequisiteError) as error:
        read_traffic(stated)
    assert "belief=0.1,emotion_sad=0.02" in str(error.value)


def test_a_share_stands_once() -> None:
    with pytest.raises(PrerequisiteError, match="belief"):
        read_traffic("belief=0.1,belief=0.2")


@pytest.mark.parametrize("text", ["belief: 0.1\nemotion_sad+belief: 0.01\n", "belief: 0.1\nemotion_sad+belief: 1e-2\n"])
def test_a_file_holds_the_same(tmp_path: Path, text: str) -> None:
    path = tmp_path / "traffic.yaml"
    path.write_text(text, encoding="utf-8")
    assert read_traffic(str(path)) == read_traffic("belief=0.1, emotion_sad+belief=0.01")


@pytest.mark.parametrize("text", ["- belief", "belief: true", "belief: [0.1]"])
def test_a_file_of_something_else(tmp_path: Path, text: str) -> None:
    path = tmp_path / "traffic.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PrerequisiteError, match="emotion_sad"):
        read_traffic(str(path))


@pytest.mark.parametrize(
    ("shares", "roles"),
    [({"emotion_anger": 0.1}, ROLES), ({"belief": 0.1, "third_party": 0.1}, ROLES), ({"relation_up": 0.1}, {})],
)
def test_conditions_that_were_not_run(pair: Observations, shares: dict[str, float], roles: Any) -> None:
    rows = made({"before": 0.0, "after": 0.4} if roles else {"mine": 0.1}, {"triviaqa": 6})
    with pytest.raises(PrerequisiteError) as error:
        costs(observed(rows, **roles), Traffic(shares))
    level = list(shares)[-1]
    assert level in str(error.value)
    assert "none/incorrect" in str(error.value)
    assert "inspect eval" in str(error.value)
