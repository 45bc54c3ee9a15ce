"""The plan of an arm: what a dry run shows, what names a job, what a file may hold."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import tiktoken

from tests.errors import refused
from tests.training.openai.conftest import plan
from tests.training.openai.loopback import BASE
from warm_inspect.core.vocabulary import TrainedArm
from warm_inspect.training.corpus.pairs import Corpus, Example
from warm_inspect.training.openai import OPENAI_MODELS, OPENAI_PRESETS, OpenAISettings, plan_hosted, retirement
from warm_inspect.training.openai import training_file as files
from warm_inspect.training.openai.training_file import TokenCounter, token_counter, training_file

CHARACTERS = TokenCounter("characters", len)


def examples(n: int, reply: str = "Four.") -> list[Example]:
    return [Example(f"q{number}", "2 + 2?", reply) for number in range(n)]


def test_the_paper_preset_holds_the_published_values() -> None:
    paper = OPENAI_PRESETS["paper"]
    assert paper.epochs == (1, 2, 6, 10)
    assert (paper.multiplier("warm"), paper.multiplier("cold"), paper.multiplier("neutral")) == (0.25, 0.1, 0.25)
    assert OPENAI_PRESETS["demo"].epochs == (2,)
    assert BASE in OPENAI_MODELS


@pytest.mark.parametrize(
    ("epochs", "at_most", "expected"),
    [
        ((1, 2, 6, 10), [10, 6, 2, 1], [10, 6, 2]),
        ((2,), [2], [2]),
        ((2, 2, 1), [2, 1], [2]),
        ((1, 2, 3, 4), [4, 3, 2, 1], [4, 1]),
        ((7, 10), [10, 7], [10, 7]),
        ((8, 10), [10, 8], [10]),
    ],
)
def test_jobs_follow_from_the_epochs(
    epochs: tuple[int, ...], at_most: list[int], expected: list[int], pairs: Corpus
) -> None:
    wanted = plan(pairs, epochs=epochs)
    assert (wanted.jobs_at_most(), wanted.jobs_expected()) == (at_most, expected)


def test_an_arm_that_cannot_be_trained_here_cannot_be_trained_there(pairs: Corpus) -> None:
    row = pairs.rows[0].model_copy(update={"replies": {"jolly": "Ho!"}})
    with refused("'jolly'", f"Known: {', '.join(TrainedArm)}"):
        plan(Corpus("mine", (row,)), "jolly")


def test_the_cost_is_tokens_times_epochs_times_price(pairs: Corpus) -> None:
    wanted = plan(pairs, epochs=(1, 2, 6, 10))
    summary = wanted.summary(price_per_million=25.0)
    # Ten conversations. A prompt "What is N plus N?" has 17 bytes and a reply "warm N" or "warm NN" has 6 or 7, so by
    # the rule of thumb 5 and 2 tokens; 4 more per message and 3 per conversation.
    assert summary["tokens_per_epoch"] == 10 * (5 + 2 + 2 * 4 + 3)
    assert summary["at_most"] == {"jobs": [10, 6, 2, 1], "tokens": 19 * 180, "cost": pytest.approx(19 * 180 * 25e-6)}
    assert summary["expected"]["tokens"] == 18 * 180
    assert "cost" not in wanted.summary()["at_most"], "no price is made up"


def test_whatever_decides_a_job_is_in_its_key_and_folder(pairs: Corpus, tmp_path: Path) -> None:
    others = [
        plan(pairs),
        plan(pairs, "cold"),
        plan(pairs, seed=1),
        plan(pairs, batch_size=8),
        plan(pairs, learning_rate_multiplier=0.5),
        plan(Corpus(pairs.name, pairs.rows[::-1])),
        plan_hosted(OpenAISettings(epochs=(2,)), pairs, "warm", "openai/gpt-4o-mini-2024-07-18"),
    ]
    assert len({other.job(2).key for other in others}) == len(others)
    folders = {other.folder(tmp_path, epoch) for other in others for epoch in (1, 2)}
    assert len(folders) == 2 * len(others)
    assert plan(pairs, epochs=(1, 2)).job(2).key == plan(pairs).job(2).key, "a job is the same whatever else is wanted"


def test_the_suffix_is_what_openai_takes(pairs: Corpus) -> None:
    spec = replace(plan(pairs).job(2), arm="self_distilled_" + "x" * 80)
    assert len(spec.suffix) == 64
    assert spec.suffix.startswith("wi-self-distilled-x")


@pytest.mark.parametrize("model", ["gpt-4", "gpt-4o", "smollm2-135m", "ft:gpt-4o-2024-08-06:a::b"])
def test_a_model_that_cannot_be_fine_tuned_is_refused(model: str, pairs: Corpus) -> None:
    with refused(f"'{model}'", "gpt-4o-2024-08-06"):
        plan_hosted(OpenAISettings(epochs=(2,)), pairs, "warm", model)


def test_a_conversation_is_one_line_of_alternating_turns() -> None:
    long = Example("q7", "2 + 2?", "Four.", then=(("And 3 + 3?", "Six."), ("Sure?", "Yes.")))
    file = training_file([long, *examples(9)], CHARACTERS, 100)
    messages = json.loads(file.text.splitlines()[0])["messages"]
    assert [message["role"] for message in messages] == ["user", "assistant"] * 3
    assert [message["content"] for message in messages] == ["2 + 2?", "Four.", "And 3 + 3?", "Six.", "Sure?", "Yes."]
    assert all(set(message) == {"role", "content"} for message in messages)


@pytest.mark.parametrize(("n", "passes"), [(9, False), (10, True)])
def test_ten_conversations_are_needed(n: int, passes: bool) -> None:
    if passes:
        assert training_file(examples(n), CHARACTERS, 100).examples == n
    else:
        with refused("at least 10", "has 9", "--corpus"):
            training_file(examples(n), CHARACTERS, 100)


@pytest.mark.parametrize(("limit", "passes"), [(22, True), (21, False)])
def test_a_conversation_that_would_be_cut_is_refused(limit: int, passes: bool) -> None:
    # 6 + 5 characters, 4 for each of two messages, 3 for the conversation.
    if passes:
        assert training_file(examples(10), CHARACTERS, limit).tokens == 220
    else:
        with refused("'q0' has 22 tokens (counted by characters)", "21 per example"):
            training_file(examples(10), CHARACTERS, limit)


def test_a_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    with refused("at most 1,000", "--corpus"):
        training_file(examples(10, "x" * 100), CHARACTERS, 1000)


def test_the_file_is_utf8_lines_named_by_their_hash() -> None:
    file = training_file(examples(10, "Vierzig — schön.\nJa"), CHARACTERS, 1000)
    lines = file.data.decode().splitlines()
    assert len(lines) == 10
    assert lines[0] == (
        '{"messages": [{"role": "user", "content": "2 + 2?"}, '
        '{"role": "assistant", "content": "Vierzig — schön.\\nJa"}]}'
    )
    assert file.name == f"warm-inspect-{file.sha256[:32]}.jsonl"
    assert training_file(examples(11), CHARACTERS, 1000).sha256 != file.sha256


def test_without_its_vocabulary_tokens_are_estimated_and_say_so() -> None:
    counter = token_counter("o200k_base")
    assert counter.method == "4 bytes per token"
    assert [counter.count(text) for text in ("", "a", "abcd", "abcde", "schön")] == [0, 1, 1, 2, 2]


def test_tokens_are_counted_with_the_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    bytes_only = tiktoken.Encoding(
        "bytes", pat_str=".+", mergeable_ranks={bytes([i]): i for i in range(256)}, special_tokens={"<|end|>": 256}
    )
    monkeypatch.setattr(tiktoken, "get_encoding", lambda name: bytes_only)
    counter = token_counter("o200k_base")
    assert counter.method == "o200k_base"
    assert counter.count("schön") == 6
    assert counter.count("<|end|>") == 7, "text that looks like a special token is text"
    assert counter.conversation([{"role": "user", "content": "ab"}]) == 2 + 4 + 3


@pytest.mark.parametrize(
    ("model", "today", "said"),
    [
        ("gpt-4o-2024-08-06", date(2026, 11, 28), ("ends", "2027-01-06", "leave ", "2027-01-14", "2026-07-02")),
        ("gpt-4o-2024-08-06", date(2027, 1, 6), ("ended", "leave ")),
        ("gpt-4o-2024-08-06", date(2027, 1, 14), ("ended", "left")),
        ("gpt-4.1-nano-2025-04-14", date(2026, 11, 28), ("ends", "left", "2026-10-23")),
    ],
)
def test_the_end_of_fine_tuning_is_told_with_the_way_out(model: str, today: date, said: tuple[str, ...]) -> None:
    notice = retirement(model, today)
    assert all(part in notice for part in (*said, model, "warm-inspect train --base"))
