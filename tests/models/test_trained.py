"""Folders of adapters: which are seen, by which name, and the base that they share."""

from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from tests.models.lora_maker import add_manifest, edit_config, make_adapter
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import WEIGHTS_NAME
from warm_inspect.models.trained import TrainedAdapter, distinct, find_adapters, of_one_base

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")


@pytest.fixture
def adapters(tiny_base: Path, tmp_path: Path) -> list[TrainedAdapter]:
    """A warm adapter twice, and a cold one whose folder is a draft."""
    for name, seed, arm in (("a", 1, "warm"), ("b", 1, "warm"), (".draft", 2, "cold")):
        add_manifest(make_adapter(tmp_path / "adapters" / name, tiny_base, seed), tiny_base, arm=arm)
    return find_adapters(tmp_path / "adapters")


def test_adapters_are_found_by_their_manifests_and_asked_once(adapters: list[TrainedAdapter]) -> None:
    assert [adapter.folder.name for adapter in adapters] == ["a", "b"]
    assert [adapter.folder.name for adapter in distinct(adapters)] == ["a"]


def test_a_folder_without_a_manifest_is_an_error(tmp_path: Path) -> None:
    with refused(str(tmp_path), "Train it again"):
        TrainedAdapter.read(tmp_path)


def test_a_base_for_no_adapter_is_an_error() -> None:
    assert of_one_base([], None) == ((), "")
    with refused("--base tiny", "Leave it out"):
        of_one_base([], "tiny")


def test_adapters_without_a_manifest_are_found_and_called_like_their_folder(tiny_base: Path, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "adapters" / "warm", tiny_base, 0)
    add_manifest(make_adapter(tmp_path / "adapters" / "ours", tiny_base, 1), tiny_base, arm="cold")
    make_adapter(tmp_path / "adapters" / ".hidden", tiny_base, 2)
    ours, plain = find_adapters(tmp_path / "adapters")
    assert (ours.manifest.arm, ours.described) == ("cold", True)
    assert (plain.folder, plain.manifest.arm, plain.described) == (folder, "warm", False)
    assert plain.manifest.adapter_sha256 == sha256_file(folder / WEIGHTS_NAME)
    assert of_one_base([plain], None)[1] == str(tiny_base)


@pytest.mark.parametrize(("name", "stated"), [("smollm2-135m", "HuggingFaceTB/SmolLM2-135M-Instruct"), ("a/b", "a/b")])
def test_a_stated_base_is_called_by_its_alias(tiny_base: Path, tmp_path: Path, name: str, stated: str) -> None:
    folder = make_adapter(tmp_path / "warm", tiny_base, 0)
    edit_config(folder, base_model_name_or_path=stated)
    (adapter,) = find_adapters(tmp_path)
    assert adapter.manifest.base_model == name


@pytest.mark.parametrize(
    ("folder", "fields", "said"), [("original", {}, "original"), ("warm", {"peft_type": "IA3"}, "IA3")]
)
def test_a_plain_adapter_that_cannot_be_an_arm(
    tiny_base: Path, tmp_path: Path, folder: str, fields: dict[str, Any], said: str
) -> None:
    edit_config(make_adapter(tmp_path / folder, tiny_base, 0), **fields)
    with pytest.raises(PrerequisiteError, match=said):
        find_adapters(tmp_path)
