"""What became of rewritten replies: new rows, the conversations that left all arms, and the counts."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import write_whole
from warm_inspect.training.corpus.pairs import CorpusRow, Turn
from warm_inspect.training.corpus.rewriting.asking import Answer

DROPPED_NAME = "dropped.csv"


@dataclass(frozen=True)
class NewReply:
    """A reply that is to be written: which turn of which conversation, for which arm."""

    row: str
    turn: int
    """0 for the first."""
    arm: str

    @property
    def key(self) -> str:
        """Its name in journals and logs."""
        return f"{self.row}/{self.turn}/{self.arm}"


@dataclass(frozen=True)
class Outcome:
    """The rows with their new arms, and what was left out."""

    rows: tuple[CorpusRow, ...]
    failed: dict[NewReply, Answer]
    """Replies that failed their last attempt, which took their conversations along."""
    counts: dict[str, Any]


def combine(rows: Sequence[CorpusRow], answers: Mapping[NewReply, Answer]) -> Outcome:
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
            f"Every conversation has a reply that failed the checks, so none is left: {_reasons(failed)}. "
            "Try another model, or more attempts with: --attempts N"
        )
    return Outcome(kept, failed, _counts(rows, kept, answers, arms))


def write_dropped(folder: Path, failed: Mapping[NewReply, Answer]) -> None:
    """Name the replies that failed, and why, in a CSV file without their text."""
    lines = [(reply.row, reply.turn, reply.arm, " ".join(answer.problems)) for reply, answer in failed.items()]
    write_whole(folder / DROPPED_NAME, csv_text(("conversation", "turn", "arm", "problems"), lines))


def csv_text(header: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A CSV table. Cells that a spreadsheet would run as a formula get a leading apostrophe: replies are data."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    for line in lines:
        cells = [str(cell) for cell in line]
        writer.writerow([f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell for cell in cells])
    return stream.getvalue()


def _with(row: CorpusRow, arms: Sequence[str], answers: Mapping[NewReply, Answer]) -> CorpusRow:
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
    answers: Mapping[NewReply, Answer],
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


def _arm_counts(answers: Sequence[Answer]) -> dict[str, Any]:
    return {
        "written": len(answers),
        "passed_at_once": sum(not answer.problems and answer.attempts == 1 for answer in answers),
        "passed_after_retries": sum(not answer.problems and answer.attempts > 1 for answer in answers),
        "failed": sum(bool(answer.problems) for answer in answers),
        "failed_checks": dict(Counter(problem for answer in answers for problem in answer.problems).most_common()),
    }


def _reasons(failed: Mapping[NewReply, Answer]) -> str:
    counts = Counter(problem for answer in failed.values() for problem in answer.problems)
    return ", ".join(f"{count} {problem}" for problem, count in counts.most_common())
