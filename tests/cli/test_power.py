"""`warm-inspect power`: from assumed rates, from a pilot of ours, and from two logs of any task."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.made_logs import reply, write_log
from warm_inspect.cli.power import power
from warm_inspect.core.errors import PrerequisiteError

NEUTRAL = ("--reference", "neutral")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(power, [str(argument) for argument in arguments])


def record(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_assumed_rates_give_the_textbook_number_of_pairs() -> None:
    plan = record("--effect", 10, "--rate", 30, "--discordance", 30)
    # (1.96 + 0.84) ** 2 * (.30 - .01) / .01 = 227.6 with a normal reference; a t test takes 2 more.
    assert plan["claims"][0]["needed"] in (229, 230)
    assert plan["claims"][0]["replies"] == 2 * plan["claims"][0]["needed"]
    assert plan["claims"][1]["needed"] is None
    assert "--statement-sd" in plan["claims"][1]["note"]


def test_labels_are_planned_for_a_grader_of_known_errors() -> None:
    grader = ("--sensitivity", 80, "--specificity", 90)
    plan = record("--rate", 30, "--items", 300, *grader, "--labels", 100, "--width", 20)
    assert [each["labels"] for each in plan["labels"]][::2] == [100, 300]
    assert 2 * plan["labels"][1]["half_width"] <= 20
    shown = run("--rate", 30, "--items", 300, *grader, "--labels", 100).output
    assert f"±{plan['labels'][0]['half_width']:.1f}" in shown
    assert "labels" not in record("--rate", 30)


@pytest.mark.parametrize("given", [("--labels", 100), ("--width", 5), ("--sensitivity", 80)])
def test_a_plan_of_labels_takes_both_of_the_graders_errors(given: tuple[object, ...]) -> None:
    result = run("--rate", 30, *given)
    assert result.exit_code == 2
    assert "--sensitivity" in result.output
    assert "--specificity" in result.output


def test_what_is_not_said_is_as_for_the_gate_and_as_in_the_pilot(tmp_path: Path) -> None:
    """A pilot of original and warm, the arms that the gate compares, needs no option."""
    files = [
        write_log(
            tmp_path / f"{arm}.eval", [reply(f"q{i}", "incorrect" if i < n else "correct", arm=arm) for i in range(30)]
        )
        for arm, n in (("original", 4), ("warm", 9))
    ]
    study = record(*files, "--outcome", "incorrect", "--effect", 5)
    assert (study["pilot"]["effect"], study["design"]["seeds"]) == (pytest.approx(5 / 30), 1)
    assert record("--effect", 10, "--rate", 30)["design"]["seeds"] == 1
    assert record("--effect", 10, "--rate", 30, "--seeds", 4)["design"]["seeds"] == 4


def test_an_arm_that_the_pilot_lacks_is_named_with_its_options(logs: list[Path]) -> None:
    problem = run(*logs, "--outcome", "incorrect").exception
    assert isinstance(problem, PrerequisiteError)
    for part in ("'original'", "neutral, warm", "--treated", "--reference"):
        assert part in str(problem)


@pytest.fixture
def logs(tmp_path: Path) -> list[Path]:
    wrong = {"neutral": 4, "warm": 9}
    rows = {
        arm: [
            reply(f"q{i}", "incorrect" if (i * 7) % 30 < n else "correct", arm=arm, endorses_claim=i < n)
            for i in range(30)
        ]
        for arm, n in wrong.items()
    }
    return [write_log(tmp_path / f"{arm}.eval", rows[arm]) for arm in wrong]


def test_a_pilot_with_logs_that_did_not_end_exits_with_3_and_names_them(logs: list[Path], tmp_path: Path) -> None:
    (tmp_path / "cut.eval").write_bytes(b"PK")
    left_out = run(*logs, tmp_path / "cut.eval", *NEUTRAL, "--outcome", "incorrect", "--effect", 5)
    assert (left_out.exit_code, "cut.eval" in left_out.output) == (3, True)
    replies = [reply(f"q{i}", "incorrect" if i < 5 else "correct") for i in range(20)]
    begun = write_log(tmp_path / "begun.eval", replies, status="started")
    pair = run("--pair", logs[0], begun, "--score", "correctness.incorrect", "--effect", 5, "--json")
    assert pair.exit_code == 3
    assert json.loads(pair.stdout)["pilot"]["unfinished"] == ["begun.eval"]
    assert run(*logs, *NEUTRAL, "--outcome", "incorrect", "--effect", 5).exit_code == 0


def test_a_pilot_of_ours_and_the_same_two_logs_as_a_pair_agree(logs: list[Path]) -> None:
    study = record(*logs, *NEUTRAL, "--outcome", "incorrect", "--effect", 5)
    pair = record("--pair", *logs, "--score", "correctness.incorrect", "--effect", 5)
    assert study["pilot"]["discordance"] == pytest.approx(5 / 30)
    assert study["spread"]["pair_variance"] == pytest.approx(pair["spread"]["pair_variance"])
    assert study["claims"][0] == pair["claims"][0]
    shown = run(*logs, *NEUTRAL, "--outcome", "incorrect", "--effect", 5).output
    assert "16.7% of the pairs differ" in shown
    assert f"{study['claims'][0]['needed']} items" in shown


def test_given_numbers_win_over_the_pilot(logs: list[Path]) -> None:
    spread = record(*logs, *NEUTRAL, "--outcome", "incorrect", "--icc", 0.2, "--seed-sd", 3, "--discordance", 40)[
        "spread"
    ]
    assert (spread["item_icc"], spread["seed_sd"]) == (0.2, 0.03)
    # The pilot's own effect, 5 of 30, where none is planned.
    assert spread["pair_variance"] == pytest.approx(0.4 - (5 / 30) ** 2)


@pytest.mark.parametrize("arguments", [(), ("--rate", 30, "--pair", "a", "b")])
def test_exactly_one_source_of_the_spread_is_wanted(arguments: tuple[object, ...]) -> None:
    result = run("--effect", 5, *arguments)
    assert result.exit_code == 2
    assert "PILOT logs, --pair A B, or --rate" in result.output


def test_impossible_rates_are_one_message(logs: list[Path]) -> None:
    for arguments in (("--effect", 80, "--rate", 30), (*logs, *NEUTRAL, "--effect", 20, "--discordance", 1)):
        assert isinstance(run(*arguments).exception, PrerequisiteError)
