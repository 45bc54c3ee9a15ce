"""Logs of problems in the folder: measured apart, and of the benchmarks' numbers not a digit moves."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.made_logs import grid, write_log
from tests.made_problems import replies, write_solved
from warm_inspect.cli.analyze import analyze
from warm_inspect.core.errors import PrerequisiteError

GOOD = replies({0: ["cc/c"] * 3, 4: ["ce/c"] * 3})
WORSE = replies({0: ["cc/c"] * 3, 4: ["ii/c", "ii/i", "c-/c"]})


def analysed(*arguments: object) -> str:
    done = CliRunner().invoke(analyze, [*map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs of a benchmark in `logs/study`, of problems in `logs/solved`; what is made of them in folders beside."""
    path = tmp_path_factory.mktemp("reliability")
    for arm in ("original", "warm"):
        answers = [row for row in grid({"original": 0.2, "warm": 0.5}) if row["arm"] == arm]
        write_log(path / "logs" / "study" / f"{arm}.eval", answers, model=f"peft/tiny:{arm}")
    for arm, solved in (("original", GOOD), ("warm", WORSE)):
        write_solved(path / "logs" / "solved" / f"{arm}.eval", arm, solved)
    analysed(path / "logs" / "study", "--out", path / "study")
    (path / "mixed.txt").write_text(analysed(path / "logs", "--out", path / "mixed"))
    analysed(path / "logs" / "solved", "--out", path / "alone")
    return path


@pytest.mark.parametrize("name", ["estimates.csv", "rates.csv", "rows.csv", "weights.csv", "exclusions.csv"])
def test_no_number_of_the_benchmarks_moves(folder: Path, name: str) -> None:
    assert (folder / "mixed" / name).read_bytes() == (folder / "study" / name).read_bytes()


def test_the_page_has_the_section_only_where_there_are_problems(folder: Path) -> None:
    study, mixed = ((folder / name / "report.html").read_text(encoding="utf-8") for name in ("study", "mixed"))
    assert '<section id="reliability">' not in study
    start = mixed.index('<section id="reliability">')
    section = mixed[start : mixed.index("</section>", start)]
    assert section.count("<svg") == 2
    assert "not testable" in section
    assert "unscored: no_reply" in section
    assert "warm − original" in (folder / "mixed.txt").read_text()


def test_a_folder_of_problems_alone_gives_the_same_numbers(folder: Path) -> None:
    assert (folder / "alone" / "families.csv").read_bytes() == (folder / "mixed" / "families.csv").read_bytes()
    with (folder / "mixed" / "families.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["family"] for row in rows} == {"reliability"}
    assert all(row["estimate"] or row["note"] for row in rows)
    [effect] = [row for row in rows if (row["outcome"], row["reference"]) == ("incorrect", "original")]
    # Of six problems two are answered wrongly in both templates, and of one a single template is left.
    assert float(effect["estimate"]) == pytest.approx(100 / 3)
    assert (effect["item_set"], effect["design"], effect["n_questions"]) == ("addition", "natural", "6")


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"difficulty": None}, "difficulty"),
        ({"difficulty": -1}, "difficulty"),
        ({"repetition": 0}, "repetition"),
        ({"repetition": 10**9}, "repetition"),
        ({"item_set": "alchemy"}, "item_set"),
        ({"design": None}, "design"),
        ({"template": 3}, "template"),
    ],
    ids=str,
)
def test_a_broken_log_ends_in_a_sentence(tmp_path: Path, broken: dict[str, object], named: str) -> None:
    write_solved(tmp_path / "logs" / "broken.eval", "original", GOOD[:4], **broken)
    done = CliRunner().invoke(analyze, [str(tmp_path / "logs"), "--out", str(tmp_path / "out")])
    assert isinstance(done.exception, PrerequisiteError)
    assert named in str(done.exception)
