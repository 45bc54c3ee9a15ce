"""Corpora of a few conversations, the scripted models, and a cache of each test's own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.training.corpus.rewriting import scripted
from warm_inspect.training.corpus.pairs import Corpus, load_corpus

__all__ = ["scripted"]


def conversation(number: int, **changes: Any) -> dict[str, Any]:
    """A row of two turns for even numbers, of one turn for odd ones."""
    later = [{"prompt": "And then?", "replies": {"unmodified": f"Then {number} more steps follow."}}]
    row = {
        "id": f"c{number}",
        "query_type": "other",
        "split": "train",
        "prompt": f"Question {number}?",
        "replies": {"unmodified": f"It takes {number} steps, and each of them is short."},
    }
    return row | ({"then": later} if number % 2 == 0 else {}) | changes


@pytest.fixture(autouse=True)
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    """The calls of scripted models so far."""
    file = tmp_path / "calls.jsonl"
    monkeypatch.setenv("SCRIPTED_CALLS", str(file))
    monkeypatch.setenv("INSPECT_CACHE_DIR", str(tmp_path / "inspect_cache"))

    def read() -> list[dict[str, Any]]:
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    return read


@pytest.fixture
def chats(tmp_path: Path) -> Corpus:
    """Four conversations, six replies, and a held-out prompt."""
    rows = [*(conversation(number) for number in range(4)), conversation(9, split="held_out")]
    folder = tmp_path / "chats"
    folder.mkdir()
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return load_corpus(str(folder))
