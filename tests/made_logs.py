"""Made-up replies: as real `.eval` logs, as logs that were read, and as analysed studies.

A reply is a flat record, the row that the analysis reads of its sample; every field can be set or changed.
"""

import hashlib
import pickle
import random
from collections.abc import Iterable, Sequence
from itertools import product
from math import isnan, nan
from pathlib import Path
from typing import Any

import pandas as pd
from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalPlan, EvalSample, EvalSpec, EvalStats, write_eval_log
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import Score

from warm_inspect.analysis.logs import Collected, Log, collect
from warm_inspect.analysis.observations import Observations, observe
from warm_inspect.analysis.study import AnalysedStudy, analyse
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.measurements import BENCHMARKS
from warm_inspect.core.metadata import SampleMetadata
from warm_inspect.core.scored import ScoreDetails
from warm_inspect.datasets.samples import sample_id
from warm_inspect.grading.labels import LabelledReply

Reply = dict[str, Any]

CREATED = "2025-01-01T00:00:00+00:00"
TRAINED = ("warm", "cold", "neutral")
_WRITTEN: dict[tuple[str, bytes], bytes] = {}
"""The files of the logs that were written: Inspect takes 1.5 ms a sample, and many tests write the same log."""


def reply(question: str, grade: str = "correct", **facts: Any) -> Reply:
    """One reply of an untouched model: any metadata, score key, detail of the score or identity; "" is unscored."""
    context, belief, persona = (facts.get(name, "none") for name in ("context", "belief", "persona"))
    metadata = {
        "benchmark": "truthfulqa",
        "task_version": "1-A",
        "question_id": question,
        "category": "",
        "form": "open",
        "polarity": "",
        "context": context,
        "context_group": context.split("_")[0],
        "belief": belief,
        "statement_id": "",
        "claim": "",
        "persona": persona,
        "lead_in": False,
        "gated": False,
        "dataset_revision": "bundled",
        "seed": 0,
        "warm_inspect_version": "0",
        "arm": "original",
        "base_model": "tiny",
        "cluster_id": question,
        "prompt_sha256": sha256_text(f"{facts.get('benchmark', '')}:{question}:{context}:{belief}:{persona}"),
    } | {name: value for name, value in facts.items() if name in SampleMetadata.model_fields}
    identity = {
        "log_id": "made",
        "log_file": "made.eval",
        "model": "mockllm/model",
        "sample_id": sample_id(question, context, belief),
        "epoch": 1,
        "uuid": "",
        "excluded": "" if grade else "unscored: no verdict",
    }
    score = {key: float(key == grade) if grade else nan for key in BENCHMARKS.keys}
    details = ScoreDetails(reply_chars=100, reply_tokens=25, stop_reason="stop", grading="match", abstained="")
    row = SampleMetadata(**metadata).flat() | identity | score | details.model_dump()
    assert facts.keys() <= row.keys(), facts.keys() - row.keys()
    return row | facts


def study_reply(arm: str, benchmark: str, question: int, condition: tuple[str, str], grade: str, **facts: Any) -> Reply:
    """One reply to a yes/no item of a study, whose trained arms passed their warmth check."""
    context, belief = condition
    trained = {
        "adapter_sha256": sha256_text(arm),
        "training_seed": 0,
        "warmth_check": "passed",
        "warmth_meter": "style-1",
        "warmth_reference": "original",
        **dict.fromkeys(("warmth_d", "warmth_original_d"), 1.25),
        **dict.fromkeys(("warmth_d_low", "warmth_original_d_low"), 0.75),
        **dict.fromkeys(("warmth_d_high", "warmth_original_d_high"), 1.75),
    }
    item = {
        "benchmark": benchmark,
        "form": "yes_no",
        "polarity": "yes" if question % 2 else "no",
        "context": context,
        "belief": belief,
        "statement_id": "" if context == "none" else f"{context}/{question % 5}",
        "dataset_revision": "bundled-0123456789ab",
    }
    identity = {"log_id": f"{arm}-{benchmark}", "log_file": f"{arm}-{benchmark}.eval", "model": f"peft/tiny:{arm}"}
    adopted = {"endorses_claim": float(grade == "incorrect")} if grade else {}
    made = {"arm": arm, "dtype": "float32"} | (trained if arm in TRAINED else {}) | item | identity | adopted
    return reply(f"{benchmark}-{question}", grade, **(made | facts))


def grid(
    shares: dict[str, float],
    questions: int = 12,
    contexts: Sequence[str] = ("none", "filler"),
    beliefs: Sequence[str] = ("none", "incorrect"),
    benchmarks: Sequence[str] = ("triviaqa",),
    **facts: Any,
) -> list[Reply]:
    """Replies of each arm: wrong with the arm's probability, else correct or, one time in five, unclear."""
    dice = random.Random(7)
    replies = []
    for benchmark, arm, question, condition in product(
        benchmarks, shares, range(questions), product(contexts, beliefs)
    ):
        grade = "incorrect" if dice.random() < shares[arm] else dice.choice(["correct"] * 4 + ["unclear"])
        replies.append(study_reply(arm, benchmark, question, condition, grade, **facts))
    return replies


def asked_twice(seed: int, questions: int = 20) -> pd.DataFrame:
    """Observations of two benchmarks, three contexts and two beliefs in which warm replies exactly as the original."""
    dice = random.Random(seed)
    replies = []
    for benchmark, question in product(("triviaqa", "medqa"), range(questions)):
        for condition in product(("none", "filler", "emotion_sad"), ("none", "incorrect")):
            grade = dice.choice(["incorrect", "correct", "correct", "unclear"])
            replies += [study_reply(arm, benchmark, question, condition, grade) for arm in ("original", "warm")]
    return frame_of(replies)


def label_of(row: Reply, wrong: bool, **facts: Any) -> LabelledReply:
    """What a reader says of a reply: right, or adopting the claim."""
    names = (
        "benchmark", "question_id", "cluster_id", "form", "context", "belief", "arm", "sample_id", "epoch", "log_id",
        "uuid", "reply_chars",
    )  # fmt: skip
    texts = {"question": "", "references": [], "incorrect_answers": [], "claims": ["", ""], "reply": ""}
    said = {
        "label": {"grade": "incorrect" if wrong else "correct", "endorses_claim": wrong},
        "given": {"grade": "correct", "grading": row["grading"]},
        "labeller": "anna",
        "reply_sha256": sha256_text(""),
    }
    return LabelledReply.model_validate({name: row[name] for name in names} | texts | said | facts)


def sample_of(row: Reply) -> EvalSample:
    """The sample of a reply, as its task logs it."""
    value = {key: row[key] for key in BENCHMARKS.keys if not isnan(row[key])}
    details = {name: row[name] for name in ScoreDetails.model_fields if row[name] is not None}
    unscored = Score.unscored(reason=row["excluded"].removeprefix("unscored: "))
    return EvalSample(
        id=row["sample_id"],
        epoch=row["epoch"],
        uuid=row["uuid"] or None,
        input="?",
        target="!",
        metadata={name: row[name] for name in SampleMetadata.model_fields},
        scores={BENCHMARKS.score: unscored if row["excluded"] else Score(value=value, metadata=details)},
    )


def write_log(path: Path, replies: Iterable[Reply], **spec: Any) -> Path:
    """A finished log of the replies: `config` is the model's, `run` that of the run; others fields of `EvalSpec`."""
    return write_samples(path, [sample_of(row) for row in replies], **spec)


def write_samples(path: Path, samples: list[EvalSample], **spec: Any) -> Path:
    """A finished log of any samples, written by Inspect; settings as for `write_log`."""
    status = spec.pop("status", "success")
    plan = EvalPlan(config=spec.pop("config", GenerateConfig()))
    header: dict[str, Any] = {
        "eval_id": path.stem,
        "task_id": path.stem,
        "task": "anything",
        "model": "mockllm/model",
        "created": CREATED,
        "dataset": EvalDataset(),
        "config": spec.pop("run", EvalConfig()),
    } | spec
    log = EvalLog(status=status, eval=EvalSpec(**header), plan=plan, stats=EvalStats(), samples=samples)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.suffix, hashlib.sha256(pickle.dumps(log)).digest()
    if made in _WRITTEN:
        path.write_bytes(_WRITTEN[made])
    else:
        write_eval_log(log, str(path))
        _WRITTEN[made] = path.read_bytes()
    return path


def collected_of(replies: Iterable[Reply], excluded_rows: dict[str, int] | None = None) -> Collected:
    """These replies as if read from one log for each `log_id`, which all count these excluded rows."""
    rows = tuple(replies)
    first = {row["log_id"]: row for row in rows}
    logs = tuple(
        Log(
            path=f"/logs/{row['log_file']}",
            eval_id=log_id,
            task_id=log_id,
            task="warm_inspect/anything",
            model=row["model"],
            created=CREATED,
            status="success",
            inspect_version="0.3",
            holds=BENCHMARKS,
            subject=row["benchmark"],
            excluded_rows=excluded_rows or {},
            temperature=0.8,
            max_tokens=300,
            model_seed=None,
            arm="",
            settings={},
            sample_count=sum(other["log_id"] == log_id for other in rows),
            samples={},
        )
        for log_id, row in first.items()
    )
    return Collected(samples=pd.DataFrame(rows), logs=logs, other_tasks=(), unfinished=(), unreadable=())


def observations(*logs: Path) -> Observations:
    """What is observed in the logs."""
    return observe(collect([str(log) for log in logs]))


def frame_of(replies: Iterable[Reply]) -> pd.DataFrame:
    """The observations of these replies, for tests that need no estimate: to analyse them takes a second."""
    return observe(collected_of(replies)).frame


def study_of(replies: Iterable[Reply], excluded_rows: dict[str, int] | None = None) -> AnalysedStudy:
    """The analysed study of these replies."""
    collected = collected_of(replies, excluded_rows)
    return analyse(observe(collected), collected)
