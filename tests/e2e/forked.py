"""A command line in a process of its own that need not import torch and Inspect again: a fork of one that has.

A console script's process spends most of a short command's time on imports. Here a server imports them once per session
and forks for each command, which then runs what the console script runs, in its own folder and environment, with its
own output and exit code.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from importlib.metadata import entry_points
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["tests.e2e.preloaded"])


def start_forked(name: str, arguments: list[str], cwd: Path, env: dict[str, str], streams: Path) -> ForkServerProcess:
    """Start an installed console script, which writes to the files `stdout` and `stderr` of a folder."""
    process = _SERVER.Process(target=_become, args=(name, arguments, str(cwd), env, str(streams)))
    process.start()
    return process


def run_forked(
    name: str, arguments: list[str], cwd: Path, env: dict[str, str], timeout: float
) -> "subprocess.CompletedProcess[str]":
    """Run an installed console script; what it wrote and its exit code, as `subprocess.run` gives them."""
    with TemporaryDirectory() as folder:
        process = start_forked(name, arguments, cwd, env, Path(folder))
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join()
        written = [(Path(folder) / stream).read_text(encoding="utf-8") for stream in ("stdout", "stderr")]
    code = process.exitcode
    assert code is not None
    return subprocess.CompletedProcess([name, *arguments], code, *written)


def _become(name: str, arguments: list[str], cwd: str, env: dict[str, str], streams: str) -> None:
    """In the fork: be the console script."""
    for number, stream in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(Path(streams) / stream, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests were started in the background
    sys.argv = [name, *arguments]
    [script] = entry_points(group="console_scripts", name=name)
    try:
        code = script.load()()
    except Exception:
        sys.excepthook(*sys.exc_info())  # as the interpreter does at the end of a script
        code = 1
    sys.exit(code)
