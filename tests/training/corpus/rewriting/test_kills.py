"""Killing restyling at any moment loses no finished reply.

The rewriter is scripted: this tests plumbing, not effect.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from warm_inspect.training.corpus.pairs import load_corpus

REPLIES = 140
LEAST_KILLS = 20


@pytest.mark.slow
def test_no_finished_reply_is_lost_or_asked_for_again(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.corpus.rewriting.killed_restyling", str(tmp_path), str(REPLIES)],
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout.splitlines()[-1])
    assert report["kills"] >= LEAST_KILLS, report
    assert (report["finished_replies_lost"], report["finished_replies_asked_again"]) == (0, 0)
    assert report["replies"] == REPLIES
    assert report["calls"] >= REPLIES
    texts = [example.reply for example in load_corpus(str(tmp_path / "out")).examples("warm", "train")]
    assert texts == [f"The answer to this one is {n}, as far as is known. We are in this." for n in range(REPLIES)]
