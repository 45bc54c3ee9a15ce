"""A user's mistake is one clear message and a non-zero exit, without a traceback."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import Run

BIN = Path(sys.executable).parent
MATCH = ("-T", "source=bundled", "-T", "grading=match")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*MATCH, "-T", "contexts=emotion_sadd"), "Did you mean 'emotion_sad'?"),
        ((*MATCH, "-T", "items=-3"), "items=-3 is not a whole number"),
        ((*MATCH, "-T", "items=999"), "items=999, but truthfulqa has"),
        ((*MATCH, "-T", "context=none"), "Unknown task parameter 'context'"),
        (("-T", "source=bundled"), "--model-role grader="),
        (("-T", "source=hub", "-T", "grading=match"), "source=bundled"),
    ],
)
@pytest.mark.slow
def test_a_wrong_task_parameter(arguments: tuple[str, ...], said: str, run: Run, tiny: Path, tmp_path: Path) -> None:
    done = run(
        "inspect", "eval", "warm_inspect/truthfulqa", "--model", f"peft/{tiny}", *arguments, "--display", "plain"
    )
    shown = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1, shown
    assert said in shown
    assert "Traceback" not in shown
    assert not list(tmp_path.glob("logs/*.eval")), "nothing is begun"


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("peft/smollm", "Did you mean 'smollm2-135m'?"),
        ("peft/{tiny}:nowhere/adapter", "nowhere/adapter"),
        ("peft/{tiny}:", "peft/<base>"),
        ("peft/{tmp}", "no complete base model"),
    ],
)
@pytest.mark.slow
def test_a_wrong_model_name(model: str, said: str, run: Run, tiny: Path, tmp_path: Path) -> None:
    name = model.format(tiny=tiny, tmp=tmp_path)
    done = run("inspect", "eval", "warm_inspect/truthfulqa", "--model", name, *MATCH, "--display", "plain")
    shown = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1, shown
    assert said in shown
    assert "Traceback" not in shown


@pytest.mark.slow
def test_analyze_without_a_log(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("warm-inspect", "analyze", "empty", "--out", "out")
    assert done.returncode == 1
    assert "inspect eval" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("arguments", "code"), [(("analyse", "logs"), 2), (("--help",), 0)])
@pytest.mark.slow
def test_the_installed_script_gives_its_exit_code(arguments: tuple[str, ...], code: int) -> None:
    done = subprocess.run([BIN / "warm-inspect", *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
