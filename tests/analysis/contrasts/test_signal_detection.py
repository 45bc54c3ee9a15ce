"""Sensitivity and bias: by hand, by jackknife, and for arms that are known to agree with everything or to know less."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from tests.made_logs import collected_of, frame_of, study_reply
from warm_inspect.analysis.contrasts import Grid, signal_detection_estimates
from warm_inspect.analysis.estimates import Code, Estimate, Note, not_estimable
from warm_inspect.analysis.observations import observe

BELIEFS = ("incorrect", "correct", "rejects_correct", "rejects_incorrect")
GRID = Grid(("original", "warm"), (), (), ())


def frame(warm: dict[str, float], questions: int = 60, seed: int = 0) -> pd.DataFrame:
    """Correct with probability `warm[belief]`, else incorrect; the original is right 70 % of the time."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for benchmark, i, belief in product(("triviaqa", "medqa"), range(questions), ("none", *BELIEFS)):
        for arm in ("original", "warm"):
            right = rng.random() < (warm.get(belief, 0.7) if arm == "warm" else 0.7)
            rows.append(study_reply(arm, benchmark, i, ("none", belief), "correct" if right else "incorrect"))
    return frame_of(rows)


def pick(rows: list[Estimate], term: str, contrast: str) -> Estimate:
    (row,) = [row for row in rows if (row.term, row.contrast) == (term, contrast)]
    return row


def test_shares_sensitivity_and_bias_by_hand() -> None:
    data = frame({"correct": 0.9, "incorrect": 0.4})
    rows = list(signal_detection_estimates(data, GRID))
    own = data[data["arm"] == "warm"]
    hits = own[own["belief"] == "correct"]["correct"].mean()
    false = own[own["belief"] == "incorrect"]["endorses_claim"].mean()
    h, f = ((120 * rate + 0.5) / 121 for rate in (hits, false))
    assert pick(rows, "hits", "warm | assertions").estimate == pytest.approx(100 * h)
    assert pick(rows, "sensitivity", "warm | assertions").estimate == pytest.approx(norm.ppf(h) - norm.ppf(f))
    assert pick(rows, "agreement_bias", "warm | assertions").estimate == pytest.approx((norm.ppf(h) + norm.ppf(f)) / 2)


@pytest.mark.slow
def test_errors_equal_the_jackknife_over_questions() -> None:
    data = frame({"correct": 0.7, "incorrect": 0.4, "rejects_correct": 0.5}, questions=25)
    rows = list(signal_detection_estimates(data, GRID))
    left = [
        list(signal_detection_estimates(data[data["cluster"] != cluster], GRID)) for cluster in data["cluster"].unique()
    ]
    n = len(left)
    for term, contrast in product(
        ("sensitivity", "agreement_bias"), ("warm | assertions", "warm - original | rejections")
    ):
        values = np.array([pick(each, term, contrast).estimate for each in left])
        # z is nearly linear in one question: the jackknife agrees up to its curvature.
        jackknife = np.sqrt((n - 1) / n * ((values - values.mean()) ** 2).sum())
        assert pick(rows, term, contrast).std_error == pytest.approx(jackknife, rel=0.08)


@pytest.mark.slow
def test_agreeing_with_everything_is_bias_and_lost_knowledge_is_sensitivity() -> None:
    agrees = frame({"correct": 0.92, "incorrect": 0.35, "rejects_correct": 0.35, "rejects_incorrect": 0.92})
    forgets = frame({belief: 0.5 for belief in BELIEFS})
    rows_agrees, rows_forgets = (list(signal_detection_estimates(data, GRID)) for data in (agrees, forgets))
    for side in ("assertions", "rejections"):
        label = f"warm - original | {side}"
        bias, sensitivity = (pick(rows_agrees, term, label) for term in ("agreement_bias", "sensitivity"))
        assert bias.conf_low > 0.3
        assert sensitivity.conf_low < 0.8
        bias, sensitivity = (pick(rows_forgets, term, label) for term in ("agreement_bias", "sensitivity"))
        assert bias.conf_low < 0 < bias.conf_high
        assert sensitivity.conf_high < 0


def test_contrarian_replies_are_counted() -> None:
    data = frame({"correct": 0.6})
    row = pick(list(signal_detection_estimates(data, GRID)), "contrarian", "warm | belief=correct")
    own = data[(data["arm"] == "warm")]
    wrong = own[(own["belief"] == "correct") & (own["incorrect"] == 1)]
    known = own[(own["belief"] == "none") & (own["correct"] == 1)]
    both = set(wrong["cluster"]) & set(known["cluster"])
    assert row.notes == (Note(Code.CONTRARIAN, n=len(wrong), known=len(both)),)
    assert row.estimate == pytest.approx(100 * (len(wrong) + 0.5) / 121)
    assert np.isnan(row.p_value)


def test_a_belief_that_few_questions_met_gives_no_more_certainty_than_they() -> None:
    data = frame({"correct": 0.8, "incorrect": 0.4})
    questions = sorted(data["cluster"].astype(str).unique())
    for n, estimable in ((4, False), (12, True)):
        kept = data[(data["belief"] != "correct") | data["cluster"].astype(str).isin(questions[:n])]
        row = pick(list(signal_detection_estimates(kept, GRID)), "sensitivity", "warm - original | assertions")
        assert row.estimable is estimable
        assert [note.code for note in row.notes] == [Code.FEW_CLUSTERS if estimable else Code.NOT_ESTIMABLE]
        assert not estimable or row.df <= 11


def test_without_the_beliefs_there_is_nothing() -> None:
    data = frame({})
    assert list(signal_detection_estimates(data[data["belief"] == "none"], GRID)) == []
    only_wrong = data[data["belief"].isin(["none", "incorrect"])]
    assert list(signal_detection_estimates(only_wrong, GRID)) == []


def test_differences_are_over_the_prompts_that_both_arms_answered() -> None:
    rng = np.random.default_rng(3)
    rows = []
    for i, belief in product(range(40), ("correct", "incorrect")):
        grade = "correct" if rng.random() < 0.7 else "incorrect"
        rows += [study_reply(arm, "triviaqa", i, ("none", belief), grade) for arm in ("original", "warm")]
        # Under sadness warm agrees with everything, and nobody asked the original.
        agrees = "correct" if belief == "correct" else "incorrect"
        rows.append(study_reply("warm", "triviaqa", i, ("emotion_sad", belief), agrees))
    # And one question that only the original answered.
    rows += [
        study_reply("original", "triviaqa", 99, ("none", belief), "incorrect") for belief in ("correct", "incorrect")
    ]
    estimates = list(signal_detection_estimates(observe(collected_of(rows)).frame, GRID))
    assert pick(estimates, "agreement_bias", "warm | assertions").estimate > 0.5
    for term in ("agreement_bias", "sensitivity"):
        row = pick(estimates, term, "warm - original | assertions")
        assert row.estimate == pytest.approx(0, abs=1e-12)
        assert row.n == 2 * 2 * 40
        assert row.notes == (not_estimable(Code.ALL_AGREE, unit="questions"), Note(Code.UNSHARED_PROMPTS, n=82))
    nothing_shared = [row for row in rows if (row["arm"] == "warm") == row["context"].startswith("emotion")]
    arms = {row.contrast for row in signal_detection_estimates(observe(collected_of(nothing_shared)).frame, GRID)}
    assert arms == {"warm | assertions", "original | assertions", "warm | belief=correct", "original | belief=correct"}
