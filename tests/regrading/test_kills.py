"""A kill at any moment loses no verdict: only what was under way is asked again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adversarial.hostile import KILLS as ALL_KILLS

KILLS = 5
"""In one run, which is over after some more."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(-(-ALL_KILLS // KILLS)))
def test_a_kill_loses_no_verdict(tmp_path: Path, seed: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.regrading.killed", str(tmp_path), str(KILLS), str(seed)],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["kills"] == KILLS
    assert told["graded"] == 30
    assert told["prompts"] == 30
    assert told["asked_again"] <= told["in_flight_at_most"]
