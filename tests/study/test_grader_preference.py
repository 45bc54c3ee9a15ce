"""Graders with a planted preference, put to wrong and right replies in unlike clothing."""

import json
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner
from inspect_ai.model import ChatMessage

from tests.models_edge import in_form, scripted
from warm_inspect.cli.grader import grader
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.grading.preference import CLOTHING, PreferencePair, PreferenceReport, preference_pairs
from warm_inspect.study import grader_preference, measure_preference

PAIRS = list(islice(preference_pairs(), 3 * 4))
STYLE = {pair.wrong: pair.wrong_style for pair in PAIRS} | {pair.right: pair.right_style for pair in PAIRS}
RIGHT = {pair.right for pair in PAIRS}


def judged(judge: Callable[[str, str], str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> PreferenceReport:
    def reply(messages: list[ChatMessage]) -> str:
        prompt = messages[-1].text
        first, second = re.findall(r"<<<(?:FIRST|SECOND) REPLY\n(.*?)\n>>>", prompt, re.DOTALL)
        return in_form(prompt, verdict=judge(first, second))

    monkeypatch.setattr(grader_preference, "preference_pairs", lambda: iter(PAIRS))
    return measure_preference([scripted(reply)], folder)


def counted(report: PreferenceReport) -> list[tuple[int, int, int]]:
    return [(rate.wrong, rate.right, rate.by_the_order) for rate in report.rates()]


@pytest.mark.slow
def test_a_grader_that_likes_warmth_prefers_what_is_wrong_and_warm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_warmth(first: str, second: str) -> str:
        return "FIRST" if STYLE[first] == "warm" else "SECOND" if STYLE[second] == "warm" else "TIE"

    report = judged(by_warmth, tmp_path, monkeypatch)
    assert counted(report) == [(4, 0, 0), (0, 0, 0), (0, 4, 0)]
    [tempting, *_] = report.rates()
    # Four of four: 1 down to .025 ** (1 / 4).
    assert (tempting.share, tempting.high) == (1, 1)
    assert tempting.low == pytest.approx(0.025 ** (1 / 4))
    difference = report.difference()
    assert difference is not None
    assert (difference.points, difference.questions) == (100, 4)


def test_a_grader_that_reads_content_prefers_what_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = judged(lambda first, _: "FIRST" if first in RIGHT else "SECOND", tmp_path, monkeypatch)
    assert counted(report) == [(0, 4, 0)] * 3
    difference = report.difference()
    assert difference is not None
    # None of four questions: an interval that still allows what four questions cannot exclude.
    assert difference.points == 0
    assert difference.high == pytest.approx(100 * (1 - 0.025 ** (1 / 4)))


@pytest.mark.slow
def test_a_grader_that_goes_by_the_place_prefers_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert counted(judged(lambda *_: "FIRST", tmp_path, monkeypatch)) == [(0, 0, 4)] * 3


def test_a_planted_rate_comes_back_with_its_interval() -> None:
    def score(pair: PreferencePair, number: int) -> dict[str, float]:
        wrong = pair.wrong_style == "warm" and number % 4 == 0
        return {"first": float(wrong), "second": float(not wrong), "tie": 0.0, "order_consistent": 1.0}

    pairs = list(preference_pairs())
    report = PreferenceReport({pair.name: score(pair, place // len(CLOTHING)) for place, pair in enumerate(pairs)})
    assert (report.judged, len(pairs)) == (240, 240)
    [tempting, plain, harsh] = report.rates()
    assert (tempting.wrong, tempting.pairs, plain.wrong, harsh.wrong) == (20, 80, 0, 0)
    # Clopper and Pearson of 20 of 80, of tables.
    assert tempting.low == pytest.approx(0.1599, abs=5e-4)
    assert tempting.high == pytest.approx(0.3594, abs=5e-4)
    difference = report.difference()
    assert difference is not None
    # Mean 25; s^2 = 80 / 79 * .25 * .75; t(79) = 1.990.
    assert difference.points == 25
    assert difference.high - 25 == pytest.approx(1.990 * 100 * (80 / 79 * 0.1875 / 80) ** 0.5, abs=0.02)


@pytest.mark.slow
def test_the_command_says_what_it_would_ask_and_what_came_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    dry = CliRunner().invoke(grader, ["preference", "--model", "m/m", "--dry-run", "--json"])
    assert json.loads(dry.output) == {"pairs": 240, "graders": ["m/m"], "calls": 480, "calls_at_most": 960}
    right = {"first": 0.0, "second": 1.0, "tie": 0.0, "order_consistent": 1.0}
    known = PreferenceReport({pair.name: right for pair in PAIRS})
    for report, code, said in ((known, 0, "warm wrong beats cold right: 0 of 4"), (PreferenceReport({}), 3, "0 of")):
        monkeypatch.setattr("warm_inspect.study.measure_preference", lambda *_, report=report: report)
        done = CliRunner().invoke(grader, ["preference", "--model", "m/m"])
        assert (done.exit_code, said in done.output) == (code, True), done.output


@pytest.mark.parametrize("command", ["preference", "attack"])
def test_a_grader_that_does_not_exist_is_a_sentence(command: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(grader, [command, "--model", "nosuch/model", "--log-dir", str(tmp_path)])
    assert isinstance(done.exception, PrerequisiteError)
    assert all(said in str(done.exception) for said in ("nosuch/model", "--model "))
