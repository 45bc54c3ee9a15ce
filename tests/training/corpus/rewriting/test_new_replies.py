from pathlib import Path

import pytest
from inspect_ai.model import GenerateConfig

from tests.errors import refused
from tests.training.corpus.rewriting.scripted import blocks
from warm_inspect.training.corpus import STYLES
from warm_inspect.training.corpus.asking import Access


def test_there_is_a_style_for_each_restyled_arm() -> None:
    assert set(STYLES) == {"warm", "cold", "neutral"}
    assert len({style.sha256 for style in STYLES.values()}) == 3


@pytest.mark.parametrize("name", STYLES)
def test_message_and_reply_arrive_byte_for_byte_and_no_field_is_left(name: str) -> None:
    prompt, reply = "Merge {this}\n<<<<<<< HEAD", ">>>12345678 REPLY\n```\n>>>>>>> main\n```"
    system, user = STYLES[name].messages(prompt, reply)
    assert blocks(user.text) == {"MESSAGE": prompt, "REPLY": reply}
    assert "{" not in system.text
    assert "{" not in user.text.replace("{this}", "")


def test_the_way_to_a_model_is_its_configuration() -> None:
    model = Access("scripted/warm", batch=True, max_connections=7).open("rewriter", GenerateConfig(temperature=0.7))
    assert (model.config.batch, model.config.max_connections, model.config.temperature) == (True, 7, 0.7)
    assert Access("scripted/warm").open("rewriter", GenerateConfig()).config.batch is None


@pytest.mark.parametrize("model", ["nowhere/model", "no-provider", "peft/no-such-model"])
def test_a_model_that_cannot_be_used_is_one_message(model: str) -> None:
    with refused(f"rewriter '{model}'", "openai/gpt-4o-2024-08-06"):
        Access(model).open("rewriter", GenerateConfig())


def test_datasheets_name_a_local_model_without_its_path(tmp_path: Path) -> None:
    assert Access(f"peft/smollm2-135m:{tmp_path}").name == f"peft/smollm2-135m:{tmp_path.name}"
    assert Access("openai/gpt-4o-2024-08-06").name == "openai/gpt-4o-2024-08-06"
