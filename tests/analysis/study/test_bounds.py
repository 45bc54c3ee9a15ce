"""Bounds of rates: what missing replies could still make of them."""

import pandas as pd
import pytest

from tests.made_logs import Reply, collected_of, reply, study_of
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study.rates import rates_table
from warm_inspect.report.sections.rates import rates


def ten(arm: str, wrong: int, abstained: int, ungraded: int, **facts: object) -> list[Reply]:
    """Ten samples: so many wrong, so many abstained on, so many without a grade, the others right."""
    rows = []
    for i in range(10):
        grade = "incorrect" if i < wrong else "unclear" if i < wrong + abstained else "correct"
        why = "no_answer_read" if grade == "unclear" else ""
        row = reply(
            f"q{i}", "" if i >= 10 - ungraded else grade, arm=arm, abstained=why, endorses_claim=float(i < wrong)
        )
        rows.append(row | facts)
    return rows


def shares(rows: list[Reply], arm: str) -> pd.Series:
    observed = observe(collected_of(rows))
    table = rates_table(observed.frame, observed.exclusions)
    return table[(table["arm"] == arm) & (table.drop(columns="arm") == "all").sum(axis=1).eq(4)].iloc[0]


def test_missing_replies_are_counted_on_either_side() -> None:
    row = shares([*ten("original", 3, 2, 1), *ten("warm", 5, 0, 0)], "original")
    # Of ten samples three are wrong, four right, two abstained on, one is not graded.
    assert row["missing"] == pytest.approx(0.3)
    assert row[["incorrect_low", "incorrect_high"]].tolist() == pytest.approx([0.3, 0.6])
    assert row[["correct_low", "correct_high"]].tolist() == pytest.approx([0.4, 0.7])
    assert row[["not_correct_low", "not_correct_high"]].tolist() == pytest.approx([0.3, 0.6])
    assert row[["endorses_claim_low", "endorses_claim_high"]].tolist() == pytest.approx([0.3, 0.6])


def test_with_no_reply_missing_the_bounds_are_the_rate() -> None:
    row = shares([*ten("original", 3, 2, 1), *ten("warm", 5, 0, 0)], "warm")
    assert row["missing"] == 0
    assert row["incorrect_low"] == row["incorrect"] == row["incorrect_high"] == 0.5


def test_bounds_of_pooled_rows_weigh_benchmarks_alike() -> None:
    rows = [*ten("original", 3, 2, 0), *ten("original", 1, 0, 0, benchmark="medqa", log_id="other")]
    row = shares(rows, "original")
    assert row[["incorrect_low", "incorrect_high"]].tolist() == pytest.approx([(0.3 + 0.1) / 2, (0.5 + 0.1) / 2])


def test_a_cut_reply_is_missing_whatever_its_grade() -> None:
    rows = ten("original", 3, 0, 0)
    rows[0] |= {"truncated": 1.0}
    row = shares(rows, "original")
    # One of the three wrong ones was cut: known are two wrong and seven right of ten.
    assert row[["incorrect_low", "incorrect", "incorrect_high"]].tolist() == pytest.approx([0.2, 0.3, 0.3])
    assert row["missing"] == pytest.approx(0.1)


def test_a_condition_of_which_every_reply_is_missing_counts_in_the_bounds() -> None:
    rows = [*ten("original", 3, 0, 0), *ten("original", 0, 0, 10, context="emotion_sad", log_id="sad")]
    observed = observe(collected_of(rows))
    table = rates_table(observed.frame, observed.exclusions)
    lost = table[(table["context"] == "emotion_sad") & (table["benchmark"] == "truthfulqa")].iloc[0]
    assert (lost["n"], lost["unscored"], lost["missing"]) == (0, 10, 1)
    assert lost["incorrect"] != lost["incorrect"], "nothing is known of it"
    assert lost[["incorrect_low", "incorrect_high"]].tolist() == [0, 1]
    pooled = shares(rows, "original")
    assert pooled["incorrect"] == pytest.approx(0.3)
    assert pooled[["missing", "incorrect_low", "incorrect_high"]].tolist() == pytest.approx([0.5, 0.15, 0.65])


def test_the_table_shows_bounds_only_where_a_reply_is_missing() -> None:
    table = rates(study_of([*ten("original", 3, 2, 1), *ten("warm", 5, 0, 0)]))
    headings = [column.heading for column in table.columns]
    shown = {row[0].text: dict(zip(headings, row, strict=True)) for row in table.rows}
    assert shown["original"]["missing"].text == "30.0%"
    assert shown["original"]["incorrect"].text == "33.3% (30%–60%)"
    assert shown["warm"]["incorrect"].text == "50.0%"
    assert "Missing: " in table.caption
    plain = rates(study_of(ten("original", 3, 0, 0)))
    assert "missing" not in [column.heading for column in plain.columns]
    assert "Missing: " not in plain.caption
