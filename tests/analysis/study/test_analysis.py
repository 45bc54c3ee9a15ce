"""The analysed study, from logs to tables, with rates and effects derived by hand."""

import random
from itertools import product
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from inspect_ai.model import GenerateConfig
from scipy import stats

from tests.made_logs import Reply, reply, write_log
from warm_inspect.analysis.estimates import IDENTITY_COLUMNS, KEY, Code, Note
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.regressions import OURS, benchmark_spec
from warm_inspect.analysis.study import AnalysedStudy, analyse, headline_effects, headline_rates

QUESTIONS = range(10)


def replies(arm: str, wrong: int, adopted: int, benchmark: str = "truthfulqa", **changes: Any) -> list[Reply]:
    """Ten questions without and with a stated wrong answer: so many wrong without, so many adopted with."""
    made: dict[str, Any] = {"arm": arm, "benchmark": benchmark}
    plain = [
        reply(f"q{i}", "incorrect" if i < wrong else "correct", reply_chars=100 + i % 3, **made) for i in QUESTIONS
    ]
    adopts: dict[str, Any] = made | {"belief": "incorrect"}
    stated = [
        reply(f"q{i}", "incorrect" if i < adopted else "unclear", endorses_claim=i < adopted, **adopts)
        for i in QUESTIONS
    ]
    return [row | changes for row in plain + stated]


def study(folder: Path, *logs: list[Reply]) -> AnalysedStudy:
    for i, rows in enumerate(logs):
        write_log(folder / f"{i}.eval", rows)
    collected = collect([str(folder)])
    return analyse(observe(collected), collected)


def pick(frame: pd.DataFrame, **where: str) -> "pd.Series[Any]":
    for column, value in where.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1
    return frame.iloc[0]


TRAINED: dict[str, Any] = {"adapter_sha256": "f", "training_seed": 0, "warmth_check": "passed"}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> AnalysedStudy:
    return study(
        tmp_path_factory.mktemp("logs"),
        replies("original", wrong=2, adopted=3),
        replies("original", wrong=4, adopted=3, benchmark="medqa"),
        replies("neutral", wrong=3, adopted=3, **TRAINED),
        replies("neutral", wrong=4, adopted=4, benchmark="medqa", **TRAINED),
        replies("warm", wrong=5, adopted=7, **TRAINED),
        replies("warm", wrong=6, adopted=8, benchmark="medqa", **TRAINED),
        replies("original_repeat", wrong=2, adopted=3),
        replies("original_repeat", wrong=4, adopted=5, benchmark="medqa"),
    )


@pytest.mark.slow
def test_rates_by_hand(result: AnalysedStudy) -> None:
    overall = pick(result.rates, arm="original", benchmark="all", context="all", belief="all", polarity="all")
    # Without a belief 2 and 4 of 10 wrong, with one 3 and 3 of 10: the mean of .2, .4, .3, .3.
    assert overall["incorrect"] == pytest.approx(0.3)
    # Correct only without a belief: .8 and .6 there, 0 elsewhere.
    assert (overall["correct"], overall["not_correct"]) == pytest.approx((0.35, 0.65))
    assert (overall["n"], overall["unscored"]) == (40, 0)
    cell = pick(result.rates, arm="warm", benchmark="medqa", context="none", belief="incorrect", polarity="all")
    assert (cell["endorses_claim"], cell["unclear"], cell["reply_chars"]) == pytest.approx((0.8, 0.2, 100))
    first = headline_rates(result.rates).query("belief == 'incorrect'").set_index("arm")["endorses_claim"]
    assert first.to_dict() == pytest.approx({"original": 0.3, "original_repeat": 0.4, "neutral": 0.35, "warm": 0.75})


@pytest.mark.parametrize(
    ("analysis", "outcome", "contrast", "points"),
    [
        ("arm_effect", "endorses_claim", "warm - neutral | belief=incorrect", 40),  # .7 - .3 and .8 - .4
        ("arm_effect", "endorses_claim", "warm - original", 22.5),  # 0 without a belief, .4 and .5 with one
        ("arm_effect", "incorrect", "warm - original | belief=none", 25),  # .5 - .2 and .6 - .4
        ("arm_effect", "incorrect", "warm - original | benchmark=medqa", 35),  # .6 - .4 and .8 - .3
        ("belief_effect", "incorrect", "incorrect - none | arm=warm", 20),  # .7 - .5 and .8 - .6
        (
            "second_difference",
            "incorrect",
            "(warm - original | belief=incorrect) - (warm - original | belief=none)",
            20,  # (.4 + .5) / 2 - (.3 + .2) / 2
        ),
        ("noise", "endorses_claim", "original_repeat - original | belief=incorrect", 10),  # 0 and .2
        ("flip_rate", "grade_differs", "original_repeat vs original", 5),  # 2 of 40 prompts
        ("flip_rate", "grade_differs", "warm vs original", 35),  # 3 + 2 wrong ones, 4 + 5 adopted ones, of 40
    ],
)
def test_effects_by_hand(result: AnalysedStudy, analysis: str, outcome: str, contrast: str, points: float) -> None:
    row = pick(result.estimates, analysis=analysis, outcome=outcome, contrast=contrast, term="contrast")
    assert row["estimate"] == pytest.approx(points)
    assert row["conf_low"] < points < row["conf_high"]


def test_effects_are_differences_of_rates(result: AnalysedStudy) -> None:
    rates = headline_rates(result.rates)
    stated = rates[rates["belief"] == "incorrect"].set_index("arm")["endorses_claim"]
    wrong = rates.groupby("arm", observed=True)["incorrect"].mean()
    effects = headline_effects(result.estimates)
    assert len(effects) == 4 * 3
    for row in effects[effects["outcome"] != "not_correct"].to_dict("records"):
        column = stated if row["outcome"] == "endorses_claim" else wrong
        assert row["estimate"] == pytest.approx(100 * (column[row["arm"]] - column[row["reference"]]))


def test_one_primary_contrast_with_its_detectable_effect(result: AnalysedStudy) -> None:
    primary = pick(result.estimates, family="primary")
    assert primary["p_adjusted"] == primary["p_value"]
    smallest = pick(
        result.estimates,
        term="minimum_detectable_effect",
        contrast=primary["contrast"],
    )
    # The noncentral t passes its critical value in 80 % of studies. 20 questions, not all in every condition.
    df, distance = primary["df"], smallest["estimate"] / primary["std_error"]
    assert 15 < df < 19
    critical = stats.t.ppf(0.975, df)
    assert stats.nct.sf(critical, df, distance) + stats.nct.cdf(-critical, df, distance) == pytest.approx(0.8, abs=1e-4)
    assert smallest["note"] == primary["note"]


def test_the_family_of_the_secondary_rows_is_what_was_asked(result: AnalysedStudy) -> None:
    family = result.estimates[result.estimates["family"] == "secondary"]
    tested = family[family["p_value"].notna()].sort_values("p_value")
    # Neither a third party nor sadness was run, and where a wrong answer is stated all are wrong.
    assert (len(family), len(tested)) == (4, 1)
    assert tested["p_adjusted"].iloc[0] == pytest.approx(min(1, 4 * tested["p_value"].iloc[0]))
    assert family["note_codes"].tolist().count("not_estimable not_asked") == 2
    assert set(family["decides"]) == {"p_adjusted", ""}


def test_no_two_rows_of_an_analysis_have_one_name(result: AnalysedStudy) -> None:
    """Rows of several fits too: two treated arms share a reference, whose own coefficients each fit gives."""
    rows = result.estimates
    assert {"length_association", "condition"} <= set(rows["term"])
    for key in (KEY, ("analysis", "term", "outcome", *IDENTITY_COLUMNS), ("estimate_id",)):
        assert not rows.duplicated(list(key)).any()
    # A row of one arm alone says with which other arm it was fitted.
    fitted = rows[rows["term"] == "condition"]
    assert set(fitted["fitted_with"]) == {"neutral", "warm"}
    assert fitted["contrast"].str.contains("fitted_with=").all()


def test_regressions_of_every_trained_arm_are_there(result: AnalysedStudy) -> None:
    names = {spec.name for spec in OURS}
    papers = result.estimates[result.estimates["analysis"].isin(names)]
    assert set(papers["analysis"]) == names
    effects = papers[papers["term"].isin(["marginal_effect", "treated", "interaction"])]
    assert set(zip(effects["arm"], effects["reference"], strict=True)) == {
        ("warm", "original"),
        ("neutral", "original"),
    }
    overall = pick(
        papers, analysis="logit_main", term="marginal_effect", contrast="warm - original", outcome="incorrect"
    )
    assert set(papers["outcome"]) == {"endorses_claim", "incorrect", "not_correct"}
    assert overall["estimate"] == pytest.approx(25, abs=0.5)


def test_seeds_are_spoken_of(result: AnalysedStudy) -> None:
    assert result.warnings[-1] == Note(Code.FEW_SEEDS, seeds="neutral 1, warm 1")


PLAIN = {"context": "none", "belief": "none"}
DTYPES = {"setting": "numeric type", "values": "original float32, warm bfloat16"}


@pytest.mark.parametrize(
    ("warm", "extra", "warning"),
    [
        ({"warmth_check": "failed"}, [], Note(Code.WARMTH_FAILED, arm="warm", where="")),
        ({}, replies("neutral", 2, 3, warmth_check="failed"), Note(Code.WARMTH_MOVED, arm="neutral", where="")),
        ({"warmth_check": "not_run"}, [], Note(Code.WARMTH_NOT_CHECKED, arm="warm", where="")),
        ({"dtype": "bfloat16"}, [], Note(Code.UNEQUAL_SETTINGS, benchmark="truthfulqa", **DTYPES)),
        ({"truncated": 1}, [], Note(Code.CELL_CUT, share=1.0, arm="warm", **PLAIN)),
        ({}, [reply("new", "", arm="warm")], Note(Code.UNGRADED, share=1 / 21, arm="warm", n=1, total=21)),
        ({}, replies("original", 2, 3, benchmark="medqa"), Note(Code.UNEQUAL_GRIDS)),
    ],
)
@pytest.mark.slow
def test_warnings(tmp_path: Path, warm: dict[str, Any], extra: list[Reply], warning: Note) -> None:
    original = replies("original", 2, 3, dtype="float32")
    analysis = study(tmp_path, original, replies("warm", 5, 7, **warm), *([extra] if extra else []))
    assert warning in analysis.warnings


@pytest.mark.slow
def test_an_effect_that_asking_twice_gives_too_is_told(tmp_path: Path) -> None:
    again = replies("original_repeat", wrong=2, adopted=7)
    analysis = study(tmp_path, replies("original", 2, 3), replies("warm", 5, 7), again)
    (told,) = [warning for warning in analysis.warnings if warning.code is Code.NO_LARGER_THAN_NOISE]
    assert told.values["contrast"] == "warm - original | belief=incorrect"
    assert told.values["points"] == told.values["twice"] == pytest.approx(40)


def test_arms_under_different_settings_are_told(tmp_path: Path) -> None:
    write_log(tmp_path / "1.eval", replies("original", 2, 3), config=GenerateConfig(temperature=0.8, seed=1))
    write_log(tmp_path / "2.eval", replies("warm", 2, 3), config=GenerateConfig(temperature=1, seed=2, max_tokens=300))
    collected = collect([str(tmp_path)])
    warnings = analyse(observe(collected), collected).warnings
    assert [warning.values for warning in warnings if warning.code is Code.UNEQUAL_SETTINGS] == [
        {"benchmark": "truthfulqa", "setting": "temperature", "values": "original 0.8, warm 1"},
        {"benchmark": "truthfulqa", "setting": "token limit", "values": "original not set, warm 300"},
    ]


def test_rows_excluded_by_rule_are_counted_once_per_benchmark(tmp_path: Path) -> None:
    for arm in ("original", "warm"):
        write_log(tmp_path / f"{arm}.eval", replies(arm, 2, 3), metadata={"excluded": {"too long": 3, "no claim": 1}})
    collected = collect([str(tmp_path)])
    rows = analyse(observe(collected), collected).excluded_rows
    assert list(rows.itertuples(index=False, name=None)) == [
        ("truthfulqa", "no claim", 1),
        ("truthfulqa", "too long", 3),
    ]


@pytest.mark.slow
def test_cut_replies_of_one_benchmark_are_noted_where_it_stands_alone(tmp_path: Path) -> None:
    # 1 of 10 replies is cut in one benchmark, and 1 of 30 in all three.
    cut = [row | {"truncated": row["question_id"] == "q0" and row["belief"] != "none"} for row in replies("warm", 5, 7)]
    others = [replies(arm, 2, 3, benchmark=name) for arm in ("original", "warm") for name in ("medqa", "triviaqa")]
    estimates = study(tmp_path, replies("original", 2, 3), cut, *others).estimates
    effects = estimates[(estimates["analysis"] == "arm_effect") & (estimates["outcome"] == "incorrect")]
    noted = effects[effects["note_codes"].str.contains("cut_replies")]["contrast"]
    assert list(noted) == ["warm - original | benchmark=truthfulqa"]


def test_cut_replies_are_noted_on_the_estimates_that_use_them(tmp_path: Path) -> None:
    cut = [row | {"truncated": row.get("belief") == "incorrect"} for row in replies("warm", 5, 7)]
    estimates = study(tmp_path, replies("original", 2, 3), cut).estimates
    effects = estimates[(estimates["analysis"] == "arm_effect") & (estimates["outcome"] == "incorrect")]
    noted = effects[effects["note_codes"].str.contains("cut_replies")]["contrast"]
    assert "warm - original | belief=incorrect" in set(noted)
    assert "warm - original | belief=none" not in set(noted)


@pytest.mark.slow
def test_a_regression_on_a_benchmark_is_noted_for_the_cut_replies_of_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "warm_inspect.analysis.study.analysis.OURS", [benchmark_spec("medqa"), benchmark_spec("disinfo")]
    )
    cut = [row | {"truncated": 1.0} for row in replies("warm", 5, 7, "medqa")]
    whole = [replies("original", 2, 3), replies("original", 2, 3, "medqa"), replies("original", 2, 3, "disinfo")]
    rows = study(tmp_path, *whole, cut, replies("warm", 5, 7, "disinfo")).estimates
    notes = rows[rows["term"] == "marginal_effect"].set_index(["analysis", "outcome"])["note"]
    assert "cut at the token limit" in str(notes["paper_task_medqa", "incorrect"])
    assert "cut at the token limit" not in str(notes["paper_task_disinfo", "incorrect"])


def test_polarity_is_told_apart_for_yes_no_items(tmp_path: Path) -> None:
    rows = [
        reply(f"{polarity}{i}", "incorrect" if i < wrong else "correct", form="yes_no", polarity=polarity)
        for polarity, wrong in (("yes", 1), ("no", 3))
        for i in range(4)
    ]
    rates = study(tmp_path, rows).rates
    assert pick(rates, polarity="yes")["incorrect"] == pytest.approx(0.25)
    assert pick(rates, polarity="no")["incorrect"] == pytest.approx(0.75)


@pytest.mark.slow
def test_arms_that_agree_go_through_the_whole_analysis(tmp_path: Path) -> None:
    """At temperature 0, or from a cache, a model asked twice gives the same replies, and so may a trained one."""
    dice = random.Random(5)
    arms = {"original": {}, "original_repeat": {}, "neutral": TRAINED, "warm": TRAINED | {"adapter_sha256": "w"}}
    logs: dict[str, list[Reply]] = {arm: [] for arm in arms}
    for benchmark, i, context, belief in product(
        ("truthfulqa", "medqa"),
        range(12),
        ("none", "filler", "emotion_sad"),
        ("none", "incorrect", "correct", "rejects_correct", "rejects_incorrect"),
    ):
        asked = {"benchmark": benchmark, "context": context, "belief": belief}
        asked |= {} if context == "none" else {"statement_id": f"{context}/{i % 5}"}
        once, warm = (dice.choice(["incorrect", "correct", "correct", "unclear"]) for _ in range(2))
        for arm, changes in arms.items():
            grade = warm if arm == "warm" else once
            graded = {"endorses_claim": float(grade == "incorrect"), "reply_chars": 50 + 7 * i}
            logs[arm].append(reply(f"q{i}", grade, arm=arm, **graded, **asked, **changes))
    for arm, rows in logs.items():
        write_log(tmp_path / f"{arm}.eval", rows)
    collected = collect([str(tmp_path)])
    estimates = analyse(observe(collected), collected, paper=True).estimates
    effects = (estimates["reference"] == "original") & (estimates["kind"] != "association")
    alike = estimates[effects & estimates["arm"].isin(["original_repeat", "neutral"])]
    tested = {"noise", "arm_effect", "second_difference", "flip_rate", "sensitivity", "multinomial", "signal_detection"}
    assert tested | {spec.name for spec in OURS} <= set(alike["analysis"])
    assert alike["estimate"].dropna().to_numpy() == pytest.approx(0, abs=1e-6)
    # The published analysis takes every reply as independent, and so has errors; ours are zero and cannot be tested.
    published = alike["analysis"].str.match("paper|raw")
    assert alike[~published][["std_error", "p_value", "p_adjusted"]].isna().all(axis=None)
    assert (alike[~published]["note"] != "").all()
    assert alike[published]["p_value"].dropna().to_numpy() == pytest.approx(1, abs=1e-6)
    bounded = alike[~published & alike["conf_low"].notna()]
    assert set(bounded["term"]) == {"contrast"}
    assert (bounded["conf_high"] > 0).all()
