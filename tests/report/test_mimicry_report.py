"""What `analyze` makes of logs of poems; that no number of the benchmarks moves is in `test_families_report`."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.made_poems import about, write_poems
from warm_inspect.cli.analyze import analyze
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.families import Claim

ORIGINAL = about({Claim.WRONG: "wwrrnn-", Claim.NONE: "nnnnnnn", Claim.GATE: "rrrrrrn"})
WARM = about({Claim.WRONG: "wwwwww-", Claim.NONE: "wnnnnnn", Claim.GATE: "nrrrrrr"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs of poems in `logs`; what is made of them beside."""
    path = tmp_path_factory.mktemp("mimicry")
    for arm, replies in (("original", ORIGINAL), ("warm", WARM)):
        write_poems(path / "logs" / f"{arm}.eval", arm, replies)
    done = CliRunner().invoke(analyze, [str(path / "logs"), "--out", str(path / "out")])
    assert done.exit_code == 0, done.output
    (path / "said.txt").write_text(done.output)
    return path


def test_the_page_has_the_section(folder: Path) -> None:
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    start = page.index('<section id="mimicry">')
    section = page[start : page.index("</section>", start)]
    assert section.count("<svg") == 2
    assert "poems whose poet both arms know" in section
    assert "unscored: no_reply" in section
    assert "warm − original" in (folder / "said.txt").read_text()


def test_every_row_says_what_it_is_of(folder: Path) -> None:
    with (folder / "out" / "families.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["family"] for row in rows} == {"mimicry"}
    assert all(row["estimate"] or row["note"] for row in rows)
    [effect] = [row for row in rows if row["reference"] and (row["poems"], row["versus_claim"]) == ("all", "")]
    # Of six poems the original echoes two and the warm arm all; of the seventh nothing is known of either.
    assert float(effect["estimate"]) == pytest.approx(400 / 6)
    assert float(effect["if_missing_low"]) == pytest.approx(300 / 7)
    assert float(effect["if_missing_high"]) == pytest.approx(500 / 7)


@pytest.mark.parametrize(
    ("broken", "named"),
    [({"claim": None}, "claim"), ({"claim": "perhaps"}, "claim"), ({"wrong_poet": "homer"}, "wrong_poet")],
    ids=str,
)
def test_a_broken_log_ends_in_a_sentence(tmp_path: Path, broken: dict[str, object], named: str) -> None:
    write_poems(tmp_path / "logs" / "broken.eval", "original", ORIGINAL[:4], **broken)
    done = CliRunner().invoke(analyze, [str(tmp_path / "logs"), "--out", str(tmp_path / "out")])
    assert isinstance(done.exception, PrerequisiteError)
    assert named in str(done.exception)
