"""A kill at any moment changes no sample that had ended in a log: the next run generates only the others."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.adversarial.hostile import TIMES
from tests.study.killed import SAMPLES_PER_KILL

KILLS = 6 * TIMES


@pytest.mark.slow
def test_a_resumed_evaluation_keeps_the_text_of_finished_samples(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.study.killed", str(tmp_path), str(KILLS)],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert (told["code"], told["changed"]) == (0, 0)
    assert told["finished"] == SAMPLES_PER_KILL * (KILLS + 1)
    assert told["kills"] > KILLS / 2
    assert told["kept"], "some samples had ended before the last life"
