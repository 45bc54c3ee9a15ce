"""A kill at any moment: nothing finished is lost, nothing false stands, and the same command given again ends well."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adversarial.hostile import FEW, KILLS
from tests.adversarial.written import COMMANDS

KILLED = tuple(COMMANDS) if KILLS > FEW else ("evaluate", "export", "label-export")
"""All of them take longer than the rest of the suite: `make adversarial`. These three resume, replace and append."""


@pytest.mark.slow
@pytest.mark.parametrize("name", KILLED)
def test_a_killed_command(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.adversarial.killed", name, str(tmp_path), str(KILLS)],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    print(told)
    assert told["faults"] == []
    assert told["kills"] == KILLS
    assert told["things"], "the command writes something"
