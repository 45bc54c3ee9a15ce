"""A run that is stopped and goes on ends with the very weights of one that was never stopped."""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.training.conftest import row
from warm_inspect.core.manifest import AdapterManifest
from warm_inspect.models import ResolvedBase
from warm_inspect.training import TrainingConfig, TrainingPlan, load_corpus, plan_training, run_plan
from warm_inspect.training.lora import fit
from warm_inspect.training.lora import run as lora_run
from warm_inspect.training.lora.run import CURVE_NAME, complete_states, mark_complete, remove_earlier, remove_unusable
from warm_inspect.training.machine import Machine

CONFIG = TrainingConfig(
    batch_size=2,
    micro_batch_size=1,
    dtype="float32",
    learning_rate=1e-2,
    checkpoints=(0.5, 1, 2.25, 3),
    schedule_epochs=3,
    warmup_share=0.2,
)
"""Seven examples: four steps a pass, the last of one example; dropout is on. Checkpoints after steps 2, 4, 9 and 12."""


@pytest.fixture
def plan(write_corpus: Callable[..., Path], tiny_base: ResolvedBase) -> TrainingPlan:
    rows = [row(number, prompt="Why? " * (number + 1)) for number in range(10)]
    return plan_training(CONFIG, load_corpus(str(write_corpus(*rows))), "warm", tiny_base)


@pytest.fixture(autouse=True)
def _save_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit, "SAVE_STEPS", 3)


class Stop(BaseException):
    """As rude as a kill that still lets a test go on."""


def _run_with_stops(plan: TrainingPlan, out: Path, stops: list[int]) -> list[list[int]]:
    """Run to the end, stopped after each of these steps was computed; the steps each start computed."""
    starts = []
    for stop in [*stops, 0]:
        steps: list[int] = []
        starts.append(steps)

        def advance(step: int, of: int, loss: float, steps: list[int] = steps, stop: int = stop) -> None:
            steps.append(step)
            if step == stop:
                raise Stop

        try:
            run_plan(plan, out, advance)
        except Stop:
            continue
    return starts


def _adapters(plan: TrainingPlan, out: Path) -> list[dict[str, Any]]:
    manifests = [AdapterManifest.read(plan.folder(out, epoch)) for epoch in plan.config.checkpoints]
    return [manifest.model_dump() for manifest in manifests if manifest]


@pytest.mark.slow
@pytest.mark.parametrize("grouped", [False, True])
def test_stops_in_any_pass_change_no_weight_and_no_manifest(plan: TrainingPlan, tmp_path: Path, grouped: bool) -> None:
    plan = replace(plan, config=CONFIG.changed({"group_by_length": grouped}))
    run_plan(plan, tmp_path / "whole")
    # Stopped before any state, in the first pass, at the end of a pass, and twice in the third.
    starts = _run_with_stops(plan, tmp_path / "stopped", [1, 3, 5, 10, 11])
    assert [start[0] for start in starts] == [1, 1, 3, 5, 10, 10]
    whole = _adapters(plan, tmp_path / "whole")
    assert len(whole) == 4
    assert _adapters(plan, tmp_path / "stopped") == whole
    assert len({one["adapter_sha256"] for one in whole}) == 4
    for manifest, epoch in zip(whole, plan.config.checkpoints, strict=True):
        curve, *rest = (
            (plan.folder(tmp_path / out, epoch) / CURVE_NAME).read_text("utf-8") for out in ("whole", "stopped")
        )
        assert rest == [curve]
        steps = list(csv.DictReader(curve.splitlines()))
        assert [int(step["step"]) for step in steps] == list(range(1, manifest["steps"] + 1))
        assert float(steps[-1]["loss"]) == manifest["final_loss"]
        # Three of twelve steps of warm-up, then the full rate.
        assert float(steps[-1]["learning_rate"]) == (1e-2 if manifest["steps"] > 3 else pytest.approx(1e-2 / 3))
        assert all(float(step["grad_norm"]) > 0 for step in steps)


@pytest.mark.slow
def test_a_checkpoint_does_not_depend_on_where_the_run_ends(plan: TrainingPlan, tmp_path: Path) -> None:
    """The trap: with a schedule that decays to the end of the run, epoch 1 of one pass is not epoch 1 of three."""
    short = replace(plan, config=CONFIG.stopped_at(1))
    run_plan(short, tmp_path / "short")
    run_plan(plan, tmp_path / "long")
    one, long = _adapters(short, tmp_path / "short"), _adapters(plan, tmp_path / "long")
    assert [each["adapter_sha256"] for each in one] == [each["adapter_sha256"] for each in long[:2]]
    # The longer run finds the shorter one's checkpoints and leaves them as they are.
    assert run_plan(plan, tmp_path / "short").name == f"{plan.run_name}-epoch-3"
    assert [each["training"]["checkpoints"] for each in _adapters(plan, tmp_path / "short")] == [
        [0.5, 1.0],
        [0.5, 1.0],
        [0.5, 1.0, 2.25, 3.0],
        [0.5, 1.0, 2.25, 3.0],
    ]


@pytest.mark.slow
def test_a_state_that_was_saved_and_not_published_is_published(
    plan: TrainingPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def stop(*_: object) -> None:
        raise Stop

    run_plan(plan, tmp_path / "whole")
    with monkeypatch.context() as patch:
        patch.setattr(lora_run, "publish", stop)
        with pytest.raises(Stop):
            run_plan(plan, tmp_path / "stopped")
    assert not plan.folder(tmp_path / "stopped", 0.5).exists()
    steps: list[int] = []
    run_plan(plan, tmp_path / "stopped", lambda step, *_: steps.append(step))
    assert steps[0] == 3
    assert capfd.readouterr() == ("", "")
    assert _adapters(plan, tmp_path / "stopped") == _adapters(plan, tmp_path / "whole")


@pytest.mark.slow
def test_a_stopped_run_goes_back_for_a_checkpoint_that_it_did_not_keep(plan: TrainingPlan, tmp_path: Path) -> None:
    late = replace(plan, config=CONFIG.changed({"checkpoints": (3,)}))
    with pytest.raises(Stop):
        run_plan(late, tmp_path, lambda step, *_: _stop_at(step, 8))
    steps: list[int] = []
    run_plan(plan, tmp_path, lambda step, *_: steps.append(step))
    assert steps[0] == 1
    assert len(_adapters(plan, tmp_path)) == 4


@pytest.mark.slow
def test_states_of_other_packages_are_not_gone_on_from(
    plan: TrainingPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _run_with_stops(plan, tmp_path, [4])[1][0] == 4
    other = replace(plan, config=CONFIG.changed({"seed": 1}))
    with pytest.raises(Stop):
        run_plan(other, tmp_path, lambda step, *_: _stop_at(step, 4))
    monkeypatch.setattr(lora_run, "this_machine", lambda: Machine({"torch": "0"}, "cpu", "", ""))
    steps: list[int] = []
    run_plan(other, tmp_path, lambda step, *_: steps.append(step))
    assert steps[0] == 1


def test_only_complete_states_count(tmp_path: Path) -> None:
    for step in (20, 100, 40):
        (tmp_path / "now" / f"checkpoint-{step}").mkdir(parents=True)
    (tmp_path / "before").mkdir()
    mark_complete(tmp_path / "now", 100)
    mark_complete(tmp_path / "now", 20)
    remove_unusable(tmp_path / "now", 100)
    states = complete_states(tmp_path / "now")
    assert [state.step for state in states] == [20, 100]
    assert {path.name for path in tmp_path.rglob("*")} == {"now", "checkpoint-20", "checkpoint-100", "whole"}
    remove_earlier(states[-1])
    assert complete_states(tmp_path / "now") == states[1:]
    remove_unusable(tmp_path / "now", 99)
    assert complete_states(tmp_path / "now") == []


def _stop_at(step: int, last: int) -> None:
    if step == last:
        raise Stop
