"""Evaluating an arm: finished logs are reused, but never those of other adapter weights."""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from inspect_ai import Task
from inspect_ai.dataset import Sample
from inspect_ai.log import (
    EvalLog,
    EvalSample,
    ProvenanceData,
    invalidate_samples,
    read_eval_log,
    read_eval_log_sample_summaries,
    write_eval_log,
)
from inspect_ai.model import ModelOutput, ModelUsage, get_model

from tests.errors import refused
from tests.tiny import make_tiny_base
from warm_inspect.core.vocabulary import Grading, Source
from warm_inspect.models import ResolvedBase, resolve_base
from warm_inspect.study import (
    ArmRun,
    EvaluationSettings,
    GenerationSettings,
    Weights,
    evaluate,
    on_sample_end,
    run_tasks,
)

SETTINGS = EvaluationSettings(
    contexts=("none", "emotion_sad"),
    beliefs=("none",),
    source=Source.BUNDLED,
    grading=Grading.MATCH,
    items=1,
    max_tokens=4,
    temperature=0.6,
    seed=0,
    concurrency=8,
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> ResolvedBase:
    return resolve_base(str(make_tiny_base(tmp_path_factory.mktemp("base") / "tiny")))


def original(base: ResolvedBase, weights: Weights | None = None) -> ArmRun:
    return ArmRun("original", f"peft/{base.path}", weights or Weights(base.weights_sha256))


@pytest.mark.slow
def test_arms_are_evaluated_once_and_labelled(base: ResolvedBase, tmp_path: Path) -> None:
    arms = [original(base), replace(original(base), name="original_repeat", label="original_repeat", sampling_seed=2)]
    finished: list[EvalSample] = []
    with on_sample_end(finished.append):
        logs = evaluate(arms, SETTINGS, tmp_path)
        assert len(finished) == 2 * 4 * 2
        again = evaluate(arms, SETTINGS, tmp_path)
    assert len(finished) == 2 * 4 * 2, "nothing is run twice"
    assert len({log.location for log in logs}) == 2 * 4
    assert {Path(log.location).name for log in logs} == {Path(log.location).name for log in again}
    labels = []
    for log in logs:
        [label] = {sample.metadata["arm"] for sample in read_eval_log_sample_summaries(log.location)}
        assert log.plan.config.seed == {"original": 0, "original_repeat": 2}[label]
        assert log.plan.config.temperature == 0.6
        labels.append((log.eval.task, label))
    assert len(set(labels)) == 2 * 4


@pytest.mark.slow
def test_logs_of_other_weights_are_refused(base: ResolvedBase, tmp_path: Path) -> None:
    evaluate([original(base)], SETTINGS, tmp_path)
    for other in (Weights(base.weights_sha256, "0" * 64), Weights("0" * 64)):
        with refused(".eval", "other weights", "Move or delete it"):
            evaluate([original(base, other)], SETTINGS, tmp_path)


@pytest.mark.slow
def test_logs_of_another_model_are_left_alone(base: ResolvedBase, tmp_path: Path) -> None:
    evaluate([original(base)], SETTINGS, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.eval")}
    copy = shutil.copytree(base.path, tmp_path / "copy")
    logs = evaluate([ArmRun("original", f"peft/{copy}", Weights(base.weights_sha256))], SETTINGS, tmp_path)
    assert not {Path(log.location) for log in logs} & set(before)
    assert before.items() <= {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.eval")}.items()


@pytest.mark.slow
def test_samples_that_were_declared_invalid_are_run_again(base: ResolvedBase, tmp_path: Path) -> None:
    first, *_ = evaluate([original(base)], SETTINGS, tmp_path)
    log = read_eval_log(first.location)
    write_eval_log(invalidate_samples(log, "all", ProvenanceData(author="me", reason="test")), first.location)
    finished: list[EvalSample] = []
    with on_sample_end(finished.append):
        assert len(evaluate([original(base)], SETTINGS, tmp_path)) == 4
    assert len(finished) == 2


def test_a_log_that_stays_invalid_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = EvalLog.model_construct(status="success", invalidated=True, error=None, eval=SimpleNamespace(model="m/m"))
    monkeypatch.setattr("warm_inspect.study.evaluation.eval_set", lambda *_, **__: (False, [log]))
    with refused("m/m", "declared invalid", "the same command"):
        run_tasks([], SETTINGS, tmp_path)


def test_a_damaged_log_is_named(base: ResolvedBase, tmp_path: Path) -> None:
    (tmp_path / "cut.eval").write_bytes(b"PK")
    with refused("cut.eval", "Delete it"):
        evaluate([original(base)], SETTINGS, tmp_path)


def test_what_a_kill_left_behind_a_newer_log_of_less_is_not_asked_again(tmp_path: Path) -> None:
    """A run that goes on copies what was finished into its log first; a kill meanwhile leaves a newest log of less."""
    replies: list[str] = []

    def reply(*_: object) -> ModelOutput:
        replies.append(f"reply {len(replies)}")
        output = ModelOutput.from_content("mockllm/model", replies[-1])
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    def go_on() -> list[EvalLog]:
        task = Task(dataset=[Sample(id=f"s{i}", input=f"Question {i}?") for i in range(6)], name="killed")
        task.model = get_model("mockllm/model", custom_outputs=reply, memoize=False)
        return run_tasks([task], GenerationSettings(max_tokens=8, temperature=0.0, concurrency=2), tmp_path)

    [header] = go_on()
    whole = read_eval_log(header.location)
    assert whole.samples
    Path(header.location).unlink()
    for kept, name, seconds in (
        (4, "2026-01-01T00-00-00+00-00_killed_a", 2),
        (1, "2026-01-01T00-00-01+00-00_killed_b", 1),
    ):
        left = whole.model_copy(update={"status": "started", "samples": whole.samples[:kept], "results": None})
        path = tmp_path / f"{name}.eval"
        write_eval_log(left, str(path))
        os.utime(path, (time.time() - seconds,) * 2)
    replies.clear()
    [header] = go_on()
    texts = [sample.output.completion for sample in read_eval_log(header.location).samples or []]
    assert len(replies) == 2
    assert texts[:4] == [sample.output.completion for sample in whole.samples[:4]]


def test_the_tasks_of_arms_do_not_announce_themselves(caplog: pytest.LogCaptureFixture) -> None:
    assert len(SETTINGS.tasks(ArmRun("original", "mockllm/model", Weights("0" * 64)))) == 4
    assert not caplog.records
