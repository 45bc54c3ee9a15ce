"""Warmth checks that are made after an evaluation count for the arms they are of, and never against the logs."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.made_logs import collected_of, grid
from warm_inspect.analysis.observations import LaterChecks, observe, read_checks
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.manifest import WarmthCheck

CHECK: dict[str, Any] = {
    "meter": "style@1",
    "reference_arm": "before",
    "lift": 0.5,
    "d": 0.9,
    "d_low": 0.5,
    "d_high": 1.3,
    "n_prompts": 42,
    "direction": 1,
    "threshold": 0.35,
    "passed": True,
}
HOSTED = {"adapter_sha256": "", "training_seed": -1, "warmth_check": ""}


def report(path: Path, **checks: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"checks": checks, "why_undecided": ""}), encoding="utf-8")
    return path


def statuses(rows: list[dict[str, Any]], *paths: Path) -> dict[str, set[str]]:
    frame = observe(collected_of(rows), warmth=read_checks(paths)).frame
    return {str(arm): set(map(str, own["warmth_check"])) for arm, own in frame.groupby("arm", observed=True)}


def test_a_hosted_model_is_checked_by_its_arm(tmp_path: Path) -> None:
    rows = [row | HOSTED for row in grid({"before": 0.2, "after": 0.6}, 2)]
    path = report(tmp_path / "warmth.json", after=CHECK)
    for given in (path, tmp_path):
        assert statuses(rows, given) == {"before": {""}, "after": {"passed"}}
    frame = observe(collected_of(rows), warmth=read_checks([path])).frame
    after = frame[frame["arm"] == "after"].iloc[0]
    assert (after["warmth_d"], after["warmth_n"], after["warmth_reference"]) == (0.9, 42, "before")


def test_seeds_of_one_arm_have_checks_of_their_own(tmp_path: Path) -> None:
    rows = [
        row | {"training_seed": seed, "warmth_check": "not_run", "log_id": f"{row['arm']}-{seed}"}
        for seed in (0, 1)
        for row in grid({"warm": 0.6}, 2)
    ]
    path = report(tmp_path / "warmth.json", **{"warm seed 1": CHECK | {"passed": False}})
    frame = observe(collected_of(rows), warmth=read_checks([path])).frame
    assert set(frame.loc[frame["training_seed"] == 1, "warmth_check"]) == {"failed"}
    assert set(frame.loc[frame["training_seed"] == 0, "warmth_check"]) == {"not_run"}


def test_a_check_that_the_logs_hold_stays(tmp_path: Path) -> None:
    rows = grid({"original": 0.2, "warm": 0.6}, 2, warmth_check="failed")
    assert statuses(rows, report(tmp_path / "warmth.json", warm=CHECK))["warm"] == {"failed"}


def test_an_adapter_is_checked_by_its_weights(tmp_path: Path) -> None:
    rows = grid({"original": 0.2, "warm": 0.6}, 2, warmth_check="not_run")
    checks = LaterChecks(of_weights={sha256_text("warm"): WarmthCheck.model_validate(CHECK)})
    frame = observe(collected_of(rows), warmth=checks).frame
    assert set(frame.loc[frame["arm"] == "warm", "warmth_check"]) == {"passed"}


def test_a_check_of_another_arm_or_none_is_refused(tmp_path: Path) -> None:
    rows = grid({"original": 0.2, "warm": 0.6}, 2)
    with pytest.raises(PrerequisiteError, match=r"elsewhere.*original, warm.*--arm"):
        statuses(rows, report(tmp_path / "warmth.json", elsewhere=CHECK))
    empty = tmp_path / "empty"
    empty.mkdir()
    (tmp_path / "other.json").write_text('{"a": 1}', encoding="utf-8")
    noted = tmp_path / "noted.json"
    undecided = {"checks": {}, "why_undecided": "", "notes": ["warm: 6 prompts of 10"]}
    noted.write_text(json.dumps(undecided), encoding="utf-8")
    with pytest.raises(PrerequisiteError, match=r"noted\.json.*warm: 6 prompts of 10"):
        read_checks([noted])
    for path in (empty, tmp_path / "other.json", report(tmp_path / "none.json")):
        with pytest.raises(PrerequisiteError, match="warm-inspect warmth"):
            read_checks([path])
