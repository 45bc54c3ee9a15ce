"""The Hub client's cache: a file in it that is not the one the Hub gave stops the run."""

import hashlib
from pathlib import Path

import pytest
from huggingface_hub import constants

from tests.errors import refused
from warm_inspect.core.hub import Repository, read_repository

COMMIT = "0123456789abcdef0123456789abcdef01234567"
CONTENTS = {"tokenizer.json": b'{"version": "1.0"}', "model.safetensors": b"weights"}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that holds a pinned model: a small file by git's hash, and a large one by sha256."""
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    folder = tmp_path / "models--org--tiny"
    snapshot = folder / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (folder / "blobs").mkdir()
    small, large = CONTENTS.values()
    names = (hashlib.sha1(f"blob {len(small)}\0".encode() + small).hexdigest(), hashlib.sha256(large).hexdigest())
    for (file, content), name in zip(CONTENTS.items(), names, strict=True):
        (folder / "blobs" / name).write_bytes(content)
        (snapshot / file).symlink_to(Path("../../blobs") / name)
    return snapshot


PINNED = Repository("org/tiny", "model", probe="config.json", revision=COMMIT)


def test_a_whole_cache_is_read_without_the_hub(cache: Path) -> None:
    assert read_repository(PINNED, lambda folder: folder) == cache


@pytest.mark.parametrize("name", CONTENTS)
def test_a_changed_file_of_the_cache_is_named_with_what_to_delete(cache: Path, name: str) -> None:
    blob = (cache / name).resolve()
    blob.write_bytes(b"{}")
    with refused(name, str(blob)):
        read_repository(PINNED, lambda folder: folder)
