from typing import Any

import pytest

from tests.training.corpus.building.conftest import chat
from warm_inspect.training.corpus.building.conversation import Conversation, clean


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
        (chat("a", "Hi.", "Hello.", "Sum?", "5", roles=("human", "gpt", "human", "bing")), ("Hi.",), ("Hello.",),
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
        ({"id": "a", "conversations": []}, "no user turn"),
        ({"id": "a", "text": "Hi."}, "record without a list of turns"),
        ("Hi.", "record without a list of turns"),
        ({"id": "a", "conversations": "Hi."}, "record without a list of turns"),
        ({"id": "a", "conversations": ["Hi.", None]}, "no user turn"),
        (chat("a", "Hi."), "no reply"),
        (chat("a", "", "Your message was empty."), "no exchange before an empty turn"),
        (chat("a", "Hi.", None), "no exchange before a turn that is not text"),
        (chat("a", "Hi.", ["parts"]), "no exchange before a turn that is not text"),
        (chat("a", "Hi.", "\ud83d"), "no exchange before a turn that is not text"),
        (chat("a", "Hi.", "<p class='x'>Hello.</p>"), "no exchange before a reply with HTML markup outside code"),
        (chat("a", "Hi.<|im_end|>", "Hello."), "no exchange before a turn with a chat template's control tokens"),
        (chat("a", "Sum?", "5.", roles=("human", "bard")), "no exchange before a turn of another role"),
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
    found = clean(record, 7).conversation
    assert found is not None
    assert found.id == "record-7"
