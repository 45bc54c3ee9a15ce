"""Real logs of control tasks, made by Inspect's own evaluation with scripted models, and a study for their arms."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessage, Model, ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import choice, match
from inspect_ai.solver import generate, multiple_choice

from tests.made_logs import reply, write_log

ARMS = {"mockllm/original": "original", "mockllm/warm": "warm", "mockllm/neutral": "neutral"}


def named_model(name: str, answer: Callable[[str], str]) -> Model:
    """A scripted model of this name: its reply is a function of the user's message."""

    def respond(input: list[ChatMessage], *_: Any) -> ModelOutput:
        output = ModelOutput.from_content(name, answer(input[-1].text))
        output.usage = ModelUsage(input_tokens=7, output_tokens=3, total_tokens=10)
        return output

    return get_model(name, custom_outputs=respond)


def run(task: Task, folder: Path, model: str, answer: Callable[[str], str], **settings: Any) -> EvalLog:
    (log,) = eval(
        task, model=named_model(model, answer), log_dir=str(folder), display="none", log_realtime=False, **settings
    )
    return log


def write_study(folder: Path, models: dict[str, str] = ARMS) -> None:
    """A benchmark log of each model, which says its arm."""
    for model, arm in models.items():
        facts = {"arm": arm} if arm == "original" else {"arm": arm, "adapter_sha256": arm * 4, "training_seed": 0}
        dice = random.Random(arm)
        replies = [reply(f"q{i}", dice.choice(("correct", "incorrect", "unclear")), **facts) for i in range(30)]
        write_log(folder / f"study-{arm}.eval", replies, model=model)


def mmlu(n: int = 40, **task: Any) -> Task:
    """A task of the name, solver and score of inspect_evals' MMLU; the right letter is the item's number mod 4."""
    data = [
        Sample(
            id=f"mmlu-{i:03}",
            input=f"Item {i}: which word is the {i % 4}th?",
            choices=["nought", "one", "two", "three"],
            target="ABCD"[i % 4],
        )
        for i in range(n)
    ]
    return Task(dataset=data, solver=multiple_choice(), scorer=choice(), name="mmlu_0_shot", **task)


def gsm8k(n: int = 40) -> Task:
    """A task of the name and the score of inspect_evals' GSM8K."""
    data = [Sample(id=f"gsm8k-{i:03}", input=f"Item {i}: how much is {i} + 1?", target=str(i + 1)) for i in range(n)]
    return Task(dataset=data, solver=generate(), scorer=match(numeric=True), name="gsm8k")


def number_of(text: str) -> int:
    """The number of the item that a prompt asks about."""
    return int(text.partition("Item ")[2].partition(":")[0])


def letters(wrong: Callable[[int], bool]) -> Callable[[str], str]:
    """Answers to `mmlu`, wrong where told."""
    return lambda text: f"ANSWER: {'ABCD'[(number_of(text) + wrong(number_of(text))) % 4]}"
