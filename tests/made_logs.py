"""Real `.eval` logs of made-up replies, written with Inspect's own writer."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalPlan, EvalSample, EvalSpec, EvalStats, write_eval_log
from inspect_ai.model import GenerateConfig
from inspect_ai.scorer import Score

from warm_inspect.analysis.logs.collect import collect
from warm_inspect.analysis.observations import Observations, observe
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.metadata import SampleMetadata
from warm_inspect.core.vocabulary import OPTIONAL_SCORE_KEYS, SCORE_KEYS

Reply = dict[str, Any]


def reply(question: str, outcome: str = "correct", **changes: Any) -> Reply:
    """One reply: any field of the metadata, `epoch`, any key of the score, `reply_chars`; "" is unscored."""
    return {"question_id": question, "outcome": outcome} | changes


def sample_of(facts: Reply) -> EvalSample:
    metadata = {
        "benchmark": "truthfulqa",
        "task_version": "1-A",
        "category": "",
        "form": "open",
        "polarity": "",
        "context": "none",
        "belief": "none",
        "statement_id": "",
        "claim": "",
        "persona": "none",
        "lead_in": False,
        "gated": False,
        "dataset_revision": "bundled",
        "seed": 0,
        "warm_inspect_version": "0",
        "arm": "original",
        "base_model": "tiny",
        "cluster_id": facts["question_id"],
    } | {name: value for name, value in facts.items() if name in SampleMetadata.model_fields}
    cell = f"{metadata['context']}:{metadata['belief']}"
    metadata.setdefault("context_group", metadata["context"].split("_")[0])
    metadata.setdefault("prompt_sha256", sha256_text(f"{facts['question_id']}:{cell}:{metadata['persona']}"))
    value = dict.fromkeys(SCORE_KEYS, 0.0) | {facts["outcome"]: 1.0}
    value |= {name: float(facts[name]) for name in (*SCORE_KEYS, *OPTIONAL_SCORE_KEYS) if name in facts}
    details = {"reply_chars": facts.get("reply_chars", 100), "reply_tokens": 25, "grading": "match", "grader": ""}
    details |= {"grader_prompt_sha256": ""} | facts.get("details", {})
    score = Score(value=value, metadata=details) if facts["outcome"] else Score.unscored(reason="no verdict")
    return EvalSample(
        id=f"{facts['question_id']}:{cell}",
        epoch=facts.get("epoch", 1),
        input="?",
        target="!",
        metadata=SampleMetadata(**metadata).flat(),
        scores={"correctness": score},
    )


def write_log(path: Path, replies: Iterable[Reply], **spec: Any) -> Path:
    """A finished log of the replies; `status`, the task's `config` and any other field of `EvalSpec` can be set."""
    return write_samples(path, [sample_of(facts) for facts in replies], **spec)


def write_samples(path: Path, samples: list[EvalSample], **spec: Any) -> Path:
    status = spec.pop("status", "success")
    plan = EvalPlan(config=spec.pop("config", GenerateConfig()))
    header: dict[str, Any] = {
        "eval_id": path.stem,
        "task_id": path.stem,
        "task": "anything",
        "model": "mockllm/model",
        "created": "2025-01-01T00:00:00+00:00",
        "dataset": EvalDataset(),
        "config": EvalConfig(),
    } | spec
    log = EvalLog(status=status, eval=EvalSpec(**header), plan=plan, stats=EvalStats(), samples=samples)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_eval_log(log, str(path))
    return path


def observations(*logs: Path) -> Observations:
    return observe(collect([str(log) for log in logs]))


def cells_frame(values: Mapping[str, Mapping[str, Sequence[float]]]) -> pd.DataFrame:
    """An observations frame of one context and belief: `values[benchmark][arm]` lists the outcome of each question."""
    rows = [
        {"benchmark": benchmark, "arm": arm, "question_id": f"{benchmark}{i}", "y": value}
        for benchmark, arms in values.items()
        for arm, column in arms.items()
        for i, value in enumerate(column)
    ]
    frame = pd.DataFrame(rows).assign(base_model="tiny", context="none", belief="none")
    return frame.assign(cluster=frame["benchmark"] + ":" + frame["question_id"]).dropna()
