"""Text of others in what people look at: it steers no terminal, breaks no page and names no place of this machine."""

import getpass
import re
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from tests.made_logs import Reply, study_reply, write_log
from warm_inspect.cli import main
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.shown_text import shown

STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
HOSTILE = "a\x1b]0;owned\x07\x1b[2K\u202egpj\u2066\x00<script>alert(1)</script>[bold]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred", "\ufffd[31mred"),
        ("a\u202eb\u2066", "a\ufffdb\ufffd"),
        ("over\rwritten", "over\ufffdwritten"),
        ("lines\r\nand\ttabs\n", "lines\r\nand\ttabs\n"),
        ("\ud800", "\ufffd"),
        ("שלום \u200f👩‍👩‍👧", "שלום \u200f👩‍👩‍👧"),
    ],
)
def test_only_what_steers_is_replaced(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study whose model, questions and metadata are hostile."""
    folder = tmp_path_factory.mktemp("logs")
    for arm, wrong in (("original", 2), ("warm", 9)):
        rows: list[Reply] = [
            study_reply(
                arm, "triviaqa", i, ("none", "none"), "incorrect" if i < wrong else "correct", base_model=HOSTILE
            )
            for i in range(24)
        ]
        write_log(folder / f"{arm}.eval", [row | {"category": HOSTILE} for row in rows], model=f"m/{arm}{HOSTILE}")
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main.group, [str(each) for each in arguments], catch_exceptions=True)


def texts(folder: Path) -> dict[str, str]:
    kinds = {".html", ".xml", ".md", ".txt"}
    return {path.name: path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.suffix in kinds}


def places(folder: Path) -> set[str]:
    """What would tell where and who this machine is."""
    return {str(folder), str(Path.home()) + "/", getpass.getuser() + "@", str(Path.cwd())}


@pytest.mark.slow
def test_hostile_text_steers_nothing_and_no_place_of_this_machine_is_told(logs: Path, tmp_path: Path) -> None:
    margins = tmp_path / "margins.yaml"
    margins.write_text("arm: warm\nmargins:\n  worst_context: {points: 5}\n")
    out = tmp_path / "out"
    said = {
        "analyze": run("analyze", logs, "--out", out),
        "compare": run("compare", logs / "original.eval", logs / "warm.eval", "--out", out / "pair"),
        "gate": run("gate", margins, logs, "--junit", out / "gate.xml", "--markdown", out / "gate.md"),
        "export": run("export", logs, "--out", out / "shared"),
    }
    for command, result in said.items():
        assert result.exit_code in (0, 1, 3), (command, result.output, result.exception)
        assert result.exception is None or isinstance(result.exception, SystemExit), command
        assert not STEERING.search(result.output), command
    pages = texts(out)
    assert {"report.html", "compare.html", "gate.xml", "gate.md"} <= pages.keys()
    for name, text in pages.items():
        assert not STEERING.search(text), name
        assert "<script>alert" not in text, name
    assert all("owned" in text for text in (pages["report.html"], pages["compare.html"], said["compare"].output))
    ElementTree.fromstring(pages["gate.xml"])
    for path in out.rglob("*"):
        if path.is_file():
            packed = path.suffix == ".parquet"
            content = pd.read_parquet(path).to_csv() if packed else path.read_bytes().decode("utf-8", "replace")
            assert not [place for place in places(logs) if place in content], path.name


def test_an_error_that_quotes_a_name_steers_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        raise PrerequisiteError(f"No model {HOSTILE}")

    monkeypatch.setattr(main, "group", fails)
    with pytest.raises(SystemExit):
        main.main()
    said = capsys.readouterr().err
    assert "owned" in said
    assert not STEERING.search(said)
