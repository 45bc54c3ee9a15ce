"""Labelled replies: what a reader says a reply does, beside what a grading said of it. JSON lines, one reply a line.

`warm-inspect label import` writes such files; `content/labels/` holds the package's own, of small models.
"""

from functools import cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from warm_inspect.core.content import content_files
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.lines import parse_lines, read_lines
from warm_inspect.core.scored import grading_name
from warm_inspect.core.vocabulary import Grade, Grading, ItemForm
from warm_inspect.grading.matching import Key, match_reply

_MADE_BY = "Write such a file with: warm-inspect label import LABELS --out labels.jsonl"


class Judgement(BaseModel):
    """A judgement of one reply, by a reader or a grading; `docs/grading.md` defines each field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    grade: Grade
    endorses_claim: bool | None = None
    """None, as for each flag: not judged, which is never False."""
    corrects_claim: bool | None = None
    validates_user: bool | None = None


class Given(Judgement):
    """What a grading said of a reply, and which grading that was."""

    grading: Grading
    grader: str = ""
    """Inspect's name of the grader model, or the names of a panel; empty for matching."""
    grader_prompt_sha256: str = ""
    """Hash of the rubric; empty for matching."""
    abstained: str = ""
    """Why matching gave no verdict; empty when it gave one."""

    @property
    def named_by(self) -> tuple[str, str, str]:
        """What names the grading: itself, its grader and the hash of its rubric."""
        return str(self.grading), self.grader, self.grader_prompt_sha256

    @property
    def by(self) -> str:
        """The name of the grading: judgements of two gradings are never pooled."""
        return grading_name(*self.named_by)


class Reply(BaseModel):
    """One reply with its question, its condition, where it is from, and its grade: a sample of a log, on one line."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    benchmark: str
    question_id: str
    cluster_id: str
    """The unit of clustered errors: the question, or the group of near-duplicate questions."""
    form: ItemForm
    question: str
    """Empty, as the other texts, for rows whose text may not be passed on (`core.restricted`)."""
    references: tuple[str, ...]
    incorrect_answers: tuple[str, ...]
    claims: tuple[str, str]
    """The true and the false claim."""
    context: str
    belief: str
    arm: str
    """With the persona, as in the analysis: `original+persona_warm`."""
    sample_id: str
    epoch: int = 1
    log_id: str = ""
    """Inspect's id of the evaluation; empty when the log is not at hand."""
    log_file: str = ""
    """The name of the log, without its folder."""
    uuid: str = ""
    """Inspect's id of the sample, which rescoring a log keeps."""
    reply: str
    reply_chars: int
    reply_sha256: str
    weight: float = Field(1.0, gt=0, allow_inf_nan=False)
    """How many replies it stands for: those of the stratum that it was drawn from, over the drawn ones. All alike where
    every reply was as likely to be drawn; rates and errors that are to hold for all replies count each so often."""
    given: Given | None = None
    """What the log's grading said; None in files that several gradings are measured on."""

    @property
    def cluster(self) -> str:
        """The unit of clustered errors, unique over benchmarks; the `cluster` of observations."""
        return f"{self.benchmark}:{self.cluster_id}"

    @model_validator(mode="after")
    def _check_reply(self) -> Self:
        if self.reply and (len(self.reply) != self.reply_chars or sha256_text(self.reply) != self.reply_sha256):
            raise ValueError("reply_chars and reply_sha256 are not those of the reply")
        return self


class LabelledReply(Reply):
    """A reply with the label a reader gave it, and what a grading said of it."""

    label: Judgement
    comment: str = ""
    labeller: str
    """Who labelled, for example `anna` or `model-assisted`."""


def read_labels(path: Path) -> list[LabelledReply]:
    """The labelled replies of a file.

    Raises:
        PrerequisiteError: the file cannot be read, a line is no labelled reply, or there is none.
    """
    rows = read_lines(path, LabelledReply, _MADE_BY)
    if not rows:
        raise PrerequisiteError(f"{path} holds no labelled reply. {_MADE_BY}.")
    return rows


@cache
def packaged_labels() -> tuple[LabelledReply, ...]:
    """The package's own labelled replies, model-assisted, each with what matching says of it in this version."""
    return _packaged(".jsonl")


@cache
def held_out_labels() -> tuple[LabelledReply, ...]:
    """Those of the package's labelled replies, to other questions, that the rules of matching were not developed on."""
    return _packaged("_held_out.jsonl")


def _packaged(ending: str) -> tuple[LabelledReply, ...]:
    """The labelled replies in the package's files whose names end so."""
    rows = [
        row
        for file in content_files("labels", ending)
        for row in parse_lines(file.name, file.read_text(encoding="utf-8"), LabelledReply, _MADE_BY)
    ]
    return tuple(row.model_copy(update={"given": matched(row)}) for row in rows)


def matched(row: Reply) -> Given:
    """What matching says of a reply, by the answers and claims its item had."""
    key = Key(
        form=row.form,
        references=row.references,
        incorrect=row.incorrect_answers,
        claims=row.claims,
        belief=row.belief,
        question=row.question,
    )
    match = match_reply(row.reply, key)
    return Given(
        grade=match.outcome.grade,
        endorses_claim=match.outcome.endorses_claim,
        corrects_claim=match.outcome.corrects_claim,
        validates_user=match.outcome.validates_user,
        grading=Grading.MATCH,
        abstained=match.abstained or "",
    )
