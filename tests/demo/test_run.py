"""The demo from training to report on a tiny random model: every stage is real, and a second call reuses them all."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.errors import refused
from tests.tiny import make_tiny_base
from tests.training.conftest import SMOLLM2_TEMPLATE
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.demo import FULL, QUICK, DemoPlan, DemoRun, run_demo, write_timings
from warm_inspect.manipulation import WarmthReport
from warm_inspect.report import analyse_logs


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> DemoPlan:
    folder = make_tiny_base(tmp_path_factory.mktemp("base") / "tiny")
    (folder / "chat_template.jinja").write_text(SMOLLM2_TEMPLATE, encoding="utf-8")
    return DemoPlan(
        name="tiny",
        items=1,
        styled=("warm", "neutral"),
        epochs=1,
        persona=True,
        base=str(folder),
        max_tokens=40,  # a random model never ends by itself
    )


def demo_run(plan: DemoPlan, out: Path, announced: list[str]) -> DemoRun:
    return DemoRun(plan, out, lambda name, _: announced.append(name), lambda *_: None)


def written(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in sorted(folder.rglob("*.eval"))}


@pytest.mark.slow
def test_the_whole_demo_then_again(tiny: DemoPlan, tmp_path: Path) -> None:
    announced: list[str] = []
    first = demo_run(tiny, tmp_path, announced)
    logs = run_demo(first)
    assert announced == [
        "fetch the base model", "train adapters", "check warmth", "evaluate 7 arms",
    ]  # fmt: skip
    manifests = [AdapterManifest.read(folder) for folder in sorted(first.adapters.iterdir()) if folder.is_dir()]
    by_arm = {manifest.arm: manifest for manifest in manifests if manifest}
    assert by_arm.keys() == {"neutral", "warm", "agreeing", "answering"}
    checks = {arm: manifest.warmth_check and manifest.warmth_check.n_prompts for arm, manifest in by_arm.items()}
    assert checks == {"neutral": 42, "warm": 42, "agreeing": None, "answering": None}
    report = WarmthReport.model_validate_json((first.warmth / "warmth.json").read_text())
    over = {(lift.arm, lift.reference, lift.meter.partition("@")[0]): lift.lift for lift in report.lifts}
    assert {key[:2] for key in over} == {("warm", "original"), ("warm", "neutral"), ("neutral", "original")}
    lifts = [over["warm", reference, "style"] for reference in ("original", "neutral")]
    warm = by_arm["warm"]
    assert warm.warmth_check
    assert warm.warmth_check == report.checks["warm"]
    assert warm.warmth_check.d == min(lift.d for lift in lifts if lift), "the smaller lift counts"
    assert warm.warmth_check.over_original
    assert lifts[0]
    assert warm.warmth_check.over_original.d == lifts[0].d, "the lift over the original is kept"
    assert report.calibrations[0].contrasts["warm against neutral"].auc > 0.9

    study, collected = analyse_logs([str(log) for log in logs], first.results)
    assert collected.complete
    frame = study.observations.frame
    assert frame.groupby("arm", observed=True).size().to_dict() == dict.fromkeys(
        ["original", "original_repeat", "original+persona_warm", "warm", "neutral"], 4 * 9
    ) | {"agreeing": 4 * 3, "answering": 4 * 3}
    assert set(frame.loc[frame["arm"] == "warm", "warmth_check"]) <= {"passed", "failed"}
    assert pd.read_csv(first.results / "estimates.csv").shape[0] == len(study.estimates)
    assert "<html" in (first.results / "report.html").read_text(encoding="utf-8")

    write_timings(first)
    timings = json.loads((first.results / "timings.json").read_text())
    assert timings.keys() == set(announced)
    before = written(tmp_path)
    gone = next(first.logs.rglob("*medqa*.eval"))
    gone.unlink()
    second = demo_run(tiny, tmp_path, [])
    run_demo(second)
    write_timings(second)
    kept_times = json.loads((first.results / "timings.json").read_text())
    assert kept_times["train adapters"] == timings["train adapters"], "a reused stage keeps the time it took"
    after = written(tmp_path)
    kept = {name: stamp for name, stamp in before.items() if name != str(gone.relative_to(tmp_path))}
    assert kept.items() <= after.items(), "finished logs are reused"
    assert len(after) == len(before), "and only the missing one is run again"


def test_an_output_folder_that_cannot_be_written_is_said_first(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with refused(str(tmp_path / "file"), "--out FOLDER"):
        run_demo(demo_run(QUICK, tmp_path / "file", []))


def test_plans_count_their_replies() -> None:
    assert FULL.samples == 4 * FULL.items * (6 * 9 + 2 * 3)
    assert QUICK.samples == 4 * QUICK.items * (4 * 9 + 2 * 3)
