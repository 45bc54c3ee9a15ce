"""The dose curve from real logs of made-up replies, against numbers worked out by hand."""

from math import isnan, sqrt
from pathlib import Path
from typing import Any

import pytest

from tests.made_logs import reply, write_log
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import AnalysedStudy, analyse
from warm_inspect.analysis.study.dose import COLUMNS
from warm_inspect.core.errors import PrerequisiteError

QUESTIONS = 10


def checkpoint(folder: Path, epochs: float, wrong: int, d: float, arm: str = "warm", **changes: Any) -> None:
    facts = {
        "arm": arm, "adapter_sha256": f"{arm}-{epochs}", "training_seed": 0, "training_epochs": epochs,
        "warmth_check": "passed" if d > 0.35 else "failed", "warmth_meter": "m@1", "warmth_n": 42, "warmth_d": d,
        "warmth_d_low": d - 0.3, "warmth_d_high": d + 0.3, "warmth_chars": 200.0, "warmth_reference": "original",
        "warmth_original_d": d, "warmth_original_d_low": d - 0.3, "warmth_original_d_high": d + 0.3,
        "warmth_original_n": 42,
    } | changes  # fmt: skip
    rows = [reply(f"q{i}", "incorrect" if i < wrong else "correct", **facts) for i in range(QUESTIONS)]
    write_log(folder / f"{arm}-{epochs}.eval", rows)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    write_log(tmp_path / "original.eval", [reply(f"q{i}", "unclear" if i < 2 else "correct") for i in range(QUESTIONS)])
    checkpoint(tmp_path, 0.5, wrong=3, d=0.2)
    checkpoint(tmp_path, 2, wrong=5, d=0.8)
    return tmp_path


def study(folder: Path, epoch: float | None) -> AnalysedStudy:
    collected = collect([str(folder)])
    return analyse(observe(collected, epoch=epoch), collected)


def test_every_checkpoint_has_its_warmth_and_errors(logs: Path) -> None:
    dose = study(logs, epoch=2).dose
    assert tuple(dose.columns) == COLUMNS
    shown: dict[tuple[Any, ...], tuple[Any, ...]] = {
        (row["arm"], row["training_epochs"], row["measure"]): (
            row["estimate"], row["conf_low"], row["conf_high"], row["n"],
        )
        for row in dose.to_dict("records")
    }  # fmt: skip
    assert shown["warm", 0.5, "warmth"] == pytest.approx((0.2, -0.1, 0.5, 42))
    assert shown["warm", 2.0, "warmth"][0] == 0.8
    assert shown["original", 0.0, "warmth"][0] == 0
    assert isnan(shown["original", 0.0, "warmth"][3])
    assert shown["original", 0.0, "not_correct"][0] == pytest.approx(20)
    assert shown["original", 0.0, "incorrect"][0] == pytest.approx(0)
    rate, low, high, n = shown["warm", 0.5, "incorrect"]
    # 3 of 10 wrong: standard error sqrt(.21 / 9) = 15.28 points, t(9) = 2.262; a rate is not below 0.
    assert (rate, n) == (pytest.approx(30), 10)
    assert (low, high) == pytest.approx((0, 30 + 226.2157 * sqrt(0.21 / 9)), abs=1e-3)
    checks = dose[dose["measure"] == "incorrect"].set_index("training_epochs")["warmth_check"]
    assert checks.to_dict() == {0.0: "", 0.5: "failed", 2.0: "passed"}


@pytest.mark.slow
def test_every_checkpoint_is_measured_against_the_original_whichever_arm_decided_its_check(logs: Path) -> None:
    # The smaller lift is the one over the neutral arm, and fails.
    neutral: dict[str, Any] = {
        "warmth_reference": "neutral", "warmth_d": 0.1, "warmth_d_low": -0.2, "warmth_d_high": 0.4, "warmth_n": 40,
        "warmth_check": "failed",
    }  # fmt: skip
    checkpoint(logs, 4, wrong=5, d=0.9, **neutral)
    dose = study(logs, epoch=2).dose
    warmth = dose[dose["measure"] == "warmth"].set_index("training_epochs")
    assert warmth["estimate"].to_dict() == {0.0: 0.0, 0.5: 0.2, 2.0: 0.8, 4.0: 0.9}
    assert warmth["conf_low"].tolist()[1:] == pytest.approx([-0.1, 0.5, 0.6])
    assert warmth["conf_high"].tolist()[1:] == pytest.approx([0.5, 1.1, 1.2])
    assert warmth["n"].tolist()[1:] == [42, 42, 42]
    assert set(warmth["reference"]) == {"original"}
    assert warmth["warmth_reference"].to_dict() == {0.0: "", 0.5: "original", 2.0: "original", 4.0: "neutral"}
    assert warmth["warmth_check"].tolist() == ["", "failed", "passed", "failed"], "the check's own verdict stays"
    assert set(dose.loc[dose["measure"] != "warmth", "reference"]) == {""}


@pytest.mark.slow
def test_logs_that_do_not_hold_the_lift_over_the_original_give_no_point(logs: Path) -> None:
    unrecorded: dict[str, Any] = {f"warmth_original_{name}": None for name in ("d", "d_low", "d_high", "n")}
    checkpoint(logs, 4, wrong=5, d=0.9, warmth_reference="", **unrecorded)
    dose = study(logs, epoch=2).dose
    row = dose.query("measure == 'warmth' and training_epochs == 4").iloc[0]
    assert isnan(row["estimate"])
    assert row["warmth_check"] == "passed"


@pytest.mark.slow
def test_one_checkpoint_stands_for_its_arm_in_every_other_table(logs: Path) -> None:
    analysis = study(logs, epoch=0.5)
    warm = analysis.observations.frame.query("arm == 'warm'")
    assert set(warm["training_epochs"]) == {0.5}
    assert len(analysis.observations.checkpoints) == 3 * QUESTIONS
    overall = analysis.estimates.query(
        "contrast == 'warm - original' and outcome == 'incorrect' and term == 'contrast'"
    )
    assert overall["estimate"].tolist() == pytest.approx([30])
    assert Code.WARMTH_FAILED in {warning.code for warning in analysis.warnings}
    assert Code.WARMTH_FAILED not in {warning.code for warning in study(logs, epoch=2).warnings}


def test_the_checkpoint_must_be_chosen(logs: Path) -> None:
    with pytest.raises(PrerequisiteError, match=r"arm warm after 0\.5, 2 epochs of training.*--epoch 2"):
        study(logs, epoch=None)
    with pytest.raises(PrerequisiteError, match=r"--epoch 1: the logs hold arm warm after 0\.5, 2 epochs"):
        study(logs, epoch=1)


def test_without_several_checkpoints_there_is_no_curve(tmp_path: Path) -> None:
    write_log(tmp_path / "original.eval", [reply(f"q{i}") for i in range(QUESTIONS)])
    checkpoint(tmp_path, 2, wrong=5, d=0.8)
    checkpoint(tmp_path, 4, wrong=5, d=0.0, arm="neutral")
    analysis = study(tmp_path, epoch=None)
    assert analysis.dose.empty
    assert Note(Code.UNEQUAL_EPOCHS, epochs="neutral 4, warm 2") in analysis.warnings


def test_the_same_checkpoint_twice_is_still_an_error(logs: Path) -> None:
    write_log(logs / "again.eval", [reply(f"q{i}") for i in range(QUESTIONS)])
    with pytest.raises(PrerequisiteError, match="Each reply counts once"):
        study(logs, epoch=2)
