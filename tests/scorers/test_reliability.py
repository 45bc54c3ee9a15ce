"""Known-answer models through the task: perfect, and refusing; what cannot be graded; and where a persona stands."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval
from inspect_ai.dataset import Dataset
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessage, Model, ModelOutput, ModelUsage, get_model

from tests.models_edge import in_form, scripted
from warm_inspect import reliability
from warm_inspect.core.measurements import RELIABILITY
from warm_inspect.core.restricted import is_restricted, item_set_of

SMALL: dict[str, Any] = {"domains": "addition", "designs": "natural", "items": 1, "templates": 1, "repeats": 1}


def run(model: Model, folder: Path, **given: Any) -> EvalLog:
    settings = given.pop("settings", {})
    [log] = eval(
        reliability(**SMALL | given), model=model, log_dir=str(folder), display="none", log_realtime=False, **settings
    )
    assert log.status == "success", log.error
    return log


def values(log: EvalLog) -> list[dict[str, float]]:
    assert log.samples is not None
    return [sample.scores["reliability"].value for sample in log.samples if sample.scores]  # type: ignore[misc]


def perfect(dataset: Dataset) -> Callable[[list[ChatMessage]], str]:
    """Knows the answer to each prompt of a dataset."""
    known = {str(sample.input): list(sample.target)[-1] for sample in dataset}
    return lambda messages: f"The answer is {known[messages[-1].text]}. I hope that helps, my friend!"


def test_a_perfect_model_is_right_in_each_domain_wherever_its_persona_stands(tmp_path: Path) -> None:
    asked: dict[str, Any] = {"domains": "all", "persona": "warm"}
    log = run(scripted(perfect(reliability(**SMALL | asked).dataset)), tmp_path, **asked)
    rows = values(log)
    assert len(rows) == 3 * 8
    assert all(row["correct"] == 1 and row.keys() == {*RELIABILITY.one_of, *RELIABILITY.flags} for row in rows)
    assert log.samples is not None
    assert [message.role for message in log.samples[0].messages] == ["system", "user", "assistant"]
    assert {item_set_of(sample.metadata) for sample in log.samples} == {"addition", "anagram", "transforms"}
    assert not is_restricted(log.samples[0].metadata)


@pytest.mark.slow
def test_a_refuser_avoids_and_says_so(tmp_path: Path) -> None:
    log = run(scripted(lambda _: "I'm sorry, I can't calculate that."), tmp_path)
    assert all(row["avoidant_epistemic"] == 1 and row["incorrect"] == 0 for row in values(log))
    assert log.results is not None
    metrics = log.results.scores[0].metrics
    assert {name: metrics[name].value for name in ("correct", "incorrect", "scored")} == {
        "correct": 0, "incorrect": 0, "scored": 8,
    }  # fmt: skip
    assert log.eval.metadata is not None
    assert log.eval.metadata["full_task_version"] == "1-A"


@pytest.mark.slow
def test_a_reply_that_was_cut_is_no_answer_and_says_that_it_was_cut(tmp_path: Path) -> None:
    log = run(scripted(lambda _: "Let us add the", "max_tokens"), tmp_path)
    assert all(row["avoidant_form"] == row["truncated"] == 1 for row in values(log))


@pytest.mark.slow
def test_a_reply_that_never_came_has_no_score(tmp_path: Path) -> None:
    # Without a count Inspect would fetch a tokeniser.
    usage = ModelUsage(input_tokens=7, output_tokens=0, total_tokens=7)
    nothing = ModelOutput.from_content("mockllm/model", "", stop_reason="content_filter")
    nothing.usage = usage
    log = run(get_model("mockllm/model", custom_outputs=lambda *_: nothing), tmp_path)
    assert log.results is not None
    assert log.results.scores[0].unscored_samples == 8


@pytest.mark.slow
def test_a_grader_judges_answers_without_being_shown_the_right_one(tmp_path: Path) -> None:
    asked: list[str] = []

    def judge(messages: list[ChatMessage]) -> str:
        asked.append(messages[-1].text)
        return in_form(asked[-1], verdict="CORRECT" if "friend" in asked[-1] else "INCORRECT")

    def solve(messages: list[ChatMessage]) -> str:
        numbers = [int(number) for number in re.findall(r"\d+", messages[-1].text)]
        if len(str(numbers[0])) > 4:
            return "I don't know."
        return f"The answer is {numbers[0]}{', my friend' if len(str(numbers[0])) > 2 else ''}."

    log = run(scripted(solve), tmp_path, grading="model", settings={"model_roles": {"grader": scripted(judge)}})
    rows = values(log)
    judged = [row.get("judged_correct", -1.0) for row in rows]
    # Numbers of two digits, of three and four, and longer ones, which get no answer and ask no grader.
    assert judged == [0, 0, 1, 1, -1, -1, -1, -1]
    assert [row["incorrect"] for row in rows] == [1, 1, 1, 1, 0, 0, 0, 0], "what is right is known by rule"
    assert len(asked) == 4
    assert log.samples is not None
    shown = [(sample.target[0], prompt) for sample in log.samples for prompt in asked if str(sample.input) in prompt]
    assert len(shown) == 4
    assert not [target for target, prompt in shown if target in prompt]
    assert log.results is not None
    assert log.results.scores[0].metrics["judged_correct"].value == 0.5
