"""The section of `feedback`: its tables and figure on the page, and the numbers of other families beside it."""

from pathlib import Path

from click.testing import CliRunner

from tests.made_comments import write_comments
from warm_inspect.cli.analyze import analyze
from warm_inspect.core.families import Framing

FLAT = dict.fromkeys(Framing, "========")


def test_a_folder_of_comments_is_a_page_with_a_section(tmp_path: Path) -> None:
    warm = FLAT | {Framing.LIKED: "++++++??", Framing.DISLIKED: "----==xx"}
    for arm, compared in {"original": FLAT, "original_repeat": FLAT, "warm": warm}.items():
        write_comments(tmp_path / "logs" / f"{arm}.eval", arm, compared)
    done = CliRunner().invoke(analyze, [str(tmp_path / "logs"), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    # On the six texts with every verdict: liked 100, disliked 1/6, wrote and did not write 50 each; halved.
    assert "+41.7" in done.output
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    section = page[page.index('<section id="feedback">') :]
    assert section.count("<svg") == 1
    assert section.count("<table") == 5
    for said in ("+41.7", "(rerun)", "positivity, liked", "did not write − none", "unscored: malformed"):
        assert said in section, said
    assert "+41.7" in (tmp_path / "out" / "tables.md").read_text(encoding="utf-8")
