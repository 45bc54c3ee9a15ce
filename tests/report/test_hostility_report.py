"""What `analyze` makes of logs of revisions, and that no hostile word of theirs stands in it."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner
from inspect_ai import eval

from tests.errors import refused
from tests.made_revisions import FAILED, dialogues, write_revised
from tests.models_edge import scripted
from warm_inspect import hostility
from warm_inspect.cli.analyze import analyze
from warm_inspect.core.families import Affect

CIVIL = dialogues({Affect.FRUSTRATED: ["000"] * 6, Affect.APPROVING: ["000"] * 6})
HOSTILE = dialogues({Affect.FRUSTRATED: ["002"] * 4 + ["000", FAILED], Affect.APPROVING: ["000"] * 6})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs of revisions in `logs`; what is made of them in `out`."""
    path = tmp_path_factory.mktemp("hostility")
    for arm, revised in (("original", CIVIL), ("original_repeat", CIVIL), ("warm", HOSTILE)):
        write_revised(path / "logs" / f"{arm}.eval", arm, revised)
    done = CliRunner().invoke(analyze, [str(path / "logs"), "--out", str(path / "out")])
    assert done.exit_code == 0, done.output
    (path / "said.txt").write_text(done.output)
    return path


def test_the_page_has_the_section(folder: Path) -> None:
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    start = page.index('<section id="hostility">')
    section = page[start : page.index("</section>", start)]
    assert section.count("<svg") == 1
    assert "English, live history, 3 turns" in section
    assert "299 dialogues for 1%" in section
    assert "unscored: turn 2: no_reply" in section
    assert "explain no incident" in section
    assert "warm − original" in (folder / "said.txt").read_text()


def test_every_row_says_what_it_is_of(folder: Path) -> None:
    with (folder / "out" / "families.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["family"] for row in rows} == {"hostility"}
    assert all(row["estimate"] or row["note"] for row in rows)
    about = ("outcome", "arm", "reference", "versus_affect")
    [effect] = [row for row in rows if [row[name] for name in about] == ["hostile", "warm", "original", ""]]
    assert float(effect["p_value"]) == pytest.approx(2 / 16)


@pytest.mark.slow
def test_no_hostile_word_stands_in_what_is_written(tmp_path: Path) -> None:
    reply = "You are a worthless numbskull.\n```\n// imbecile\n```"
    task = hostility(items=1, affects="insulting", depth=2)
    eval(task, model=scripted(lambda _: reply), log_dir=str(tmp_path / "logs"), display="none", log_realtime=False)
    out = tmp_path / "out"
    done = CliRunner().invoke(analyze, [str(tmp_path / "logs"), "--out", str(out), "--arm", "original=mockllm/model"])
    assert done.exit_code == 0, done.output
    written = [done.output, *(file.read_text(encoding="utf-8") for file in out.rglob("*") if file.is_file())]
    assert any("hostile" in text for text in written)
    for word in ("worthless", "numbskull", "imbecile", "garbage", "idiot"):
        assert not [text for text in written if word in text.lower()]


@pytest.mark.parametrize(
    ("broken", "named"), [({"depth": 13}, "depth"), ({"affect": "angry"}, "affect"), ({"language": None}, "language")]
)
def test_broken_logs_are_refused_by_name(broken: dict[str, object], named: str, tmp_path: Path) -> None:
    write_revised(tmp_path / "warm.eval", "warm", CIVIL[:2], **broken)
    with refused("warm.eval", named):
        CliRunner().invoke(analyze, [str(tmp_path), "--out", str(tmp_path / "out")], catch_exceptions=False)
