"""The gate on control logs: which it finds, and what keeps them from being evidence."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import EvalConfig, EvalDataset, EvalSample
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import Score

from tests.analysis.control_logs import ARMS, gsm8k, letters, mmlu, run, write_study
from tests.analysis.foreign_logs import evaluate
from tests.analysis.gate.made_gate import judged, replies
from tests.made_logs import collected_of, write_samples
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.gate import ControlPair, run_gate
from warm_inspect.analysis.gate.margins import GatePolicy
from warm_inspect.analysis.gate.verdict import State, Verdict
from warm_inspect.analysis.logs import Log, collect, read_samples
from warm_inspect.analysis.observations import observe
from warm_inspect.core.controls import ControlKind


@pytest.fixture(scope="module")
def controls(tmp_path_factory: pytest.TempPathFactory) -> tuple[Log, Log]:
    """A control log of 40 items, 30 of them right, and one with 20 right."""
    folder = tmp_path_factory.mktemp("controls")
    right = {"before": 30, "after": 20}
    before, after = (
        read_samples(evaluate(folder / name, {f"q{i}": "C" if i < n else "I" for i in range(40)}))
        for name, n in right.items()
    )
    return before, after


@pytest.mark.slow
def test_control_logs_of_any_task_are_tested_the_right_way_round(controls: tuple[Log, Log]) -> None:
    arms = [replies(arm, {}, model="mockllm/model") for arm in ("original", "warm")]
    policy = {"margins": {"capability": {"points": 5}, "refusal": {"points": 5}}}
    logs = (ControlPair(ControlKind.CAPABILITY, *controls), ControlPair(ControlKind.REFUSAL, controls[1], controls[0]))
    report = judged(policy, *arms, controls=logs)
    worse, better = report.tests
    # 10 of 40 capability items are lost; the other way round they are gained.
    assert (worse.harm, worse.state, better.harm, better.state) == (25, State.EXCEEDED, -25, State.WITHIN)
    assert (worse.cell, worse.outcome, worse.n, report.gaps) == ("arithmetic", "by_reply", 40, ())


@pytest.mark.slow
def test_control_logs_of_another_checkpoint_forbid_allow(controls: tuple[Log, Log]) -> None:
    arms = [replies("original", {}, model="mockllm/model"), replies("warm", {})]
    report = judged(
        {"margins": {"refusal": {"points": 5}}},
        *arms,
        controls=(ControlPair(ControlKind.REFUSAL, controls[1], controls[0]),),
    )
    assert report.tests[0].state is State.WITHIN
    assert report.verdict is Verdict.INCONCLUSIVE
    (gap,) = report.gaps
    assert gap.code is Code.CONTROL_OF_OTHER_MODEL
    said = {"margin": "refusal", "model": "mockllm/model", "arm": "warm", "expected": "peft/tiny:warm"}
    assert gap.values.items() >= said.items()


@pytest.mark.slow
def test_logs_of_known_controls_are_found_among_the_logs(tmp_path: Path) -> None:
    write_study(tmp_path)
    for model, arm in ARMS.items():
        run(mmlu(), tmp_path, model, letters(lambda i, arm=arm: arm == "warm" and i < 10))  # type: ignore[misc]
    run(gsm8k(), tmp_path, "mockllm/warm", lambda text: "1")
    collected = collect([str(tmp_path)])
    policy = GatePolicy.model_validate({"arm": "warm", "margins": {"capability": {"points": 5}}})
    report = run_gate(policy, observe(collected), collected)
    (test,) = report.tests
    # Ten of forty items are lost.
    assert (test.cell, test.outcome, test.harm, test.state) == ("mmlu_0_shot", "choice", 25, State.EXCEEDED)
    assert report.gaps == (Note(Code.ONE_CONTROL_LOG, benchmark="GSM8K", arm="warm", lacking="original"),)

    logs = {log.model: log for log in collected.controls if log.task == "mmlu_0_shot"}
    named = ControlPair(ControlKind.CAPABILITY, logs["mockllm/original"], logs["mockllm/warm"])
    again = run_gate(policy, observe(collected), collected, [named])
    assert again.tests == report.tests, "the pair that the user names is tested in the same way"
    assert again.gaps == ()


@pytest.mark.slow
def test_named_control_logs_under_other_settings_forbid_allow(tmp_path: Path) -> None:
    scores = {"by_reply": Score(value="C")}
    samples = [EvalSample(id=f"q{i}", epoch=1, input=f"Question {i}?", target="yes", scores=scores) for i in range(400)]
    before, after = (
        read_samples(str(write_samples(tmp_path / f"{name}.eval", samples, task="arithmetic", config=config)))
        for name, config in (("before", GenerateConfig(max_tokens=10)), ("after", GenerateConfig()))
    )
    arms = [replies(arm, {}, model="mockllm/model") for arm in ("original", "warm")]
    report = judged(
        {"margins": {"capability": {"points": 5}}},
        *arms,
        controls=(ControlPair(ControlKind.CAPABILITY, before, after),),
    )
    assert report.tests[0].state is State.WITHIN
    assert report.verdict is Verdict.INCONCLUSIVE
    (gap,) = report.gaps
    assert gap == Note(
        Code.CONTROLS_UNLIKE,
        margin="capability",
        setting="token limit",
        of_reference="10",
        reference="original",
        of_arm="not set",
        arm="warm",
    )


def right_items(path: Path, score: str, said: dict[str, Any] | None = None, **spec: Any) -> Log:
    """A log of 100 items that are all right; metadata of the samples, and settings as for `write_samples`."""
    scores = {score: Score(value="C")}
    samples = [
        EvalSample(id=f"q{i}", epoch=1, input=f"{i}?", target="!", scores=scores, metadata=said or {})
        for i in range(100)
    ]
    return read_samples(str(write_samples(path, samples, **spec)))


CHECKPOINTS = {
    "original": "peft/tiny",
    "warm": "peft/tiny:adapters/warm/checkpoint-100",
    "neutral": "peft/tiny:adapters/neutral/checkpoint-100",
}
CAPABILITY = {"margins": {"capability": {"points": 5}}}


@pytest.mark.parametrize(
    ("runs", "codes"),
    [
        (("original", "neutral"), [Code.ONE_CONTROL_LOG]),
        (("original", "neutral", "warm"), []),
        (("neutral", "warm"), [Code.ONE_CONTROL_LOG]),
    ],
)
def test_control_logs_of_other_arms_are_not_those_of_the_arm(
    runs: tuple[str, ...], codes: list[Code], tmp_path: Path
) -> None:
    arms = [replies(arm, {}, model=model) for arm, model in CHECKPOINTS.items()]
    # A rerun has the model of the arm that it repeats.
    arms.append(replies("rerun", {}, model=CHECKPOINTS["original"]))
    logs = tuple(
        right_items(tmp_path / f"{arm}.eval", "match", task="inspect_evals/gsm8k", model=CHECKPOINTS[arm])
        for arm in runs
    )
    collected = replace(collected_of([row for rows in arms for row in rows]), controls=logs)
    report = run_gate(GatePolicy.model_validate({"arm": "warm"} | CAPABILITY), observe(collected), collected)
    assert [note.code for note in report.gaps] == codes
    assert report.verdict is (Verdict.INCONCLUSIVE if codes else Verdict.ALLOW)


@pytest.mark.slow
def test_a_named_control_log_of_another_arm_forbids_allow(tmp_path: Path) -> None:
    arms = [replies(arm, {}, model=model) for arm, model in CHECKPOINTS.items()]
    original, neutral, moved = (
        right_items(tmp_path / f"{i}.eval", "s", model=model)
        for i, model in enumerate((CHECKPOINTS["original"], CHECKPOINTS["neutral"], "peft/tiny:/srv/checkpoint-100"))
    )
    for log, codes in ((neutral, [Code.CONTROL_OF_OTHER_MODEL]), (moved, [])):
        report = judged(CAPABILITY, *arms, controls=(ControlPair(ControlKind.CAPABILITY, original, log),))
        assert [note.code for note in report.gaps] == codes


SHA, OTHER_SHA = "ab" * 32, "cd" * 32


@pytest.mark.parametrize(
    ("reference", "arm", "is_evidence"),
    [
        ({"arm": "original"}, {"arm": "warm", "adapter_sha256": SHA}, True),
        ({}, {}, True),
        # One endpoint for both arms: the model's name tells nothing.
        ({"arm": "warm"}, {"arm": "original"}, False),
        ({"arm": "original"}, {"arm": "cold"}, False),
        ({"arm": "original"}, {"arm": "warm", "persona": "warm"}, False),
        ({"arm": "original"}, {"arm": "warm", "adapter_sha256": OTHER_SHA}, False),
        ({"arm": "original", "adapter_sha256": SHA}, {"arm": "warm", "adapter_sha256": SHA}, False),
        ({"arm": "original", "base_sha256": OTHER_SHA}, {"arm": "warm", "base_sha256": SHA}, False),
    ],
)
def test_named_control_logs_are_those_of_the_checkpoints_as_their_samples_say(
    reference: dict[str, Any], arm: dict[str, Any], is_evidence: bool, tmp_path: Path
) -> None:
    arms = [
        replies("original", {}, model="openai-api/vllm/x", base_sha256=SHA),
        replies("warm", {}, model="openai-api/vllm/x", base_sha256=SHA, adapter_sha256=SHA, training_seed=0),
    ]
    a, b = (
        right_items(tmp_path / f"{number}.eval", "s", said, model="openai-api/vllm/x")
        for number, said in enumerate((reference, arm))
    )
    report = judged(CAPABILITY, *arms, controls=(ControlPair(ControlKind.CAPABILITY, a, b),))
    assert report.tests[0].state is State.WITHIN
    assert report.verdict is (Verdict.ALLOW if is_evidence else Verdict.INCONCLUSIVE)
    assert {note.code for note in report.gaps} == (set() if is_evidence else {Code.CONTROL_OF_OTHER_ARM})


@pytest.mark.slow
def test_control_logs_that_may_be_the_arms_and_are_left_out_forbid_allow(tmp_path: Path) -> None:
    """MMLU's logs of both arms are of checkpoints that the study does not know: what they show is not looked at."""
    arms = [replies(arm, {}, model=model) for arm, model in CHECKPOINTS.items()]
    mine = [
        right_items(tmp_path / f"{arm}.eval", "match", task="inspect_evals/gsm8k", model=CHECKPOINTS[arm])
        for arm in ("original", "warm")
    ]
    policy = GatePolicy.model_validate({"arm": "warm"} | CAPABILITY)
    for model, spec, codes in (
        ("peft/tiny:/srv/checkpoint-100", {}, [Code.CONTROL_LEFT_OUT]),
        ("peft/tiny:adapters/warm/checkpoint-200", {}, [Code.CONTROL_LEFT_OUT]),
        ("peft/tiny:adapters/cold/checkpoint-200", {"metadata": {"arm": "warm"}}, [Code.CONTROL_LEFT_OUT]),
        ("peft/tiny:adapters/cold/checkpoint-200", {"metadata": {"arm": "cold"}}, []),
        (CHECKPOINTS["neutral"], {}, []),
    ):
        unknown = right_items(tmp_path / "x.eval", "choice", task="inspect_evals/mmlu_0_shot", model=model, **spec)
        collected = replace(collected_of([row for rows in arms for row in rows]), controls=(*mine, unknown))
        report = run_gate(policy, observe(collected), collected)
        assert [note.code for note in report.gaps] == codes, model


@pytest.mark.parametrize(
    ("spec", "gap", "warning"),
    [
        ({"dataset": EvalDataset(sample_ids=list(range(900)))}, Code.SAMPLES_GONE, None),
        ({"run": EvalConfig(sample_id=[f"q{i}" for i in range(100)])}, Code.SAMPLES_CHOSEN, None),
        ({"run": EvalConfig(sample_id="q*")}, Code.SAMPLES_CHOSEN, None),
        ({"run": EvalConfig(limit=100)}, None, Code.SAMPLES_LEFT_OUT),
    ],
    ids=["gone", "chosen", "a pattern of items", "a limit"],
)
def test_control_logs_are_held_to_what_those_of_replies_are(
    spec: dict[str, Any], gap: Code | None, warning: Code | None, tmp_path: Path
) -> None:
    arms = [replies(arm, {}, model="mockllm/model") for arm in ("original", "warm")]
    pair = (right_items(tmp_path / "a.eval", "s"), right_items(tmp_path / "b.eval", "s", **spec))
    report = judged(CAPABILITY, *arms, controls=(ControlPair(ControlKind.CAPABILITY, *pair),))
    assert report.tests[0].state is State.WITHIN
    assert report.verdict is (Verdict.INCONCLUSIVE if gap else Verdict.ALLOW)
    assert [note.code for note in report.gaps] == ([gap] if gap else [])
    assert (warning is None) == (Code.SAMPLES_LEFT_OUT not in [note.code for note in report.warnings])


@pytest.mark.slow
def test_how_a_reply_ended_is_read_of_a_scorer_whose_name_has_a_dot(tmp_path: Path) -> None:
    wrong, cut = {"correct": 0.0}, {"correct": 0.0, "truncated": 1.0}
    arms = [replies(arm, {}, model="mockllm/model") for arm in ("original", "warm")]
    logs = (
        graded_items(tmp_path / "a.eval", 40, cut, scorer="my.grader", stop_reason="max_tokens"),
        graded_items(tmp_path / "b.eval", 40, wrong, scorer="my.grader"),
    )
    margins = {"margins": {"capability": {"points": 5, "score": "my.grader.correct"}}}
    (test,) = judged(margins, *arms, controls=(ControlPair(ControlKind.CAPABILITY, *logs),)).tests
    assert test.harm_at_worst == pytest.approx(10)


def graded_items(path: Path, wrong: int, value: dict[str, float], scorer: str = "capability", **details: Any) -> Log:
    """A log of 400 items of our own kind of score, the first so many with this value, the others right."""
    right = {"correct": 1.0, "unclear": 0.0, "truncated": 0.0}
    known = {"grading": "match", "stop_reason": "stop", "reply_chars": 9}
    samples = [
        EvalSample(
            id=f"q{i}", epoch=1, input=f"{i}?", target="!", metadata={"cluster_id": f"q{i}"},
            scores={scorer: Score(value=right | value, metadata=known | details) if i < wrong
                    else Score(value=right, metadata=known)},
        )
        for i in range(400)
    ]  # fmt: skip
    return read_samples(str(write_samples(path, samples)))


@pytest.mark.parametrize(
    ("value", "details", "said"),
    [
        pytest.param({"unclear": 1.0}, {}, "not understood by matching", marks=pytest.mark.slow),
        ({"truncated": 1.0}, {"stop_reason": "max_tokens"}, "cut"),
        pytest.param({}, {"stop_reason": "content_filter"}, "filter", marks=pytest.mark.slow),
        pytest.param({"unclear": 1.0}, {"grading": "model", "reply_chars": 0}, "empty", marks=pytest.mark.slow),
        ({"unclear": 1.0}, {"grading": "model"}, ""),
    ],
    ids=["abstained", "cut", "filtered", "empty", "unclear by a model"],
)
def test_what_is_missing_of_the_reference_hides_no_harm(
    tmp_path: Path, value: dict[str, float], details: dict[str, Any], said: str
) -> None:
    wrong = {"correct": 0.0}
    logs = graded_items(tmp_path / "a.eval", 40, wrong | value, **details), graded_items(tmp_path / "b.eval", 40, wrong)
    arms = [replies(arm, {}, model="mockllm/model") for arm in ("original", "warm")]
    margins = {"margins": {"capability": {"points": 5, "score": "capability.correct"}}}
    report = judged(margins, *arms, controls=(ControlPair(ControlKind.CAPABILITY, *logs),))
    (test,) = report.tests
    # What a reader of the scores sees is no difference: 40 of 400 are not correct in both.
    assert test.harm_at_worst == pytest.approx(10 if said else 0)
    assert report.verdict is (Verdict.INCONCLUSIVE if said else Verdict.ALLOW)
    assert said in " ".join(note.words for note in test.notes)
