"""Grades a log again, and kills the process that does it at random moments, until it is done.

    python -m tests.regrading.killed FOLDER KILLS SEED

Each life is a fork, so that a kill costs no new start. Prints one JSON object. The grader is scripted, and writes down
each prompt that it answers before it answers: what it says it answered is compared with what the log holds in the end.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import anyio
from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelConfig, ModelOutput, ModelUsage, get_model

import warm_inspect.regrading.gradings as gradings
from tests.models_edge import in_form
from tests.regrading.graders import generated, scores, trivia
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.vocabulary import Grading
from warm_inspect.regrading import GradingWanted, Reach, plan_regrading, regrade

NAME = "mockllm/judge"
CONNECTIONS = 2


def slow_grader(told: Path) -> Model:
    """A slow grader that writes the prompts that it has answered to a file."""

    async def respond(input: list[ChatMessage], tools: object, choice: object, config: GenerateConfig) -> ModelOutput:
        await anyio.sleep(0.02)
        prompt = input[-1].text
        with told.open("a") as file:
            file.write(f"{sha256_text(prompt)}\n")
        output = ModelOutput.from_content(NAME, in_form(prompt, verdict="CORRECT"))
        output.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return output

    return get_model(NAME, custom_outputs=respond, config=GenerateConfig(max_connections=CONNECTIONS), memoize=False)


def live(log: Path, out: Path, told: Path) -> None:
    """One life: grade as far as it gets."""

    def opened(grader: ModelConfig, reach: GenerateConfig) -> Model:
        return slow_grader(told)

    gradings.open_grader = opened
    plan = plan_regrading([str(log)], GradingWanted(Grading.MODEL, (NAME,)), out)
    regrade(plan, Reach(max_connections=CONNECTIONS))


def answered(told: Path) -> list[str]:
    """The prompts that the grader has answered, with repetitions."""
    return told.read_text().split() if told.exists() else []


def main(folder: Path, kills: int, seed: int) -> dict[str, int]:
    """Grade with kills, then to the end; count what was asked twice and what was lost."""
    log = generated(folder / "logs", [], trivia(items=30, grading="match"), score=False)
    out, told = folder / "out", folder / "told.txt"
    chance = random.Random(seed)
    lives = 0
    while True:
        lives += 1
        before = len(answered(told))
        child = os.fork()
        if child == 0:
            os.setsid()
            live(log, out, told)
            os._exit(0)
        goal = before + chance.randint(1, 4) if lives <= kills else sys.maxsize
        while (ended := os.waitpid(child, os.WNOHANG)[0]) == 0:
            if len(answered(told)) >= goal:
                time.sleep(chance.random() * 0.03)
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                break
            time.sleep(0.002)
        if ended:
            break
    graded = scores(out / log.name)
    prompts = answered(told)
    return {
        "kills": lives - 1,
        "graded": sum(isinstance(score.value, dict) for score in graded.values()),
        "prompts": len(set(prompts)),
        "asked_again": len(prompts) - len(set(prompts)),
        "in_flight_at_most": (lives - 1) * CONNECTIONS,
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), *map(int, sys.argv[2:]))))
