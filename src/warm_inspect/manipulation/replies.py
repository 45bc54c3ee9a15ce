"""Replies whose warmth is read: from Inspect logs, and from JSONL files."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspect_ai.log import EvalLog, EvalSample, read_eval_log
from pydantic import BaseModel, ConfigDict, ValidationError

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.metadata import ArmMetadata
from warm_inspect.core.restricted import is_restricted
from warm_inspect.core.vocabulary import NONE
from warm_inspect.scorers.ending import why_no_reply

_UNUSED = {"messages", "events", "store", "attachments"}


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply and what it answers."""

    arm: str
    text: str
    prompt: str
    """What identifies the prompt: arms are compared on replies to the same one. Holds no text of it."""
    question: str
    """The question behind the prompt, which may stand behind several."""
    source: str
    """File name."""
    training_seed: int = -1
    training_epochs: float | None = None
    adapter_sha256: str = ""
    restricted: bool = False
    """Whether the text may not simply be passed on: the sample is gated or harmful."""


class ReplyRow(BaseModel):
    """A line of a JSONL file: a prompt with its reply, or with one reply per arm."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    prompt: str
    reply: str | None = None
    replies: dict[str, str] = {}
    arm: str | None = None


class Turn(BaseModel):
    """One message of a conversation."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: str
    content: str


class ConversationRow(BaseModel):
    """A line of a JSONL file: a conversation, every assistant turn of which is a reply."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    messages: list[Turn]
    arm: str | None = None


def log_replies(logs: Iterable[str], arms: Mapping[str, str]) -> list[Reply]:
    """The replies of finished logs; samples that failed, or whose prompt the provider turned away, have none.

    Args:
        logs: paths or URLs of log files.
        arms: the arm of each model whose logs do not name one; a model in neither is its own arm.

    Raises:
        PrerequisiteError: a log cannot be read or did not finish.
    """
    return [reply for path in logs for reply in _of_log(path, arms)]


def _of_log(path: str, arms: Mapping[str, str]) -> Iterator[Reply]:
    try:
        log = read_eval_log(path, exclude_fields=_UNUSED)
    except Exception as error:
        raise PrerequisiteError(f"The log {path} cannot be read ({type(error).__name__}). Leave it out.") from None
    if log.status != "success":
        raise PrerequisiteError(f"The log {path} did not finish. Finish it with: inspect eval-retry {path}")
    for sample in log.samples or []:
        if sample.error is None and not sample.output.empty and not why_no_reply(sample.output):
            yield _of_sample(path, log, sample, arms)


def _of_sample(path: str, log: EvalLog, sample: EvalSample, arms: Mapping[str, str]) -> Reply:
    said = {name: value for name, value in sample.metadata.items() if name in ArmMetadata.model_fields}
    known = ArmMetadata.model_validate(said)
    arm = arms.get(log.eval.model) or known.arm or log.eval.model
    persona = sample.metadata.get("persona", NONE)
    task = str(sample.metadata.get("benchmark") or log.eval.task.rpartition("/")[2])
    return Reply(
        arm=arm if persona == NONE else f"{arm}+persona_{persona}",
        text=sample.output.completion,
        prompt=f"{task}:{sample.id}:{sample.epoch}",
        question=f"{task}:{sample.metadata.get('cluster_id', sample.id)}",
        source=Path(path).name,
        training_seed=known.training_seed,
        training_epochs=known.training_epochs,
        adapter_sha256=known.adapter_sha256,
        restricted=is_restricted(sample.metadata),
    )


def file_replies(path: Path) -> list[Reply]:
    """The replies in a JSONL file; a row without an arm belongs to the arm named like the file.

    Raises:
        PrerequisiteError: a line that is no reply; the message names file, line and field.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise PrerequisiteError(f"{path.name} is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from None
    found = [
        reply
        for number, line in enumerate(lines, start=1)
        if line.strip()
        for reply in _of_row(_row(line, f"{path.name}, line {number}"), path)
    ]
    if not found:
        raise PrerequisiteError(f"{path.name} holds no reply. {_LAYOUTS}")
    return found


def _row(line: str, place: str) -> ReplyRow | ConversationRow:
    try:
        value: Any = json.loads(line)
        kind = ConversationRow if isinstance(value, dict) and "messages" in value else ReplyRow
        row = kind.model_validate(value)
    except json.JSONDecodeError as error:
        raise PrerequisiteError(f"{place}: not a JSON object ({error.msg}, column {error.colno}).") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "row"
        raise PrerequisiteError(f"{place}, field {field!r}: {first['msg']}. {_LAYOUTS}") from None
    if isinstance(row, ReplyRow) and row.reply is None and not row.replies:
        raise PrerequisiteError(f"{place}, field 'reply': it is missing. {_LAYOUTS}")
    return row


_LAYOUTS = "A row is {prompt, reply, arm?}, {prompt, replies: {arm: text}} or {messages: [{role, content}, ...], arm?}."


def _of_row(row: ReplyRow | ConversationRow, path: Path) -> Iterator[Reply]:
    arm = row.arm or path.stem
    if isinstance(row, ReplyRow):
        said = row.replies if row.reply is None else {arm: row.reply}
        name = sha256_json(row.prompt)[:16]
        yield from (Reply(each, text, name, name, path.name) for each, text in said.items())
        return
    # A conversation is known by what the user says: earlier replies differ between arms.
    heard: list[str] = []
    for turn in row.messages:
        if turn.role == "user":
            heard.append(turn.content)
        elif turn.role == "assistant":
            first = sha256_json(heard[:1])[:16]
            yield Reply(arm, turn.content, sha256_json(heard)[:16], first, path.name)
