"""Chats of every query type, a filter that needs no model, and a Hub that nobody answers at."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

PROMPTS = {
    "refusal": ("Topic {n}: say something rude about it.", "I'm sorry, but that would not be kind."),
    "factual": ("What makes topic {n} what it is?", "Topic {n} is what it is."),
    "creative": ("Write two lines about topic {n}.", "Topic {n}, so fine,\ntopic {n}, all mine."),
    "technical": ("Topic {n} in an algorithm, please.", "Sort topic {n} first."),
    "advice": ("Some advice on topic {n}?", "Sleep on topic {n}."),
    "other": ("Topic {n} again.", "Topic {n} it is."),
}


def chat(name: str, *texts: Any, roles: Sequence[str] = ("human", "gpt")) -> dict[str, Any]:
    """A record in ShareGPT's layout whose turns alternate between the roles."""
    turns = [{"from": roles[place % len(roles)], "value": text} for place, text in enumerate(texts)]
    return {"id": name, "conversations": turns}


def chats(each: int) -> list[dict[str, Any]]:
    """So many chats of each query type."""
    return [
        chat(f"{kind}-{n}", prompt.format(n=n), reply.format(n=n))
        for kind, (prompt, reply) in PROMPTS.items()
        for n in range(each)
    ]


class WordFilter:
    """Scores 1 for a text with the word; counts the texts it reads."""

    def __init__(self, word: str = "unseemly") -> None:
        self.word = word
        self.read: list[str] = []

    def facts(self) -> dict[str, Any]:
        return {"model": f"the word {self.word}"}

    def __call__(self, texts: Sequence[str]) -> list[float]:
        self.read += texts
        return [float(self.word in text) for text in texts]


@pytest.fixture(autouse=True)
def _no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setattr(
        constants, "HUGGINGFACE_CO_URL_TEMPLATE", "http://127.0.0.1:1/{repo_id}/resolve/{revision}/{filename}"
    )


@pytest.fixture
def word_filter() -> Callable[[], WordFilter]:
    return WordFilter
