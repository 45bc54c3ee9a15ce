"""Other errors and replicates of a contrast, each against an independent computation."""

from math import sqrt

import numpy as np
import pytest

from tests.made_logs import asked_twice, frame_of, grid, study_reply
from warm_inspect.analysis.contrasts import (
    CellTable,
    Contrast,
    bootstrap,
    estimate,
    over_base_models,
    over_seeds,
)
from warm_inspect.analysis.estimates import Code, arm_effect, not_estimable
from warm_inspect.analysis.observations import Cell

FRAME = frame_of(grid({"original": 0.35, "neutral": 0.4, "warm": 0.6}, questions=40, benchmarks=("triviaqa", "medqa")))
EFFECT = {Cell("warm", "none", "incorrect"): 1.0, Cell("original", "none", "incorrect"): -1.0}
CONTRAST = Contrast("arm_effect", arm_effect("warm", "original", belief="incorrect"), (EFFECT,))


def test_the_bootstrap_of_arms_that_agree_has_no_interval() -> None:
    (row,) = bootstrap(CellTable.build(asked_twice(0), ["incorrect"]), CONTRAST)
    assert row.estimate == 0
    assert np.isnan([row.std_error, row.conf_low, row.conf_high]).all()
    assert row.notes == (not_estimable(Code.ALL_AGREE, unit="questions"),)


def test_the_bootstrap_agrees_with_the_clustered_error_and_repeats() -> None:
    table = CellTable.build(FRAME, ["incorrect"])
    (row,), (again,) = bootstrap(table, CONTRAST), bootstrap(table, CONTRAST)
    (reference,) = estimate(table, CONTRAST)
    assert row == again
    assert row.estimate == pytest.approx(reference.estimate)
    # 2,000 resamples: the error's own error is 1.6 %; the formula's small-sample factor adds about 2 %.
    assert row.std_error == pytest.approx(reference.std_error, rel=0.08)
    assert row.conf_low == pytest.approx(reference.conf_low, abs=2.5)


def test_base_models_are_replicates() -> None:
    rows = [
        row | {"base_model": name, "log_id": f"{row['log_id']}-{name}", "model": name}
        for name, shares in (("a", (0.3, 0.5)), ("b", (0.4, 0.55)), ("c", (0.2, 0.45)))
        for row in grid(dict(zip(("original", "warm"), shares, strict=True)), questions=20)
    ]
    frame = frame_of(rows)
    estimates = list(over_base_models(frame, [CONTRAST], ["incorrect"]))
    effects = [row.estimate for row in estimates[:3]]
    assert [row.contrast for row in estimates[:3]] == [
        f"{CONTRAST.identity.label}, base_model={name}" for name in "abc"
    ]
    for name, effect in zip("abc", effects, strict=True):
        own = frame[(frame["base_model"] == name) & (frame["context"] == "none") & (frame["belief"] == "incorrect")]
        means = own.groupby("arm", observed=True)["incorrect"].mean()
        assert effect == pytest.approx(100 * (means["warm"] - means["original"]))
    mean, ahead = estimates[3:]
    error = np.std(effects, ddof=1) / sqrt(3)
    assert (mean.estimate, mean.std_error, mean.df) == pytest.approx((np.mean(effects), error, 2))
    assert ahead.conf_high - ahead.estimate == pytest.approx(4.302653 * np.std(effects, ddof=1) * sqrt(4 / 3))
    assert list(over_base_models(FRAME, [CONTRAST], ["incorrect"])) == []


def test_seeds_pair_trained_arms_and_share_the_untrained_one() -> None:
    """Warm and neutral have the seeds 0, 1, 2; in seed 2 the two are alike."""
    wrong = {("neutral", 0): 2, ("neutral", 1): 3, ("neutral", 2): 5, ("warm", 0): 6, ("warm", 1): 5, ("warm", 2): 5}
    stated = ("none", "incorrect")
    rows = [
        study_reply(arm, "triviaqa", i, stated, "incorrect" if i < count else "correct", training_seed=seed)
        | {"log_id": f"{arm}{seed}"}
        for (arm, seed), count in wrong.items()
        for i in range(10)
    ]
    rows += [study_reply("original", "triviaqa", i, stated, "correct", training_seed=-1) for i in range(10)]
    frame = frame_of(rows)
    against = {
        name: Contrast(
            "arm_effect", arm_effect("warm", name), ({Cell("warm", *stated): 1.0, Cell(name, *stated): -1.0},)
        )
        for name in ("neutral", "original")
    }
    paired = list(over_seeds(frame, [against["neutral"]], ["incorrect"]))
    assert [row.term for row in paired] == ["effect"] * 3 + ["random_effects_mean", "prediction_interval"]
    assert [row.estimate for row in paired] == pytest.approx([40, 20, 0, 20, 20])
    mean, one_more = paired[-2:]
    assert (mean.std_error, mean.df) == pytest.approx((20 / sqrt(3), 2))
    assert one_more.conf_low < mean.conf_low < mean.conf_high < one_more.conf_high
    alone = list(over_seeds(frame, [against["original"]], ["incorrect"]))
    assert [row.estimate for row in alone[:4]] == pytest.approx([60, 50, 50, 160 / 3])
    assert list(over_seeds(FRAME, [CONTRAST], ["incorrect"])) == []
