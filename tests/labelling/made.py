"""A study with texts: logs of two arms whose replies can be read, some of them alike."""

from pathlib import Path
from typing import Any

from inspect_ai.log import EvalSample
from inspect_ai.model import ModelOutput

from tests.made_logs import grid, sample_of, write_samples

QUESTIONS = 6
CONDITIONS = 4


def write_study(folder: Path, **facts: Any) -> Path:
    """Logs of two arms with 24 replies each; those of one question, belief and grade are worded alike."""
    rows = grid({"original": 0.3, "warm": 0.6}, questions=QUESTIONS, **facts)
    for arm in ("original", "warm"):
        own = [readable(row) for row in rows if row["arm"] == arm]
        write_samples(folder / f"{arm}.eval", own, model=f"peft/tiny:{arm}")
    return folder


def readable(row: dict[str, Any]) -> EvalSample:
    """The sample of a reply, with its texts."""
    grade = next(name for name in ("correct", "incorrect", "unclear") if row[name] == 1)
    said = {"correct": "Yes, it is.", "incorrect": "No, it is not.", "unclear": "Who knows?"}[grade]
    text = f"<think>hm</think>{said} {row['question_id']}"
    sample = sample_of({**row, "reply_chars": len(text)})
    claims = [f"{row['question_id']} is.", f"{row['question_id']} is not."]
    words = {"incorrect_answers": ["No"], "claims": claims, "claim": claims[1] if row["belief"] == "incorrect" else ""}
    return sample.model_copy(
        update={
            "input": f"Is {row['question_id']}?",
            "target": ["Yes"],
            "metadata": {**sample.metadata, **words},
            "output": ModelOutput.from_content("mockllm/model", text),
        }
    )
