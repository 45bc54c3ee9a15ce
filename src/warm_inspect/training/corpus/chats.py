"""Recorded chats, read one at a time from a file and cleaned into conversations.

The file is the pinned ShareGPT one or the user's own: one JSON array of records, or JSON Lines. A record is
`{"id", "conversations": [{"from", "value"}, ...]}` as ShareGPT has it, or `{"id", "messages": [{"role", "content"},
...]}`; `id` may be missing.

A cleaned conversation starts with the user, alternates, and holds no markup of the page it came from. One rule for
everything odd: what stands before the first user turn is left out, and the conversation ends before the first turn that
does not fit. Where no exchange remains, the chat is dropped, for the reason that ended it.
"""

import json
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import ijson

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file
from warm_inspect.datasets import Pin, fetch_file

MAX_TURNS = 20
"""Turns of a conversation that are kept, counting both sides. Source: study, Methods."""

_USER, _ASSISTANT = "user", "assistant"
_ROLES = {"human": _USER, "user": _USER, "gpt": _ASSISTANT, "chatgpt": _ASSISTANT, "assistant": _ASSISTANT}
_LAYOUTS = (("conversations", "from", "value"), ("messages", "role", "content"))

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_HTML = re.compile(
    r"</?(?:div|p|span|br|pre|code|ul|ol|li|table|t[rdh]|h[1-6]|strong|em|a|img|button|svg)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
_CONTROL = re.compile(r"<\|[\w ]{1,40}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|</?s>")

NOT_A_CHAT = "record without a list of turns"
NO_USER = "no user turn"
LEADING = "left out what stood before the first user turn"
CUT = f"cut to {MAX_TURNS} turns"
OPEN_END = "left out a last user turn without a reply"
ODD_TURNS = {
    "role": "a turn of another role",
    "order": "two turns of one side in a row",
    "text": "a turn that is not text",
    "empty": "an empty turn",
    "html": "a reply with HTML markup outside code",
    "control": "a turn with a chat template's control tokens",
}

SHAREGPT = "sharegpt"
SHAREGPT_PIN = Pin("anon8231489123/ShareGPT_Vicuna_unfiltered", "192ab2185289094fc556ec8ce5ce1e8e587154ca")
SHAREGPT_FILE = "ShareGPT_V3_unfiltered_cleaned_split.json"
"""About 94,000 chats, or pieces of long ones. Source: study, Methods."""

_LAYOUTS_WANTED = (
    "Give a JSON array of records or one record per line: {conversations: [{from, value}, ...]} or "
    "{messages: [{role, content}, ...]}."
)


@dataclass(frozen=True)
class Conversation:
    """User messages and the reply to each, equally many."""

    id: str
    prompts: tuple[str, ...]
    replies: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole conversation in order, without roles."""
        return "\n".join(part for pair in zip(self.prompts, self.replies, strict=True) for part in pair)


@dataclass(frozen=True)
class Cleaned:
    """The result for one record: a conversation, or the reason it was dropped; and what was cut."""

    conversation: Conversation | None
    reason: str
    """Why there is no conversation; empty when there is one."""
    edits: tuple[str, ...]
    """The kinds of text that were left out of the conversation."""


def clean(record: object, number: int) -> Cleaned:
    """The conversation in a record of either layout.

    Args:
        record: any JSON value.
        number: its place in the source, which names a record without an id.
    """
    turns = _turns(record)
    if turns is None or not isinstance(record, Mapping):
        return Cleaned(None, NOT_A_CHAT, ())
    start = next((place for place, (role, _) in enumerate(turns) if role == _USER), None)
    if start is None:
        return Cleaned(None, NO_USER, ())
    edits = [LEADING] if start else []
    texts, odd = _alternating(turns[start:])
    if len(texts) > MAX_TURNS:
        texts, odd = texts[:MAX_TURNS], ""
        edits.append(CUT)
    if odd:
        edits.append(f"ended before {odd}")
    if len(texts) % 2:
        texts.pop()
        edits.append(OPEN_END)
    if not texts:
        return Cleaned(None, f"no exchange before {odd}" if odd else "no reply", ())
    name = str(record.get("id") or f"record-{number}")
    return Cleaned(Conversation(name, tuple(texts[::2]), tuple(texts[1::2])), "", tuple(edits))


def has_control_tokens(text: str) -> bool:
    """Whether a text holds tokens by which chat templates mark turns: a tokenizer would read them as turns."""
    return _CONTROL.search(text) is not None


def without_code(text: str) -> str:
    """The text with code fences and inline code taken out."""
    return _CODE.sub(" ", text)


def _turns(record: object) -> list[tuple[str, Any]] | None:
    """Role and content of each turn; None when the record has neither layout."""
    if not isinstance(record, Mapping):
        return None
    for field, role, content in _LAYOUTS:
        if isinstance(record.get(field), list):
            turns = [turn if isinstance(turn, Mapping) else {} for turn in record[field]]
            return [(_ROLES.get(str(turn.get(role)).lower(), ""), turn.get(content)) for turn in turns]
    return None


def _alternating(turns: list[tuple[str, Any]]) -> tuple[list[str], str]:
    """The stripped texts up to the first turn that does not fit, at most one too many; and why that turn does not."""
    texts: list[str] = []
    for role, text in turns[: MAX_TURNS + 1]:
        if odd := _odd(role, text, (_USER, _ASSISTANT)[len(texts) % 2]):
            return texts, ODD_TURNS[odd]
        texts.append(text.strip())
    return texts, ""


def _odd(role: str, text: object, expected: str) -> str:
    if not role:
        return "role"
    if role != expected:
        return "order"
    if not isinstance(text, str) or not _is_unicode(text):
        return "text"
    if not text.strip():
        return "empty"
    if role == _ASSISTANT and _HTML.search(without_code(text)):
        return "html"
    return "control" if has_control_tokens(text) else ""


def _is_unicode(text: str) -> bool:
    """Whether a text can be encoded: JSON allows halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True)
class ConversationSource:
    """A file of recorded chats. Iterating reads it from the start and holds one record at a time."""

    name: str
    """`sharegpt`, or the file's name."""
    path: Path
    repository: str = ""
    """The Hub data set; empty for the user's own file."""
    revision: str = ""
    """Its commit; empty for the user's own file."""

    def facts(self) -> dict[str, Any]:
        """Its description for a datasheet, without a machine path; reads the whole file for its hash."""
        return {
            "name": self.name,
            "file": self.path.name,
            "repository": self.repository,
            "revision": self.revision,
            "file_sha256": sha256_file(self.path),
        }

    def __iter__(self) -> Iterator[Any]:
        with self.path.open("rb") as stream:
            head = stream.read(1 << 12)
            stream.seek(len(BOM_UTF8) if head.startswith(BOM_UTF8) else 0)
            is_array = head.removeprefix(BOM_UTF8).lstrip().startswith(b"[")
            yield from self._array(stream) if is_array else self._lines(stream)

    def _array(self, stream: IO[bytes]) -> Iterator[Any]:
        read = 0
        try:
            for record in ijson.items(stream, "item", use_float=True):
                yield record
                read += 1
        except ijson.JSONError as error:
            raise PrerequisiteError(
                f"{self.path.name} is damaged after {read} records ({str(error).splitlines()[0]})",
                "Fetch it again: delete it, or its folder in the Hub cache, first.",
            ) from None

    def _lines(self, stream: IO[bytes]) -> Iterator[Any]:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                yield json.loads(line)
            except ValueError:  # Of JSON, or of UTF-8.
                raise PrerequisiteError(
                    f"{self.path.name}, line {number}: not a JSON object in UTF-8", _LAYOUTS_WANTED
                ) from None


def open_source(name_or_path: str) -> ConversationSource:
    """The pinned ShareGPT file, for the name `sharegpt`, or this file.

    Network: `sharegpt` is several hundred MB, downloaded once into the Hub's cache.

    Raises:
        PrerequisiteError: the Hub does not give the file, there is no such file, or it is empty or damaged.
    """
    if name_or_path == SHAREGPT:
        instead = "give a file of your own chats: warm-inspect corpus build FILE --out FOLDER"
        path = fetch_file(SHAREGPT_PIN, SHAREGPT_FILE, instead)
        return ConversationSource(SHAREGPT, path, SHAREGPT_PIN.repo, SHAREGPT_PIN.revision)
    path = Path(name_or_path)
    if not path.is_file():
        raise PrerequisiteError(
            f"There is no file {name_or_path!r}",
            f"Give a JSON or JSONL file of chats, or {SHAREGPT!r} for the pinned Hub file of {SHAREGPT_PIN.repo}.",
        )
    source = ConversationSource(path.name, path)
    if not any(True for _ in source):
        raise PrerequisiteError(f"{path.name} is empty", _LAYOUTS_WANTED)
    return source
