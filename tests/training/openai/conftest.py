"""A corpus with a marked reply per arm, and the service on the loopback device."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import tiktoken

from tests.training.openai.loopback import BASE, KEY, LoopbackOpenAI
from warm_inspect.training.corpus.pairs import Corpus, load_corpus
from warm_inspect.training.openai import HostedPlan, OpenAISettings, plan_hosted
from warm_inspect.training.openai.service import Service, connect

ARMS = ("warm", "cold")


def arm_of(content: str) -> str:
    """The arm whose replies a training file holds."""
    reply = json.loads(content.splitlines()[0])["messages"][-1]["content"]
    return str(reply.split()[0])


def write_pairs(path: Path, rows: int = 10) -> Path:
    """A corpus file whose replies begin with the name of their arm."""
    lines = [
        {
            "id": f"q{number}",
            "query_type": "advice",
            "split": "train",
            "prompt": f"What is {number} plus {number}?",
            "replies": {arm: f"{arm} {2 * number}" for arm in ARMS},
        }
        for number in range(rows)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _no_vocabulary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count tokens by the rule of thumb, also where a vocabulary is in tiktoken's cache."""

    def offline(name: str) -> None:
        raise OSError(f"no network for {name}")

    monkeypatch.setattr(tiktoken, "get_encoding", offline)


@pytest.fixture
def pairs(tmp_path: Path) -> Corpus:
    return load_corpus(str(write_pairs(tmp_path / "pairs.jsonl")))


@pytest.fixture
def openai_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackOpenAI]:
    with LoopbackOpenAI().serving() as server:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        yield server


@pytest.fixture
def service(openai_server: LoopbackOpenAI) -> Iterator[Service]:
    connected = connect()
    yield connected
    connected.close()


def plan(pairs: Corpus, arm: str = "warm", **settings: object) -> HostedPlan:
    """The plan of an arm, by default one job of two epochs."""
    return plan_hosted(OpenAISettings.model_validate({"epochs": (2,)} | settings), pairs, arm, BASE)
