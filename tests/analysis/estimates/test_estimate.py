"""The tidy shape: adjusted within families, and checked."""

from dataclasses import replace
from math import inf, isnan, nan

import pytest
from statsmodels.stats.multitest import multipletests

from warm_inspect.analysis.estimates import (
    BENJAMINI_HOCHBERG,
    EXPLORATORY,
    HOLM,
    LOG_ODDS,
    PER_THOUSAND,
    PERCENT,
    POINTS,
    PRIMARY,
    SECONDARY,
    SHARE,
    Code,
    Estimate,
    Identity,
    Kind,
    adjust,
    adjusted,
    arm_effect,
    estimates_frame,
    second_difference,
)
from warm_inspect.analysis.estimates.estimate import COLUMNS

ROW = Estimate("a", "contrast", "incorrect", arm_effect("warm", "original"), 1.0, POINTS)


@pytest.mark.parametrize(
    ("p_values", "expected"),
    # Smallest first: .01 * 3, .03 * 2, then .04 * 1, which may not fall below .06.
    [([0.01, 0.04, 0.03], [0.03, 0.06, 0.06]), ([0.6, 0.7], [1.0, 1.0]), ([0.2], [0.2]), ([], [])],
)
def test_holm(p_values: list[float], expected: list[float]) -> None:
    assert adjusted(p_values, HOLM) == pytest.approx(expected)
    if p_values:
        assert adjusted(p_values, HOLM) == pytest.approx(multipletests(p_values, method="holm")[1])


def test_families_are_adjusted_apart_and_the_rest_not_at_all() -> None:
    facts = [("x", 0.01), ("y", 0.02), ("x", 0.04), (SECONDARY, 0.02), (SECONDARY, 0.03), ("", 0.01)]
    facts += [(EXPLORATORY, 0.01), ("x", nan)]
    adjusted = adjust(replace(ROW, family=family, p_value=p) for family, p in facts)
    # x, of three: .01 * 3 / 1 and .04 * 3 / 2 (Benjamini-Hochberg); secondary: .02 * 2, and .03 that may not fall
    # below (Holm).
    assert [row.p_adjusted for row in adjusted[:5]] == pytest.approx([0.03, 0.02, 0.06, 0.04, 0.04])
    assert all(isnan(row.p_adjusted) for row in adjusted[5:])


@pytest.mark.parametrize("family", [SECONDARY, "x"])
def test_what_could_not_be_tested_stays_in_its_family(family: str) -> None:
    adjusted = adjust(replace(ROW, family=family, p_value=p) for p in (0.02, *[nan] * 7))
    # Eight planned tests: .02 * 8, as the first step of Holm and the only one of Benjamini and Hochberg.
    assert adjusted[0].p_adjusted == pytest.approx(0.16)
    assert all(isnan(row.p_adjusted) for row in adjusted[1:])


POSSIBLE = (
    (arm_effect("warm", "original"), POINTS, (-100, 100)),
    (Identity(Kind.RATE, "warm"), POINTS, (0, 100)),
    (Identity(Kind.RATE, "warm"), SHARE, (0, 1)),
    (Identity(Kind.FLIP_RATE, "warm", "original"), POINTS, (0, 100)),
    (second_difference("warm", "original", "context", "emotion_sad", "none"), POINTS, (-200, 200)),
    (Identity(Kind.BELIEF_EFFECT, "warm", factor="belief", level="incorrect", versus="none"), POINTS, (-100, 100)),
    (Identity(Kind.COMPOUNDING, "warm", belief="incorrect"), POINTS, (-200, 200)),
    (Identity(Kind.TRAFFIC_EFFECT, "warm", "original", factor="traffic", level="x"), PER_THOUSAND, (-1000, 1000)),
    (Identity(Kind.ASSOCIATION, "warm", "original"), POINTS, (-inf, inf)),
    (arm_effect("warm", "original"), LOG_ODDS, (-inf, inf)),
    (arm_effect("warm", "original"), PERCENT, (-100, inf)),
)


@pytest.mark.parametrize(("identity", "unit", "possible"), POSSIBLE)
def test_intervals_are_cut_off_where_no_value_is_possible(
    identity: Identity, unit: str, possible: tuple[float, float]
) -> None:
    row = replace(ROW, identity=identity, unit=unit, estimate=0.5)
    assert row.possible == possible
    cut, whole = row.within(-1e9, 1e9), row.within(0.4, 0.6)
    assert (cut.conf_low, cut.conf_high) == (max(-1e9, possible[0]), min(1e9, possible[1]))
    assert (whole.conf_low, whole.conf_high) == (0.4, 0.6)
    assert isnan(row.within(nan, nan).conf_low)


def test_an_estimate_beyond_the_possible_stays_within_its_interval() -> None:
    # Dividing by a grader's sensitivity can give more than the whole.
    row = replace(ROW, estimate=104.0).within(90, 118)
    assert (row.conf_low, row.conf_high) == (90, 104)


def test_benjamini_hochberg_equals_another_program() -> None:
    p_values = [0.01, 0.04, 0.03, 0.005, 0.5, 0.04]
    assert adjusted(p_values, BENJAMINI_HOCHBERG) == pytest.approx(multipletests(p_values, method="fdr_bh")[1])
    assert adjusted([], BENJAMINI_HOCHBERG) == []


def test_the_frame_has_the_agreed_columns() -> None:
    assert tuple(estimates_frame([ROW]).columns) == COLUMNS
    assert estimates_frame([]).empty


def test_no_two_rows_have_one_name() -> None:
    with pytest.raises(ValueError, match="two rows are called a, contrast, incorrect, warm - original"):
        estimates_frame([ROW, replace(ROW, estimate=2.0)])


@pytest.mark.parametrize(
    ("family", "p_value", "decides"),
    [
        (PRIMARY, 0.2, "p_value"),
        (SECONDARY, 0.2, "p_adjusted"),
        ("arm_effect: incorrect", 0.2, "p_adjusted"),
        # A check of another row, a size that is no test, and a row without a test.
        ("", 0.2, ""),
        (EXPLORATORY, 0.2, ""),
        (SECONDARY, nan, ""),
    ],
)
def test_each_row_says_which_p_decides(family: str, p_value: float, decides: str) -> None:
    (row,) = estimates_frame([replace(ROW, family=family, p_value=p_value)]).to_dict("records")
    assert row["decides"] == decides


def test_a_row_that_is_significant_before_adjustment_only_says_so() -> None:
    # Holm over three: .012 * 3 = .036 stays below .05, .04 * 2 does not, and .06 was never there.
    rows = adjust(replace(ROW, family=SECONDARY, p_value=p) for p in (0.012, 0.04, 0.06))
    assert [[note.code for note in row.notes] for row in rows] == [[], [Code.ADJUSTED_AWAY], []]
    assert rows[1].notes[0].values == {"p": 0.04, "adjusted": pytest.approx(0.08)}
    assert adjust([replace(ROW, family=PRIMARY, p_value=0.04)])[0].notes == ()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "points"}, "unit 'points'"),
        ({"conf_low": 2.0}, "does not contain"),
        ({"conf_low": -101.0, "conf_high": 2.0}, "impossible"),
        ({"estimate": nan}, "no note says why"),
    ],
)
def test_rows_that_break_the_contract_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        estimates_frame([replace(ROW, **change)])  # type: ignore[arg-type]
