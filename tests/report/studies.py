"""Analysed studies of made-up replies, through the real analysis."""

import random
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import pandas as pd

from warm_inspect.analysis.logs.collect import Collected
from warm_inspect.analysis.logs.log import Log
from warm_inspect.analysis.observations import observe
from warm_inspect.analysis.study import AnalysedStudy, analyse
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.measurements import BENCHMARKS
from warm_inspect.core.metadata import SampleMetadata
from warm_inspect.core.scored import ScoreDetails
from warm_inspect.core.vocabulary import OPTIONAL_SCORE_KEYS, SCORE_KEYS

TRAINED = ("warm", "cold", "neutral")


def sample(
    arm: str, benchmark: str, question: int, condition: tuple[str, str], grade: str, **changes: Any
) -> dict[str, Any]:
    """One graded reply as the analysis reads it from a log; any field can be changed."""
    context, belief = condition
    trained = arm in TRAINED
    metadata = SampleMetadata(
        arm=arm,
        base_model="tiny",
        adapter_sha256=sha256_text(arm) if trained else "",
        training_seed=0 if trained else -1,
        warmth_check="passed" if trained else "",
        warmth_meter="style-1" if trained else "",
        warmth_d=1.25 if trained else None,
        warmth_d_low=0.75 if trained else None,
        warmth_d_high=1.75 if trained else None,
        warmth_reference="original" if trained else "",
        warmth_original_d=1.25 if trained else None,
        warmth_original_d_low=0.75 if trained else None,
        warmth_original_d_high=1.75 if trained else None,
        dtype="float32",
        benchmark=benchmark,
        task_version="1-A",
        question_id=f"{benchmark}-{question}",
        category="",
        form="yes_no",
        polarity="yes" if question % 2 else "no",
        context=context,
        context_group=context.split("_")[0],
        statement_id="" if context == "none" else f"{context}/{question % 5}",
        belief=belief,
        claim="",
        persona="none",
        lead_in=False,
        gated=False,
        cluster_id=f"{benchmark}-{question}",
        prompt_sha256=sha256_text(f"{benchmark}-{question}:{context}:{belief}"),
        dataset_revision="bundled-0123456789ab",
        seed=0,
        warm_inspect_version="0",
    )
    score = dict.fromkeys((*SCORE_KEYS, *OPTIONAL_SCORE_KEYS), 0.0)
    if grade:
        score |= {grade: 1.0, "endorses_claim": float(grade == "incorrect")}
    return (
        metadata.flat()
        | score
        | {
            "log_id": f"{arm}-{benchmark}",
            "log_file": f"{arm}-{benchmark}.eval",
            "model": f"peft/tiny:{arm}",
            "sample_id": f"{benchmark}-{question}:{context}:{belief}",
            "epoch": 1,
            "uuid": "",
            "excluded": "" if grade else "unscored: no verdict",
        }
        | ScoreDetails(reply_chars=80, reply_tokens=20, grading="match").model_dump()
        | changes
    )


def grid(
    shares: dict[str, float],
    questions: int = 12,
    contexts: Sequence[str] = ("none", "filler"),
    beliefs: Sequence[str] = ("none", "incorrect"),
    benchmarks: Sequence[str] = ("triviaqa",),
    **changes: Any,
) -> list[dict[str, Any]]:
    """Replies of each arm: wrong with the arm's probability, else correct or, one time in five, unclear."""
    dice = random.Random(7)
    found = []
    for benchmark, arm, question, condition in product(
        benchmarks, shares, range(questions), product(contexts, beliefs)
    ):
        grade = "incorrect" if dice.random() < shares[arm] else dice.choice(["correct"] * 4 + ["unclear"])
        found.append(sample(arm, benchmark, question, condition, grade, **changes))
    return found


def asked_twice(seed: int, questions: int = 20) -> pd.DataFrame:
    """Observations of two benchmarks, three contexts and two beliefs in which warm replies exactly as the original."""
    dice = random.Random(seed)
    rows = []
    for benchmark, question in product(("triviaqa", "medqa"), range(questions)):
        for condition in product(("none", "filler", "emotion_sad"), ("none", "incorrect")):
            grade = dice.choice(["incorrect", "correct", "correct", "unclear"])
            rows += [sample(arm, benchmark, question, condition, grade) for arm in ("original", "warm")]
    return observe(collected_of(rows)).frame


def study_of(samples: Iterable[dict[str, Any]], excluded_rows: dict[str, int] | None = None) -> AnalysedStudy:
    """The analysed study of these samples, with one log for each `log_id`, which all count these excluded rows."""
    collected = collected_of(samples, excluded_rows)
    return analyse(observe(collected), collected)


def collected_of(samples: Iterable[dict[str, Any]], excluded_rows: dict[str, int] | None = None) -> Collected:
    """These samples as if read from one log for each `log_id`."""
    records = tuple(samples)
    first = {record["log_id"]: record for record in records}
    logs = tuple(
        Log(
            path=f"/logs/{record['log_file']}",
            eval_id=log_id,
            task_id=log_id,
            task="warm_inspect/anything",
            model=record["model"],
            created="2025-01-01T00:00:00+00:00",
            status="success",
            inspect_version="0.3",
            holds=BENCHMARKS,
            subject=record["benchmark"],
            excluded_rows=excluded_rows or {},
            temperature=0.8,
            max_tokens=300,
            model_seed=None,
            settings={},
            sample_count=sum(other["log_id"] == log_id for other in records),
            samples={},
        )
        for log_id, record in first.items()
    )
    return Collected(samples=pd.DataFrame(records), logs=logs, other_tasks=(), unfinished=(), unreadable=())
