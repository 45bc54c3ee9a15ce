"""Cell counts: checked, analysed as published, and open about what they cannot give."""

from collections.abc import Callable
from itertools import product
from math import inf, isnan, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.genmod.families import Binomial

from warm_inspect.analysis.observations import Observations, read_counts
from warm_inspect.analysis.observations.cell_counts import COUNT_FACTORS
from warm_inspect.analysis.published import analyse_counts
from warm_inspect.core.errors import PrerequisiteError

BASE_MODELS = {"a": 0.3, "b": 4.8, "c": 15.3, "d": 9.7, "e": 4.1}
"""The plain effect of each base model in points, after the ones the study prints."""
BENCHMARKS = {"triviaqa": 0.15, "truthfulqa": 0.3, "medqa": 0.4, "disinfo": 0.2}
CUES = ("emotion_happy", "emotion_sad", "emotion_anger", "relation_close", "relation_up", "relation_down")
CONTEXTS = ("none", *CUES, "stakes_high", "stakes_low")


def cells(n: int = 500, small: int = 125) -> pd.DataFrame:
    """Counts in the layout of the published table: 5 base models x 2 arms x 4 benchmarks x 9 contexts x 2 beliefs."""
    rng = np.random.default_rng(0)
    rows = []
    for model, benchmark, context, belief in product(BASE_MODELS, BENCHMARKS, CONTEXTS, ("none", "any")):
        size = small if benchmark == "disinfo" else n
        for arm in ("original", "warm"):
            effect = BASE_MODELS[model] / 100 + 0.04 * (context == "emotion_sad") + 0.03 * (belief == "any")
            p = BENCHMARKS[benchmark] + 0.08 * (belief == "any") + effect * (arm == "warm") + rng.normal(0, 0.01)
            rows.append([model, arm, benchmark, context, belief, size, round(size * p)])
    return pd.DataFrame(rows, columns=[*COUNT_FACTORS, "n", "n_incorrect"])


CELLS = cells()
ESTIMATES = analyse_counts(Observations.from_counts(CELLS), only_published=True).estimates


def one(**where: str) -> "pd.Series[Any]":
    rows = ESTIMATES
    for column, value in where.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def reference(formula: str, data: pd.DataFrame, by: str = "") -> tuple[Any, dict[str, float]]:
    """A fit of proportions by statsmodels' formulas, which our code does not use, and its mean effects in points."""
    data = data.assign(share=data["n_incorrect"] / data["n"], ft=(data["arm"] == "warm").astype(float))
    data["group"] = data["context"].str.partition("_")[0]
    fitted = smf.glm(formula, data, family=Binomial(), var_weights=data["n"]).fit(tol=1e-12)
    change = fitted.predict(data.assign(ft=1.0)) - fitted.predict(data.assign(ft=0.0))
    levels = data[by] if by else pd.Series("", index=data.index)
    return fitted, {
        str(level): 100 * float(np.average(change[rows], weights=data.loc[rows, "n"]))
        for level, rows in data.groupby(levels).groups.items()
    }


CONTEXT, GROUP, BELIEF = (f'C({name}, Treatment("none"))' for name in ("context", "group", "belief"))
NO_BELIEF = {"belief": "none"}
PLAIN = {"context": "none", "belief": "none"}


@pytest.mark.parametrize(
    ("analysis", "formula", "where", "by"),
    [
        ("paper_1", "share ~ ft + benchmark + base_model", PLAIN, ""),
        ("paper_2", f"share ~ ft * {GROUP} + benchmark + base_model", NO_BELIEF, "group"),
        ("paper_3", f"share ~ ft * {CONTEXT} + benchmark + base_model", NO_BELIEF, "context"),
        ("paper_4", f"share ~ ft * {BELIEF} + group + benchmark + base_model", {}, "belief"),
        ("paper_task_medqa", "share ~ ft + base_model", PLAIN | {"benchmark": "medqa"}, ""),
    ],
)
def test_published_models_equal_formulas_of_another_program(
    analysis: str, formula: str, where: dict[str, str], by: str
) -> None:
    data = CELLS
    for column, level in where.items():
        data = data[data[column] == level]
    fitted, effects = reference(formula, data, by)
    rows = ESTIMATES[(ESTIMATES["analysis"] == analysis) & (ESTIMATES["term"] == "marginal_effect")]
    assert len(rows) == len(effects)
    for level, effect in effects.items():
        row = rows[rows["context_group" if by == "group" else by] == level].iloc[0] if by else rows.iloc[0]
        assert row["estimate"] == pytest.approx(effect, abs=1e-6)
        assert row["df"] == inf
    treated = ESTIMATES[(ESTIMATES["analysis"] == analysis) & (ESTIMATES["term"] == "treated")].iloc[0]
    assert treated["estimate"] == pytest.approx(fitted.params["ft"], abs=1e-8)
    assert treated["std_error"] == pytest.approx(fitted.bse["ft"], rel=1e-6)


def test_base_models_are_a_sample_with_t() -> None:
    plain = CELLS[(CELLS["context"] == "none") & (CELLS["belief"] == "none")]
    rates = plain.assign(rate=plain["n_incorrect"] / plain["n"]).pivot_table("rate", ["base_model", "benchmark"], "arm")
    effects = (100 * (rates["warm"] - rates["original"])).groupby("base_model").mean()
    mean = one(analysis="raw_base_models", term="random_effects_mean", contrast="warm - original")
    error = effects.std() / sqrt(5)
    assert (mean["estimate"], mean["std_error"], mean["df"]) == pytest.approx((effects.mean(), error, 4))
    assert mean["conf_high"] - mean["estimate"] == pytest.approx(2.776445 * error)
    ahead = one(analysis="raw_base_models", term="prediction_interval", contrast="warm - original")
    assert ahead["conf_high"] - ahead["estimate"] == pytest.approx(2.776445 * effects.std() * sqrt(1 + 1 / 5))


def test_raw_means_and_relative_increase_by_hand() -> None:
    rates = CELLS.assign(rate=CELLS["n_incorrect"] / CELLS["n"])
    rates["group"] = rates["context"].str.partition("_")[0]
    sad = rates[(rates["group"] == "emotion") & (rates["belief"] == "any")]
    by_arm = sad.groupby("arm")["rate"].mean()
    row = one(analysis="raw_cells", term="difference", contrast="warm - original | group=emotion, belief=any")
    assert row["estimate"] == pytest.approx(100 * (by_arm["warm"] - by_arm["original"]))
    plain = rates[(rates["context"] == "none") & (rates["belief"] == "none")]
    each = plain.pivot_table("rate", "benchmark", "arm")
    increase = 100 * (each["warm"] / each["original"] - 1)
    row = one(analysis="raw_cells", term="relative_increase", contrast="warm - original")
    assert (row["estimate"], row["unit"]) == (pytest.approx(increase.mean()), "percent")


def test_what_counts_cannot_give_is_said_and_has_no_number() -> None:
    limits = ESTIMATES[ESTIMATES["note_codes"].str.startswith("not_estimable counts_lack_")]
    assert {"clustered_errors", "mcnemar", "signal_detection", "paper_1b"} <= set(limits["analysis"])
    assert limits["estimate"].isna().all()


@pytest.mark.slow
def test_templates_that_are_told_apart_stay_apart_in_our_models() -> None:
    frame = CELLS.replace({"belief": {"any": "incorrect"}})
    other = frame[frame["belief"] == "incorrect"].assign(belief="rejects_correct", n_incorrect=10)
    estimates = analyse_counts(Observations.from_counts(pd.concat([frame, other])), only_published=False).estimates
    levels = estimates[(estimates["term"] == "marginal_effect")].groupby("analysis")["contrast"].apply(list)
    assert levels["paper_4"] == ["warm - original | belief=none", "warm - original | belief=any"]
    assert levels["logit_belief"] == [
        f"warm - original | belief={belief}" for belief in ("none", "incorrect", "rejects_correct")
    ]
    ours = estimates[estimates["analysis"] == "logit_belief"]
    assert ours["note_codes"].str.contains("model_based_errors").all()


@pytest.mark.slow
def test_a_cell_of_a_million_replies_counts_as_a_million() -> None:
    frame = CELLS.assign(n=CELLS["n"] * 1_000_000, n_incorrect=CELLS["n_incorrect"] * 1_000_000)
    large = analyse_counts(Observations.from_counts(frame), only_published=True).estimates
    both = ESTIMATES.merge(large, on=["analysis", "term", "contrast"], suffixes=("", "_large"))
    effects = both[both["term"] == "marginal_effect"].dropna(subset=["estimate"])
    assert effects["estimate_large"].to_numpy() == pytest.approx(effects["estimate"].to_numpy(), abs=1e-6)
    assert effects["std_error_large"].to_numpy() == pytest.approx(effects["std_error"].to_numpy() / 1_000, rel=1e-6)


def drop_column(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns=["belief", "n"])


def with_value(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def change(frame: pd.DataFrame) -> pd.DataFrame:
        values: list[object] = list(frame[column])
        values[3] = value
        return frame.assign(**{column: pd.Series(values, index=frame.index, dtype=object)})

    return change


def with_pooled(**levels: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Adds a cell that holds one of the cells too, under these levels."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        frame = frame.replace({"belief": {"any": "incorrect"}})
        row = {"base_model": "b", "arm": "warm", "benchmark": "medqa", "context": "none", "belief": "incorrect"}
        cell = frame[(frame[list(row)] == list(row.values())).all(axis=1)]
        assert len(cell) == 1
        return pd.concat([frame, cell.assign(**levels)])

    return change


def with_overlap(frame: pd.DataFrame) -> pd.DataFrame:
    """Cells of which each pools what the other tells apart."""
    stated = frame[(frame["benchmark"] == "medqa") & (frame["belief"] == "any")]
    return pd.concat([stated, stated.assign(benchmark="all", belief="incorrect")])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (drop_column, "lack the columns belief, n"),
        (lambda frame: frame.iloc[:0], "no rows"),
        (with_value("n", -1), "n in row 4 .* is -1, not a whole number"),
        (with_value("n", 1.5), "not a whole number"),
        (with_value("n", float("nan")), "not a whole number"),
        (with_value("n", "many"), "'many', not a whole number"),
        (with_value("n_incorrect", 10**7), "more incorrect replies than replies"),
        (with_value("n", 10**300), "not a whole number"),
        (with_value("context", "emotion_sadd"), "Did you mean 'emotion_sad'"),
        (with_value("belief", "wrong"), "Unknown belief in the cell counts 'wrong'"),
        (with_value("benchmark", " "), "Row 4 of the cell counts has no benchmark"),
        (with_value("arm", None), "Row 4 of the cell counts has no arm"),
        (lambda frame: pd.concat([frame, frame.iloc[:1]]), "comes twice"),
        (with_pooled(belief="any"), "b/warm/medqa/none/(any|incorrect) .* count twice"),
        (with_pooled(benchmark="All"), "b/warm/(medqa|All)/none/incorrect .* count twice"),
        (with_pooled(base_model="overall"), "(b|overall)/warm/medqa/none/incorrect .* count twice"),
        (with_pooled(benchmark="total", belief="any"), "(medqa|total)/none/(any|incorrect) .* count twice"),
        (with_overlap, "(medqa|all)/none/(any|incorrect) .* count twice"),
        (lambda frame: frame.replace({"arm": {"original": "plain"}}), "No arm is called 'original'"),
        (lambda frame: frame[frame["arm"] == "original"], "Add the rows of another arm"),
        (lambda frame: frame.assign(n=0, n_incorrect=0), "Every n in the cell counts is 0"),
    ],
)
def test_counts_that_break_a_rule_are_refused(change: Callable[[pd.DataFrame], pd.DataFrame], message: str) -> None:
    with pytest.raises(PrerequisiteError, match=message):
        Observations.from_counts(change(CELLS))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'"a', b"a,b\n1,2,3,4\n5"])
def test_files_that_are_no_table_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cells.csv").write_bytes(content)
    with pytest.raises(PrerequisiteError):
        Observations.from_counts(read_counts(str(tmp_path / "cells.csv")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("n_incorrect", "n"), "the column 'n' twice"),
        (lambda text: text.replace(",n_incorrect", ", n"), "the column 'n' twice"),
        # Every row one cell longer than the header: pandas would take the first column for names of rows.
        (lambda text: text.replace("\n", ",0\n").replace(",0", "", 1), "cannot be read as a CSV file"),
    ],
)
def test_columns_are_never_guessed(tmp_path: Path, change: Callable[[str], str], message: str) -> None:
    file = tmp_path / "cells.csv"
    file.write_text(change(CELLS.assign(n_incorrect=[*range(len(CELLS))]).to_csv(index=False)))
    with pytest.raises(PrerequisiteError, match=message):
        read_counts(str(file))


@pytest.mark.parametrize(("sign", "name"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
def test_a_table_with_another_separator_is_told_which(tmp_path: Path, sign: str, name: str) -> None:
    file = tmp_path / "cells.csv"
    CELLS.to_csv(file, sep=sign, index=False)
    with pytest.raises(PrerequisiteError, match=f"{name}.*commas"):
        read_counts(str(file))
    CELLS.assign(n=CELLS["n"].map("{:,}".format)).to_csv(file, sep=sign, index=False)
    with pytest.raises(PrerequisiteError, match=f"{name}.*commas"):
        read_counts(str(file))


def test_a_pooled_level_beside_others_that_are_no_parts_of_it_is_kept() -> None:
    other = CELLS[CELLS["belief"] == "any"].assign(belief="third_party")
    kept = Observations.from_counts(pd.concat([CELLS, other])).frame
    assert kept["weight"].sum() == CELLS["n"].sum() + other["n"].sum()
    empty = CELLS[CELLS["belief"] == "any"].assign(belief="incorrect", n=0, n_incorrect=0)
    assert Observations.from_counts(pd.concat([CELLS, empty])).frame["weight"].sum() == CELLS["n"].sum()


def test_words_that_look_like_missing_values_are_words(tmp_path: Path) -> None:
    frame = CELLS.replace({"base_model": {"a": "None", "b": "NA", "c": "Ünïcode 模型 🤖"}})
    frame.to_csv(tmp_path / "cells.csv", index=False)
    read = Observations.from_counts(read_counts(str(tmp_path / "cells.csv"))).frame
    assert {"None", "NA", "Ünïcode 模型 🤖"} <= set(read["base_model"])


def test_empty_cells_are_named_and_not_used() -> None:
    rows = (CELLS["arm"] == "warm") & (CELLS["context"] == "stakes_low") & (CELLS["belief"] == "none")
    frame = CELLS.assign(n_incorrect=CELLS["n_incorrect"].where(~rows, 0), n=CELLS["n"].where(~rows, 0))
    study = analyse_counts(Observations.from_counts(frame), only_published=True)
    assert len(study.exclusions) == rows.sum()
    assert set(study.exclusions["reason"]) == {"empty cell"}
    refused = study.estimates[study.estimates["analysis"] == "paper_3"]
    assert list(refused["note_codes"]) == ["not_estimable no_reply_under"]


def test_separation_is_said_and_a_penalised_fit_stands_beside() -> None:
    rows = (CELLS["arm"] == "warm") & (CELLS["context"] == "stakes_low")
    frame = CELLS.assign(n_incorrect=CELLS["n_incorrect"].where(~rows, 0))
    estimates = analyse_counts(Observations.from_counts(frame), only_published=True).estimates
    first, *others = estimates[estimates["analysis"] == "paper_3"].to_dict("records")
    assert isnan(first["estimate"])
    assert first["note_codes"] == "not_estimable separation"
    penalised = next(row for row in others if row["context"] == "stakes_low")
    assert penalised["term"] == "penalised_marginal_effect"
    rate = CELLS[(CELLS["arm"] == "original") & (CELLS["context"] == "stakes_low") & (CELLS["belief"] == "none")]
    assert penalised["estimate"] == pytest.approx(-100 * rate["n_incorrect"].sum() / rate["n"].sum(), abs=0.5)


COUNT = st.integers(0, 40)
TABLE = st.lists(
    st.tuples(
        st.sampled_from(["x", "y é"]),
        st.sampled_from(["original", "warm"]),
        st.sampled_from(["triviaqa", "own"]),
        st.sampled_from(["none", "emotion_sad", "filler"]),
        st.sampled_from(["none", "any", "third_party"]),
        COUNT,
        COUNT,
    ),
    max_size=24,
)


@settings(max_examples=60, deadline=None)
@given(TABLE)
def test_any_table_gives_an_error_or_numbers_that_agree_with_its_rates(rows: list[tuple[Any, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=[*COUNT_FACTORS, "n", "n_incorrect"])
    try:
        estimates = analyse_counts(Observations.from_counts(frame), only_published=False).estimates
    except PrerequisiteError:
        return
    assert (estimates["estimate"].notna() | estimates["note_codes"].str.startswith("not_estimable")).all()
    points = estimates[(estimates["unit"] == "percentage_points") & (estimates["analysis"] != "raw_base_models")]
    assert points["estimate"].dropna().abs().max() <= 100 + 1e-9 or points["estimate"].isna().all()
    plain = frame[(frame["context"] == "none") & (frame["belief"] == "none")].groupby("arm")[["n", "n_incorrect"]].sum()
    fitted = estimates[(estimates["analysis"] == "paper_1") & (estimates["term"] == "marginal_effect")].iloc[0]
    if np.isfinite(fitted["estimate"]):
        assert fitted["n"] == plain["n"].sum()
