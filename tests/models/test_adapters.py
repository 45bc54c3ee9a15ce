"""Adapters: what is accepted, what is refused, and for which base model."""

import shutil
from pathlib import Path

import pytest

from tests.errors import refused
from tests.models.loopback_hub import COMMIT, HUB_ID, LoopbackHub
from tests.models.lora_maker import add_manifest, edit_config, make_adapter
from warm_inspect.core.hashing import sha256_file
from warm_inspect.models.adapters import find_adapter
from warm_inspect.models.base_models import BaseReference, find_base
from warm_inspect.models.model_string import ModelString

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture
def adapter(tiny_base: Path, tmp_path: Path) -> Path:
    return make_adapter(tmp_path / "warm-1", tiny_base, seed=1)


def test_found_with_its_hash(adapter: Path, tiny_base: Path) -> None:
    located = find_adapter(ModelString(str(tiny_base), str(adapter)), find_base(str(tiny_base)))
    assert located is not None
    assert (located.name, located.folder, located.manifest) == ("warm-1", adapter, None)
    assert located.sha256 == sha256_file(adapter / "adapter_model.safetensors")
    assert len({located, find_adapter(ModelString(str(tiny_base), str(adapter)), find_base(str(tiny_base)))}) == 1


def test_no_adapter(tiny_base: Path) -> None:
    assert find_adapter(ModelString(str(tiny_base)), find_base(str(tiny_base))) is None


@pytest.mark.parametrize("missing", ["adapter_config.json", "adapter_model.safetensors"])
def test_incomplete(adapter: Path, tiny_base: Path, missing: str) -> None:
    (adapter / missing).rename(adapter / "adapter_model.bin")
    with refused(missing):
        find_adapter(ModelString(str(tiny_base), str(adapter)), find_base(str(tiny_base)))


@pytest.mark.parametrize("name", ["runs/a/b", "~nobody-here/warm", "war\0m", "x" * 5_000, "\udc80"])
def test_neither_folder_nor_hub_id(tiny_base: Path, name: str) -> None:
    with refused(repr(name), "warm-inspect train"):
        find_adapter(ModelString(str(tiny_base), name), find_base(str(tiny_base)))


ALIAS = BaseReference("smollm2-135m", "alias")
HUB = BaseReference("HuggingFaceTB/SmolLM2-135M-Instruct", "hub")
OTHER = BaseReference("someone/else", "hub")


@pytest.mark.parametrize(
    ("made_for", "base", "fits"),
    [
        ("HuggingFaceTB/SmolLM2-135M-Instruct", ALIAS, True),
        ("HuggingFaceTB/SmolLM2-135M-Instruct", HUB, True),
        ("HuggingFaceTB/SmolLM2-135M-Instruct", OTHER, False),
        ("someone/else", ALIAS, False),
        ("", OTHER, True),
        ("smollm2-135m", ALIAS, True),
        ("unsloth/SmolLM2-135M-Instruct", ALIAS, True),
        ("unsloth/SmolLM2-135M-Instruct-bnb-4bit", HUB, True),
        ("unsloth/smollm2-135m-instruct-unsloth-bnb-4bit", ALIAS, True),
        ("unsloth/else-bnb-4bit", ALIAS, False),
        ("other/SmolLM2-135M-Instruct", ALIAS, False),
        ("other/SmolLM2-135M-Instruct-bnb-4bit", ALIAS, False),
        ("/workspace/models/SmolLM2-135M-Instruct/", ALIAS, True),
        ("D:\\models\\SmolLM2-135M-Instruct", HUB, True),
        ("D:\\models\\else", HUB, False),
        (f"/elsewhere/huggingface/hub/models--HuggingFaceTB--SmolLM2-135M-Instruct/snapshots/{COMMIT}", ALIAS, True),
        (f"C:\\hub\\models--someone--else\\snapshots\\{COMMIT}", OTHER, True),
        (f"/hub/models--other--SmolLM2-135M-Instruct/snapshots/{COMMIT}", ALIAS, False),
        (f"/hub/models--gpt2/snapshots/{COMMIT}", BaseReference("openai-community/gpt2", "hub"), True),
        ("gpt2", BaseReference("openai-community/gpt2", "hub"), True),
        ("~nobody-here/else", OTHER, True),
        ("wa\0rm", OTHER, False),
        ("x" * 5_000, OTHER, False),
    ],
)
def test_match_without_manifest(adapter: Path, made_for: str, base: BaseReference, fits: bool) -> None:
    edit_config(adapter, base_model_name_or_path=made_for)
    model = ModelString(base.name, str(adapter))
    if fits:
        assert find_adapter(model, base) is not None
    else:
        with refused(repr(made_for), repr(base.name), f"peft/{made_for}:"):
            find_adapter(model, base)


@pytest.mark.parametrize(
    ("trained_on", "base", "fits"),
    [
        ("smollm2-135m", ALIAS, True),
        ("smollm2-135m", HUB, True),
        ("someone/else", OTHER, True),
        ("someone/else", ALIAS, False),
        ("smollm2-135m", OTHER, False),
    ],
)
def test_match_by_manifest(adapter: Path, tiny_base: Path, trained_on: str, base: BaseReference, fits: bool) -> None:
    manifest = add_manifest(adapter, tiny_base, base_model=trained_on)
    model = ModelString(base.name, str(adapter))
    if fits:
        located = find_adapter(model, base)
        assert located is not None
        assert located.manifest == manifest
    else:
        with refused(f"'{trained_on}'", f"'{base.name}'"):
            find_adapter(model, base)


@pytest.mark.parametrize("same", [True, False])
def test_a_base_folder_matches_by_its_weights(adapter: Path, tiny_base: Path, same: bool) -> None:
    add_manifest(adapter, tiny_base, **({} if same else {"base_sha256": "0" * 64}))
    model = ModelString(str(tiny_base), str(adapter))
    if same:
        assert find_adapter(model, find_base(str(tiny_base))) is not None
    else:
        with refused("'tiny'"):
            find_adapter(model, find_base(str(tiny_base)))


def test_from_the_hub(adapter: Path, tiny_base: Path, hub: LoopbackHub) -> None:
    hub.folder = adapter
    edit_config(adapter, base_model_name_or_path=str(tiny_base))
    located = find_adapter(ModelString(str(tiny_base), HUB_ID, "main"), find_base(str(tiny_base)))
    assert located is not None
    assert located.name == HUB_ID
    assert located.sha256 == sha256_file(adapter / "adapter_model.safetensors")
    assert not any(request.startswith("GET") and "README.md" in request for request in hub.requests)


def test_the_hub_fails(tiny_base: Path, hub: LoopbackHub) -> None:
    hub.status = 404
    with refused("'someone/warm@v2'", "HF_TOKEN"):
        find_adapter(ModelString(str(tiny_base), "someone/warm", "v2"), find_base(str(tiny_base)))


@pytest.mark.parametrize(
    "made_for",
    ["acme/tinyllama", "unsloth/TinyLlama-bnb-4bit", "D:\\models\\tinyllama", "/workspace/TinyLlama", "tinyllama"],
)
def test_a_folder_of_the_hubs_cache_is_known_by_its_repository(
    adapter: Path, tiny_base: Path, tmp_path: Path, made_for: str
) -> None:
    snapshot = tmp_path / "hub" / "models--acme--tinyllama" / "snapshots" / COMMIT
    shutil.copytree(tiny_base, snapshot)
    base = find_base(str(snapshot))
    assert base.name == "acme/tinyllama"
    edit_config(adapter, base_model_name_or_path=made_for)
    assert find_adapter(ModelString(str(snapshot), str(adapter)), base) is not None
    edit_config(adapter, base_model_name_or_path="other/tinyllama")
    with refused("'other/tinyllama'", "'acme/tinyllama'"):
        find_adapter(ModelString(str(snapshot), str(adapter)), base)


def test_an_adapter_trained_on_quantised_weights_says_so(adapter: Path, caplog: pytest.LogCaptureFixture) -> None:
    edit_config(adapter, base_model_name_or_path="unsloth/SmolLM2-135M-Instruct-bnb-4bit")
    assert find_adapter(ModelString("smollm2-135m", str(adapter)), ALIAS) is not None
    assert "unsloth/SmolLM2-135M-Instruct-bnb-4bit" in caplog.text
