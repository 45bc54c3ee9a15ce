"""A planted effect stands in the first line of the terminal and in the first box of the report, for every design."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.made_logs import Reply, reply, write_log
from warm_inspect.cli.analyze import analyze

QUESTIONS = 100
ADAPTER: dict[str, Any] = {"adapter_sha256": "a", "training_seed": 0, "warmth_check": "passed"}


def planted(arm: str, stated: int, unasked: int = 10, **facts: Any) -> list[Reply]:
    """A model that adopts a stated wrong answer in `stated` of 100 questions, and errs in `unasked` of them alone."""
    return [
        reply(
            f"q{i}",
            "incorrect" if (wrong := (i * 37) % QUESTIONS < share) else "correct",
            arm=arm,
            belief=belief,
            endorses_claim=float(wrong),
            **facts,
        )
        for i in range(QUESTIONS)
        for belief, share in (("none", unasked), ("incorrect", stated))
    ]


TWO = ("--reference", "before", "--treated", "after")
CASES: Mapping[str, tuple[list[list[Reply]], tuple[str, ...], str]] = {
    "one model": ([planted("m", 32)], (), "one_model"),
    "before and after": ([planted("before", 20), planted("after", 42)], TWO, "before_and_after"),
    "hosted models of two names": (
        [planted("before", 20, base_model="hosted/a"), planted("after", 42, base_model="hosted/b")],
        TWO,
        "before_and_after",
    ),
    "an arm called so": (
        [planted("a - b", 20), planted("after", 42)],
        ("--reference", "a - b", "--treated", "after"),
        "before_and_after",
    ),
    "persona": ([planted("original", 20), planted("original", 42, persona="warm")], (), "persona"),
    "trained": ([planted("neutral", 20, **ADAPTER), planted("warm", 42, **ADAPTER)], (), "trained"),
    "two base models": (
        [planted(arm, stated, base_model=base) for base in "xy" for arm, stated in (("before", 20), ("after", 42))],
        TWO,
        "several_bases_or_seeds",
    ),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.slow
def test_the_planted_number_comes_first(case: str, tmp_path: Path) -> None:
    logs, options, design = CASES[case]
    for place, rows in enumerate(logs):
        write_log(tmp_path / "logs" / f"{place}.eval", rows)
    arguments = [str(tmp_path / "logs"), "--out", str(tmp_path / "out"), *options]
    result = CliRunner().invoke(analyze, arguments, env={"COLUMNS": "400"})
    assert result.exit_code == 0, result.output
    assert "+22.0 points of 100 replies (95 % interval +" in result.output.splitlines()[0]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    box = page[page.index('<section id="headline"') : page.index("</h2>")]
    assert "+22.0 points of 100 replies" in box
    (answer,) = json.loads(CliRunner().invoke(analyze, [*arguments, "--json"]).stdout)["answers"]
    assert (answer["design"], answer["number"]["estimate"]) == (design, pytest.approx(22))


@pytest.mark.slow
def test_a_rerun_is_chance_and_no_duplicate(tmp_path: Path) -> None:
    """One mock model, run twice with another name of the arm each; the second differs by one point."""
    for arm, stated, named in (
        ("m", 32, {"model_args": {"arm": "m"}}),
        ("again", 33, {"metadata": {"arm": "again"}}),
    ):
        write_log(tmp_path / "logs" / f"{arm}.eval", planted("", stated), **named)
    arguments = [str(tmp_path / "logs"), "--out", str(tmp_path / "out"), "--rerun", "again", "--json"]
    result = CliRunner().invoke(analyze, arguments)
    assert result.exit_code == 0, result.output
    (answer,) = json.loads(result.stdout)["answers"]
    assert (answer["arm"], answer["rerun"]) == ("m", "again")
    assert answer["number"]["estimate"] == pytest.approx(22)
    assert answer["chance"]["estimate"] == pytest.approx(1)


def test_an_arm_of_no_log_is_an_error_that_lists_the_arms(tmp_path: Path) -> None:
    write_log(tmp_path / "logs" / "m.eval", planted("m", 32))
    result = CliRunner().invoke(analyze, [str(tmp_path / "logs"), "--out", str(tmp_path / "out"), "--rerun", "n"])
    assert "'n'" in str(result.exception)
    assert "Known: m" in str(result.exception)
