"""The study's figures: every mark stands where its number says, and what is missing is said, not drawn."""

import re
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests

from tests.made_logs import collected_of, grid
from tests.report.marks import Read
from warm_inspect.analysis.observations import Observations, observe
from warm_inspect.analysis.published import CountStudy, analyse_counts
from warm_inspect.analysis.study import AnalysedStudy, analyse
from warm_inspect.core.vocabulary import PUBLISHED_CONTEXTS
from warm_inspect.report.published.figure_2 import figure_2
from warm_inspect.report.published.figure_3 import figure_3
from warm_inspect.report.published.figure_5 import figure_5
from warm_inspect.report.study_report import render

BASE_MODELS = ("big", "mid", "small")
BENCHMARKS = ("triviaqa", "medqa")
CONTROLS = ("cold", "original+persona_warm")
KEYS = ["base_model", "benchmark", "context", "belief"]


def counts() -> pd.DataFrame:
    """Three base models on two benchmarks; the smallest was not trained cold and had no system prompt."""
    dice = np.random.default_rng(3)
    rows = []
    for base, benchmark, context, belief in product(BASE_MODELS, BENCHMARKS, PUBLISHED_CONTEXTS, ("none", "any")):
        n = 200 if benchmark == "medqa" else 80
        arms = ("original", "warm", *(CONTROLS if base != "small" else ()))
        for place, arm in enumerate(arms):
            p = 0.2 + 0.1 * (belief == "any") + 0.05 * place + 0.1 * (benchmark == "medqa")
            rows.append([base, arm, benchmark, context, belief, n, int(dice.binomial(n, p))])
    return pd.DataFrame(rows, columns=["base_model", "arm", *KEYS[1:], "n", "n_incorrect"])


COUNTS = counts()


def study_of_counts(frame: pd.DataFrame = COUNTS) -> CountStudy:
    return analyse_counts(Observations.from_counts(frame), only_published=True)


@pytest.fixture(scope="module")
def counted() -> CountStudy:
    return study_of_counts()


@pytest.fixture(scope="module")
def logs() -> AnalysedStudy:
    """Pairs of replies: warm differs clearly from the original, cold does not."""
    arms = {"original": 0.3, "warm": 0.6, "cold": 0.3}
    collected = collected_of(
        grid(arms, questions=14, contexts=PUBLISHED_CONTEXTS, beliefs=("none", "incorrect"), benchmarks=BENCHMARKS)
    )
    return analyse(observe(collected), collected, paper=True)


def point_rates(frame: pd.DataFrame) -> pd.DataFrame:
    """Rates in percent by arm, the mean over benchmarks: the figure's definition, computed apart from its code."""
    rates = frame.assign(rate=100 * frame["n_incorrect"] / frame["n"])
    return rates.pivot_table("rate", ["base_model", "context", "belief"], "arm", aggfunc="mean")


def at(rates: pd.DataFrame, base: str, context: str, belief: str) -> Any:
    """The rates of the arms at one point."""
    return rates.xs((base, context, belief))


@pytest.mark.slow
def test_every_point_of_figure_2_stands_at_its_two_rates(counted: CountStudy) -> None:
    figure = figure_2(counted.published_cells, "warm", counted.estimates)
    rates = point_rates(COUNTS)
    assert [panel.title for panel in figure.panels] == ["a. all base models", "b. big", "c. mid", "d. small"]
    for number, panel in enumerate(figure.panels):
        drawn = Read(panel, f"figure-2-{number}")
        marks = drawn.marks(r"\d-\w+-(?:none|any)")
        expected = {
            f"{i}-{context}-{belief}": at(rates, base, context, belief)
            for (i, base), context, belief in product(enumerate(BASE_MODELS), PUBLISHED_CONTEXTS, ("none", "any"))
            if number in (0, i + 1)
        }
        assert marks.keys() == expected.keys()
        for name, rate in expected.items():
            assert (marks[name].x, marks[name].y) == pytest.approx((rate["original"], rate["warm"]), abs=0.05)
            assert marks[name].hollow == name.endswith("any")
    assert figure.n == (280, 280)
    above = int((rates["warm"] > rates["original"]).sum())
    assert (figure.counts["points"], figure.counts["above"]) == (54, above)


@pytest.mark.slow
def test_points_of_one_base_model_are_numbered_and_told_in_words(counted: CountStudy) -> None:
    figure = figure_2(counted.published_cells, "warm", counted.estimates)
    key = {context: number for number, context in figure.key}
    assert list(key) == list(PUBLISHED_CONTEXTS)
    assert list(key.values()) == [str(i) for i in range(1, 10)]
    drawn = Read(figure.panels[1], "figure-2-1")
    numbers = drawn.labels(r"number-\w+-(?:none|any)")
    assert numbers == {f"number-{c}-{belief}": key[c] for c, belief in product(PUBLISHED_CONTEXTS, ("none", "any"))}
    assert Read(figure.panels[0], "figure-2-0").labels("number-.*") == {}
    rate = at(point_rates(COUNTS), "big", "emotion_sad", "any")
    said = re.search(r"sad with wrong belief ([\d.]+)% and ([\d.]+)% \(n 280 and 280\)", drawn.label)
    assert said is not None
    assert (float(said[1]), float(said[2])) == pytest.approx((rate["original"], rate["warm"]), abs=0.051)
    assert not any("*" in text for text in drawn.texts), "counts have no pairs to test"


def test_every_cell_of_figure_3_stands_at_its_rate_with_the_medians(counted: CountStudy) -> None:
    figure = figure_3(counted.published_cells, "warm", counted.estimates)
    rates = COUNTS.assign(rate=100 * COUNTS["n_incorrect"] / COUNTS["n"])
    assert len(figure.panels) == 6
    for number, (base, benchmark) in enumerate(product(BASE_MODELS, sorted(BENCHMARKS))):
        assert figure.panels[number].title == f"{base} · {benchmark}"
        drawn = Read(figure.panels[number], f"figure-3-{number}")
        own = rates[(rates["base_model"] == base) & (rates["benchmark"] == benchmark)]
        conditions = {
            "A": own[(own["context"] == "none") & (own["belief"] == "none")],
            "A+B": own[own["belief"] == "none"],
            "A+B+C": own,
        }
        assert [len(cells) // own["arm"].nunique() for cells in conditions.values()] == [1, 9, 18]
        for condition, cells in conditions.items():
            named = cells.assign(cell=cells["context"] + "-" + cells["belief"])
            warm, original = (named[named["arm"] == arm].set_index("cell")["rate"] for arm in ("warm", "original"))
            marks = drawn.marks(re.escape(condition) + r"-(?:none|emotion_\w+|relation_\w+|stakes_\w+)-(?:none|any)")
            assert {name.partition("-")[2]: mark.y for name, mark in marks.items()} == pytest.approx(
                warm.to_dict(), abs=0.05
            )
            lines = drawn.heights(re.escape(condition) + "-(?:original|median)")
            assert lines[f"{condition}-original"] == pytest.approx(original.median(), abs=0.05)
            said = re.search(re.escape(condition) + r" median ([\d.]+)%", drawn.label)
            assert said is not None
            assert float(said[1]) == pytest.approx(warm.median(), abs=0.051)
            if condition != "A":
                assert lines[f"{condition}-median"] == pytest.approx(warm.median(), abs=0.05)
    assert (figure.n, figure.counts["points"]) == ((80, 200), 6 * 18)


def test_figure_5_shows_less_performance_where_there_are_more_errors(counted: CountStudy) -> None:
    figure = figure_5(counted.published_cells, "warm", counted.observations.compared_arms, counted.estimates)
    assert [panel.title for panel in figure.panels] == ["big", "mid"]
    assert figure.missing == ("Not drawn, because warm is their only arm: small.",)
    rates = point_rates(COUNTS)
    arms = ("warm", *CONTROLS)
    assert [words for words, _, _ in figure.legend] == list(arms)
    for number, base in enumerate(("big", "mid")):
        drawn = Read(figure.panels[number], f"figure-5-{number}")
        marks = drawn.marks(r"\d-\w+-(?:none|any)")
        assert len(marks) == len(arms) * 9 * 2
        for (i, arm), context, belief in product(enumerate(arms), PUBLISHED_CONTEXTS, ("none", "any")):
            rate = at(rates, base, context, belief)
            mark = marks[f"{i}-{context}-{belief}"]
            assert mark.x == pytest.approx(rate["original"] - rate[arm], abs=0.05)
            assert mark.hollow == (belief == "any")
    assert "warm with wrong belief: none " in figure.panels[0].description


def pairs_of(study: AnalysedStudy, arm: str, reference: str) -> pd.DataFrame:
    """The replies of two arms side by side."""
    frame = study.observations.frame
    columns = ["benchmark", "context", "belief", "sample_id", "incorrect"]
    own, other = (frame.loc[frame["arm"] == each, columns].astype({"incorrect": int}) for each in (arm, reference))
    return own.merge(other, on=columns[:-1], suffixes=("", "_reference"))


def exact_p(pairs: pd.DataFrame) -> float:
    b = int((pairs["incorrect"] > pairs["incorrect_reference"]).sum())
    c = int((pairs["incorrect"] < pairs["incorrect_reference"]).sum())
    return float(binomtest(b, b + c).pvalue) if b + c else 1.0


@pytest.mark.slow
def test_stars_are_tests_of_pairs_adjusted_in_families_of_nine(logs: AnalysedStudy) -> None:
    pairs = pairs_of(logs, "warm", "original")
    figure = figure_2(logs.published_cells, "warm", logs.estimates)
    (panel,) = figure.panels
    numbers = Read(panel, "figure-2-0").labels("number-.*")
    expected: dict[str, str] = {}
    for belief in ("none", "incorrect"):
        own = pairs[pairs["belief"] == belief]
        p_values = [exact_p(own[own["context"] == context]) for context in PUBLISHED_CONTEXTS]
        starred = multipletests(p_values, method="fdr_bh")[1] < 0.05
        column = "none" if belief == "none" else "any"
        for i, (context, star) in enumerate(zip(PUBLISHED_CONTEXTS, starred, strict=True), start=1):
            expected[f"number-{context}-{column}"] = f"{i}*" if star else str(i)
    assert numbers == expected
    assert 0 < figure.counts["starred"] == sum("*" in text for text in expected.values()) < 18


def test_stars_of_figure_3_are_the_cells_tests(logs: AnalysedStudy) -> None:
    pairs = pairs_of(logs, "warm", "original")
    expected = 0
    for benchmark, belief in product(BENCHMARKS, ("none", "incorrect")):
        own = pairs[(pairs["benchmark"] == benchmark) & (pairs["belief"] == belief)]
        p_values = [exact_p(own[own["context"] == context]) for context in PUBLISHED_CONTEXTS]
        starred = multipletests(p_values, method="fdr_bh")[1] < 0.05
        expected += int(starred.sum())
    assert figure_3(logs.published_cells, "warm", logs.estimates).counts["starred"] == expected


@pytest.mark.slow
def test_warm_is_held_against_cold_cell_by_cell(logs: AnalysedStudy) -> None:
    pairs = pairs_of(logs, "warm", "cold")
    worse = 0
    for benchmark, belief in product(BENCHMARKS, ("none", "incorrect")):
        own = pairs[(pairs["benchmark"] == benchmark) & (pairs["belief"] == belief)]
        cells = [own[own["context"] == context] for context in PUBLISHED_CONTEXTS]
        adjusted = multipletests([exact_p(cell) for cell in cells], method="fdr_bh")[1]
        worse += sum(
            bool(p < 0.05 and cell["incorrect"].mean() > cell["incorrect_reference"].mean())
            for p, cell in zip(adjusted, cells, strict=True)
        )
    counts = figure_5(logs.published_cells, "warm", logs.observations.compared_arms, logs.estimates).counts
    assert (counts["cold_cells"], counts["worse_than_cold"]) == (36, worse)
    page = render(logs)
    assert f"warm makes more errors than cold in {worse} of\n36 cells" in page


@pytest.mark.slow
def test_a_point_without_all_its_benchmarks_is_left_out_and_named() -> None:
    lacking = (
        (COUNTS["base_model"] == "mid")
        & (COUNTS["benchmark"] == "medqa")
        & (COUNTS["context"] == "stakes_low")
        & (COUNTS["arm"] == "warm")
    )
    study = study_of_counts(COUNTS[~lacking])
    figure = figure_2(study.published_cells, "warm", study.estimates)
    marks = Read(figure.panels[2], "figure-2-2").marks(r"\d-\w+-(?:none|any)")
    assert len(marks) == 16
    assert not any("stakes_low" in name for name in marks)
    (sentence,) = figure.missing
    assert sentence.endswith("mid stakes_low, mid stakes_low with belief.")


def test_what_the_input_lacks_is_said() -> None:
    few = COUNTS[COUNTS["arm"].isin(["original", "warm"]) & COUNTS["context"].isin(["none", "emotion_sad"])]
    study = study_of_counts(few[few["belief"] == "none"])
    figure = figure_2(study.published_cells, "warm", study.estimates)
    absent = ", ".join(context for context in PUBLISHED_CONTEXTS if context not in ("none", "emotion_sad"))
    assert figure.missing == (
        f"No cell of warm and original in the contexts {absent}.",
        "No cell of warm and original with a wrong belief of the user.",
    )
    controls = figure_5(study.published_cells, "warm", study.observations.compared_arms, study.estimates)
    assert controls.panels == ()
    assert "nothing to compare it with" in controls.missing[0]
    assert "No arm cold, which the study's figure shows." in controls.missing
    boxes = figure_3(study.published_cells, "warm", study.estimates)
    assert not Read(boxes.panels[0], "figure-3-0").groups(r"A\+B\+C-.*")


@pytest.mark.slow
def test_the_log_page_shows_them_in_paper_mode_only(logs: AnalysedStudy, plain_study: AnalysedStudy) -> None:
    page = render(logs)
    assert '<figure id="figure-2">' in page
    assert "Figure 1a is the\ndose curve, which needs the logs of several checkpoints" in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    # Figure 3 groups cells as the study does; figure 5 does not.
    words = " ".join(page.split())
    assert "one mark per cell, cumulative as in the study" in words
    assert "It splits by belief what the study's figure averages" in words
    assert page == render(logs)
    assert "figure-2" not in render(plain_study)
