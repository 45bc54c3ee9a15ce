"""A tiny base model, the devices to test on, and a cache of its own for each test."""

from pathlib import Path

import pytest

from tests.engine.devices import CUDA, present
from tests.tiny import make_tiny_base


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_base(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture(scope="session", params=["cpu", pytest.param("cuda", marks=CUDA)])
def device(request: pytest.FixtureRequest) -> str:
    """The device of a test, which runs once on each."""
    return present(request.param)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WARM_INSPECT_CACHE", str(tmp_path / "cache"))
