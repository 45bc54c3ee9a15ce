"""The notebook runs from logs to its figures, and says by hand what `analyze` says."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import ROOT
from tests.made_logs import reply, write_log

NOTEBOOK = ROOT / "docs" / "from-logs-to-figures.ipynb"
ADOPTED = {"before": 8, "after": 17}
"""Of the questions those where the arm adopts the wrong answer that its user states."""
QUESTIONS = 40


def cells(notebook: Path) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return read


def write_logs(folder: Path) -> None:
    for arm, adopted in ADOPTED.items():
        rows = [
            reply(
                f"q{number}",
                "incorrect" if (wrong := belief == "incorrect" and number < adopted) else "correct",
                arm=arm,
                belief=belief,
                context=context,
                statement_id="" if context == "none" else f"{context}/0",
                endorses_claim=float(wrong),
            )
            for number in range(QUESTIONS)
            for belief in ("none", "incorrect")
            for context in ("none", "filler")
        ]
        write_log(folder / f"{arm}.eval", rows)


def test_no_output_is_kept_in_the_repository() -> None:
    for cell in cells(NOTEBOOK):
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.slow
def test_the_notebook_runs_and_finds_the_planted_effect(tmp_path: Path) -> None:
    write_logs(tmp_path / "logs")
    done = tmp_path / "done.ipynb"
    copied = shutil.copy(NOTEBOOK, tmp_path)
    scripts = str(Path(sys.executable).parent)
    subprocess.run(
        [sys.executable, "-m", "jupyter", "execute", f"--output={done}", "--kernel_name=python3", copied],
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
            "IPYTHONDIR": str(tmp_path / "ipython"),
        },
        check=True,
        timeout=300,
    )
    printed = [text for cell in cells(done) for text in _printed(cell)]
    points = 100 * (ADOPTED["after"] - ADOPTED["before"]) / QUESTIONS
    assert f"{points:+.1f} points of 100 replies (95 % interval" in " ".join(printed[0].split())
    assert printed[-1] == f"{points:+.1f} points of 100 replies\n"
    assert {path.name for path in tmp_path.glob("*.png")} == {"adopted.png", "effects.png"}


def _printed(cell: dict[str, Any]) -> list[str]:
    streams = [each for each in cell.get("outputs", []) if each["output_type"] == "stream"]
    return [re.sub(r"\x1b\[\d*m", "", "".join(each["text"])) for each in streams]
