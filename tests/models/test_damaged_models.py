"""Weights, tokenizers and prompts that cannot be used: one clear error each, before anything is generated."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_ai.model import ChatMessageUser, GenerateConfig

from tests.errors import refused
from tests.models.lora_maker import add_manifest, edit_config, make_adapter
from warm_inspect.core.errors import PrerequisiteError, PromptTooLong
from warm_inspect.engine.loading import context_tokens, load_model
from warm_inspect.engine.peft_provider import PeftAPI

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def scribble(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 this is something else")


@pytest.mark.parametrize("harm", [cut, scribble])
@pytest.mark.parametrize("part", ["base/model.safetensors", "warm/adapter_model.safetensors"])
def test_damaged_safetensors(tiny_base: Path, tmp_path: Path, part: str, harm: Callable[[Path], None]) -> None:
    base = tmp_path / "base"
    shutil.copytree(tiny_base, base)
    make_adapter(tmp_path / "warm", base, seed=1)
    harm(tmp_path / part)
    with refused(part):
        PeftAPI(f"{base}:{tmp_path / 'warm'}")


@pytest.mark.parametrize("missing", ["tokenizer.json", "config.json", "model.safetensors"])
def test_missing_files(tiny_base: Path, tmp_path: Path, missing: str) -> None:
    base = tmp_path / "base"
    shutil.copytree(tiny_base, base)
    (base / missing).unlink()
    with refused(missing):
        PeftAPI(str(base))


def test_a_tokenizer_that_does_not_load(tiny_base: Path, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(tiny_base, base)
    (base / "tokenizer.json").write_text("{}", encoding="utf-8")
    with refused(str(base)):
        load_model(base, "float32", "cpu")


def test_an_adapter_of_another_base(tiny_base: Path, tmp_path: Path) -> None:
    adapter = make_adapter(tmp_path / "warm", tiny_base, seed=1)
    edit_config(adapter, base_model_name_or_path="org/other")
    with refused("'org/other'", f"peft/org/other:{adapter}"):
        PeftAPI(f"{tiny_base}:{adapter}")


def test_an_adapter_that_is_not_there_is_never_the_base(tiny_base: Path) -> None:
    for name in ("warm", "runs/warm/1", ""):
        with pytest.raises(PrerequisiteError):
            PeftAPI(f"{tiny_base}:{name}")


def test_adapter_weights_that_changed_after_they_were_named(tiny_base: Path, tmp_path: Path) -> None:
    adapter = make_adapter(tmp_path / "warm", tiny_base, seed=1)
    add_manifest(adapter, tiny_base)
    api = PeftAPI(f"{tiny_base}:{adapter}", dtype="float32", device="cpu")
    make_adapter(adapter, tiny_base, seed=2)
    with refused(str(adapter)):
        asyncio.run(api.generate([ChatMessageUser(content="Hi")], [], "none", GenerateConfig(max_tokens=2)))
    api.close()


def test_a_prompt_that_fills_the_context(tiny_base: Path) -> None:
    api = PeftAPI(str(tiny_base), dtype="float32", device="cpu")
    message = [ChatMessageUser(content="word " * 600)]
    with refused("512", by=PromptTooLong):
        asyncio.run(api.generate([*message], [], "none", GenerateConfig()))
    with refused("512", by=ValueError):
        asyncio.run(api.text_logprobs([ChatMessageUser(content="Hi")], ["Seine " * 600]))
    with refused("a text of 0", by=ValueError):
        asyncio.run(api.text_logprobs([ChatMessageUser(content="Hi")], [""]))
    api.close()


class Config:
    max_position_embeddings = 4_096

    def __init__(self, **fields: object) -> None:
        self.__dict__.update(fields)


def test_how_much_context_there_is() -> None:
    assert context_tokens(Config()) == 4_096
    assert context_tokens(Config(layer_types=["full_attention", "sliding_attention"], sliding_window=512)) == 4_096
    rope = {"rope_type": "longrope", "original_max_position_embeddings": 1_024}
    assert context_tokens(Config(rope_parameters=rope)) == 1_024
    with refused("full_attention, linear_attention", "vllm"):
        context_tokens(Config(layer_types=["full_attention", "linear_attention"]))


def test_an_architecture_with_other_attention(tmp_path: Path, tiny_base: Path) -> None:
    """Soft-capped attention would silently be plain attention."""
    from transformers import Gemma2Config, Gemma2ForCausalLM

    base = tmp_path / "base"
    shutil.copytree(tiny_base, base)
    size = json.loads((base / "config.json").read_text(encoding="utf-8"))["vocab_size"]
    Gemma2ForCausalLM(
        Gemma2Config(
            vocab_size=size, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=8, attn_logit_softcapping=50.0, eos_token_id=2, bos_token_id=1,
            pad_token_id=2,
        )
    ).save_pretrained(base)  # fmt: skip
    api = PeftAPI(str(base), dtype="float32", device="cpu")
    with refused("softcap", "vllm"):
        asyncio.run(api.generate([ChatMessageUser(content="Hi there")], [], "none", GenerateConfig(max_tokens=2)))
    api.close()
