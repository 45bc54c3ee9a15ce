"""Ctrl-C and kill leave a log that `inspect eval-retry` finishes."""

import os
import signal
import subprocess
import time
from pathlib import Path
from zipfile import BadZipFile

import pytest
from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries

from tests.e2e.conftest import BIN, Run

FIXTURES = Path(__file__).parents[1] / "fixtures"
TASK = (
    "inspect", "eval", f"{FIXTURES / 'foreign_task.py'}@slow_arithmetic", "--max-samples", "4", "--max-tokens", "20",
    "--log-buffer", "2", "--seed", "3", "--display", "plain", "-M", "dtype=float32", "-M", "device=cpu",
)  # fmt: skip
SAMPLES = 40


def take_ctrl_c() -> None:
    """A process that a shell started in the background ignores Ctrl-C, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for_samples(folder: Path, process: "subprocess.Popen[bytes]", count: int) -> Path:
    """The log, once it holds some finished samples."""
    while process.poll() is None:
        time.sleep(0.2)
        for log in folder.glob("logs/*.eval"):
            try:
                if len(read_eval_log_sample_summaries(str(log))) >= count:
                    return log
            except (BadZipFile, OSError, ValueError, KeyError):
                continue
    raise AssertionError("the evaluation ended before it could be interrupted")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_evaluation_is_finished_later(how: signal.Signals, run: Run, tiny: Path, tmp_path: Path) -> None:
    env = os.environ | {"HF_HUB_OFFLINE": "1", "NO_COLOR": "1"}
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(
            [str(BIN / TASK[0]), *TASK[1:], "--model", f"peft/{tiny}"],
            cwd=tmp_path, env=env, stdout=output, stderr=output, preexec_fn=take_ctrl_c,
        )  # fmt: skip
        log = wait_for_samples(tmp_path, process, 4)
        process.send_signal(how)
        process.wait(timeout=60)
    done = {summary.id for summary in read_eval_log_sample_summaries(str(log)) if summary.completed}
    assert 4 <= len(done) < SAMPLES
    retried = run("inspect", "eval-retry", log, "--display", "plain", "--log-dir", "again")
    assert retried.returncode == 0, retried.stdout + retried.stderr
    [path] = tmp_path.glob("again/*.eval")
    finished = read_eval_log(str(path))
    assert finished.status == "success"
    assert finished.samples is not None
    assert len({sample.id for sample in finished.samples}) == SAMPLES
    assert all(sample.output.stop_reason in ("stop", "max_tokens") for sample in finished.samples)
