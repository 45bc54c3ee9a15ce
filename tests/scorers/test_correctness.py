"""`correctness` by grader models in whole evaluations: failures stay single, panels vote, nothing is graded twice."""

from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelOutput, ModelUsage, StopReason, get_model
from inspect_ai.scorer import Score

from tests.models_edge import in_form, scripted
from warm_inspect import triviaqa, truthfulqa
from warm_inspect.core.vocabulary import Grade, ItemForm

_USAGE = ModelUsage(input_tokens=7, output_tokens=3, total_tokens=10)


def run(grader: Model | list[Model], tmp_path: Path, reply: str = "Yes.", **parameters: Any) -> EvalLog:
    task = truthfulqa(**({"source": "bundled", "contexts": "none", "beliefs": "none"} | parameters))
    [log] = eval(
        task,
        model=scripted(lambda _: reply),
        model_roles={"grader": grader},
        log_dir=str(tmp_path),
        display="none",
        log_realtime=False,
        log_level="error",
    )
    assert log.status == "success", log.error
    return log


def score(sample: EvalSample) -> Score:
    return (sample.scores or {})["correctness"]


def test_each_failure_of_a_grader_leaves_its_sample_unscored_and_the_evaluation_goes_on(tmp_path: Path) -> None:
    kinds: list[tuple[str, StopReason, str]] = [
        ("VERDICT: CORR", "max_tokens", "cut_off"),
        ("", "stop", "empty"),
        ("Blocked.", "content_filter", "grader_refused"),
        ("I'm sorry, I can't assist with that.", "stop", "grader_refused"),
        ("It is right, I think.", "stop", "malformed"),
        ("", "unknown", "unreachable"),
        ("", "stop", ""),
    ]
    seen: dict[str, int] = {}

    def grade(input: list[ChatMessage], tools: Any, choice: Any, config: GenerateConfig) -> ModelOutput:
        prompt = input[-1].text
        question = prompt.partition("<<<QUESTION\n")[2].partition("\n>>>QUESTION")[0]
        said, stop, reason = kinds[seen.setdefault(question, len(seen)) % len(kinds)]
        if reason == "unreachable":
            raise ConnectionError("503 overloaded")
        output = ModelOutput.from_content("mockllm/model", said or ("" if reason else in_form(prompt)), stop)
        output.usage = _USAGE
        return output

    grader = get_model("mockllm/model", custom_outputs=grade, memoize=False)
    log = run(grader, tmp_path, items=7)
    reasons = sorted(str(score(sample).reason or "") for sample in log.samples or [])
    assert reasons == sorted(reason for _, _, reason in kinds)
    assert log.results
    assert (log.results.scores[0].scored_samples, log.results.scores[0].unscored_samples) == (1, 6)
    assert all(score(sample).metadata["grader"] == "mockllm/model" for sample in log.samples or [])  # type: ignore[index]


def test_a_list_bound_to_the_role_is_a_panel(tmp_path: Path) -> None:
    def judge(**words: str) -> Model:
        return scripted(lambda messages: in_form(messages[-1].text, **words))

    panel = [judge(verdict="CORRECT"), judge(verdict="CORRECT", validates_user="YES"), judge(verdict="REFUSAL")]
    log = run(panel, tmp_path, items=1)
    [sample] = log.samples or []
    scored = score(sample)
    assert scored.as_dict() == {
        "correct": 1, "incorrect": 0, "refusal": 0, "unclear": 0,
        "endorses_claim": 0, "corrects_claim": 0, "validates_user": 0, "truncated": 0,
    }  # fmt: skip
    assert scored.metadata is not None
    assert scored.metadata["grader"] == "panel: mockllm/model, mockllm/model, mockllm/model"
    assert scored.metadata["disagreement"] == "verdict: correct 2, refusal 1; validates user: no 2, yes 1"


@pytest.mark.parametrize(("reply", "calls"), [("Yes.", 2), ("<think>Hm.</think>Yes.", 2), ("", 0), ("<think>Hm", 0)])
@pytest.mark.slow
def test_one_question_with_one_reply_is_graded_once_and_silence_by_nobody(
    reply: str, calls: int, tmp_path: Path
) -> None:
    asked: list[str] = []

    def grade(messages: list[ChatMessage]) -> str:
        asked.append(messages[-1].text)
        return in_form(messages[-1].text, verdict="CORRECT", validates_user="YES")

    log = run(
        scripted(grade), tmp_path, reply, items=2, contexts="none,emotion_sad", beliefs="none,incorrect,third_party"
    )
    assert len(log.samples or []) == 12
    assert len(asked) == calls
    values = [score(sample).as_dict() for sample in log.samples or []]
    assert all(value["correct" if calls else "unclear"] == 1 for value in values)
    assert all(value["validates_user"] == bool(calls) for value in values)
    assert all("<think>" not in prompt for prompt in asked)


@pytest.mark.slow
def test_a_cascade_keeps_what_matching_is_right_on_and_asks_a_panel_for_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = frozenset({("triviaqa", ItemForm.OPEN, Grade.INCORRECT)})
    monkeypatch.setattr("warm_inspect.grading.cascade.admitted", lambda: kinds)
    asked: list[str] = []

    def grader(messages: list[ChatMessage]) -> str:
        asked.append(messages[-1].text)
        return in_form(messages[-1].text, verdict="CORRECT")

    task = triviaqa(source="bundled", contexts="none", beliefs="none", grading="cascade")
    wrong = {str(sample.input): (sample.metadata or {})["incorrect_answers"][0] for sample in task.dataset}
    named = min(wrong)
    [log] = eval(
        task,
        model=scripted(lambda messages: f"{wrong[named]}." if named in messages[-1].text else "I like songs."),
        model_roles={"grader": [scripted(grader), scripted(grader)]},
        log_dir=str(tmp_path),
        display="none",
        log_realtime=False,
        log_level="error",
    )
    stages = {str(sample.input): score(sample) for sample in log.samples or []}
    facts = {question: scored.metadata or {} for question, scored in stages.items()}
    kept = facts.pop(named)
    assert (kept["grading"], kept["stage"], kept["grader"]) == ("cascade", "match", "")
    assert stages[named].as_dict()["incorrect"] == 1
    assert {(fact["grading"], fact["stage"], fact["grader"]) for fact in facts.values()} == {
        ("cascade", "model", "panel: mockllm/model, mockllm/model")
    }
    assert {fact["grader_prompt_sha256"] for fact in facts.values()} == {kept["grader_prompt_sha256"]}
    assert len(asked) == 2 * len(facts)
    assert not any(named in prompt for prompt in asked)
