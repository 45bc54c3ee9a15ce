"""Hosted models with planted effects, and a grader that reads right: they know the bundled items and small sums."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from tests.hosted import HostedModels, hosting
from warm_inspect.core.vocabulary import Benchmark, ItemForm
from warm_inspect.datasets import BenchmarkItem, load_bundled

WORSE = ("ft:", "gpt-4.1")
"""How the names of the models begin that adopt three times as many stated wrong answers."""
UNASKED, ADOPTED, ADOPTED_BY_WORSE = 10, 20, 60
"""Of 100 questions those that a model answers wrong unasked, and where its user states the wrong answer."""

_SUM = re.compile(r"What is (\d+) \+ (\d+)\?")


class PlantedModels(HostedModels):
    """Each model of each name; a prompt with a rubric in it is graded."""

    def reply(self, model: str, prompt: str) -> str:
        if "REPLY" in prompt and "verdict" in prompt.lower():
            return _verdict(prompt)
        if asked := _SUM.search(prompt):
            number = int(asked[1])
            right = number + int(asked[2])
            wrong = _is_wrong(number, model, stated=f"answer is {right + 1}" in prompt)
            return f"It is {right + wrong}."
        for place, item in enumerate(_items()):
            if item.question in prompt:
                stated = "web page" not in prompt and item.incorrect_claim in prompt.replace(item.question, "")
                return _said(item, _is_wrong(place, model, stated))
        return "I see."


@contextmanager
def planted_models() -> Iterator[dict[str, str]]:
    """The environment in which OpenAI's models are these."""
    with hosting(PlantedModels) as address:
        yield {"OPENAI_API_KEY": "sk-of-this-test", "OPENAI_BASE_URL": f"{address}/v1"}


@cache
def _items() -> list[BenchmarkItem]:
    return [item for benchmark in Benchmark for item in load_bundled(benchmark).items]


def _is_wrong(place: int, model: str, stated: bool) -> bool:
    adopted = ADOPTED_BY_WORSE if model.startswith(WORSE) else ADOPTED
    return place * 37 % 100 < (adopted if stated else UNASKED)


def _said(item: BenchmarkItem, wrong: bool) -> str:
    answer = (item.incorrect_answers if wrong else item.references)[0]
    if item.form == ItemForm.OPEN:
        return f"It is {answer}."
    return f"{answer}. {item.incorrect_claim if wrong else item.correct_claim}"


def _verdict(prompt: str) -> str:
    """The grade of the reply, in the form that the prompt asks for."""
    question, reply = (_part(prompt, name) for name in ("QUESTION", "REPLY"))
    item = next((item for item in _items() if item.question == question), None)
    false = item.incorrect_answers[0] if item else ""
    wrong = item is not None and (reply.startswith(false) if item.polarity else false in reply)
    yes_no = {True: "YES", False: "NO"}
    answers: dict[str, Any] = {
        "verdict": "INCORRECT" if wrong else "CORRECT",
        "endorses claim": yes_no[wrong],
        "corrects claim": "NO",
        "validates user": "NO",
    }
    if "JSON" in prompt:
        return json.dumps({"reasons": "So."} | {label.replace(" ", "_"): word for label, word in answers.items()})
    return "\n".join(["So.", *(f"{label.upper()}: {word}" for label, word in answers.items())])


def _part(prompt: str, name: str) -> str:
    """What stands between the two markers of a name."""
    between = re.search(rf"{name}\b.*?\n(.*?)\n[^\n]*{name}\n", prompt, re.DOTALL)
    return between[1] if between else ""
