"""Which replies of the logs are labelled: a sample in which each graded reply has the same chance.

The replies are put in the order of their strata (arm, benchmark, context, belief, grade, length) and, within one, in
random order; the row of them is cut into as many equal pieces as are wanted, and of each piece one is drawn. So each
arm, each benchmark of an arm and so on has its share of the sample up to one or two replies, and rates and agreements
need no weights. Taking replies at equal distances instead would meet the same conditions again and again in a crossed
study.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import pandas as pd
from inspect_ai.log import EvalSample

from warm_inspect.analysis.grader_error import length_band
from warm_inspect.analysis.logs import Collected
from warm_inspect.analysis.observations import AssignedArm, grade_names, require_models, restricted, with_arms
from warm_inspect.conditions import BELIEFS
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.log_file import read_chosen, reading
from warm_inspect.core.vocabulary import (
    CLAIMS,
    CORRECTS_CLAIM,
    ENDORSES_CLAIM,
    INCORRECT_ANSWERS,
    VALIDATES_USER,
    Grade,
    ItemForm,
)
from warm_inspect.grading import without_thoughts
from warm_inspect.grading.labels import Given, Reply
from warm_inspect.labelling.files import KeyRow, SheetRow

STRATA = ("arm", "benchmark", "context", "belief", "grade", "length")
"""What the sample is stratified by, coarsest first."""

_DRAWN = "drawn"


@dataclass(frozen=True)
class Graded:
    """The graded replies of some logs, in the order that samples are taken from."""

    frame: pd.DataFrame
    """One row per reply."""
    hidden: int
    """Gated and harmful replies that were left out."""
    paths: Mapping[str, str]
    """The log of each evaluation."""

    def drawn(self, n: int, seed: int) -> pd.DataFrame:
        """A stratified sample of `n` replies, or all: one from each of `n` equal parts of the ordered replies.

        The parts begin at a random place of the order, which is closed to a ring.
        """
        total = len(self.frame)
        if n >= total:
            return self.frame
        rng = np.random.default_rng(seed)
        bounds = np.arange(n + 1) * total // n
        places = bounds[:-1] + rng.integers(np.diff(bounds)) + rng.integers(total)
        return self.frame.iloc[np.sort(places % total)]

    def strata(self, n: int, seed: int) -> pd.DataFrame:
        """The columns `STRATA`, `replies` and `drawn`: how many replies a stratum has, and how many a sample takes."""
        by = list(STRATA)
        counts = self.frame.groupby(by, observed=True).size().rename("replies")
        taken = self.drawn(n, seed).groupby(by, observed=True).size().rename(_DRAWN)
        table = pd.concat([counts, taken], axis=1).fillna({_DRAWN: 0})
        return table.astype(int).reset_index()


@dataclass(frozen=True)
class Export:
    """A sheet in random order, with its key."""

    sheet: tuple[SheetRow, ...]
    key: tuple[KeyRow, ...]


def graded_replies(
    collected: Collected, arms: Mapping[str, AssignedArm], seed: int, include_text: bool = False
) -> Graded:
    """The graded replies of logs, in the order that samples are drawn from.

    Args:
        collected: what was read from the logs.
        arms: the arm of each model whose logs do not say it.
        seed: of the order within a stratum.
        include_text: whether gated and harmful replies are among them.

    Raises:
        PrerequisiteError: there is none.
    """
    require_models(arms, [collected.samples])
    samples = with_arms(collected.samples, arms)
    frame = samples[samples["excluded"] == ""].reset_index(drop=True)
    hidden = 0 if include_text else int(restricted(frame).sum())
    frame = frame if include_text else frame[~restricted(frame)]
    if frame.empty:
        raise PrerequisiteError(
            f"No reply of these logs can be labelled: {hidden} are of gated or harmful rows, and no other has a grade. "
            "Include those with --include-text, or grade the others with: warm-inspect regrade LOGS --missing"
        )
    order = [
        sha256_text(f"{seed}:{row.log_id}:{row.sample_id}:{row.epoch}")
        for row in frame[["log_id", "sample_id", "epoch"]].itertuples(index=False)
    ]
    frame = frame.assign(
        grade=grade_names(frame),
        length=[length_band(int(characters)) for characters in frame["reply_chars"]],
        order=order,
        restricted=restricted(frame),
    )
    frame = frame.assign(**{name: frame[name].astype(str) for name in STRATA})
    frame = frame.sort_values([*STRATA, "order"], kind="stable", ignore_index=True)
    return Graded(frame, hidden, {log.eval_id: log.path for log in collected.logs})


def export(replies: Graded, n: int, seed: int) -> Export:
    """A sheet of `n` different rows, fewer if there are not as many, and its key.

    Replies with one question, claim and wording are one row, however many of them are drawn.

    Raises:
        UnreadableLog: a log cannot be read any more.
    """
    texts: dict[Hashable, tuple[SheetRow, Reply]] = {}
    size, total = n, len(replies.frame)
    while True:
        rows: dict[str, tuple[SheetRow, list[Reply]]] = {}
        for place, drawn in replies.drawn(size, seed).iterrows():
            if place not in texts:
                texts[place] = _read(drawn, replies.paths)
            shown, reply = texts[place]
            rows.setdefault(shown.row, (shown, []))[1].append(reply)
        if len(rows) >= n or size >= total:
            break
        size = min(total, ceil(size * n / len(rows)))
    # Which rows are over, and the order of the others, are as random as the name of a row.
    names = sorted(rows, key=lambda name: sha256_text(f"{seed}:{name}"))[:n]
    return Export(
        tuple(rows[name][0] for name in names),
        tuple(KeyRow(row=name, replies=tuple(rows[name][1])) for name in names),
    )


def _read(drawn: pd.Series, paths: Mapping[str, str]) -> tuple[SheetRow, Reply]:
    """What a reader sees of a reply, and what the key holds."""
    path = paths[drawn["log_id"]]
    with reading(path):
        [sample] = read_chosen(path, [(str(drawn["sample_id"]), int(drawn["epoch"]))])
        reply = _reply(drawn, sample)
        row = SheetRow.named(
            question=reply.question,
            references=reply.references,
            claim=reply.claims[1],
            stated=BELIEFS[reply.belief].sentence(reply.form, str(sample.metadata["claim"])),
            reply=without_thoughts(reply.reply) or "",
        )
    secret = bool(drawn["restricted"])
    bare = {"question": "", "references": (), "incorrect_answers": (), "claims": ("", ""), "reply": ""}
    return row, reply.model_copy(update=bare) if secret else reply


def _reply(drawn: pd.Series, sample: EvalSample) -> Reply:
    wrong = tuple(map(str, sample.metadata[INCORRECT_ANSWERS]))
    right = (sample.target,) if isinstance(sample.target, str) else tuple(sample.target)
    claims: Sequence[str] = sample.metadata.get(CLAIMS) or (right[0], wrong[0])
    text = sample.output.completion
    return Reply(
        benchmark=str(drawn["benchmark"]),
        question_id=str(drawn["question_id"]),
        cluster_id=str(drawn["cluster_id"]),
        context=str(drawn["context"]),
        belief=str(drawn["belief"]),
        arm=str(drawn["arm"]),
        sample_id=str(drawn["sample_id"]),
        log_id=str(drawn["log_id"]),
        log_file=str(drawn["log_file"]),
        uuid=str(drawn["uuid"]),
        form=ItemForm(drawn["form"]),
        question=sample.input if isinstance(sample.input, str) else sample.input[-1].text,
        references=right,
        incorrect_answers=wrong,
        claims=(str(claims[0]), str(claims[1])),
        epoch=int(drawn["epoch"]),
        reply=text,
        weight=1.0,
        reply_chars=len(text),
        reply_sha256=sha256_text(text),
        given=Given(
            grade=Grade(drawn["grade"]),
            **{flag: _flag(drawn[flag]) for flag in (ENDORSES_CLAIM, CORRECTS_CLAIM, VALIDATES_USER)},
            grading=drawn["grading"],
            grader=str(drawn["grader"]),
            grader_prompt_sha256=str(drawn["grader_prompt_sha256"]),
            abstained="" if pd.isna(drawn["abstained"]) else str(drawn["abstained"]),
        ),
    )


def _flag(value: float) -> bool | None:
    return None if np.isnan(value) else bool(value)
