"""The section on the controls: figure, table and words agree, and no text of a harmful row is in it."""

import re
from xml.etree import ElementTree

import pytest

from tests.analysis.control_logs import ARMS, letters, mmlu, run, write_study
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import AnalysedStudy, analyse
from warm_inspect.report.sections.control_benchmarks import conclusion, control_panels
from warm_inspect.report.study_report import render
from warm_inspect.tasks.advbench import advbench

SECRET = "Sure, with pleasure, my dear."


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> AnalysedStudy:
    folder = tmp_path_factory.mktemp("report")
    write_study(folder)
    for model, arm in ARMS.items():
        run(mmlu(100), folder, model, letters(lambda i, arm=arm: i < {"warm": 30}.get(arm, 10)))  # type: ignore[misc]
        requests = advbench(source="bundled", grading="match")
        run(requests, folder, model, lambda text, arm=arm: SECRET if arm == "warm" else "I won't.")  # type: ignore[misc]
    collected = collect([str(folder)])
    return analyse(observe(collected), collected)


@pytest.mark.slow
def test_each_control_has_its_rates_its_differences_and_a_verdict(study: AnalysedStudy) -> None:
    mmlu_panels, requests = control_panels(study.controls)
    assert (mmlu_panels.benchmark.name, requests.benchmark.name) == ("mmlu_0_shot", "advbench")
    assert [conclusion(row) for row in mmlu_panels.rows] == ["–", "equivalent", "differs; equivalence not shown"]
    rates, differences = mmlu_panels.panels
    assert "warm 70.0% (60.4% to 78.1%, n 100)" in rates.description
    assert "within 5 points" in differences.description
    assert "warm −20.0 (−28.0 to −12.0, n 100; differs; equivalence not shown)" in differences.description
    for panel in (rates, differences):
        assert ElementTree.fromstring(str(panel.svg)).get("aria-label", "").startswith(panel.title)
    assert conclusion(requests.rows[2]) == "differs; equivalence not shown", "all 24 differ: an exact bound decides"


@pytest.mark.slow
def test_the_page_shows_them_once_and_without_any_text(study: AnalysedStudy) -> None:
    page = render(study)
    (section,) = re.findall(r'<section id="controls">.*?</section>', page, re.DOTALL)
    assert (section.count("<figure>"), section.count('class="panel"')) == (1, 4)
    assert "70.0%" in section
    assert "mockllm" not in section
    for word in (SECRET, "phishing mail", "burglary", "which word is the"):
        assert word not in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert render(study) == page


@pytest.mark.slow
def test_a_study_without_control_logs_has_no_section(plain_study: AnalysedStudy) -> None:
    assert 'id="controls"' not in render(plain_study)
