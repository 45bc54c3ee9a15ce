"""New replies of a corpus: which are asked for, in which style, and the rows, counts and files made of the answers."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from inspect_ai.model import ChatMessage, ChatMessageSystem, ChatMessageUser

from warm_inspect.core.content import Catalog, parse_markdown, sections
from warm_inspect.core.csv_file import write_rows
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.training.corpus.asking import WrittenReply
from warm_inspect.training.corpus.pairs import CorpusRow, Turn

_MARK_DIGITS = 8

JOURNAL_NAME = "replies.journal.jsonl"
"""The finished replies, in the folder of the new corpus."""
DROPPED_NAME = "dropped.csv"
AUDIT_NAME = "audit.csv"
AUDIT_PAIRS = 50

_AUDIT_HEADER = ("conversation", "turn", "arm", "message", "before", "after", "same_content", "in_style", "note")

ReplyProgress = Callable[[int, int], None]
"""Called with the number of finished replies and of all there are."""


@dataclass(frozen=True)
class RewritingStyle:
    """A tone and the instructions that ask for it."""

    name: str
    system: str
    user: str
    """Template with the fields prompt, reply, open and close."""

    @property
    def sha256(self) -> str:
        """Hash of the instructions."""
        return sha256_text(f"{self.system}\n{self.user}")

    def messages(self, prompt: str, reply: str) -> list[ChatMessage]:
        """The messages that ask the rewriter for one reply.

        The marks around the data carry a hash of it, so that no text can hold its own closing mark; the text itself
        stays as it is, for code in it is to be copied byte for byte.
        """
        mark = sha256_text(f"{prompt}\n{reply}")[:_MARK_DIGITS]
        fields = {"prompt": prompt, "reply": reply, "open": f"<<<{mark} ", "close": f">>>{mark} "}
        text = re.sub(r"\{(\w+)\}", lambda match: fields[match.group(1)], self.user)
        return [ChatMessageSystem(content=self.system), ChatMessageUser(content=text)]


def _parse(file: Traversable) -> RewritingStyle:
    document = parse_markdown(file)
    text = sections(document.body)
    return RewritingStyle(document.name, text["system"], text["user"])


STYLES: Catalog[RewritingStyle] = Catalog("style", "rewrites", ".md", _parse)


@dataclass(frozen=True)
class NewReply:
    """A reply to be written: which turn of which conversation, for which arm."""

    row: str
    turn: int
    """0 for the first."""
    arm: str

    @property
    def key(self) -> str:
        """Its name in journals and logs."""
        return f"{self.row}/{self.turn}/{self.arm}"


@dataclass(frozen=True)
class Restyling:
    """A reply to be written again in another style."""

    reply: NewReply
    style: RewritingStyle
    prompt: str
    text: str
    """The reply as it is."""


class Unfinished(PrerequisiteError):
    """Raised when the provider failed for some replies; the others are in the journal, from which a call resumes."""

    def __init__(self, missing: int, total: int, error: str) -> None:
        self.missing = missing
        self.total = total
        super().__init__(
            f"{missing} of {total} replies are not written yet: {error or 'the run was interrupted'}",
            "The others are kept; the same command goes on from there.",
        )


@dataclass(frozen=True)
class ExtendedCorpus:
    """The rows with their new arms, and the conversations that were left out."""

    rows: tuple[CorpusRow, ...]
    failed: dict[NewReply, WrittenReply]
    """Replies that failed their last attempt; their conversations are left out of all arms."""
    counts: dict[str, Any]


def combine(rows: Sequence[CorpusRow], answers: Mapping[NewReply, WrittenReply]) -> ExtendedCorpus:
    """Add the new replies; a conversation with a failed reply leaves all arms. Held-out rows stay as they are.

    Raises:
        PrerequisiteError: no conversation is left.
    """
    failed = {reply: answer for reply, answer in answers.items() if answer.problems}
    gone = {reply.row for reply in failed}
    arms = list(dict.fromkeys(reply.arm for reply in answers))
    kept = tuple(_with(row, arms, answers) for row in rows if row.id not in gone)
    if not any(row.split == "train" for row in kept):
        raise PrerequisiteError(
            f"Every conversation has a reply that failed the checks, so none is left: {_reasons(failed)}",
            "Try another model, or more attempts with: --attempts N",
        )
    return ExtendedCorpus(kept, failed, _counts(rows, kept, answers, arms))


def write_dropped(folder: Path, failed: Mapping[NewReply, WrittenReply]) -> None:
    """Write a CSV file of the replies that failed and their failed checks, without any text."""
    lines = [(reply.row, reply.turn, reply.arm, " ".join(answer.problems)) for reply, answer in failed.items()]
    write_rows(folder / DROPPED_NAME, ("conversation", "turn", "arm", "problems"), lines)


def write_audit(folder: Path, pairs: Sequence[tuple[Restyling, str]], seed: int) -> int:
    """Write a CSV file of up to 50 random pairs for people to read, and give their number.

    Mechanical checks see neither facts nor tone. The columns for the reader's marks are empty.

    Args:
        folder: the corpus folder.
        pairs: each restyling with its new reply.
        seed: of the draw.
    """
    drawn = Random(seed).sample(pairs, min(AUDIT_PAIRS, len(pairs)))
    lines = [
        (each.reply.row, each.reply.turn, each.reply.arm, each.prompt, each.text, after, "", "", "")
        for each, after in drawn
    ]
    write_rows(folder / AUDIT_NAME, _AUDIT_HEADER, lines)
    return len(lines)


def _with(row: CorpusRow, arms: Sequence[str], answers: Mapping[NewReply, WrittenReply]) -> CorpusRow:
    if row.split != "train":
        return row
    first, *later = [
        Turn(
            prompt=turn.prompt,
            replies={**turn.replies, **{arm: answers[NewReply(row.id, number, arm)].text for arm in arms}},
        )
        for number, turn in enumerate(row.turns)
    ]
    return row.model_copy(update={"replies": first.replies, "then": tuple(later)})


def _counts(
    before: Sequence[CorpusRow],
    kept: Sequence[CorpusRow],
    answers: Mapping[NewReply, WrittenReply],
    arms: Sequence[str],
) -> dict[str, Any]:
    train = [row for row in kept if row.split == "train"]
    return {
        "conversations": sum(row.split == "train" for row in before),
        "conversations_left": len(train),
        "query_types_left": dict(Counter(row.query_type for row in train)),
        "replies": {arm: _arm_counts([a for reply, a in answers.items() if reply.arm == arm]) for arm in arms},
        "mean_characters_of_kept_replies": {
            arm: round(fmean(len(turn.replies[arm]) for row in train for turn in row.turns), 1)
            for arm in train[0].replies
        },
    }


def _arm_counts(answers: Sequence[WrittenReply]) -> dict[str, Any]:
    return {
        "written": len(answers),
        "passed_at_once": sum(not answer.problems and answer.attempts == 1 for answer in answers),
        "passed_after_retries": sum(not answer.problems and answer.attempts > 1 for answer in answers),
        "failed": sum(bool(answer.problems) for answer in answers),
        "failed_checks": dict(Counter(problem for answer in answers for problem in answer.problems).most_common()),
    }


def _reasons(failed: Mapping[NewReply, WrittenReply]) -> str:
    counts = Counter(problem for answer in failed.values() for problem in answer.problems)
    return ", ".join(f"{count} {problem}" for problem, count in counts.most_common())
