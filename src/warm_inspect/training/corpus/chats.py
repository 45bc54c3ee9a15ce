"""Recorded chats, read one at a time from a file and cleaned into conversations.

The file is the pinned ShareGPT one or the user's own: one JSON array of records, or JSON Lines. A record has a list of
turns, as `{"id", "conversations": [{"from", "value"}, ...]}` in ShareGPT or `{"id", "messages": [{"role", "content"},
...]}`; what lists, turns and ids are called elsewhere is in `_LISTS`, `_SPEAKERS`, `_TEXTS` and `_IDS`.

A cleaned conversation starts with the user, alternates, and holds no markup of the page it came from. One rule for
everything odd: what stands before the first user turn is left out, and the conversation ends before the first turn that
does not fit. Where no exchange remains, the chat is dropped, for the reason that ended it.
"""

import json
import re
from codecs import BOM_UTF8, getincrementaldecoder
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.json_text import UnclearText, decoder
from warm_inspect.datasets import Pin, fetch_file

MAX_TURNS = 20
"""Turns of a conversation that are kept, counting both sides. Source: study, Methods."""

_USER, _ASSISTANT = "user", "assistant"
_ROLES = {
    **dict.fromkeys(("human", "user"), _USER),
    **dict.fromkeys(("gpt", "chatgpt", "assistant", "model", "bing", "bard"), _ASSISTANT),
}
_LISTS = ("conversations", "messages", "conversation", "items")
"""Where a record has its turns: in the first of these that is not empty."""
_SPEAKERS, _TEXTS = ("from", "role"), ("value", "content")
_IDS = ("id", "conversation_id", "conversation_hash")

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
"""Code, in which markup is text. A fence that nobody closed goes on to the end."""
_HTML = re.compile(
    r"</?(?:div|p|span|br|pre|code|ul|ol|li|table|t[rdh]|h[1-6]|strong|em|a|img|button|svg)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
"""Tags of the web pages that chats were copied from, by name: other words in angle brackets are the user's."""
_CONTROL = re.compile(r"<\|[\w ]{1,40}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|</?s>")
"""Tokens of chat templates, which in a text would end a turn or begin another."""

NOT_A_CHAT = "record without a list of turns"
NO_TURNS = "an empty list of turns"
NO_ROLES = "no turn of a known role"
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

LAYOUTS = (
    "Give a JSON array of records or one record per line: {conversations: [{from, value}, ...]} or "
    f"{{messages: [{{role, content}}, ...]}}, with the roles {', '.join(_ROLES)}."
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
    """The conversation of one record of a chat file, cleaned; or why it is left out.

    Args:
        record: any JSON value.
        number: its place in the source, which names a record without an id.
    """
    turns = _turns(record)
    if turns is None or not isinstance(record, Mapping):
        return Cleaned(None, NOT_A_CHAT, ())
    if not any(role for role, _ in turns):
        return Cleaned(None, NO_ROLES if turns else NO_TURNS, ())
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
    return Cleaned(Conversation(_name(record, number), tuple(texts[::2]), tuple(texts[1::2])), "", tuple(edits))


def has_control_tokens(text: str) -> bool:
    """Whether a text holds tokens by which chat templates mark turns: a tokenizer would read them as turns."""
    return _CONTROL.search(text) is not None


def without_code(text: str) -> str:
    """The text with code fences and inline code taken out."""
    return _CODE.sub(" ", text)


def _name(record: Mapping[str, Any], number: int) -> str:
    """The record's id; its place where it has none that can be written."""
    stated = (record.get(name) for name in _IDS)
    names = (str(value).strip() for value in stated if isinstance(value, str | int))
    return next((name for name in names if name and _is_unicode(name)), f"record-{number}")


def _turns(record: object) -> list[tuple[str, Any]] | None:
    """Role and content of each turn; None when the record has no list of turns."""
    if not isinstance(record, Mapping):
        return None
    lists = [record[name] for name in _LISTS if isinstance(record.get(name), list)]
    if not lists:
        return None
    turns = [turn if isinstance(turn, Mapping) else {} for turn in next(filter(None, lists), [])]
    return [(_ROLES.get(str(_field(turn, _SPEAKERS)).lower(), ""), _joined(_field(turn, _TEXTS))) for turn in turns]


def _field(turn: Mapping[str, Any], names: Sequence[str]) -> Any:  # noqa: ANN401 - any JSON value
    return next((turn[name] for name in names if turn.get(name) is not None), None)


def _joined(content: object) -> object:
    """The lines of content in parts of text; the content itself where it is no list, or has parts of another kind."""
    if not isinstance(content, list):
        return content
    texts = [part.get("text") for part in content if isinstance(part, Mapping) and part.get("type") == "text"]
    lines = [text for text in texts if isinstance(text, str)]
    return "\n".join(lines) if lines and len(lines) == len(content) else content


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
        """The records of an array, of which only one at a time is in memory."""
        read, text, place, chunk = 0, "", 1, _CHUNK
        utf8 = getincrementaldecoder("utf-8")()
        try:
            text = utf8.decode(stream.read(chunk)).lstrip()
            while True:
                place = _after_space(text, place)
                if text[place : place + 1] == "]":
                    if (text[place + 1 :] + utf8.decode(stream.read(chunk))).strip():
                        raise UnclearText("something follows the array")
                    return
                try:
                    record, end = _DECODER.raw_decode(text, place)
                    after = _after_space(text, end)
                    if after == len(text):
                        raise json.JSONDecodeError("it is cut short", text, after)
                    if text[after] not in ",]":
                        raise UnclearText("expected a comma between records")
                except json.JSONDecodeError as error:
                    more = stream.read(chunk)
                    if not more or len(text) - place > _LONGEST:
                        raise UnclearText(error.msg) from None
                    text, place, chunk = text[place:] + utf8.decode(more), 0, chunk * 2
                    continue
                yield record
                read, place, chunk = read + 1, after + (text[after] == ","), _CHUNK
        except (ValueError, RecursionError) as error:
            raise PrerequisiteError(
                f"{self.path.name} cannot be read after {read} records ({_reason(error)})",
                f"Mend it there, or fetch it again after deleting it, or its folder in the Hub cache. {LAYOUTS}",
            ) from None

    def _lines(self, stream: IO[bytes]) -> Iterator[Any]:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                yield _DECODER.decode(line.decode())
            except (ValueError, RecursionError) as error:
                raise PrerequisiteError(
                    f"{self.path.name}, line {number}: not one JSON object in UTF-8 ({_reason(error)})", LAYOUTS
                ) from None


_DECODER = decoder(nan_is_null=True)
_SPACE = re.compile(r"[ \t\r\n]*")
_CHUNK = 1 << 16
"""Bytes of an array that are read at a time; twice as many each time that a record does not end there."""
_LONGEST = 1 << 26
"""Characters of one record."""


def _after_space(text: str, place: int) -> int:
    match = _SPACE.match(text, place)
    return match.end() if match else place


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "too many levels"
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)


def open_source(name_or_path: str) -> ConversationSource:
    """The chats to build a corpus from: those of a JSON or JSONL file, or of ShareGPT.

    Args:
        name_or_path: a path, or `sharegpt` for the file at its pinned revision.

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
        raise PrerequisiteError(f"{path.name} is empty", LAYOUTS)
    return source
