"""The replies behind the claims: complete pairs only, and as many as the estimates say."""

import pandas as pd
import pytest

from tests.made_logs import grid, study_of
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.analysis.study.files import claim_rows, claimed_contrasts

PRIMARY = "warm - neutral | belief=incorrect"


def rows_of(study: AnalysedStudy) -> pd.DataFrame:
    return claim_rows(study.observations, study.designs, study.estimates)


@pytest.mark.slow
def test_each_contrast_has_the_replies_that_its_estimate_counts() -> None:
    samples = grid({"original": 0.3, "original_repeat": 0.3, "neutral": 0.3, "warm": 0.8}, questions=6)
    # Its partner no longer enters, either.
    lost = next(s for s in samples if (s["arm"], s["context"], s["belief"]) == ("warm", "none", "incorrect"))
    study = study_of([sample | {"excluded": "no grade"} if sample is lost else sample for sample in samples])
    rows, estimates = rows_of(study), study.estimates
    assert set(rows["contrast"]) >= {PRIMARY, "original_repeat - original | belief=incorrect"}
    for contrast, own in rows.groupby("contrast"):
        counted = estimates[(estimates["contrast"] == contrast) & (estimates["term"] == "contrast")]
        assert set(own["estimate_ids"]) == {" ".join(counted["estimate_id"])}
        assert set(counted["n"]) == {len(own) / (4 if counted["versus"].iloc[0] else 2)}
    primary = rows[rows["contrast"] == PRIMARY]
    assert lost["question_id"] not in set(primary.loc[primary["context"] == "none", "question_id"])
    assert (primary.groupby(["question_id", "context"])["prompt_sha256"].nunique() == 1).all()
    assert len(primary) == 22


def test_the_estimate_follows_from_its_rows() -> None:
    study = study_of(grid({"neutral": 0.3, "warm": 0.8}, questions=8))
    own = rows_of(study).query("contrast == @PRIMARY")
    means = own.groupby("arm", observed=True)["endorses_claim"].mean()
    (row,) = study.estimates.query("contrast == @PRIMARY and outcome == 'endorses_claim' and term == 'contrast'").index
    assert 100 * (means["warm"] - means["neutral"]) == study.estimates.loc[row, "estimate"].round(10)


def test_without_a_claim_the_overall_effects_are_listed() -> None:
    study = study_of(grid({"original": 0.3, "cold": 0.3}, 4, ("none",), ("none",)))
    claimed = claimed_contrasts(study.observations, study.designs)
    assert [contrast.identity.label for contrast in claimed] == ["cold - original"]


def test_one_arm_alone_has_the_rows_of_its_own_answer() -> None:
    rows = rows_of(study_of(grid({"original": 0.3}, questions=4)))
    assert set(rows["contrast"]) == {"incorrect - none | arm=original"}
    assert len(rows) == 4 * 2 * 2
