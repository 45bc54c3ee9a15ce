"""Replies whose warmth is read: from Inspect logs and JSONL files, put together by arm."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from inspect_ai.log import EvalLog, EvalSample
from pydantic import BaseModel, ConfigDict, ValidationError

from warm_inspect.core.arm_names import arm_of_command, require_adapter_arm, with_persona
from warm_inspect.core.endings import why_no_reply
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.json_text import parse_json, read_text
from warm_inspect.core.log_file import read_whole, reading
from warm_inspect.core.metadata import ArmMetadata, cluster_of
from warm_inspect.core.restricted import is_restricted
from warm_inspect.core.vocabulary import NONE, ORIGINAL

_UNUSED = {"messages", "events", "store", "attachments"}


@dataclass(frozen=True, slots=True)
class ArmReply:
    """One reply and what it answers."""

    arm: str
    text: str
    prompt: str
    """Identifies the prompt, without its text: arms are compared on replies to the same one."""
    question: str
    """Identifies the question behind the prompt; several prompts may share one."""
    source: str
    """File name."""
    training_seed: int = -1
    training_epochs: float | None = None
    adapter_sha256: str = ""
    restricted: bool = False
    """Whether the sample is gated or harmful, so that its text may not simply be passed on."""


@dataclass(frozen=True)
class ArmReplies:
    """One arm's replies, in the order of its prompts."""

    name: str
    """The arm, and what tells it from other adapters of that arm: `warm epoch 0.5`."""
    arm: str
    adapter_sha256: str
    replies: tuple[ArmReply, ...]

    @property
    def training(self) -> tuple[int, float | None]:
        """Seed and epochs of the adapter's training; -1 and None without one."""
        return self.replies[0].training_seed, self.replies[0].training_epochs


def by_arm(replies: Iterable[ArmReply]) -> list[ArmReplies]:
    """The replies of each arm and adapter, the original first.

    Raises:
        PrerequisiteError: an arm has two replies to one prompt.
    """
    grouped: dict[tuple[str, str], dict[str, ArmReply]] = defaultdict(dict)
    for reply in replies:
        own = grouped[reply.arm, reply.adapter_sha256]
        if (before := own.setdefault(reply.prompt, reply)) is not reply:
            raise PrerequisiteError(
                f"Arm {reply.arm} has two replies to one prompt, in {before.source} and {reply.source}. "
                "Leave one out, or give them two names: arm in JSONL; for logs --arm NAME=MODEL, or "
                "inspect eval --metadata arm=NAME where one model was run twice."
            )
    names = _names({key: next(iter(own.values())) for key, own in grouped.items()})
    arms = [ArmReplies(names[key], *key, tuple(own.values())) for key, own in grouped.items()]
    return sorted(arms, key=lambda arm: arm.name != ORIGINAL)


def _names(firsts: Mapping[tuple[str, str], ArmReply]) -> dict[tuple[str, str], str]:
    """A name for each adapter: its arm, and its seed, epochs and hash as far as they tell adapters of the arm apart."""
    names = {}
    for key, reply in firsts.items():
        alike = [other for other in firsts.values() if other.arm == reply.arm]
        parts = [reply.arm]
        if len({other.training_seed for other in alike}) > 1:
            parts.append(f"seed {reply.training_seed}")
        if len({other.training_epochs for other in alike}) > 1 and reply.training_epochs is not None:
            parts.append(f"epoch {reply.training_epochs:g}")
        settings = [(other.training_seed, other.training_epochs) for other in alike]
        if settings.count((reply.training_seed, reply.training_epochs)) > 1:
            parts.append(reply.adapter_sha256[:8] or reply.source)
        names[key] = " ".join(parts)
    return names


class ReplyRow(BaseModel):
    """A line of a JSONL file: a prompt with its reply, or with one reply per arm."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    prompt: str
    reply: str | None = None
    replies: dict[str, str] = {}
    arm: str | None = None


class Message(BaseModel):
    """One message of a conversation."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: str
    content: str


class ConversationRow(BaseModel):
    """A line of a JSONL file: a conversation, every assistant turn of which is a reply."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    messages: list[Message]
    arm: str | None = None


def log_replies(logs: Iterable[str], arms: Mapping[str, str]) -> list[ArmReply]:
    """The replies of finished logs; samples that failed, or whose prompt the provider's filter refused, have none.

    Args:
        logs: paths or URLs of log files.
        arms: the arm of a model whose logs do not name it; without any name the model is its own arm.

    Raises:
        PrerequisiteError: a log cannot be read, did not finish, or has an adapter's replies as those of the original.
    """
    read: list[ArmReply] = []
    for path in logs:
        with reading(path):
            read += _of_log(path, arms)
    return read


def _of_log(path: str, arms: Mapping[str, str]) -> Iterator[ArmReply]:
    log = read_whole(path, without=_UNUSED)
    if log.status != "success":
        raise PrerequisiteError(f"The log {path} did not finish. Finish it with: inspect eval-retry {path}")
    for sample in log.samples or []:
        if sample.error is None and not sample.output.empty and not why_no_reply(sample.output):
            yield _of_sample(path, log, sample, arms)


def _of_sample(path: str, log: EvalLog, sample: EvalSample, arms: Mapping[str, str]) -> ArmReply:
    known = ArmMetadata.model_validate(
        {name: value for name, value in sample.metadata.items() if name in ArmMetadata.model_fields}
    )
    arm = arms.get(log.eval.model) or arm_of_command(log.eval) or known.arm or log.eval.model
    if known.adapter_sha256:
        require_adapter_arm(arm, f"The log {path}")
    task = str(sample.metadata.get("benchmark") or log.eval.task.rpartition("/")[2])
    return ArmReply(
        arm=with_persona(arm, sample.metadata.get("persona", NONE)),
        text=sample.output.completion,
        prompt=f"{task}:{sample.id}:{sample.epoch}",
        question=f"{task}:{cluster_of(sample.metadata, sample.id)}",
        source=Path(path).name,
        training_seed=known.training_seed,
        training_epochs=known.training_epochs,
        adapter_sha256=known.adapter_sha256,
        restricted=is_restricted(sample.metadata),
    )


def file_replies(path: Path) -> list[ArmReply]:
    """The replies in a JSONL file; a row without an arm belongs to the arm named like the file.

    Raises:
        PrerequisiteError: a line is not a reply; the message names file, line and field.
    """
    lines = read_text(path, _LAYOUTS).split("\n")
    replies = [
        reply
        for number, line in enumerate(lines, start=1)
        if line.strip()
        for reply in _of_row(_row(line, f"{path.name}, line {number}"), path)
    ]
    if not replies:
        raise PrerequisiteError(f"{path.name} holds no reply. {_LAYOUTS}")
    return replies


def _row(line: str, place: str) -> ReplyRow | ConversationRow:
    try:
        value = parse_json(line, place, _LAYOUTS)
        kind = ConversationRow if isinstance(value, dict) and "messages" in value else ReplyRow
        row = kind.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "row"
        raise PrerequisiteError(f"{place}, field {field!r}: {first['msg']}. {_LAYOUTS}") from None
    if isinstance(row, ReplyRow) and row.reply is None and not row.replies:
        raise PrerequisiteError(f"{place}, field 'reply': it is missing. {_LAYOUTS}")
    return row


_LAYOUTS = "A row is {prompt, reply, arm?}, {prompt, replies: {arm: text}} or {messages: [{role, content}, ...], arm?}."


def _of_row(row: ReplyRow | ConversationRow, path: Path) -> Iterator[ArmReply]:
    arm = row.arm or path.stem
    if isinstance(row, ReplyRow):
        replies = row.replies if row.reply is None else {arm: row.reply}
        name = prompt_name(row.prompt)
        yield from (ArmReply(each, text, name, name, path.name) for each, text in replies.items())
        return
    # Identified by the user's messages alone: earlier replies differ between arms.
    user: list[str] = []
    for turn in row.messages:
        if turn.role == "user":
            user.append(turn.content)
        elif turn.role == "assistant":
            yield ArmReply(arm, turn.content, prompt_name(user), prompt_name(user[:1]), path.name)


def prompt_name(prompt: str | list[str]) -> str:
    """The name of a prompt, or of a conversation's user messages, that holds none of the text."""
    return sha256_json(prompt)[:16]
