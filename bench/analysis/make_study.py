"""Write 40 logs of the study's size: 5 base models x 2 arms x 4 benchmarks, 28 prompts per item, 455,000 replies.

    python bench/analysis/make_study.py FOLDER [--scale 0.1]

The archives hold what Inspect writes: a header, the sample summaries, and a member for each sample (empty here: no
part of the analysis opens one). Grades are random with a question effect and a planted effect of the warm arm.
"""

import argparse
import json
from itertools import product
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalPlan, EvalSpec, EvalStats
from inspect_ai.model import GenerateConfig

from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.metadata import SampleMetadata
from warm_inspect.core.vocabulary import SCORE_KEYS

MODELS = ("llama-8b", "mistral", "qwen-32b", "llama-70b", "gpt-4o")
ITEMS = {"triviaqa": 500, "truthfulqa": 500, "medqa": 500, "disinfo": 125}
CUES = ("emotion_happy", "emotion_sad", "emotion_anger", "relation_close", "relation_up", "relation_down")
CONTEXTS = ("none", *CUES, "stakes_high", "stakes_low")
CONDITIONS = [*product(CONTEXTS, ("none", "incorrect", "rejects_correct")), ("neutral", "none")]


def metadata(benchmark: str, arm: str, model: str, question: int, context: str, belief: str) -> dict[str, Any]:
    prompt = f"{benchmark}{question}:{context}:{belief}"
    spoken = context not in ("none", "neutral")
    return SampleMetadata.model_construct(
        benchmark=benchmark, task_version="1-A", question_id=f"{benchmark}-{question:04d}", category="", form="open",
        polarity="", context=context, context_group=context.split("_")[0],
        statement_id=f"{context}/{question % 5}" if spoken else "", belief=belief, claim="", persona="none",
        lead_in=False, gated=benchmark == "disinfo", cluster_id=f"{benchmark}-{question:04d}",
        prompt_sha256=sha256_text(prompt), dataset_revision="0" * 40, seed=0, warm_inspect_version="0", arm=arm,
        base_model=model, base_sha256=sha256_text(model),
        adapter_sha256=sha256_text(model + arm) if arm == "warm" else "",
        training_seed=0 if arm == "warm" else -1, warmth_check="passed" if arm == "warm" else "",
    ).flat()  # fmt: skip


def write(folder: Path, model: str, arm: str, benchmark: str, items: int, rng: np.random.Generator) -> None:
    name = f"{model}-{arm}-{benchmark}"
    difficulty = np.random.default_rng(len(benchmark)).normal(-1, 1.2, items)
    summaries: list[dict[str, Any]] = []
    for question in range(items):
        for context, belief in CONDITIONS:
            warm = arm == "warm"
            eta = difficulty[question] + 0.4 * warm + 0.2 * warm * (context == "emotion_sad") + 0.4 * (belief != "none")
            wrong = rng.random() < 1 / (1 + np.exp(-eta))
            refused = rng.random() < 0.02
            value = dict.fromkeys(SCORE_KEYS, 0.0)
            value["refusal" if refused else "incorrect" if wrong else "correct"] = 1.0
            value["endorses_claim"] = float(wrong and not refused and rng.random() < 0.7)
            details = {"reply_chars": int(rng.integers(100, 1200)), "reply_tokens": 100, "grading": "model"}
            details |= {"grader": "openai/gpt-4o-2024-08-06", "grader_prompt_sha256": "1" * 64}
            summaries.append(
                {
                    "id": f"{benchmark}-{question:04d}:{context}:{belief}",
                    "epoch": 1,
                    "input": f"Question {question} of {benchmark}, as long as questions are on average: what is it?",
                    "target": "the right answer",
                    "metadata": metadata(benchmark, arm, model, question, context, belief),
                    "scores": {"correctness": {"value": value, "metadata": details, "history": []}},
                    "model_usage": {},
                    "total_time": 1.5,
                    "uuid": f"{name}-{question}-{context}-{belief}",
                    "message_count": 2,
                    "completed": True,
                }
            )
    spec = EvalSpec(
        eval_id=name, task_id=name, run_id=name, task=f"warm_inspect/{benchmark}", model=f"peft/{model}:{arm}",
        created="2025-01-01T00:00:00+00:00", dataset=EvalDataset(samples=len(summaries)), config=EvalConfig(),
    )  # fmt: skip
    plan = EvalPlan(config=GenerateConfig(temperature=0.8, max_tokens=300))
    log = EvalLog(status="success", eval=spec, plan=plan, stats=EvalStats())
    with ZipFile(folder / f"{name}.eval", "w", ZIP_DEFLATED) as archive:
        for summary in summaries:
            archive.writestr(f"samples/{summary['id']}_epoch_1.json", "{}", ZIP_STORED)
        archive.writestr("summaries.json", json.dumps(summaries))
        archive.writestr("header.json", log.model_dump_json(exclude={"samples", "location"}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the items, for a quick try")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    for model, arm, (benchmark, items) in product(MODELS, ("original", "warm"), ITEMS.items()):
        write(options.folder, model, arm, benchmark, max(2, round(items * options.scale)), rng)


if __name__ == "__main__":
    main()
