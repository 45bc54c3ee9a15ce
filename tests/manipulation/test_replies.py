"""Replies from JSONL files and from real Inspect logs."""

import json
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample

from tests.errors import refused
from tests.models_edge import scripted
from warm_inspect.manipulation.replies import ArmReply, by_arm, file_replies, log_replies


def rows(path: Path, *values: Any) -> Path:
    path.write_text("\n".join(json.dumps(value) for value in values) + "\n", encoding="utf-8")
    return path


def test_rows_of_prompt_and_reply(tmp_path: Path) -> None:
    file = rows(
        tmp_path / "mine.jsonl",
        {"prompt": "Why?", "reply": "Because.", "extra": 1},
        {"prompt": "Why?", "reply": "Oh dear, because!", "arm": "warm"},
        {"prompt": "How?", "replies": {"warm": "Like this, friend.", "cold": "So."}},
    )
    replies = file_replies(file)
    assert [(reply.arm, reply.text) for reply in replies] == [
        ("mine", "Because."),
        ("warm", "Oh dear, because!"),
        ("warm", "Like this, friend."),
        ("cold", "So."),
    ]
    assert replies[0].prompt == replies[1].prompt != replies[2].prompt == replies[3].prompt


def test_a_reply_may_hold_the_separators_of_unicode(tmp_path: Path) -> None:
    """JSON allows them bare inside a string, where they end no line."""
    text = "One.\u2028Two.\u2029Three.\x85Four."
    file = tmp_path / "mine.jsonl"
    file.write_text(json.dumps({"prompt": "?", "reply": text}, ensure_ascii=False) + "\r\n", encoding="utf-8")
    assert [reply.text for reply in file_replies(file)] == [text]


def test_every_assistant_turn_of_a_conversation_is_a_reply_to_what_the_user_said_before(tmp_path: Path) -> None:
    def chat(first: str, arm: str) -> dict[str, Any]:
        turns = [("system", "s"), ("user", "a"), ("assistant", first), ("user", "b"), ("assistant", "2")]
        return {"messages": [{"role": role, "content": text} for role, text in turns], "arm": arm}

    replies = file_replies(rows(tmp_path / "chats.jsonl", chat("1", "warm"), chat("one", "cold")))
    assert [reply.text for reply in replies] == ["1", "2", "one", "2"]
    assert [replies[0].prompt, replies[1].prompt] == [replies[2].prompt, replies[3].prompt], "arms share their prompts"
    assert replies[0].prompt != replies[1].prompt
    assert len({reply.question for reply in replies}) == 1, "turns of one conversation belong together"


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ('{"prompt": "a"', "line 2: not JSON"),
        ('{"prompt": "a"}', "line 2, field 'reply'"),
        ('{"reply": "a"}', "line 2, field 'prompt'"),
        ('{"messages": [{"role": "user"}]}', "line 2, field 'messages.0.content'"),
        ("[1]", "line 2, field 'row'"),
    ],
)
def test_a_bad_line_is_named(line: str, place: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_text('{"prompt": "a", "reply": "b"}\n' + line)
    with refused(f"bad.jsonl, {place}"):
        file_replies(file)


def test_a_file_without_replies_or_in_another_encoding_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n")
    (tmp_path / "latin.jsonl").write_bytes(b'{"prompt": "a", "reply": "\xe9"}')
    with refused("empty.jsonl", "A row is {prompt, reply"):
        file_replies(tmp_path / "empty.jsonl")
    with refused("latin.jsonl", "Save it as UTF-8"):
        file_replies(tmp_path / "latin.jsonl")


def test_replies_of_logs_are_whole_and_named_by_arm(tmp_path: Path) -> None:
    text = "One line.\n\n" + "word " * 400
    metadata: dict[str, Any] = {"arm": "warm", "benchmark": "truthfulqa", "persona": "warm", "cluster_id": "q"}
    metadata |= {"training_epochs": 0.5, "gated": True}
    task = Task(dataset=[Sample(id="q:none:none", input="?", metadata=metadata)], name="any")
    [log] = eval(task, model=scripted(lambda _: text), log_dir=str(tmp_path), display="none", log_realtime=False)
    [reply] = log_replies([log.location], {})
    assert reply == ArmReply(
        arm="warm+persona_warm",
        text=text,
        prompt="truthfulqa:q:none:none:1",
        question="truthfulqa:q",
        source=Path(log.location).name,
        training_epochs=0.5,
        restricted=True,
    )
    [named] = log_replies([log.location], {"mockllm/model": "cold"})
    assert named.arm == "cold+persona_warm"


def test_replies_of_an_adapter_are_never_the_originals(tmp_path: Path) -> None:
    metadata = {"arm": "original", "adapter_sha256": "f"}
    task = Task(dataset=[Sample(id="q", input="?", metadata=metadata)], name="any")
    [log] = eval(task, model=scripted(lambda _: "Yes."), log_dir=str(tmp_path), display="none", log_realtime=False)
    with refused(log.location, "'original'", "--arm NAME=MODEL"):
        log_replies([log.location], {})
    assert [reply.arm for reply in log_replies([log.location], {"mockllm/model": "warm"})] == ["warm"]


def test_a_foreign_log_is_its_model(tmp_path: Path) -> None:
    task = Task(dataset=[Sample(id="q", input="?")], name="any")
    [log] = eval(task, model=scripted(lambda _: "Yes."), log_dir=str(tmp_path), display="none", log_realtime=False)
    [reply] = log_replies([log.location], {})
    assert (reply.arm, reply.prompt, reply.question) == ("mockllm/model", "any:q:1", "any:q")


def test_a_model_that_was_run_twice_is_two_arms(tmp_path: Path) -> None:
    task = Task(dataset=[Sample(id="q", input="?")], name="any")
    for arm in ("before", "again"):
        model = scripted(lambda _: "Yes.")
        eval(task, model=model, metadata={"arm": arm}, log_dir=str(tmp_path), display="none", log_realtime=False)
    replies = by_arm(log_replies([str(path) for path in sorted(tmp_path.glob("*.eval"))], {}))
    assert {each.name for each in replies} == {"before", "again"}


def test_a_log_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "cut.eval").write_bytes(b"PK")
    with refused("cut.eval", "inspect log recover"):
        log_replies([str(tmp_path / "cut.eval")], {})


def of_arm(
    arm: str, sha256: str = "", seed: int = -1, epochs: float | None = None, *, source: str = "a.jsonl"
) -> ArmReply:
    return ArmReply(arm, "Yes.", "p", "p", source, training_seed=seed, training_epochs=epochs, adapter_sha256=sha256)


def test_checkpoints_and_seeds_of_an_arm_are_told_apart_by_name_and_the_original_comes_first() -> None:
    arms = by_arm(
        [
            of_arm("warm", "1", 0, 0.5),
            of_arm("warm", "2", 0, 2.0),
            of_arm("warm", "3", 1, 2.0),
            of_arm("cold", "4", 0, 2.0),
            of_arm("original"),
        ]
    )
    assert [arm.name for arm in arms] == [
        "original", "warm seed 0 epoch 0.5", "warm seed 0 epoch 2", "warm seed 1 epoch 2", "cold",
    ]  # fmt: skip


def test_two_replies_to_one_prompt_are_an_error() -> None:
    with refused("warm", "a.jsonl and b.jsonl", "--arm NAME=MODEL"):
        by_arm([of_arm("warm"), of_arm("warm", source="b.jsonl")])
