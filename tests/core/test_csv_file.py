"""CSV files: what a spreadsheet would run as a formula is text, and numbers stay numbers."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from warm_inspect.core.csv_file import as_meant, write_frame, write_rows

SOURCE = Path(__file__).parents[2] / "src"
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2", "@SUM(1)", "\tx", "\n=1", "\r=1")


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_written_as_text_and_read_as_it_was_meant(tmp_path: Path, formula: str) -> None:
    frame = pd.DataFrame({"arm": pd.Categorical([formula, "warm"]), "model": [formula, None], "n": [-1.5, 2.0]})
    write_frame(tmp_path / "frame.csv", frame)
    write_rows(tmp_path / "rows.csv", ["arm", "model", "n"], [[formula, formula, -1.5], ["warm", "", 2.0]])
    for name in ("frame.csv", "rows.csv"):
        with (tmp_path / name).open(encoding="utf-8", newline="") as stream:
            header, first, second = csv.reader(stream)
        text = formula.replace("\r", "\n")
        assert (header, first, second) == (["arm", "model", "n"], [f"'{text}"] * 2 + ["-1.5"], ["warm", "", "2.0"])
        assert as_meant(first[0]) == text
    assert frame["arm"].iloc[0] == formula


def test_no_sign_of_a_cell_steers_what_shows_it(tmp_path: Path) -> None:
    cells = ["warm\x1b[2J", "a\u202eb", "\x00=1", "one\ttwo\nthree"]
    expected = ["warm\ufffd[2J", "a\ufffdb", "\ufffd=1", "one\ttwo\nthree"]
    write_rows(tmp_path / "rows.csv", ["cell"], [[cell] for cell in cells])
    write_frame(tmp_path / "frame.csv", pd.DataFrame({"cell": cells}))
    for name in ("frame.csv", "rows.csv"):
        with (tmp_path / name).open(encoding="utf-8", newline="") as stream:
            assert [row["cell"] for row in csv.DictReader(stream)] == expected


def test_what_is_no_formula_stays() -> None:
    assert [as_meant(text) for text in ("'quoted'", "warm", "")] == ["'quoted'", "warm", ""]


def test_every_csv_file_is_written_at_one_door() -> None:
    writers = ("to_csv(", "csv.writer(", "DictWriter(")
    doors = {path.name for path in SOURCE.rglob("*.py") if any(each in path.read_text("utf-8") for each in writers)}
    assert doors == {"csv_file.py"}
