"""How a command ends that is told to end, or whose disk is full: one line, no traceback, nothing half."""

import multiprocessing
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.made_logs import reply, write_log
from warm_inspect.cli.main import main


def run(folder: Path, arguments: list[str], prepare: Callable[[], object]) -> tuple[int | None, str]:
    """The exit code and the error stream of a command in a process of its own."""
    said = folder / "stderr"

    def become() -> None:
        os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.argv = ["warm-inspect", *arguments]
        prepare()
        main()

    process = multiprocessing.get_context("fork").Process(target=become)
    process.start()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode, said.read_text()


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    for arm, grade in (("original", "correct"), ("warm", "incorrect")):
        write_log(folder / f"{arm}.eval", [reply(f"q{i}", grade, arm=arm) for i in range(40)])
    return folder


def little_space() -> None:
    """Files of this process cannot grow beyond a kilobyte, as on a disk that is full."""
    sys.dont_write_bytecode = True  # What cannot be written whole would be left broken.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_024, 1_024))


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["analyze", "{logs}", "--out", "{out}"],
        ["compare", "{logs}/original.eval", "{logs}/warm.eval", "--out", "{out}"],
        ["export", "{logs}", "--out", "{out}"],
    ],
    ids=lambda command: command[0],
)
def test_a_full_disk_is_one_line_and_leaves_nothing(logs: Path, tmp_path: Path, command: list[str]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    code, said = run(tmp_path, [part.format(logs=logs, out=out) for part in command], little_space)
    assert code == 1
    assert "space" in said
    assert "Traceback" not in said
    assert [path.name for path in out.rglob("*")] == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_told_to_end_ends_as_by_ctrl_c(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    monkeypatch.setattr("warm_inspect.analysis.logs.collect", lambda *_: signal.raise_signal(how))
    code, said = run(tmp_path, ["export", str(logs), "--out", str(tmp_path / "out")], lambda: None)
    assert (code, said.split()) == (1, ["Aborted!"])
