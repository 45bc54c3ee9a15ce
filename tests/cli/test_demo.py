"""The options of `warm-inspect demo`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from warm_inspect.cli.demo import demo
from warm_inspect.demo import DemoDesign, DemoPlan, Speeds

DESIGN = DemoDesign(
    8,
    Speeds(measuring=40, start=9, step=2, token=0.01),
    DemoPlan(items=3, epochs=1, prompts=21, third_party=False, cold=False, persona=False),
)


@pytest.mark.parametrize("options", [(), ("--quick",), ("--minutes", "8"), ("--minutes", "30", "--quick")])
def test_a_dry_run_shows_the_design_of_the_folder(tmp_path: Path, options: tuple[str, ...]) -> None:
    DESIGN.store(tmp_path)
    result = CliRunner().invoke(demo, ["--out", str(tmp_path), "--dry-run", *options])
    assert result.exit_code == 0, result.output
    words = " ".join(result.output.split())
    assert "4 adapters to train (warm, neutral, agreeing, answering; passes: 1), then 336 replies of 6 arms" in words
    assert "Left out: the warm persona, the cold adapter, the claims of a web page, 15 of 18 items" in words
    assert not (tmp_path / "adapters").exists()


def test_a_dry_run_says_what_the_families_add(tmp_path: Path) -> None:
    DESIGN.store(tmp_path)
    result = CliRunner().invoke(demo, ["--out", str(tmp_path), "--dry-run", "--families"])
    # 9 s to start, and 4 arms of 10,000 tokens of 10 ms
    assert "--families adds about 6:49 for original, original_repeat, warm, neutral." in " ".join(result.output.split())


def test_another_time_than_that_of_the_folder_is_refused(tmp_path: Path) -> None:
    DESIGN.store(tmp_path)
    result = CliRunner().invoke(demo, ["--out", str(tmp_path), "--dry-run", "--minutes", "30"])
    assert "--minutes 8" in str(result.exception)
