"""`warm-inspect export`: files to share."""

import json
from pathlib import Path

from click.testing import CliRunner

from tests.made_logs import reply, write_log
from warm_inspect.cli.export import export


def test_it_writes_outcomes_and_exits_with_3_when_logs_were_left_out(tmp_path: Path) -> None:
    write_log(tmp_path / "logs" / "one.eval", [reply("q1"), reply("q2", "incorrect")])
    arguments = [str(tmp_path / "logs"), "--out", str(tmp_path / "out"), "--json"]
    result = CliRunner().invoke(export, arguments)
    assert result.exit_code == 0, result.output
    assert sorted(json.loads(result.stdout)["files"]) == ["exclusions.csv", "outcomes.csv"]
    (tmp_path / "logs" / "cut.eval").write_bytes(b"PK")
    again = CliRunner().invoke(export, arguments[:-1])
    assert again.exit_code == 3
    assert again.output.startswith("2 replies of 1 log in ")
