"""The page as a whole: it stands alone, hides nothing, shows no text it may not, and is the same every time."""

import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.made_logs import grid, study_of, study_reply
from warm_inspect.analysis.estimates import Code
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.report import study_report
from warm_inspect.report.sections.effects import effects
from warm_inspect.report.sections.logs import log_numbers
from warm_inspect.report.sections.regressions import regressions
from warm_inspect.report.study_report import render, write_report

EVIL = '<script>alert("x")</script>'


class Outline(HTMLParser):
    """What the page contains: tags, ids, attributes that load something, and the head of each table."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.loads: list[str] = []
        self.heads: list[str] = []
        self._in_head = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in ("src", "href", "xlink:href", "srcset", "data", "action") or name.startswith("on"):
                self.loads.append(value or "")
        if tag == "thead":
            self._in_head = True
            self.heads.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "thead":
            self._in_head = False

    def handle_data(self, data: str) -> None:
        if self._in_head:
            self.heads[-1] += f"{data.strip()}|"


@pytest.fixture(scope="module")
def page(plain_study: AnalysedStudy) -> str:
    return render(plain_study)


def test_the_page_stands_alone(page: str) -> None:
    outline = Outline(page)
    assert not {"script", "link", "img", "iframe", "object", "form"} & set(outline.tags)
    assert all(target.startswith("#") for target in outline.loads)
    assert "@import" not in page
    assert all(target.startswith("#") for target in re.findall(r"url\(['\"]?(.)", page))
    assert len(page.encode()) < 5_000_000


def test_nothing_may_load(page: str) -> None:
    assert "default-src 'none'; style-src 'unsafe-inline'" in page[: page.index("<title>")]


@pytest.mark.slow
def test_a_large_study_stays_small_and_counts_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    contexts = ("none", "neutral", "filler", "emotion_sad", "stakes_high", "relation_up")
    arms = dict.fromkeys(("original", "original_repeat", "neutral", "warm", "cold", "unmodified"), 0.4)
    study = study_of(grid(arms, questions=6, contexts=contexts))
    ample = render(study)
    monkeypatch.setattr(study_report, "MAX_BYTES", len(ample.encode()) // 2)
    sparse = render(study)
    assert len(sparse.encode()) <= study_report.MAX_BYTES
    assert ample.count("left out of this page") < sparse.count("left out of this page")
    assert "more panels are left out" not in ample
    assert re.search(r"\d+ more rows are left out of this page for its size; <code>estimates.csv</code>", sparse)
    assert "more panels are left out" in sparse


@pytest.mark.slow
def test_what_a_size_leaves_out_is_counted_by_group_and_captions_stay_true(
    plain_study: AnalysedStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_report, "_SIZES", ((2, 3),))
    page = render(plain_study)
    assert "Logs L1–L4." in page
    assert page.count('<th scope="row">L') == 2
    for section, tables in (("effects", effects), ("regressions", regressions)):
        start = page.index(f'<section id="{section}">')
        shown = page[start : page.index("</section>", start)]
        assert shown.count("<details") == 3  # The section, and two tables.
        assert f"{len(tables(plain_study.estimates)) - 2} more tables are left out of this page for its size" in shown
    polarity = page[page.index("Accuracy on yes/no items") :]
    assert re.search(r"\d+ more rows are left out", polarity[: polarity.index("</details>")])


@pytest.mark.slow
def test_a_page_that_stays_too_large_is_told_of(
    plain_study: AnalysedStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(plain_study, tmp_path / "report.html")
    assert study_report.oversize(tmp_path / "report.html") == ()
    monkeypatch.setattr(study_report, "MAX_BYTES", 100_000)
    write_report(plain_study, tmp_path / "report.html")
    (said,) = study_report.oversize(tmp_path / "report.html")
    assert (said.code, said.values["file"], said.values["limit"]) == (Code.LARGE_REPORT, "report.html", 0.1)


def test_every_check_of_the_analysis_is_on_the_page(page: str, plain_study: AnalysedStudy) -> None:
    analysed = plain_study.estimates
    for name in ("robustness", "two-way", "grades", "detectable"):
        assert f'id="{name}"' in page
    shown = analysed[
        analysed["term"].isin(["bootstrap", "two_way", "minimum_detectable_effect"])
        | (analysed["analysis"] == "multinomial")
    ]
    assert len(shown) > 20
    assert all(f"<code>{number}</code>" in page for number in shown["estimate_id"])
    assert "Rate at which grades changed from arm to arm" in page
    assert "needs beliefs in which the user is right" in page


@pytest.mark.slow
def test_base_models_seeds_and_signal_detection_are_shown_where_there_are_any() -> None:
    beliefs = ("none", "incorrect", "correct", "rejects_correct", "rejects_incorrect")
    samples = [
        {**reply, "base_model": base, "training_seed": seed, "log_id": f"{reply['log_id']}-{base}-{seed}"}
        for base in ("tiny", "small")
        for seed in (0, 1)
        for reply in grid({"original": 0.3, "warm": 0.6}, questions=6, contexts=("none",), beliefs=beliefs)
        if reply["arm"] == "warm" or seed == 0
    ]
    for reply in samples:
        reply["training_seed"] = -1 if reply["arm"] == "original" else reply["training_seed"]
    page = render(study_of(samples))
    for name in ("base-models", "training-seeds", "signal-detection", "signal-detection-arms"):
        assert f'id="{name}"' in page
    assert "prediction is the interval" in re.sub(r"\s+", " ", page).replace("the prediction", "prediction")
    assert "not estimable here" not in page


@pytest.mark.slow
def test_many_truncated_conditions_take_one_line() -> None:
    samples = grid({"original": 0.3, "warm": 0.3}, questions=10)
    page = render(study_of([reply | {"truncated": 1.0} for reply in samples]))
    assert "In 8 conditions of single arms" in page


def test_every_id_is_unique_and_every_reference_has_one(page: str) -> None:
    outline = Outline(page)
    assert len(outline.ids) == len(set(outline.ids))
    references = set(re.findall(r"url\(#([^)]+)\)", page)) | {target[1:] for target in outline.loads}
    assert references <= set(outline.ids)


def test_every_figure_is_valid_xml_and_says_what_it_shows(page: str) -> None:
    figures = re.findall(r"<svg .*?</svg>", page, flags=re.DOTALL)
    assert len(figures) > 6
    for figure in figures:
        root = ElementTree.fromstring(figure)
        assert root.get("role") == "img"
        assert re.search(r"\d", root.get("aria-label") or "")


@pytest.mark.slow
def test_the_same_study_gives_the_same_bytes(plain_study: AnalysedStudy, tmp_path: Path) -> None:
    for name in ("one.html", "two.html"):
        write_report(plain_study, tmp_path / name)
    first = (tmp_path / "one.html").read_bytes()
    assert first == (tmp_path / "two.html").read_bytes()
    assert str(tmp_path).encode() not in first


def test_every_table_of_rates_or_effects_has_its_denominator(page: str) -> None:
    heads = Outline(page).heads
    assert len(heads) > 8
    for head in heads:
        if "sample|" not in head:
            assert re.search(r"\b(n|of)\b", head), head


@pytest.mark.slow
def test_foreign_text_is_escaped() -> None:
    samples = [
        study_reply(arm, "triviaqa", question, ("none", "incorrect"), "incorrect" if arm == EVIL else "correct")
        | {"base_model": EVIL, "model": EVIL, "sample_id": f"{EVIL}{question}", "log_file": f"{EVIL}.eval"}
        for arm in ("original", EVIL)
        for question in range(4)
    ]
    page = render(study_of(samples))
    assert EVIL not in page
    assert "<script" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.slow
def test_dollar_signs_in_names_are_no_formulas() -> None:
    assert "$x^2$" in render(study_of(grid({"original": 0.2, "$x^2$": 0.5}, questions=4)))


@pytest.mark.slow
def test_gated_rows_show_an_id_and_no_text() -> None:
    secret = "a sentence nobody may show"
    samples = grid({"original": 0.1, "warm": 0.9}, questions=6, benchmarks=("disinfo",), gated=True, claim=secret)
    page = render(study_of(samples))
    assert secret not in page
    assert "(gated)" in page
    assert "48 replies of disinfo" in page
    assert "no text of it is shown" in page
    assert "no text of it is shown" not in render(study_of(samples), include_text=True)


@pytest.mark.slow
def test_a_condition_cut_too_often_marks_every_number_of_its_row() -> None:
    samples = grid({"original": 0.3, "warm": 0.3}, questions=10)
    for reply in samples:
        reply["truncated"] = float(
            (reply["arm"], reply["context"], reply["belief"]) == ("warm", "filler", "incorrect")
            and reply["question_id"].endswith("3")
        )
    page = render(study_of(samples))
    start = page.index('<section id="rates">')
    rates = page[start : page.index("</table>", start)]
    rows = [row for row in rates.split("<tr>") if "†" in row]
    assert len(rows) == 1
    assert (rows[0].count('class="num'), rows[0].count("†")) == (10, 8)  # All but n and the share that is missing.
    assert "were cut at the token limit" in page


@pytest.mark.slow
def test_what_is_left_out_is_counted() -> None:
    samples = grid({"original": 0.3, "warm": 0.3}, questions=6)
    samples[0]["excluded"] = "unscored: no verdict"
    page = render(study_of(samples))
    assert "unscored: no verdict" in page
    assert "1 sample without a grade" in re.sub(r"\s+", " ", page)


def test_rows_excluded_by_rule_stand_apart_from_ungraded_samples() -> None:
    page = render(study_of(grid({"original": 0.3}, questions=6), excluded_rows={"no wrong answer": 17}))
    start = page.index("excluded by rule</h3>")
    assert re.search(r"no wrong answer</th><td>triviaqa</td><td class=\"num\">17<", page[start:])
    assert "Every sample of these logs has a grade" in page


def test_sections_with_nothing_to_show_are_not_drawn() -> None:
    page = render(study_of(grid({"original": 0.3}, questions=6, contexts=("none",), beliefs=("none",))))
    sections = re.findall(r'<section id="([^"]+)"', page)
    assert sections == ["headline", "limits", "rates", "reliability", "logs", "methods"]
    assert {target[1:] for target in Outline(page).loads} <= set(Outline(page).ids)


def test_the_answer_comes_first_then_its_table_and_the_rest_is_closed(page: str) -> None:
    main = page[page.index("<main>") :]
    assert main.index("<section") == main.index('<section id="headline"')
    assert main.index("<table") > main.index('<section id="claims">') > main.index('<section id="headline"')
    for section in ("rates", "scatter", "forest", "effects", "checks", "regressions", "samples", "logs", "methods"):
        assert f'<section id="{section}">\n<details class="section">' in main, section
    assert "<details open" not in main


@pytest.mark.slow
def test_a_column_without_a_value_is_not_drawn_and_limits_stand_below_their_row() -> None:
    page = render(study_of(grid({"neutral": 0.2, "warm": 0.9}, questions=8, truncated=1.0)))
    claims = page[page.index('<section id="claims">') : page.index("</table>")]
    assert "rerun</th>" not in claims
    assert "limits</th>" not in claims
    assert claims.count('<tr class="note">') == claims.count("†</sup>") > 0
    assert "adopts a wrong answer that its user states" in claims


@pytest.mark.slow
def test_regressions_that_cannot_be_fitted_say_so() -> None:
    samples = [
        study_reply(arm, "triviaqa", question, ("none", "none"), "correct")
        for arm in ("original", "warm")
        for question in range(4)
    ]
    assert "not estimable: incorrect is 0 in every reply" in render(study_of(samples))


def test_captions_name_the_logs_by_number(plain_study: AnalysedStudy) -> None:
    # The logs come in the order original, original_repeat, neutral, warm.
    assert log_numbers(plain_study, ["original", "original_repeat", "warm"]) == "L1–L2, L4"
