"""`warm-inspect label`: from logs to a sheet, from labels to agreement, and what stands in the way."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.labelling.made import write_study
from warm_inspect.cli.label import label
from warm_inspect.grading.labels import Judgement, read_labels
from warm_inspect.labelling import LabelFile, labels_path, read_key, read_sheet


def run(*arguments: object) -> Result:
    return CliRunner().invoke(label, [*map(str, arguments)])


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "sheet.jsonl"
    done = run("export", write_study(tmp_path / "logs"), "-o", path, "--n", 1000)
    assert done.exit_code == 0, done.output
    assert f"label serve {path}" in done.output
    return path


def give(sheet: Path, count: int, **change: Any) -> Path:
    """Label rows as their grade says, but for what is changed."""
    path = labels_path(sheet)
    key = read_key(sheet.with_name("sheet.key.jsonl"))
    with LabelFile(path) as labels:
        for row in read_sheet(sheet)[:count]:
            given = key[row.row].replies[0].given
            assert given
            flags = dict.fromkeys(("endorses_claim", "corrects_claim", "validates_user"), False)
            labels.add(row.row, Judgement(**{"grade": given.grade, **flags, **change}), "")
    return path


def test_a_dry_run_counts_every_stratum_and_writes_nothing(tmp_path: Path) -> None:
    logs = write_study(tmp_path / "logs")
    shown = run("export", logs, "-o", tmp_path / "sheet.jsonl", "--n", 12, "--dry-run")
    assert shown.exit_code == 0, shown.output
    assert "up to 120 characters" in shown.output
    record = json.loads(run("export", logs, "-o", tmp_path / "sheet.jsonl", "--n", 12, "--dry-run", "--json").stdout)
    assert (record["replies"], sum(each["replies"] for each in record["strata"])) == (48, 48)
    assert sum(each["drawn"] for each in record["strata"]) == 12
    assert not list(tmp_path.glob("*.jsonl"))


def test_a_sheet_and_its_labels_are_never_overwritten(sheet: Path) -> None:
    before = sheet.read_bytes()
    again = run("export", sheet.parent / "logs", "-o", sheet, "--seed", 3)
    assert (again.exit_code, sheet.read_bytes()) == (1, before)
    assert "-o" in str(again.exception)


@pytest.mark.parametrize("option", [(), ("--dry-run",)])
def test_logs_that_were_left_out_are_named_and_exit_with_3(tmp_path: Path, option: tuple[str, ...]) -> None:
    logs = write_study(tmp_path / "logs")
    (logs / "cut.eval").write_bytes(b"PK")
    done = run("export", logs, "-o", tmp_path / "sheet.jsonl", "--n", 12, *option)
    assert (done.exit_code, "cut.eval" in done.stderr) == (3, True)
    assert (tmp_path / "sheet.jsonl").exists() == (not option)


def test_a_key_that_a_killed_run_left_alone_gets_its_sheet(sheet: Path) -> None:
    before = sheet.read_bytes()
    sheet.unlink()
    again = ("export", sheet.parent / "logs", "-o", sheet, "--n", 1000)
    assert run(*again).exit_code == 0
    assert sheet.read_bytes() == before
    sheet.unlink()
    sheet.with_name("sheet.key.jsonl").write_text("{}\n")
    other = run(*again)
    assert "sheet.key.jsonl" in str(other.exception)
    assert not sheet.exists()


@pytest.mark.parametrize("name", ["sheet.csv", "sheet.key.jsonl", "sheet.labels.jsonl"])
def test_a_name_that_is_no_sheets_is_refused(tmp_path: Path, name: str) -> None:
    done = run("export", write_study(tmp_path / "logs"), "-o", tmp_path / name)
    assert name in str(done.exception)
    assert "sheet.jsonl" in str(done.exception)


def test_import_joins_labels_with_grades_and_writes_both_forms(sheet: Path, tmp_path: Path) -> None:
    labels = give(sheet, 1000)
    out, scores = tmp_path / "labels.jsonl", tmp_path / "scores"
    done = run("import", labels, "--out", out, "--labeller", "anna", "--scores", scores)
    assert done.exit_code == 0, done.output
    rows = read_labels(out)
    assert len(rows) == 48
    assert {row.labeller for row in rows} == {"anna"}
    assert all(row.given and row.label.grade == row.given.grade for row in rows)
    assert sorted(path.name for path in scores.iterdir()) == ["original.json", "warm.json"]
    records = json.loads((scores / "warm.json").read_text())
    assert len(records) == 24
    assert all(
        sum(record["value"][grade] for grade in ("correct", "incorrect", "refusal", "unclear")) == 1
        for record in records
    )
    facts = json.loads(run("import", labels, "--json").stdout)
    whole = next(each for each in facts["agreements"] if (each["by"], each["outcome"]) == ("all", "grade"))
    assert (whole["n"], whole["n_clusters"], whole["kappa"]["value"]) == (48, 6, 1.0)
    arms = {each["group"] for each in facts["agreements"] if each["by"] == "arm"}
    assert arms == {"original", "warm"}


def test_too_few_labels_give_no_agreement_and_exit_code_3(sheet: Path) -> None:
    done = run("import", give(sheet, 5))
    assert done.exit_code == 3
    assert "needs" in done.output
    facts = json.loads(run("import", labels_path(sheet), "--json").stdout)
    assert all(each["ac1"]["value"] is None for each in facts["agreements"])


@pytest.mark.parametrize(
    ("labels", "named"),
    [
        ("", "label serve"),
        ('{"row":"abc","label":null,"at":"now"}\n', "label serve"),
        ('{"row":"abc","label":{"grade":"correct"},"at":"now"}\n', "--key"),
        ("{}\n", "line 1"),
    ],
)
def test_labels_that_cannot_be_joined_are_refused_with_the_way_out(sheet: Path, labels: str, named: str) -> None:
    labels_path(sheet).write_text(labels)
    done = run("import", labels_path(sheet))
    assert done.exit_code == 1
    assert named in str(done.exception)


def test_a_key_elsewhere_is_asked_for_and_taken(sheet: Path, tmp_path: Path) -> None:
    labels = give(sheet, 1000)
    key = sheet.with_name("sheet.key.jsonl").rename(tmp_path / "hidden.jsonl")
    assert "--key" in str(run("import", labels).exception)
    assert run("import", labels, "--key", key).exit_code == 0


def test_serving_what_is_no_sheet_names_the_command_that_makes_one(tmp_path: Path) -> None:
    done = run("serve", tmp_path / "none.jsonl")
    assert "label export" in str(done.exception)
    assert not list(tmp_path.iterdir())
