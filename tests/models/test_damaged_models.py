"""Weights, tokenizers and prompts that cannot be used: one clear error each, before anything is generated."""

import ast
import asyncio
import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.model import ChatMessageUser, GenerateConfig

import warm_inspect
from tests.errors import refused
from tests.models.lora_maker import add_manifest, edit_config, make_adapter
from warm_inspect.core.errors import PrerequisiteError, PromptTooLong
from warm_inspect.engine.loading import context_tokens, load_model
from warm_inspect.engine.peft_provider import PeftAPI
from warm_inspect.models import load_weights

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


def without(tensors: dict[str, Any]) -> None:
    del tensors["model.layers.1.mlp.down_proj.weight"]


def renamed(tensors: dict[str, Any]) -> None:
    tensors["model.layers.1.mlp.down_projection.weight"] = tensors.pop("model.layers.1.mlp.down_proj.weight")


def with_more(tensors: dict[str, Any]) -> None:
    tensors["model.layers.7.mlp.down_proj.weight"] = tensors["model.layers.1.mlp.down_proj.weight"]


def reshaped(tensors: dict[str, Any]) -> None:
    tensors["model.layers.1.mlp.down_proj.weight"] = tensors["model.layers.1.mlp.down_proj.weight"][:, :-1]


@pytest.mark.parametrize("change", [without, renamed, with_more, reshaped])
def test_tensors_that_are_not_the_models(
    tiny_base: Path, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    """transformers only warns, and fills what is missing with random numbers."""
    from safetensors.numpy import load_file, save_file

    base = tmp_path / "base"
    shutil.copytree(tiny_base, base)
    tensors = load_file(base / "model.safetensors")
    change(tensors)
    save_file(tensors, base / "model.safetensors", metadata={"format": "pt"})
    api = PeftAPI(str(base), dtype="float32", device="cpu")
    with refused(str(base), "down_proj"):
        asyncio.run(api.generate([ChatMessageUser(content="Hi there")], [], "none", GenerateConfig(max_tokens=2)))


def test_a_model_of_another_kind(tiny_base: Path) -> None:
    """A language model has no head for classes."""
    from transformers import AutoModelForSequenceClassification

    with refused(str(tiny_base), "score.weight"):
        load_weights(AutoModelForSequenceClassification, tiny_base)


HOSTILE = """
import os
os.environ["HOSTILE_CODE"] = "ran"
"""


@pytest.mark.parametrize("part", ["config.json", "tokenizer_config.json"])
def test_code_of_a_base_never_runs(tiny_base: Path, tmp_path: Path, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Left to itself transformers asks on a terminal, and runs the code of the folder after a `y`."""
    base = tmp_path / "base"
    shutil.copytree(tiny_base, base)
    (base / "hostile.py").write_text(HOSTILE, encoding="utf-8")
    config = json.loads((base / part).read_text(encoding="utf-8"))
    config["auto_map"] = {
        "AutoConfig": "hostile.C",
        "AutoModelForCausalLM": "hostile.M",
        "AutoTokenizer": ["hostile.T", None],
    }
    config |= {"model_type": "hostile"} if part == "config.json" else {"tokenizer_class": "Hostile"}
    (base / part).write_text(json.dumps(config), encoding="utf-8")
    (base / "tokenizer.json").rename(base / "vocab.json")
    asked: list[str] = []

    def answer(question: str = "") -> str:
        asked.append(question)
        return "y"

    monkeypatch.setattr("builtins.input", answer)
    monkeypatch.delenv("HOSTILE_CODE", raising=False)
    with suppress(PrerequisiteError):
        load_model(base, "float32", "cpu")
    assert "HOSTILE_CODE" not in os.environ
    assert asked == []


def test_every_call_says_that_foreign_code_does_not_run() -> None:
    loads = ("from_pretrained", "from_config")
    calls = [
        (path.name, node.lineno, {word.arg for word in node.keywords})
        for folder in (Path(warm_inspect.__file__).parent, Path(__file__).parents[2] / "bench")
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in loads
        # An adapter's folder can name no code.
        and not (isinstance(node.func.value, ast.Name) and node.func.value.id == "PeftModel")
    ]
    assert calls
    assert [call for call in calls if "trust_remote_code" not in call[2]] == []
