"""Ctrl-C and kill leave a log that `inspect eval-retry` finishes."""

import os
import signal
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from zipfile import BadZipFile

import pytest
from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries

from tests.e2e.conftest import Run
from tests.e2e.forked import start_forked

FIXTURES = Path(__file__).parents[1] / "fixtures"
TASK = (
    "eval", f"{FIXTURES / 'foreign_task.py'}@slow_arithmetic", "--max-samples", "4", "--max-tokens", "20",
    "--log-buffer", "2", "--seed", "3", "--display", "plain", "-M", "dtype=float32", "-M", "device=cpu",
)  # fmt: skip
SAMPLES = 40


def wait_for_samples(folder: Path, process: ForkServerProcess, count: int) -> Path:
    """The log, once it holds some finished samples."""
    while process.is_alive():
        time.sleep(0.2)
        for log in folder.glob("logs/*.eval"):
            try:
                if len(read_eval_log_sample_summaries(str(log))) >= count:
                    return log
            except (BadZipFile, OSError, ValueError, KeyError):
                continue
    raise AssertionError("the evaluation ended before it could be interrupted")


def interrupt(how: signal.Signals, tiny: Path, folder: Path) -> Path:
    """Begin the evaluation and stop it half-way; gives its log."""
    folder.mkdir()
    env = os.environ | {"HF_HUB_OFFLINE": "1", "NO_COLOR": "1"}
    process = start_forked("inspect", [*TASK, "--model", f"peft/{tiny}"], folder, env, folder)
    log = wait_for_samples(folder, process, 4)
    assert process.pid is not None
    os.kill(process.pid, how)
    process.join(60)
    assert process.exitcode is not None
    done = {summary.id for summary in read_eval_log_sample_summaries(str(log)) if summary.completed}
    assert 4 <= len(done) < SAMPLES
    return log


@pytest.mark.slow
def test_interrupted_evaluations_are_finished_later(run: Run, tiny: Path, tmp_path: Path) -> None:
    logs = [interrupt(how, tiny, tmp_path / how.name) for how in (signal.SIGINT, signal.SIGKILL)]
    retried = run("inspect", "eval-retry", *logs, "--display", "plain", "--log-dir", "again")
    assert retried.returncode == 0, retried.stdout + retried.stderr
    paths = list(tmp_path.glob("again/*.eval"))
    assert len(paths) == len(logs)
    for path in paths:
        finished = read_eval_log(str(path))
        assert finished.status == "success"
        assert finished.samples is not None
        assert len({sample.id for sample in finished.samples}) == SAMPLES
        assert all(sample.output.stop_reason in ("stop", "max_tokens") for sample in finished.samples)
