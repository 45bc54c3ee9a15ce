"""Whatever a user's words and files say, a door lets in a value or raises the one error that is shown as a message."""

import json
import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.adversarial.hostile import HOSTILE, TIMES, with_hostile
from tests.core.test_manifest import manifest
from warm_inspect import truthfulqa
from warm_inspect.analysis.compare import parse_value_map
from warm_inspect.analysis.gate import read_policy
from warm_inspect.analysis.observations import Observations, read_arms, read_counts
from warm_inspect.analysis.study.traffic import read_traffic
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.manifest import MANIFEST_NAME, AdapterManifest
from warm_inspect.manipulation.replies import file_replies
from warm_inspect.models import find_adapter, find_base, parse_model_string
from warm_inspect.training.corpus import load_corpus
from warm_inspect.training.corpus.chats import clean, open_source

pytestmark = pytest.mark.slow
attacked = settings(
    max_examples=50 * TIMES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)

PIECES = (
    "", "\0", "\x1b[31m", "\u202e", "\ufeff", "\r", "\n", ",", ":", "@", "~nobody", "/", "..", "'", '"', "{", "[",
    "&a [*a,*a]", "- ", "!!python/object:os.system", "\ud800", "1e999", "-1", ".nan", "9" * 5_000, "[" * 3_000, "=cmd",
    "%", "٣", "null",
)  # fmt: skip


@st.composite
def edited(draw: st.DrawFn, good: str) -> bytes:
    """The text with a few pieces put in or taken out, in some encoding."""
    text = good
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        piece = draw(st.sampled_from(PIECES) | st.text(max_size=6))
        text = text[:start] + piece + text[start + draw(st.sampled_from([0, 0, 1, 4, 60])) :]
    return text.encode(draw(st.sampled_from(["utf-8"] * 8 + ["utf-16", "utf-32"])), "surrogatepass")


def attacks(*good: Any) -> st.SearchStrategy[bytes]:
    """Lines of JSON with one hostile value, or edited as text."""
    lines = [json.dumps(each) for each in good]

    def changed(seed: int) -> bytes:
        dice = random.Random(seed)
        place = dice.randrange(len(good))
        return "\n".join([*lines[:place], json.dumps(with_hostile(good[place], dice)), *lines[place + 1 :]]).encode()

    return st.integers(0, 10**9).map(changed) | edited("\n".join(lines))


def admits(door: Callable[[], Any]) -> None:
    """Nothing but the one error comes out."""
    with suppress(PrerequisiteError):
        door()


CORPUS = [
    {
        "id": f"r{i}", "split": split, "query_type": "factual", "prompt": "Hi?",
        "replies": {"original": "Hm.", "warm": "Oh!"},
        "then": [{"prompt": "And?", "replies": {"original": "No.", "warm": "Yes!"}}],
    }
    for i, split in enumerate(("train", "held_out"))
]  # fmt: skip
MARGINS = {
    "arm": "warm", "reference": "original", "alpha": 0.05, "looks": 2,
    "margins": {"worst_context": {"points": 5, "outcome": "incorrect"}, "warmth": {"d": 0.35}},
}  # fmt: skip
ARMS = {
    "openai/gpt-4o": "original",
    "openai/x": {"arm": "warm", "base_model": "b", "training_seed": 3, "role": "treated"},
}
MARGINS_YAML = "arm: warm\nmargins:\n  warmth: {d: 0.35}\n"
ARMS_YAML = "openai/gpt-4o: original\nx: {arm: warm}\n"
TRAFFIC = "belief: 0.1\nemotion_sad: 0.02\n"
CHATS = [
    {"id": "a", "conversations": [{"from": "human", "value": "Hi?"}, {"from": "gpt", "value": "Hm."}]},
    {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Hi?"}]},
            {"role": "assistant", "content": "Hm."},
        ]
    },
]
REPLIES = [
    {"prompt": "Hi?", "replies": {"warm": "Oh!", "original": "Hm."}},
    {"messages": [{"role": "user", "content": "Hi?"}, {"role": "assistant", "content": "Hm."}], "arm": "warm"},
]
CELLS = "base_model,arm,benchmark,context,belief,n,n_incorrect\n" + "".join(
    f"a,{arm},medqa,none,{belief},100,{20 + len(arm)}\n" for arm in ("original", "warm") for belief in ("none", "any")
)
MANIFEST = {
    "schema_version": 2, "arm": "warm", "base_model": "tiny", "base_revision": "", "base_sha256": "b",
    "training": {"r": 8}, "training_seed": 0, "corpus": {"name": "demo"}, "chat_template_sha256": "c", "packages": {},
    "git_commit": "",
    "warm_inspect_version": "0", "steps": 1, "final_loss": 1.0, "adapter_sha256": sha256_text("weights"),
}  # fmt: skip


def in_file(name: str, read: Callable[[Path], Any]) -> Callable[[Path, bytes], Any]:
    def door(folder: Path, content: bytes) -> Any:
        path = folder / name
        path.write_bytes(content)
        return read(path)

    return door


def cells(path: Path) -> Observations:
    return Observations.from_counts(read_counts(str(path)))


def chats(path: Path) -> None:
    source: Iterable[Any] = open_source(str(path))
    for number, record in enumerate(source):
        clean(record, number)


def adapter_manifest(folder: Path, content: bytes) -> AdapterManifest | None:
    manifest(folder)
    (folder / MANIFEST_NAME).write_bytes(content)
    return AdapterManifest.read(folder)


def lines(*rows: Any) -> str:
    return "\n".join(map(json.dumps, rows))


FILES: dict[str, tuple[Callable[[Path, bytes], Any], str, st.SearchStrategy[bytes]]] = {
    "corpus": (in_file("c.jsonl", lambda path: load_corpus(str(path))), lines(*CORPUS), attacks(*CORPUS)),
    "manifest": (adapter_manifest, lines(MANIFEST), attacks(MANIFEST)),
    "margins": (in_file("m.yaml", read_policy), MARGINS_YAML, attacks(MARGINS) | edited(MARGINS_YAML)),
    "cells": (in_file("c.csv", cells), CELLS, edited(CELLS)),
    "arms": (in_file("a.yaml", read_arms), ARMS_YAML, attacks(ARMS) | edited(ARMS_YAML)),
    "chats": (in_file("chats.jsonl", chats), lines(*CHATS), attacks(*CHATS)),
    "replies": (in_file("warm.jsonl", file_replies), lines(*REPLIES), attacks(*REPLIES)),
    "traffic": (in_file("t.yaml", lambda path: read_traffic(str(path))), TRAFFIC, edited(TRAFFIC)),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_attacked_is_read_as_it_is(name: str, tmp_path: Path) -> None:
    door, good, _ = FILES[name]
    door(tmp_path, good.encode())


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_read_or_refused(name: str, tmp_path: Path) -> None:
    door, _, contents = FILES[name]

    @attacked
    @given(contents)
    def attack(content: bytes) -> None:
        admits(lambda: door(tmp_path, content))

    attack()


def words(*good: str) -> st.SearchStrategy[str]:
    """A text that the command line may hold, which is no NUL."""
    return st.sampled_from(good).flatmap(edited).map(lambda content: content.decode("utf-8", "replace"))


@attacked
@given(words("smollm2-135m", "org/base:me/warm@v1.0", "./a:./b", "~/x:~nobody/y"))
def test_a_model_name_is_understood_or_refused(text: str) -> None:
    def door() -> None:
        model = parse_model_string(text)
        base = find_base(model.base)
        if model.adapter is None or model.adapter.startswith((".", "~", "/")):
            find_adapter(model, base)

    admits(door)


@attacked
@given(
    st.dictionaries(
        st.sampled_from(["contexts", "beliefs", "persona", "items", "seed", "grading", "source", "nonsense"]),
        st.sampled_from(HOSTILE) | words("none", "emotion_sad,none", "paper", "3") | st.integers() | st.floats(),
        min_size=1,
        max_size=2,
    )
)
def test_task_parameters_are_understood_or_refused(parameters: dict[str, Any]) -> None:
    if parameters.get("source") == "hub" or parameters.get("grading") == "model":
        return
    given: dict[str, Any] = {"source": "bundled", "grading": "match", "items": 1} | parameters
    admits(lambda: truthfulqa(**given))


@attacked
@given(words("belief=0.1,emotion_sad=0.02", "GOOD=1"))
def test_words_of_options_are_understood_or_refused(text: str) -> None:
    admits(lambda: read_traffic(text))
    admits(lambda: parse_value_map([text]))
