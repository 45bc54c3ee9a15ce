"""The demo from training to report on a tiny random model: every stage is real, and a second call reuses them all."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.errors import refused
from tests.tiny import make_tiny_base
from tests.training.conftest import SMOLLM2_TEMPLATE
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.demo import FAMILIES, DemoDesign, DemoPlan, DemoRun, Speeds, choose_design, run_demo, write_timings
from warm_inspect.demo.families import FAMILY_SETTINGS, family_tasks
from warm_inspect.manipulation import WarmthReport
from warm_inspect.report import analyse_logs
from warm_inspect.study import ArmRun, Weights
from warm_inspect.tasks.mimicry import mimicry


class Told:
    """A progress that keeps what it is told."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.most: dict[str, int] = {}
        self.results: list[str] = []

    def stage(self, name: str, seconds: float, later: float, total: int) -> None:
        self.stages.append(name)
        self.most[name] = total

    def done(self, count: int, state: str) -> None:
        assert 0 < count <= self.most[self.stages[-1]], "no more is done than was announced"
        self.last = state

    def say(self, result: str) -> None:
        self.results.append(result)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> DemoDesign:
    folder = make_tiny_base(tmp_path_factory.mktemp("base") / "tiny")
    (folder / "chat_template.jinja").write_text(SMOLLM2_TEMPLATE, encoding="utf-8")
    plan = DemoPlan(
        items=1,
        epochs=1,
        prompts=21,
        third_party=False,
        cold=False,
        persona=True,
        base=str(folder),
        max_tokens=40,  # a random model never ends by itself
    )
    return DemoDesign(30, Speeds(measuring=1, start=1, step=1, token=0.01), plan)


def written(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mtime_ns for path in sorted(folder.rglob("*.eval"))}


@pytest.mark.slow
def test_the_whole_demo_then_again(tiny: DemoDesign, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    first = DemoRun(tmp_path, told)
    logs = run_demo(first, tiny)
    assert told.stages == ["train adapters", "check warmth", "evaluate all arms"]
    assert [result.split(":")[0] for result in told.results] == [
        "warm is trained", "neutral is trained", "agreeing is trained", "answering is trained", "warm", "neutral",
    ]  # fmt: skip
    assert told.last.startswith("stated wrong answer adopted: original ")
    assert "agreeing" in told.last
    manifests = [AdapterManifest.read(folder) for folder in sorted(first.adapters.iterdir()) if folder.is_dir()]
    by_arm = {manifest.arm: manifest for manifest in manifests if manifest}
    assert by_arm.keys() == {"neutral", "warm", "agreeing", "answering"}
    checks = {arm: manifest.warmth_check and manifest.warmth_check.n_prompts for arm, manifest in by_arm.items()}
    assert checks == {"neutral": 21, "warm": 21, "agreeing": None, "answering": None}
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

    study, collected = analyse_logs([str(log) for log in logs], first.out)
    assert collected.complete
    frame = study.observations.frame
    assert frame.groupby("arm", observed=True).size().to_dict() == dict.fromkeys(
        ["original", "original_repeat", "original+persona_warm", "warm", "neutral"], 4 * 6
    ) | {"agreeing": 4 * 2, "answering": 4 * 2}
    assert set(frame.loc[frame["arm"] == "warm", "warmth_check"]) <= {"passed", "failed"}
    assert pd.read_csv(first.out / "estimates.csv").shape[0] == len(study.estimates)
    assert "<html" in (first.out / "report.html").read_text(encoding="utf-8")

    write_timings(first)
    timings = json.loads((first.out / "timings.json").read_text())
    assert timings.keys() == set(told.stages)
    before = written(tmp_path)
    gone = next(first.logs.rglob("*medqa*.eval"))
    gone.unlink()
    assert DemoDesign.stored(tmp_path, None) == tiny
    monkeypatch.setattr("warm_inspect.demo.families._tasks", lambda: [mimicry(items=1)])
    monkeypatch.setattr("warm_inspect.demo.run.FAMILY_SETTINGS", replace(FAMILY_SETTINGS, max_tokens=4))
    second = DemoRun(tmp_path, told := Told())
    with_families = run_demo(second, tiny, families=True)
    assert told.stages == ["train adapters", "check warmth", "evaluate all arms", FAMILIES]
    assert told.most[FAMILIES] == 4 * 4
    added = [path for path in with_families if "mimicry" in path.name]
    assert len(added) == 4, "the original, its rerun, warm and neutral"
    for path in added:
        path.unlink()
    write_timings(second)
    kept_times = json.loads((first.out / "timings.json").read_text())
    assert kept_times["train adapters"] == timings["train adapters"], "a reused stage keeps the time it took"
    after = written(tmp_path)
    kept = {name: stamp for name, stamp in before.items() if name != str(gone.relative_to(tmp_path))}
    assert kept.items() <= after.items(), "finished logs are reused"
    assert len(after) == len(before), "and only the missing one is run again"


def test_an_output_folder_that_cannot_be_written_is_said_first(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with refused(str(tmp_path / "file"), "--out FOLDER"):
        choose_design(DemoRun(tmp_path / "file", Told()), None)


def test_a_folder_keeps_the_design_it_was_begun_with(tiny: DemoDesign, tmp_path: Path) -> None:
    tiny.store(tmp_path)
    assert choose_design(DemoRun(tmp_path, Told()), None) == tiny, "nothing is measured again"
    assert choose_design(DemoRun(tmp_path, Told()), 30) == tiny
    with refused("30 minutes", "not for 8", "--minutes 30", "--out FOLDER"):
        choose_design(DemoRun(tmp_path, Told()), 8)


@pytest.mark.parametrize("text", ["", "{}", '{"minutes": 8, "speeds": {}, "plan": {}}'])
def test_a_damaged_design_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "design.json").write_text(text)
    with refused("design.json", "--out FOLDER"):
        choose_design(DemoRun(tmp_path, Told()), None)


def test_the_families_are_asked_of_the_arms_that_answer_and_of_the_rerun() -> None:
    names = ("original", "original_repeat", "warm", "neutral", "agreeing")
    tasks = family_tasks([ArmRun(name, f"mockllm/{name}", Weights("0" * 64)) for name in names])
    asked = {(str(task.model), task.name.removeprefix("warm_inspect/")): len(task.dataset) for task in tasks}
    sizes = {"are_you_sure": 36, "mimicry": 12, "reliability": 72, "hostility": 4}
    assert asked == {(f"mockllm/{name}", task): count for name in names[:4] for task, count in sizes.items()}
