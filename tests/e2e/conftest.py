"""The command lines as a user calls them, in processes of their own, on a tiny random model."""

import os
import subprocess
from collections.abc import Callable
from multiprocessing import forkserver
from pathlib import Path

import pytest

from tests.e2e.forked import run_forked
from tests.tiny import make_tiny_base

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_base(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Start the server of commands with the settings that libraries read when they are imported."""
    with pytest.MonkeyPatch.context() as patch:
        for key, value in settings(tmp_path_factory.mktemp("hf")).items():
            patch.setenv(key, value)
        forkserver.ensure_running()


def settings(hf_home: Path) -> dict[str, str]:
    return {"HF_HUB_OFFLINE": "1", "HF_HOME": str(hf_home), "NO_COLOR": "1", "COLUMNS": "200"}


@pytest.fixture
def run(_server: None, tmp_path: Path) -> Run:
    """Run a command of the environment in a fresh folder, without keys and without a Hub."""

    def command(name: str, *arguments: object, cwd: Path = tmp_path, **env: str) -> "subprocess.CompletedProcess[str]":
        keep = {
            key: value for key, value in os.environ.items() if not key.endswith(("_API_KEY", "_BASE_URL", "_TOKEN"))
        }
        return run_forked(name, [*map(str, arguments)], cwd, {**keep, **settings(tmp_path / "hf"), **env}, timeout=180)

    return command
