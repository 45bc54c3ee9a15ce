import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from warm_inspect.training import provenance
from warm_inspect.training.provenance import git_commit


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    git_commit.cache_clear()
    yield
    git_commit.cache_clear()


def test_a_changed_checkout_is_not_the_commit_it_began_as(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = tmp_path / "src" / "warm_inspect" / "training" / "provenance.py"
    module.parent.mkdir(parents=True)
    shutil.copy(provenance.__file__, module)
    monkeypatch.setattr(provenance, "__file__", str(module))
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
