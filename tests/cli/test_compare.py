"""`warm-inspect compare`: what it writes, prints and returns."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.made_logs import reply, write_log
from warm_inspect.cli.compare import compare
from warm_inspect.core.errors import PrerequisiteError


def run(*arguments: object) -> Result:
    return CliRunner().invoke(compare, [str(argument) for argument in arguments])


@pytest.fixture
def logs(tmp_path: Path) -> list[Path]:
    wrong = {"a": 2, "b": 5}
    return [
        write_log(
            tmp_path / f"{side}.eval",
            [reply(f"q{i}", "incorrect" if i < wrong[side] else "correct") for i in range(12)],
        )
        for side in wrong
    ]


def test_the_terminal_shows_the_difference_and_who_differs(logs: list[Path]) -> None:
    result = run(*logs, "--score", "correctness.correct")
    assert result.exit_code == 0, result.output
    text = " ".join(result.output.split())
    assert "83.3" in text
    assert "only B wrong (3): none/none · q2, none/none · q3, none/none · q4" in text
    # 3 discordant pairs, all one way: 2 / 2**3.
    assert "McNemar exact P 0.25, mid-P 0.125." in text
    assert "errors clustered by cluster_id" in text


def test_json_and_the_files_say_the_same(logs: list[Path], tmp_path: Path) -> None:
    result = run(*logs, "--out", tmp_path / "out", "--json")
    record = json.loads(result.stdout)
    assert record == json.loads((tmp_path / "out" / "compare.json").read_text())
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["compare.html", "compare.json", "items.csv"]
    by_name = {metric["metric"]: metric for metric in record["metrics"]}
    assert by_name["correctness.incorrect"]["difference"]["estimate"] == pytest.approx(25)
    # Nobody refused: no test, an exact bound, and null where there is no number.
    assert by_name["correctness.refusal"]["p_holm"] is None
    (bounded,) = [names for limit, names in record["limits"].items() if "exact bound" in limit]
    assert "correctness.refusal" in bounded
    assert str(tmp_path) not in (tmp_path / "out" / "compare.html").read_text()


def test_a_failed_warmth_check_is_told_everywhere(logs: list[Path], tmp_path: Path) -> None:
    trained: dict[str, Any] = {"arm": "neutral", "adapter_sha256": "f", "training_seed": 0, "warmth_check": "failed"}
    tuned = write_log(tmp_path / "tuned.eval", [reply(f"q{i}", **trained) for i in range(12)])
    said = "The adapter of arm neutral in log B failed its warmth check: its replies moved in warmth, which they should"
    shown = " ".join(run(logs[0], tuned).output.split())
    assert f"Note: {said} not." in shown
    record = json.loads(run(logs[0], tuned, "--out", tmp_path / "out", "--json").stdout)
    assert (record["a"]["warmth_checks"], record["b"]["warmth_checks"]) == ({}, {"neutral": ["failed"]})
    assert f"{said} not." in record["notes"]
    assert f"<li>{said} not.</li>" in (tmp_path / "out" / "compare.html").read_text()


def test_an_unfinished_log_exits_with_3(logs: list[Path], tmp_path: Path) -> None:
    open_log = write_log(tmp_path / "open.eval", [reply("q0"), reply("q1")], status="started")
    result = run(logs[0], open_log)
    assert result.exit_code == 3
    assert "did not finish" in result.output


def test_mistakes_are_one_message(logs: list[Path]) -> None:
    for arguments, parts in (
        ((*logs, "--value-map", "GOOD"), ("GOOD", "VALUE=NUMBER")),
        ((*logs, "--value-map", "GOOD=2"), ("GOOD=2", "0 to 1")),
        ((*logs, "--score", "corectness"), ("'corectness'", "correctness")),
        ((logs[0], logs[0]), (logs[0].name,)),
    ):
        error = run(*arguments).exception
        assert isinstance(error, PrerequisiteError)
        assert not [part for part in parts if part not in str(error)]
