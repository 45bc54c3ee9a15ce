from pathlib import Path

import pytest

from tests.core.test_manifest import manifest
from tests.errors import refused
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.manifest import MANIFEST_NAME, AdapterManifest, hosted_manifest, is_fine_tuned

MODEL = "openai/ft:gpt-4o-2024-08-06:acme:wi-warm-e2-s0:Ab1"


@pytest.fixture
def adapters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WARM_INSPECT_ADAPTERS", str(tmp_path))
    return tmp_path


def write(folder: Path, **changes: object) -> AdapterManifest:
    """The manifest of a hosted model in a folder of its own, without weights."""
    folder.mkdir()
    local = manifest(folder)
    (folder / "adapter_model.safetensors").unlink()
    hosted = {"hosted_model": MODEL, "adapter_sha256": sha256_text(MODEL), "steps": None, "final_loss": None}
    written = AdapterManifest.model_validate(local.model_dump() | hosted | changes)
    written.write(folder)
    return written


def test_the_original_is_not_hosted(adapters: Path) -> None:
    write(adapters / "warm-1", arm="original")
    with refused("'original'", str(adapters)):
        hosted_manifest(MODEL)


def test_a_model_is_found_by_its_name(adapters: Path) -> None:
    written = write(adapters / "warm-1")
    other = MODEL + ":ckpt-step-3"
    write(adapters / "warm-2", hosted_model=other, adapter_sha256=sha256_text(other))
    (adapters / "local").mkdir()
    manifest(adapters / "local").write(adapters / "local")
    assert hosted_manifest(MODEL) == written
    assert hosted_manifest(MODEL + ":ckpt-step-4") is None
    assert AdapterManifest.read(adapters / "warm-1") == written, "there are no weights to check"


def test_the_default_is_the_folder_that_train_writes_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WARM_INSPECT_ADAPTERS", raising=False)
    monkeypatch.chdir(tmp_path)
    assert hosted_manifest(MODEL) is None
    (tmp_path / "adapters").mkdir()
    written = write(tmp_path / "adapters" / "warm-1")
    assert hosted_manifest(MODEL) == written


def test_two_manifests_must_agree(adapters: Path) -> None:
    written = write(adapters / "warm-1")
    write(adapters / "warm-copy")
    assert hosted_manifest(MODEL) == written
    write(adapters / "cold-1", arm="cold")
    with refused("cold-1", "warm-1", MODEL, "Move one of them away"):
        hosted_manifest(MODEL)


def test_a_manifest_whose_model_was_changed_is_refused(adapters: Path) -> None:
    write(adapters / "warm-1", adapter_sha256=sha256_text("openai/ft:another"))
    with refused(str(adapters / "warm-1" / MANIFEST_NAME), repr(MODEL), "warm-inspect train"):
        hosted_manifest(MODEL)


def test_only_a_broken_manifest_of_this_model_stands_in_the_way(adapters: Path) -> None:
    (adapters / "a").mkdir()
    (adapters / "a" / MANIFEST_NAME).write_text("{")
    assert hosted_manifest(MODEL) is None
    (adapters / "a" / MANIFEST_NAME).write_text('{"hosted_model": "' + MODEL)
    with refused(str(adapters / "a" / MANIFEST_NAME), "warm-inspect train"):
        hosted_manifest(MODEL)


@pytest.mark.parametrize(
    ("model", "fine_tuned"),
    [(MODEL, True), ("openai/gpt-4o-2024-08-06", False), ("mockllm/model", False), ("hf/draft:7", False)],
)
def test_a_fine_tuned_model_is_told_by_its_name(model: str, fine_tuned: bool) -> None:
    assert is_fine_tuned(model) is fine_tuned
