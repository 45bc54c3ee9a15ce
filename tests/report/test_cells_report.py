"""The report of cell counts: its numbers, its denominators, what it cannot say, and foreign text escaped."""

import re
from pathlib import Path

import pandas as pd
import pytest

from tests.report.test_published import BASE_MODELS, BENCHMARKS, COUNTS, study_of_counts
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.report.cells_report import render_cells, write_cells_report


@pytest.fixture(scope="module")
def page() -> str:
    return render_cells(study_of_counts())


def cells_of(page: str, section: str) -> list[list[str]]:
    """The texts of the rows of the first table of a section."""
    body = page[page.index(f'<section id="{section}"') :]
    table = body[body.index("<tbody>") : body.index("</tbody>")]
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in table.split("<tr>")[1:]]


@pytest.mark.slow
def test_the_headline_is_the_published_effect_and_the_mean_over_base_models(page: str) -> None:
    plain = COUNTS[(COUNTS["context"] == "none") & (COUNTS["belief"] == "none")]
    pooled = plain.groupby("arm")[["n", "n_incorrect"]].sum()
    replies = int(pooled["n"]["warm"] + pooled["n"]["original"])
    assert f"n&nbsp;=&nbsp;{replies:,} replies" in page
    rates = plain.assign(rate=100 * plain["n_incorrect"] / plain["n"]).pivot_table("rate", "base_model", "arm")
    mean = (rates["warm"] - rates["original"]).mean()
    shown = re.findall(r'<dd class="big">([^<]+)</dd>', page)
    assert float(shown[1].replace("−", "-")) == pytest.approx(mean, abs=0.051)
    assert "n&nbsp;=&nbsp;3 base models" in page


def test_weights_and_denominators(page: str) -> None:
    rows = cells_of(page, "weights")
    assert len(rows) == len(BASE_MODELS) * len(BENCHMARKS)
    assert ["big", "medqa", "200", "200", "23.8%", "16.7%"] in rows
    assert ["small", "triviaqa", "80", "80", "9.5%", "16.7%"] in rows


def test_every_cell_stands_with_its_errors(page: str) -> None:
    table = re.sub(r' data-label="[^"]*"', "", page[page.index("Every cell with its errors") :])
    row = COUNTS[
        (COUNTS["base_model"] == "mid")
        & (COUNTS["benchmark"] == "medqa")
        & (COUNTS["context"] == "relation_up")
        & (COUNTS["belief"] == "any")
        & (COUNTS["arm"] == "warm")
    ].iloc[0]
    line = next(
        part for part in table.split("<tr>") if ">mid<" in part and "medqa</td><td>relation_up</td><td>any" in part
    )
    assert f'{row["n_incorrect"] / row["n"]:.1%}</td><td class="num">200' in line
    assert table.count('<tr><th scope="row">') == 3 * 2 * 9 * 2


def test_what_counts_cannot_give_is_listed(page: str) -> None:
    for name in ("clustered errors", "mcnemar", "training seeds", "signal detection", "refusals"):
        assert f"<li><b>{name}</b>: cell counts" in page
    assert "No stars: McNemar's test needs the pairs" in page


@pytest.mark.slow
def test_the_page_stands_alone_and_is_the_same_every_time(page: str, tmp_path: Path) -> None:
    assert not re.search(r"<(script|link|img|iframe)|https?://(?!www\.w3\.org)", page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)
    write_cells_report(study_of_counts(), tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == page
    assert len(page) < 5_000_000


@pytest.mark.slow
def test_foreign_names_are_escaped() -> None:
    evil = '<script>alert("x")</script>'
    frame = COUNTS.replace({"base_model": {"big": evil}, "benchmark": {"medqa": evil + "&"}})
    page = render_cells(study_of_counts(frame))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_counts_outside_the_study_are_refused_by_name() -> None:
    frame = COUNTS[COUNTS["belief"] == "none"].assign(belief="third_party")
    with pytest.raises(PrerequisiteError, match=r"truthfulqa.*Leave --paper out"):
        study_of_counts(frame)


@pytest.mark.slow
def test_separation_and_empty_cells_are_said() -> None:
    rows = (COUNTS["arm"] == "warm") & (COUNTS["context"] == "stakes_low")
    frame = pd.DataFrame(COUNTS.assign(n_incorrect=COUNTS["n_incorrect"].where(~rows, 0)))
    assert "not estimable: separation" in render_cells(study_of_counts(frame))
    emptied = frame.assign(n=frame["n"].where(~rows, 0))
    page = render_cells(study_of_counts(emptied))
    assert "empty cell" in page
    assert "in the contexts stakes_low" in page
