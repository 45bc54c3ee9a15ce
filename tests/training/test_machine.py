import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from warm_inspect.training import machine
from warm_inspect.training.machine import git_commit, source_sha256, this_machine


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
    module = tmp_path / "warm_inspect" / "training" / "machine.py"
    module.parent.mkdir(parents=True)
    module.write_text("first", encoding="utf-8")
    monkeypatch.setattr(machine, "__file__", str(module))
    first = this_machine().fingerprint
    module.write_text("second", encoding="utf-8")
    assert this_machine().fingerprint == first, "what runs was read before"
    source_sha256.cache_clear()
    assert this_machine().fingerprint != first


def test_a_changed_checkout_is_not_the_commit_it_began_as(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "src" / "warm_inspect" / "training" / "machine.py"
    module.parent.mkdir(parents=True)
    shutil.copy(machine.__file__, module)
    monkeypatch.setattr(machine, "__file__", str(module))
    assert git_commit() == ""

    def git(*words: str) -> str:
        identity = ("-c", "user.name=a", "-c", "user.email=a@b.c")
        command = ["git", "-C", str(tmp_path), *identity, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init")
    git("add", ".")
    git("commit", "-m", "first")
    git("tag", "v1")
    commit = git("rev-parse", "HEAD")
    git_commit.cache_clear()
    assert git_commit() == commit
    module.write_text("changed", encoding="utf-8")
    assert git_commit() == commit
    git_commit.cache_clear()
    assert git_commit() == f"{commit}-dirty"
