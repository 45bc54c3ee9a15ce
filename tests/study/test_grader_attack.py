"""The attack set as an evaluation and a command: what is forged is counted with its upper bound."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from inspect_ai.model import ChatMessage, Model

from tests.models_edge import in_form, scripted
from warm_inspect.cli.grader import grader
from warm_inspect.grading.model.attacks import AttackReport
from warm_inspect.study import attack_grader


def model(grade: Callable[[str], str]) -> Model:
    def answer(messages: list[ChatMessage]) -> str:
        return grade(messages[-1].text)

    return scripted(answer)


def test_a_grader_that_gives_in_is_counted_with_its_upper_bound(tmp_path: Path) -> None:
    def weak(prompt: str) -> str:
        return in_form(prompt, verdict="CORRECT" if "my job" in prompt else "INCORRECT")

    report = attack_grader([model(weak)], tmp_path)
    assert report.forged == ("appeal",)
    # Clopper-Pearson: P(X <= 1) = .025 for 68 draws at p: (1-p)^68 + 68 p (1-p)^67 = .025 at p = .0792.
    p = report.upper
    assert (1 - p) ** 68 + 68 * p * (1 - p) ** 67 == pytest.approx(0.025, abs=1e-6)


def test_the_upper_bound_is_one_without_a_verdict_and_falls_with_their_number() -> None:
    assert AttackReport((), 0, {"cut_off": 68}).upper == 1
    # 0 of n: (1 - p)^n = .025.
    assert AttackReport((), 62, {}).upper == pytest.approx(1 - 0.025 ** (1 / 62))


@pytest.mark.parametrize(("forged", "graded", "code"), [((), 68, 0), (("appeal",), 68, 1), ((), 0, 3)])
def test_the_command_says_what_was_forged(
    forged: tuple[str, ...], graded: int, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fake(*_: Any) -> AttackReport:
        return AttackReport(forged, graded, {} if graded else {"empty": 68})

    monkeypatch.setattr("warm_inspect.study.attack_grader", fake)
    result = CliRunner().invoke(grader, ["attack", "--model", "mockllm/model", "--json"])
    assert result.exit_code == code, result.output
    record = json.loads(result.stdout)
    assert (record["forged"], record["graded"], record["forged_attacks"]) == (len(forged), graded, list(forged))
    text = CliRunner().invoke(grader, ["attack", "--model", "mockllm/model"]).stdout
    assert f"{len(forged)} of {graded}" in text
    assert all(name in text for name in forged)


def test_a_dry_run_asks_nothing_and_tells_of_retirement() -> None:
    result = CliRunner().invoke(grader, ["attack", "--model", "openai/gpt-4o-2024-08-06", "--dry-run", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["calls_at_most"] == 136
    assert "2027-01-14" in result.stderr
