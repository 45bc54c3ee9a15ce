"""A model's own generation settings: replies equal `transformers.generate` with them, or the model is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.models.families import Judge, make_family
from warm_inspect.engine.engine import Engine
from warm_inspect.engine.loading import load_model
from warm_inspect.engine.requests import Prompt
from warm_inspect.engine.sampling import Sampling

GREEDY = Sampling(temperature=0.0)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_family(tmp_path_factory.mktemp("settings") / "base", "llama")


def loaded(base: Path, device: str = "cpu", **settings: Any) -> Engine:
    file = base / "generation_config.json"
    plain = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}
    file.write_text(json.dumps(plain | settings), encoding="utf-8")
    return Engine(*load_model(base, "float32", device), slots=8)


def replies(engine: Engine, prompts: list[tuple[int, ...]]) -> list[list[int]]:
    futures = [engine.submit(Prompt(prompt, None, GREEDY, 24, logprobs=True)) for prompt in prompts]
    return [[choice.token for choice in future.result(timeout=60).choices] for future in futures]


PROMPTS = [tuple(20 + (number * 7 + place * place) % 250 for place in range(1 + number * 3)) for number in range(8)]


@pytest.mark.parametrize(
    "settings",
    [
        {"repetition_penalty": 1.3},
        {"repetition_penalty": 0.7},
        {"no_repeat_ngram_size": 1},
        {"no_repeat_ngram_size": 2, "repetition_penalty": 1.15},
        {"min_new_tokens": 20, "eos_token_id": list(range(2, 200))},
        {"min_length": 20, "eos_token_id": list(range(2, 200))},
        {"suppress_tokens": list(range(3, 250))},
        {"begin_suppress_tokens": list(range(3, 250))},
        {"bad_words_ids": [[token] for token in range(3, 150)] + [[151, 152]]},
    ],
    ids=lambda settings: "+".join(settings),
)
@pytest.mark.slow
def test_replies_are_those_of_generate(base: Path, device: str, settings: dict[str, Any]) -> None:
    engine = loaded(base, device)
    plain = replies(engine, PROMPTS)
    engine.close()
    engine = loaded(base, device, **settings)
    changed = replies(engine, PROMPTS)
    engine.close()
    judge = Judge(base, device=device)
    near_ties = sum(
        judge.differs_by_a_near_tie(prompt, reply, 24) for prompt, reply in zip(PROMPTS, changed, strict=True)
    )
    assert near_ties <= 1
    assert changed != plain


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_beams", 4),
        ("min_p", 0.1),
        ("typical_p", 0.9),
        ("epsilon_cutoff", 0.1),
        ("guidance_scale", 2.0),
        ("exponential_decay_length_penalty", [5, 1.1]),
        ("sequence_bias", [[[5], -1.0]]),
        ("stop_strings", ["end"]),
        ("forced_eos_token_id", 2),
    ],
)
def test_a_setting_that_is_not_followed(base: Path, name: str, value: Any) -> None:
    with refused(name, "hf"):
        loaded(base, **{name: value})


@pytest.mark.parametrize(
    "settings", [{"num_beams": 1, "typical_p": 1.0, "repetition_penalty": 1.0}, {"of_the_future": 3}]
)
def test_settings_that_are_off(base: Path, settings: dict[str, Any]) -> None:
    engine = loaded(base, **settings)
    assert not engine.settings.active
    engine.close()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, Sampling(1.0)),
        ({"do_sample": True, "temperature": 0.6, "top_p": 0.9, "top_k": 20}, Sampling(0.6, 0.9, 20)),
        ({"do_sample": False}, Sampling(0.0)),
    ],
)
def test_defaults(base: Path, settings: dict[str, Any], expected: Sampling) -> None:
    engine = loaded(base, **settings)
    assert engine.settings.sampling == expected
    engine.close()
