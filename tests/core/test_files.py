"""Folders that are written whole: what a process that dies at any step leaves, and what the next one makes of it."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from warm_inspect.core import files
from warm_inspect.core.files import new_folder, staged, why_full

NAMES = ("a.csv", "b.csv", "c.csv")


class Killed(BaseException):
    """The end of the process: nothing after it is done."""


@contextmanager
def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Die before the change of this number, of those that move or remove files."""
    left = step
    with monkeypatch.context() as patched:
        for owner, name in ((Path, "replace"), (Path, "unlink"), (shutil, "rmtree")):
            original = getattr(owner, name)

            def dying(*args: object, original: object = original, **kwargs: object) -> object:
                nonlocal left
                left -= 1
                if left < 0:
                    raise Killed
                return original(*args, **kwargs)  # type: ignore[operator]

            patched.setattr(owner, name, dying)
        try:
            yield
        except Killed:
            return


def studies(folder: Path) -> list[str]:
    return [(folder / name).read_text() for name in NAMES if (folder / name).exists()]


def write_study(folder: Path, study: str) -> None:
    with staged(folder) as scratch:
        for name in NAMES:
            (scratch / name).write_text(study)


@pytest.mark.parametrize("step", range(8))
def test_a_folder_never_holds_files_of_two_studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    (tmp_path / "mine.txt").write_text("stays")
    write_study(tmp_path, "old")
    with killed_at(step, monkeypatch):
        write_study(tmp_path, "new")
    assert len(set(studies(tmp_path))) <= 1
    write_study(tmp_path, "new")
    assert studies(tmp_path) == ["new"] * 3
    assert (tmp_path / "mine.txt").read_text() == "stays"


@pytest.mark.parametrize("step", range(8))
def test_a_replaced_folder_is_the_old_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    target = tmp_path / "adapter"
    for study in ("old", "new"):
        with killed_at(step if study == "new" else 99, monkeypatch), new_folder(target) as draft:
            (draft / "weights").write_text(study)
    # What the next process that makes the folder finds before it has made anything.
    with suppress(Killed), new_folder(target):
        assert (target / "weights").read_text() in ("old", "new")
        raise Killed
    assert [path.name for path in tmp_path.iterdir()] == ["adapter"]


def test_scratch_of_dead_processes_is_thrown_away_and_that_of_living_ones_kept(tmp_path: Path) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    dead, living = (tmp_path / f"{files._SCRATCH}{process}-x" for process in (child, os.getppid()))
    for folder in (dead, living):
        folder.mkdir()
        (folder / "half.csv").touch()
    write_study(tmp_path, "new")
    assert (dead.exists(), living.exists()) == (False, True)


def test_a_full_disk_is_seen_through_the_libraries_that_pass_it_on() -> None:
    full = OSError(errno.ENOSPC, "", "out/report.html")
    wrapped = ValueError("not written")
    wrapped.__cause__ = full
    assert "out/report.html" in why_full(wrapped)
    assert why_full(RuntimeError("I/O error: No space left on device (os error 28)"))
    assert not why_full(PermissionError(errno.EACCES, ""))
