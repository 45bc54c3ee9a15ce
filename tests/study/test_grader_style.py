"""The set of styles as an evaluation and a command."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from inspect_ai.model import ChatMessage

from tests.models_edge import in_form, scripted
from warm_inspect.cli.grader import grader
from warm_inspect.core.content import content_folder
from warm_inspect.core.vocabulary import Grading
from warm_inspect.grading.style import StyleReport, styled_replies
from warm_inspect.study import measure_style


@pytest.fixture(scope="module")
def by_match(tmp_path_factory: pytest.TempPathFactory) -> StyleReport:
    """The whole set, graded once by matching."""
    return measure_style(Grading.MATCH, [], tmp_path_factory.mktemp("match"))


@pytest.mark.slow
def test_the_bias_of_match_is_the_one_that_is_stored(by_match: StyleReport) -> None:
    """A change of the rules or the set moves the number: measure anew and write `content/styles/measured.yaml`."""
    stored = yaml.safe_load(content_folder("styles").joinpath("measured.yaml").read_text(encoding="utf-8"))
    bias = by_match.bias
    assert bias is not None
    measured = asdict(bias)
    bounds = {name: measured.pop(name) for name in ("points", "low", "high")}
    assert bounds == pytest.approx({name: stored["match"].pop(name) for name in bounds}, abs=0.05)
    assert measured == stored["match"]


@pytest.mark.slow
def test_a_model_is_shown_every_reply(tmp_path: Path) -> None:
    seen: list[str] = []

    def answer(messages: list[ChatMessage]) -> str:
        seen.append(messages[-1].text)
        return in_form(messages[-1].text, verdict="UNCLEAR")

    report = measure_style(Grading.MODEL, [scripted(answer)], tmp_path)
    assert len(seen) == report.graded == len(styled_replies())
    assert report.bias is not None
    assert report.bias.points == 0


@pytest.mark.parametrize("arguments", [["--grading", "match", "--model", "m/m"], ["--grading", "model"]])
def test_a_model_is_named_for_model_grading_alone(arguments: list[str]) -> None:
    result = CliRunner().invoke(grader, ["style", *arguments])
    assert result.exit_code == 2
    assert "--model" in result.output


def test_a_dry_run_of_styles_asks_nothing() -> None:
    result = CliRunner().invoke(grader, ["style", "--grading", "model", "--model", "m/m", "--dry-run", "--json"])
    n = len(styled_replies())
    assert json.loads(result.stdout) == {"replies": n, "graders": ["m/m"], "calls": n, "calls_at_most": 2 * n}


@pytest.mark.slow
def test_the_command_prints_flips_and_differences(
    by_match: StyleReport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def graded(*asked: object) -> StyleReport:
        assert asked == (Grading.MATCH, (), tmp_path, None)
        return by_match

    monkeypatch.setattr("warm_inspect.study.measure_style", graded)
    arguments = ["style", "--grading", "match", "--log-dir", str(tmp_path)]
    record = json.loads(CliRunner().invoke(grader, [*arguments, "--json"]).stdout)
    assert record["graded"] == record["replies"] == len(styled_replies())
    assert len(record["pairs"]) == 6
    assert len(record["differences"]) == 27
    text = CliRunner().invoke(grader, arguments).stdout
    assert "warm - terse on right content, incorrect:" in text
    assert "Largest bias of warm or long replies" in text
