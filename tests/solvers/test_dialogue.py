"""`dialogue` goes through a script turn by turn, keeps how each reply ended, and never goes on without one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog, EvalSample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelOutput,
    ModelUsage,
    StopReason,
    get_model,
)
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from tests.models_edge import scripted
from tests.tiny import make_tiny_base
from warm_inspect import dialogue
from warm_inspect.core.script import DialogueRecord

CANNED = [["assistant", "It is Lyon."], ["user", "Sure?"], ["user", "Finally?"]]


@scorer(metrics=[mean()])
def whole() -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        missing = state.store_as(DialogueRecord).incomplete
        return Score.unscored(reason=missing) if missing else Score(value=1)

    return score


def ran(turns: Any, model: Model | str, folder: Path, given: Any = "Capital?", **settings: Any) -> EvalSample:
    log = run(turns, model, folder, given, **settings)
    assert log.status == "success", log.error
    assert log.samples is not None
    return log.samples[0]


def run(turns: Any, model: Model | str, folder: Path, given: Any = "Capital?", **settings: Any) -> EvalLog:
    metadata = {} if turns is None else {"turns": turns}
    sample = Sample(id="s", input=given, metadata=metadata)
    task = Task(dataset=[sample], solver=dialogue(), scorer=whole())
    [log] = eval(task, model=model, log_dir=str(folder), display="none", log_realtime=False, **settings)
    return log


def said(sample: EvalSample) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in sample.messages]


def counting(messages: Sequence[ChatMessage]) -> str:
    return f"after {len(messages)}"


@pytest.mark.parametrize(
    ("turns", "expected", "replies"),
    [
        (None, [("user", "Capital?"), ("assistant", "after 1")], [1]),
        (
            [["user", "Sure?"]],
            [("user", "Capital?"), ("assistant", "after 1"), ("user", "Sure?"), ("assistant", "after 3")],
            [1, 2],
        ),
        (
            CANNED,
            [
                ("user", "Capital?"),
                ("assistant", "It is Lyon."),
                ("user", "Sure?"),
                ("assistant", "after 3"),
                ("user", "Finally?"),
                ("assistant", "after 5"),
            ],
            [2, 3],
        ),
    ],
    ids=["no script", "own reply", "canned reply"],
)
def test_a_reply_stands_behind_every_message_of_the_user(
    turns: Any, expected: list[tuple[str, str]], replies: list[int], tmp_path: Path
) -> None:
    sample = ran(turns, scripted(counting), tmp_path)
    assert said(sample) == expected
    assert [reply["turn"] for reply in sample.store["DialogueRecord:replies"]] == replies
    assert sample.store["DialogueRecord:planned"] == len(replies)
    assert sample.output.completion == expected[-1][1]
    assert sample.scores is not None
    assert sample.scores["whole"].value == 1


def test_an_input_of_several_messages_is_where_the_dialogue_begins(tmp_path: Path) -> None:
    given = [
        ChatMessageSystem(content="Be brief."), ChatMessageUser(content="Capital?"),
        ChatMessageAssistant(content="Lyon."), ChatMessageUser(content="Hm."), ChatMessageUser(content="Well?"),
    ]  # fmt: skip
    sample = ran([["user", "Finally?"]], scripted(counting), tmp_path, given)
    assert said(sample)[-3:] == [("assistant", "after 5"), ("user", "Finally?"), ("assistant", "after 7")]
    assert sample.store["DialogueRecord:planned"] == 2
    assert [reply["turn"] for reply in sample.store["DialogueRecord:replies"]] == [3, 4]


def ending(reason: StopReason, completion: str, tokens: int) -> Model:
    """A model that replies, and ends its reply to the second message of the user in this way."""

    def reply(messages: list[ChatMessage], *_: Any) -> ModelOutput:
        second = sum(message.role == "user" for message in messages) == 2
        output = ModelOutput.from_content("m", completion if second else "Lyon.", reason if second else "stop")
        output.usage = ModelUsage(output_tokens=tokens if second else 3)
        return output

    return get_model("mockllm/model", custom_outputs=reply)


@pytest.mark.parametrize(
    ("reason", "tokens", "failure"),
    [
        ("model_length", 0, "turn 2: prompt_too_long"),
        ("model_length", 5, "turn 2: prompt_too_long"),
        ("content_filter", 0, "turn 2: prompt_blocked"),
    ],
)
def test_a_failed_turn_ends_the_dialogue_and_is_named(
    reason: StopReason, tokens: int, failure: str, tmp_path: Path
) -> None:
    sample = ran(
        [["user", "Sure?"], ["user", "Finally?"]],
        ending(reason, "There is room for 42 tokens.", tokens),
        tmp_path,
    )
    assert sample.scores is not None
    assert sample.scores["whole"].reason == failure
    assert ("user", "Finally?") not in said(sample)
    assert [reply["turn"] for reply in sample.store["DialogueRecord:replies"]] == [1]


def test_a_reply_that_was_cut_at_its_own_limit_is_kept_as_such(tmp_path: Path) -> None:
    sample = ran([["user", "Sure?"], ["user", "Finally?"]], ending("max_tokens", "Lyo", 1), tmp_path)
    replies = sample.store["DialogueRecord:replies"]
    assert [reply["stop_reason"] for reply in replies] == ["stop", "max_tokens", "stop"]
    assert [reply["output_tokens"] for reply in replies] == [3, 1, 3]


def test_a_limit_on_the_sample_leaves_it_unscored(tmp_path: Path) -> None:
    sample = ran([["user", "Sure?"], ["user", "Finally?"]], scripted(counting), tmp_path, message_limit=4)
    assert sample.scores is not None
    assert str(sample.scores["whole"].reason).startswith("stopped after turn ")


def test_an_error_of_the_provider_names_its_turn(tmp_path: Path) -> None:
    def breaks(messages: Sequence[ChatMessage]) -> str:
        if len(messages) > 2:
            raise RuntimeError("the line is dead")
        return "Lyon."

    log = run([["user", "Sure?"]], scripted(breaks), tmp_path)
    assert log.status == "error"
    assert log.error is not None
    assert "the line is dead" in log.error.message
    assert "turn 2" in log.error.traceback


@pytest.mark.parametrize("turns", ["Sure?", [["tool", "Sure?"]], [["user"]], [["user", 3]], 7, {"user": "Sure?"}])
def test_a_script_that_is_none_is_refused_with_its_sample(turns: Any, tmp_path: Path) -> None:
    log = run(turns, scripted(counting), tmp_path)
    assert log.status == "error"
    assert log.error is not None
    assert "Sample s" in log.error.message
    assert "'turns'" in log.error.message


@pytest.mark.slow
def test_a_local_model_replies_to_every_turn_and_its_full_context_is_named(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    tiny = make_tiny_base(tmp_path_factory.mktemp("models") / "tiny")
    config = GenerateConfig(max_tokens=4)
    sample = ran(CANNED, f"peft/{tiny}", tmp_path, **config.model_dump(exclude_none=True))
    assert [role for role, _ in said(sample)] == ["user", "assistant"] * 3
    assert all(0 < reply["output_tokens"] <= 4 for reply in sample.store["DialogueRecord:replies"])
    long = [["user", "Sure?"], ["user", "word " * 600]]
    sample = ran(long, f"peft/{tiny}", tmp_path, **config.model_dump(exclude_none=True))
    assert sample.scores is not None
    assert sample.scores["whole"].reason == "turn 3: prompt_too_long"
