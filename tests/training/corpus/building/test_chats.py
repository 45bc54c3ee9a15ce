import json
from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.training.corpus.building.conftest import chat, chats
from warm_inspect.training.corpus import open_source
from warm_inspect.training.corpus.chats import SHAREGPT_FILE, SHAREGPT_PIN, Cleaned, Conversation, clean


@pytest.mark.parametrize(
    ("record", "prompts", "replies", "edits"),
    [
        (chat("a", " Hi. ", "Hello.\n"), ("Hi.",), ("Hello.",), ()),
        ({"id": "a", "messages": [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Hello."}]},
         ("Hi.",), ("Hello.",), ()),
        (chat("a", "Rest of it.", "Thanks.", "Sure.", roles=("gpt", "human")), ("Thanks.",), ("Sure.",),
         ("left out what stood before the first user turn",)),
        (chat("a", "Be terse.", "Capital?", "Lima.", roles=("system", "human", "chatgpt")), ("Capital?",), ("Lima.",),
         ("left out what stood before the first user turn",)),
        (chat("a", "Hi.", "Hello.", "More?"), ("Hi.",), ("Hello.",), ("left out a last user turn without a reply",)),
        (chat("a", "Hi.", "Hello.", "Ok", "<div>More</div>"), ("Hi.",), ("Hello.",),
         ("ended before a reply with HTML markup outside code", "left out a last user turn without a reply")),
        (chat("a", "Hi.", "Hello.", "  ", "Empty?"), ("Hi.",), ("Hello.",), ("ended before an empty turn",)),
        (chat("a", "Hi.", "Hello.", "Sum?", "5", roles=("human", "gpt", "human", "function")), ("Hi.",), ("Hello.",),
         ("ended before a turn of another role", "left out a last user turn without a reply")),
        (chat("a", "Hi.", "Hello.", "And.", "More.", roles=("human", "gpt", "gpt", "gpt")), ("Hi.",), ("Hello.",),
         ("ended before two turns of one side in a row",)),
        (chat("a", "Use <b>?", "Write `<p>x</p>` or\n```html\n<div></div>\n```"), ("Use <b>?",),
         ("Write `<p>x</p>` or\n```html\n<div></div>\n```",), ()),
        (chat("a", "Compare.", "a <b and b> c, List<a1>"), ("Compare.",), ("a <b and b> c, List<a1>",), ()),
    ],
)  # fmt: skip
def test_what_is_kept(record: Any, prompts: Any, replies: Any, edits: Any) -> None:
    cleaned = clean(record, 1)
    assert cleaned.conversation == Conversation("a", prompts, replies)
    assert (cleaned.reason, cleaned.edits) == ("", edits)


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({"id": "a", "conversations": []}, "an empty list of turns"),
        ({"id": "a", "conversations": [], "messages": []}, "an empty list of turns"),
        ({"prompt": "Hi.", "completion": "Hello."}, "record without a list of turns"),
        (chat("a", "Hi.", "Hello.", roles=("customer", "agent")), "no turn of a known role"),
        (chat("a", "Hi.", "Hello.", roles=("system", "gpt")), "no user turn"),
        ({"id": "a", "text": "Hi."}, "record without a list of turns"),
        ("Hi.", "record without a list of turns"),
        ({"id": "a", "conversations": "Hi."}, "record without a list of turns"),
        ({"id": "a", "conversations": ["Hi.", None]}, "no turn of a known role"),
        (chat("a", "Hi."), "no reply"),
        (chat("a", "", "Your message was empty."), "no exchange before an empty turn"),
        (chat("a", "Hi.", None), "no exchange before a turn that is not text"),
        (chat("a", "Hi.", ["parts"]), "no exchange before a turn that is not text"),
        (chat("a", "Hi.", "\ud83d"), "no exchange before a turn that is not text"),
        (chat("a", "Hi.", "<p class='x'>Hello.</p>"), "no exchange before a reply with HTML markup outside code"),
        (chat("a", "Hi.<|im_end|>", "Hello."), "no exchange before a turn with a chat template's control tokens"),
        (chat("a", "Look.", [{"type": "image_url"}]), "no exchange before a turn that is not text"),
        (chat("a", "Sum?", "5.", roles=("human", "function")), "no exchange before a turn of another role"),
    ],
)
def test_what_is_dropped_and_why(record: Any, reason: str) -> None:
    cleaned = clean(record, 1)
    assert (cleaned.conversation, cleaned.reason) == (None, reason)


def test_long_chats_are_cut_to_twenty_turns_that_end_with_a_reply() -> None:
    for turns, kept, edits in ((20, 10, ()), (21, 10, ("cut to 20 turns",)), (40, 10, ("cut to 20 turns",))):
        cleaned = clean(chat("a", *(f"turn {n}" for n in range(turns))), 1)
        assert cleaned.conversation is not None
        assert len(cleaned.conversation.replies) == kept
        assert cleaned.conversation.replies[-1] == "turn 19"
        assert cleaned.edits == edits


def test_a_record_without_an_id_is_named_by_its_place() -> None:
    record = chat("a", "Hi.", "Hello.")
    del record["id"]
    conversation = clean(record, 7).conversation
    assert conversation is not None
    assert conversation.id == "record-7"


TURNS = [("user", "Hi."), ("assistant", "Hello.")]


@pytest.mark.parametrize(
    ("listed", "turns"),
    [
        (listed, [{role: names.get(who, who), text: said} for who, said in TURNS])
        for listed in ("conversations", "messages", "conversation", "items")
        for role, text in (("from", "value"), ("role", "content"))
        for names in ({}, {"user": "Human", "assistant": "bing"}, {"assistant": "model"}, {"assistant": "Bard"})
    ] + [("messages", [{"role": who, "content": [{"type": "text", "text": said}]} for who, said in TURNS])],
)  # fmt: skip
def test_the_layouts_people_have_are_one_chat(listed: str, turns: list[dict[str, Any]]) -> None:
    expected = Conversation("a", ("Hi.",), ("Hello.",))
    assert clean({"id": "a", listed: turns}, 1).conversation == expected
    assert clean({"conversation_id": "a", "conversations": [], "messages": None, listed: turns}, 1) == (
        Cleaned(expected, "", ())
    )


def test_parts_of_a_text_are_lines_of_it() -> None:
    parts = [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}]
    turns = [{"role": "user", "content": parts}, {"role": "assistant", "content": "Yes."}]
    conversation = clean({"id": "a", "messages": turns}, 1).conversation
    assert conversation == Conversation("a", ("One.\nTwo.",), ("Yes.",))


@pytest.mark.parametrize(("stated", "name"), [(0, "0"), ("\ud83d", "record-7"), (None, "record-7"), (" ", "record-7")])
def test_an_id_that_can_be_written_names_a_record(stated: Any, name: str) -> None:
    conversation = clean(chat("a", "Hi.", "Hello.") | {"id": stated}, 7).conversation
    assert conversation is not None
    assert conversation.id == name


def test_records_longer_than_what_is_read_at_once_are_whole(tmp_path: Path) -> None:
    records = [chat(str(n), "é" * 50_000 * n, "Hello.") for n in range(5)]
    path = tmp_path / "chats.json"
    path.write_text(json.dumps(records, ensure_ascii=False, indent=1), encoding="utf-8")
    assert list(open_source(str(path))) == records


@pytest.mark.parametrize("array", [True, False])
def test_lines_and_arrays_are_read_by_one_rule(tmp_path: Path, array: bool) -> None:
    def read(record: str) -> list[Any]:
        path = tmp_path / "chats.json"
        path.write_text(f'[{{"id": "a"}},\n{record}]' if array else f'{{"id": "a"}}\n{record}\n')
        return list(open_source(str(path)))

    assert read('{"score": NaN}') == [{"id": "a"}, {"score": None}]
    place = "after 1 records" if array else "line 2"
    for record, why in (('{"id": 1, "id": 2}', "'id' comes twice"), (f'{{"id": {"9" * 5000}}}', "5000 digits"),
                        ("[" * 100_000, "levels"), ('{"id": 1} {"id": 2}', "")):  # fmt: skip
        with refused("chats.json", place, why, "{messages: [{role, content}"):
            read(record)


@pytest.mark.parametrize("layout", ["lines", "array", "pretty array", "array with a byte order mark"])
def test_records_are_read_from_lines_and_arrays(tmp_path: Path, layout: str) -> None:
    records = [*chats(2), {"id": "é", "conversations": [], "rate": 0.5}]
    array = json.dumps(records, indent=2 if layout.startswith("pretty") else None, ensure_ascii=False)
    text = "\n\n".join(json.dumps(record) for record in records) if layout == "lines" else array
    path = tmp_path / "chats.json"
    path.write_text(text, encoding="utf-8-sig" if "mark" in layout else "utf-8")
    source = open_source(str(path))
    assert list(source) == list(source) == records
    assert (source.facts()["name"], source.facts()["repository"]) == ("chats.json", "")


def test_a_bad_line_and_a_torn_array_are_named(tmp_path: Path) -> None:
    path = tmp_path / "chats.jsonl"
    path.write_text('{"id": "a"}\n{"id": \n')
    with refused("chats.jsonl, line 2", "{conversations: [{from, value}"):
        list(open_source(str(path)))
    path.write_bytes(b'{"id": "\xff"}\n')
    with refused("line 1"):
        list(open_source(str(path)))
    path.write_text('[{"id": "a"}, {"id": "b"')
    with refused("chats.jsonl", "after 1 records"):
        list(open_source(str(path)))


@pytest.mark.parametrize("text", ["", "\n", "[]", "\ufeff [ ]"])
def test_a_file_without_records_is_called_empty(tmp_path: Path, text: str) -> None:
    path = tmp_path / "chats.jsonl"
    path.write_text(text, encoding="utf-8")
    with refused("chats.jsonl", "{conversations: [{from, value}"):
        open_source(str(path))


def test_sharegpt_is_the_pinned_hub_file(tmp_path: Path) -> None:
    repository = f"datasets--{SHAREGPT_PIN.repo.replace('/', '--')}"
    cached = tmp_path / "hf" / repository / "snapshots" / SHAREGPT_PIN.revision / SHAREGPT_FILE
    cached.parent.mkdir(parents=True)
    cached.write_text(json.dumps(chats(1)))
    source = open_source("sharegpt")
    assert list(source) == chats(1)
    assert source.facts()["revision"] == "192ab2185289094fc556ec8ce5ce1e8e587154ca"
    assert str(tmp_path) not in json.dumps(source.facts())


def test_what_is_not_there_is_one_message(tmp_path: Path) -> None:
    with refused("nothing.json", "'sharegpt'"):
        open_source(str(tmp_path / "nothing.json"))
    with refused(SHAREGPT_PIN.repo, "warm-inspect corpus build FILE --out FOLDER"):
        open_source("sharegpt")
