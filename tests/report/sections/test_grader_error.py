"""The tables of corrected numbers: beside what was graded, and empty without labels."""

import pytest

from tests.made_logs import collected_of, grid, label_of, study_of
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import AnalysedStudy, analyse
from warm_inspect.report.sections.grader_error import corrected_effects, corrected_rates, first_corrected
from warm_inspect.report.study_report import render

ROWS = grid({"original": 0.3, "warm": 0.6}, questions=40, contexts=("none",))
for row in ROWS:
    row["uuid"] = f"{row['arm']}/{row['sample_id']}"


def study(labelled: int = 40) -> AnalysedStudy:
    """Labels of the first questions; of those of warm that are graded wrong every second one is right."""
    chosen = [row for row in ROWS if int(row["question_id"].partition("-")[2]) < labelled]
    labels = [
        label_of(row, row["incorrect"] == 1 and (row["arm"] != "warm" or i % 2 == 1)) for i, row in enumerate(chosen)
    ]
    collected = collected_of(ROWS)
    return analyse(observe(collected), collected, labels=labels)


def test_each_difference_stands_beside_what_was_graded() -> None:
    analysed = study()
    table = corrected_effects(analysed.estimates)
    assert [column.heading for column in table.body[1:4]] == ["as graded", "prediction-powered", "Rogan-Gladen"]
    shown = {(row[0].text, row[1].text): [cell.text for cell in row[2:5]] for row in table.rows}
    assert len(shown) == 9  # overall and under two beliefs, for three outcomes
    graded, powered, inverted = shown["warm − original | belief=incorrect", "incorrect"]
    estimates = analysed.estimates.query("outcome == 'incorrect' and belief == 'incorrect' and arm == 'warm'")
    for text, term in ((graded, "contrast"), (powered, "prediction_powered"), (inverted, "rogan_gladen")):
        number = estimates.query(f"term == '{term}' and reference == 'original' and context == ''")["estimate"].item()
        assert text.startswith(f"{number:+.1f} (".replace("-", "−"))
    assert powered != graded
    # Every reply is labelled, so that both methods give what the labels say.
    assert powered.partition(" ")[0] == inverted.partition(" ")[0]


def test_rates_have_their_sensitivity_and_intervals() -> None:
    table = corrected_rates(study().corrected_rates)
    row = next(row for row in table.rows if [cell.text for cell in row[:4]] == ["warm", "all", "all", "incorrect"])
    assert row[4].text == row[5].text == "80"
    assert row[7].text == "100.0%"
    assert row[9].text.endswith("%)")


def test_the_terminal_says_why_a_difference_is_not_corrected() -> None:
    # Of 40 labelled replies of each arm 20 are under each belief: 10 more are needed there, and none overall.
    table = first_corrected(study(labelled=20).estimates)
    assert {row[1].text for row in table.rows} >= {"endorses_claim", "incorrect"}
    (endorses,) = (row for row in table.rows if row[1].text == "endorses_claim")
    assert [cell.text for cell in endorses[3:5]] == ["–", "–"]
    (why,) = table.notes
    assert "10 more" in why
    assert "warm" in why


def test_without_labels_there_is_no_table() -> None:
    analysed = study_of(ROWS)
    assert not corrected_effects(analysed.estimates).rows
    assert not first_corrected(analysed.estimates).rows
    assert not corrected_rates(analysed.corrected_rates).rows
    assert 'id="grader-error"' not in render(analysed)


@pytest.mark.slow
def test_the_page_has_a_section_for_them() -> None:
    page = render(study())
    assert 'id="grader-error"' in page
    assert "What each arm did, corrected by labelled replies" in page
