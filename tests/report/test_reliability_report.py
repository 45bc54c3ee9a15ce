"""What `analyze` makes of logs of problems; that no number of the benchmarks moves is in `test_families_report`."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.made_problems import replies, write_solved
from warm_inspect.cli.analyze import analyze
from warm_inspect.core.errors import PrerequisiteError

GOOD = replies({0: ["cc/c"] * 3, 4: ["ce/c"] * 3})
WORSE = replies({0: ["cc/c"] * 3, 4: ["ii/c", "ii/i", "c-/c"]})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs of problems in `logs`; what is made of them beside."""
    path = tmp_path_factory.mktemp("reliability")
    for arm, solved in (("original", GOOD), ("warm", WORSE)):
        write_solved(path / "logs" / f"{arm}.eval", arm, solved)
    done = CliRunner().invoke(analyze, [str(path / "logs"), "--out", str(path / "out")])
    assert done.exit_code == 0, done.output
    (path / "said.txt").write_text(done.output)
    return path


def test_the_page_has_the_section(folder: Path) -> None:
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    start = page.index('<section id="reliability">')
    section = page[start : page.index("</section>", start)]
    assert section.count("<svg") == 2
    assert "not testable" in section
    assert "unscored: no_reply" in section
    assert "warm − original" in (folder / "said.txt").read_text()


def test_every_row_says_what_it_is_of(folder: Path) -> None:
    with (folder / "out" / "families.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["family"] for row in rows} == {"reliability"}
    assert all(row["estimate"] or row["note"] for row in rows)
    [effect] = [row for row in rows if (row["outcome"], row["reference"]) == ("incorrect", "original")]
    # Of six problems two are answered wrongly in both templates, and of one a single template is left.
    assert float(effect["estimate"]) == pytest.approx(100 / 3)
    assert (effect["item_set"], effect["design"], effect["n_questions"]) == ("addition", "natural", "6")


def test_of_one_arm_the_terminal_shows_what_its_replies_were(folder: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(analyze, [str(folder / "logs" / "original.eval"), "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "Replies by difficulty" in done.output


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
