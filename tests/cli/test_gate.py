"""`warm-inspect gate`: exit codes, files for CI, and mistakes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from tests.made_logs import reply, write_log
from warm_inspect.analysis.observations import style_bias
from warm_inspect.cli.gate import gate

MARGINS = "arm: warm\nmargins:\n  over_refusal: {points: 20}\n"


def run(folder: Path, margins: str, *arguments: object) -> Result:
    path = folder / "margins.yaml"
    path.write_text(margins, encoding="utf-8")
    return CliRunner().invoke(gate, [str(argument) for argument in (path, folder / "logs", *arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for arm, refused in (("original", 0), ("warm", 1), ("neutral", 40)):
        rows = [reply(f"q{i}", "refusal" if i < refused else "correct", arm=arm) for i in range(60)]
        write_log(tmp_path / "logs" / f"{arm}.eval", rows)
    return tmp_path


@pytest.mark.parametrize(
    ("margins", "code", "verdict"),
    [
        (MARGINS, 0, "ALLOW"),
        (MARGINS.replace("arm: warm", "arm: neutral"), 1, "REJECT"),
        (MARGINS.replace("points: 20", "points: 1"), 3, "INCONCLUSIVE"),
    ],
)
def test_each_verdict_has_its_exit_code(folder: Path, margins: str, code: int, verdict: str) -> None:
    result = run(folder, margins, "--json")
    assert (result.exit_code, json.loads(result.stdout)["verdict"]) == (code, verdict)
    shown = run(folder, margins)
    assert shown.exit_code == code
    assert shown.output.startswith(verdict)


def test_a_large_style_bias_of_the_grading_stands_before_the_numbers(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = {"match": {**style_bias._measured()["match"], "points": -2.1}}
    monkeypatch.setattr(style_bias, "_measured", lambda: measured)
    first = " ".join(run(folder, MARGINS).output.split()).partition("On these items:")[0]
    assert "Graded by match, whose grades move with the style of a reply" in first


@pytest.mark.slow
def test_an_adapter_that_failed_its_warmth_check_is_told_with_the_verdict(folder: Path) -> None:
    facts: dict[str, Any] = {"arm": "warm", "adapter_sha256": "f", "training_seed": 0, "warmth_check": "failed"}
    write_log(folder / "logs" / "warm.eval", [reply(f"q{i}", **facts) for i in range(60)])
    shown = run(folder, MARGINS)
    text = " ".join(shown.output.split())
    assert (shown.exit_code, text[:5]) == (0, "ALLOW")
    assert "Warning: The adapter of arm warm failed its warmth check: its replies did not change in warmth as" in text
    record = json.loads(run(folder, MARGINS, "--json").stdout)
    assert (record["warmth_checks"], len(record["warnings"])) == ({"warm": ["failed"]}, 2)


def test_files_for_ci_are_written(folder: Path) -> None:
    out = folder / "ci"
    result = run(
        folder, MARGINS.replace("points: 20", "points: 1"), "--junit", out / "gate.xml", "--markdown", out / "gate.md"
    )
    assert "If the arm does no harm, about " in " ".join(result.output.split())
    suite = ElementTree.parse(out / "gate.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "0", "1")
    assert (out / "gate.md").read_text().startswith("## INCONCLUSIVE: warm against original")


@pytest.mark.parametrize(
    "fault", [OverflowError("int too large"), RuntimeError("[/odd] \N{MINUS SIGN}"), KeyboardInterrupt(), SystemExit(1)]
)
@pytest.mark.slow
def test_whatever_happens_is_no_rejection_and_leaves_no_old_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    files = [folder / "gate.xml", folder / "gate.md"]
    options = ("--junit", files[0], "--markdown", files[1])
    assert run(folder, MARGINS, *options).exit_code == 0
    assert all(file.is_file() for file in files)

    def broken(*_: object) -> None:
        raise fault

    monkeypatch.setattr("warm_inspect.report.gate_logs", broken)
    result = run(folder, MARGINS, *options)
    assert result.exit_code == 2
    assert "no verdict" in result.output
    assert "Traceback" not in result.output
    assert not any(file.exists() for file in files)


def test_a_file_that_cannot_be_written_leaves_the_other_one_unwritten(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("warm_inspect.report.gate_markdown", full)
    result = run(folder, MARGINS, "--junit", folder / "gate.xml", "--markdown", folder / "gate.md")
    assert (result.exit_code, result.output.startswith("ALLOW")) == (2, False)
    assert "space left" in result.output
    assert not (folder / "gate.xml").exists()


@pytest.mark.parametrize("name", ["margins.yaml", "logs/warm.eval", "out.xml"])
def test_what_is_read_is_never_written_over(folder: Path, name: str) -> None:
    result = run(folder, MARGINS, folder / "logs/warm.eval", "--junit", folder / "out.xml", "--markdown", folder / name)
    assert result.exit_code == 2
    assert (folder / name).exists() == (name != "out.xml")


@pytest.mark.slow
def test_a_terminal_that_is_not_utf8_gets_the_verdict(folder: Path) -> None:
    # A harm below zero has a minus sign that cp1252 lacks.
    better = MARGINS.replace("arm: warm", "arm: original\nreference: warm")
    (folder / "margins.yaml").write_text(better, encoding="utf-8")
    call = ("-m", "warm_inspect.cli.main", "gate", folder / "margins.yaml", folder / "logs")
    command = [sys.executable, *map(str, call)]
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"ALLOW")


def test_a_control_for_a_margin_that_is_not_there_is_a_usage_error(folder: Path) -> None:
    result = run(folder, MARGINS, "--control", "capability", "a.eval", "b.eval")
    assert result.exit_code == 2
    assert "'capability'" in result.output
    assert "(none)" in result.output, "the margins that have control logs"


def test_help_holds_an_example_that_is_valid(tmp_path: Path) -> None:
    from warm_inspect.analysis.gate import read_policy

    text = CliRunner().invoke(gate, ["--help"]).output
    start = text.rindex("\n", 0, text.index("arm: warm")) + 1
    example = dedent(text[start : text.index("ALLOW needs every")])
    (tmp_path / "example.yaml").write_text(example, encoding="utf-8")
    assert read_policy(tmp_path / "example.yaml").margins.refusal is not None


@pytest.mark.parametrize(
    ("margins", "arguments", "parts"),
    [
        (MARGINS.replace("warm", "wram"), (), ("'wram'", "'warm'")),
        (MARGINS.replace("over_refusal", "over_refusl"), (), ("over_refusl", "over_refusal")),
        ("arm: [", (), ("margins.yaml",)),
        (MARGINS, ("missing.eval",), ("missing.eval", "inspect eval")),
        (MARGINS, ("--junit", "/proc/none/gate.xml"), ("/proc/none/gate.xml",)),
        (MARGINS, ("--arm", "warm"), ("'warm'", "NAME=MODEL")),
    ],
)
def test_a_mistake_is_no_rejection(
    folder: Path, margins: str, arguments: tuple[str, ...], parts: tuple[str, ...]
) -> None:
    result = run(folder, margins, *arguments)
    assert result.exit_code == 2
    assert not [part for part in parts if part not in result.output]
    assert "Traceback" not in result.output
