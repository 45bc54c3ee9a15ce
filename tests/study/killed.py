"""Evaluates a task, and kills the process that does it at random moments, until it is done.

    python -m tests.study.killed FOLDER KILLS

Each life is a fork, so that a kill costs no new start. The model's every reply is another text: a sample that had ended
in a log and was generated again would show. Prints one JSON object.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from uuid import uuid4

import anyio
from inspect_ai import Task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, GenerateConfig, ModelOutput, ModelUsage, get_model

from warm_inspect.core.log_file import UnreadableLog, read_whole
from warm_inspect.study import GenerationSettings, run_tasks

SAMPLES_PER_KILL = 16
"""So many that a run of that many kills is not over before the last."""


def live(logs: Path, told: Path, count: int) -> None:
    """One life: evaluate as far as it gets."""

    async def respond(input: list[ChatMessage], tools: object, choice: object, config: GenerateConfig) -> ModelOutput:
        await anyio.sleep(0.05)
        with told.open("a") as file:
            file.write(".")
        output = ModelOutput.from_content("mockllm/model", uuid4().hex)
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    model = get_model("mockllm/model", custom_outputs=respond, memoize=False)
    samples = [Sample(id=f"s{i}", input=f"Question {i}?") for i in range(count)]
    task = Task(dataset=MemoryDataset(samples), model=model, name="killed")
    run_tasks([task], GenerationSettings(max_tokens=8, temperature=0.0, concurrency=4), logs)


def finished(logs: Path) -> list[tuple[str, str]]:
    """Id and text of every sample that ended in a log of the folder."""
    ended = []
    for path in logs.glob("*.eval"):
        try:
            samples = read_whole(str(path)).samples or []
        except UnreadableLog:
            continue  # Killed while it was written; the next life refuses it or writes another.
        ended += [(str(sample.id), sample.output.completion) for sample in samples if sample.error is None]
    return ended


def main(folder: Path, kills: int) -> dict[str, int]:
    """Evaluate with kills, then to the end; count the samples whose text did not stay."""
    logs = folder / "logs"
    logs.mkdir()
    told = folder / "told.txt"
    told.touch()
    chance = random.Random(0)
    first: dict[str, str] = {}
    lives = changed = kept = 0
    while True:
        lives += 1
        child = os.fork()
        if child == 0:
            os.setsid()
            live(logs, told, SAMPLES_PER_KILL * (kills + 1))
            os._exit(0)
        goal = told.stat().st_size + chance.randint(1, 30) if lives <= kills else sys.maxsize
        while (ended := os.waitpid(child, os.WNOHANG)) == (0, 0):
            if told.stat().st_size >= goal:
                time.sleep(chance.random() * 0.05)
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                break
            time.sleep(0.01)
        kept = len(first)
        now = finished(logs)
        for name, text in now:
            changed += first.setdefault(name, text) != text
        if ended != (0, 0):
            break
    return {"kills": lives - 1, "code": ended[1], "finished": len(dict(now)), "kept": kept, "changed": changed}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]))))
