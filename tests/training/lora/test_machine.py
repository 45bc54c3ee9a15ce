from collections.abc import Iterator
from pathlib import Path

import pytest

from warm_inspect.training import provenance
from warm_inspect.training.lora.machine import this_machine
from warm_inspect.training.provenance import git_commit, source_sha256


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    git_commit.cache_clear()
    source_sha256.cache_clear()
    yield
    git_commit.cache_clear()
    source_sha256.cache_clear()


def test_another_number_of_threads_is_another_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums over other parts round otherwise: a run resumed with them would be half and half."""
    import torch

    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    two = this_machine()
    assert two.device.endswith("threads: 2)")
    monkeypatch.setattr(torch, "get_num_threads", lambda: 1)
    assert this_machine().fingerprint != two.fingerprint


def test_other_code_is_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "warm_inspect" / "training" / "provenance.py"
    module.parent.mkdir(parents=True)
    module.write_text("first", encoding="utf-8")
    monkeypatch.setattr(provenance, "__file__", str(module))
    first = this_machine().fingerprint
    module.write_text("second", encoding="utf-8")
    assert this_machine().fingerprint == first, "what runs was read before"
    source_sha256.cache_clear()
    assert this_machine().fingerprint != first
