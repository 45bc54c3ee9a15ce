"""Each finding has a state, a fact, and one fix where something is missing; secrets are never shown."""

import json
import shutil
from collections.abc import Iterator
from datetime import date
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from huggingface_hub import constants
from inspect_ai.model import ChatMessage
from inspect_ai.scorer import Score

from tests.hosted import HostedModels, hosting
from tests.models_edge import in_form, scripted
from warm_inspect.cli.main import group
from warm_inspect.core.installation import install_command
from warm_inspect.core.vocabulary import Benchmark
from warm_inspect.doctor import Readiness, hub, machine, models
from warm_inspect.grading.model import GraderFailure
from warm_inspect.grading.style import Content
from warm_inspect.study import plain_verdicts

GRADER = "openai/gpt-4o-2024-08-06"
YES = "openai-api/edge/yes"
KEY = "sk-secret-of-this-test"


class Edge(HostedModels):
    """A Hub that gives every data set but one, which is gated, and a model that says yes to everything."""

    def reply(self, model: str, prompt: str) -> str:
        return "Yes."

    def do_GET(self) -> None:
        gated = "cais/MASK" in self.path
        self.send_response(403 if gated else 200)
        if gated:
            self.send_header("X-Error-Code", "GatedRepo")
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def loopback(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with hosting(Edge) as address:
        monkeypatch.setattr(constants, "ENDPOINT", address)
        monkeypatch.setenv("EDGE_API_KEY", KEY)
        monkeypatch.setenv("EDGE_BASE_URL", f"{address}/v1")
        yield


def test_a_gated_data_set_is_named_with_the_way_in(loopback: None) -> None:
    findings = {finding.subject: finding for finding in hub.benchmarks()}

    assert findings.keys() == {f"Hub {benchmark}" for benchmark in Benchmark}
    gated = findings.pop(f"Hub {Benchmark.DISINFO}")
    assert gated.state == Readiness.WARNING
    assert "cais/MASK" in gated.fact
    assert "huggingface.co/datasets/cais/MASK" in gated.fix
    assert "HF_TOKEN" in gated.fix
    assert {finding.state for finding in findings.values()} == {Readiness.OK}


def test_a_hub_that_does_not_answer_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")

    [finding] = hub.benchmarks()

    assert (finding.subject, finding.state) == ("Hub", Readiness.WARNING)
    assert "-T source=bundled" in finding.fix


def test_a_missing_or_old_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "statsmodels":
            raise PackageNotFoundError(name)
        return "0.1" if name == "pandas" else "9999"

    monkeypatch.setattr(machine, "version", version)
    findings = {finding.subject: finding for finding in machine.packages()}

    analysis = findings["Extra analysis"]
    assert analysis.state == Readiness.WARNING
    assert {"pandas>=3.1", "statsmodels>=0.15"} <= set(analysis.fact.split(": ")[1].split("; ")[0].split(", "))
    assert analysis.fix == install_command("analysis")
    assert findings["Extra hub"].state == Readiness.OK
    # `local` holds `hub`, and this inspect-ai is newer than the package allows.
    assert findings["Package"].state == Readiness.PROBLEM
    assert "inspect-ai" in findings["Package"].fact


def test_an_extra_inside_an_extra_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name == "datasets":
            raise PackageNotFoundError(name)
        return "9999"

    monkeypatch.setattr(machine, "version", version)
    states = {finding.subject: finding.state for finding in machine.packages()}

    assert (states["Extra hub"], states["Extra local"]) == (Readiness.WARNING, Readiness.WARNING)
    assert states["Extra openai"] == Readiness.OK


def test_little_room_is_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 2**30}))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 2**31}))

    assert [(each.state, each.fact[:7]) for each in (*machine.disk(tmp_path), *machine.memory())] == [
        (Readiness.WARNING, "1.0 GiB"),
        (Readiness.WARNING, "2.0 GiB"),
    ]


@pytest.mark.parametrize(
    ("today", "named", "expected"),
    [
        (date(2027, 1, 13), [GRADER], [Readiness.WARNING, Readiness.OK]),
        (date(2027, 1, 14), [GRADER], [Readiness.PROBLEM]),
        (date(2027, 1, 14), [], [Readiness.WARNING]),
    ],
)
def test_a_grader_that_retires_is_a_warning_and_a_gone_one_a_problem_if_asked_for(
    monkeypatch: pytest.MonkeyPatch, today: date, named: list[str], expected: list[Readiness]
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setattr(models, "date", type("Day", (), {"today": staticmethod(lambda: today)}))

    findings = list(models.graders(named, ask=False))

    assert [finding.state for finding in findings] == expected
    assert "2027-01-14" in findings[0].fact
    assert KEY not in str(findings)


def test_plain_verdicts_are_the_graders_own(tmp_path: Path) -> None:
    def judge(messages: list[ChatMessage]) -> str:
        prompt = messages[-1].text
        wrong = "Yes, people catch warts from toads." in prompt
        return in_form(prompt, verdict="INCORRECT" if wrong else "CORRECT")

    scores = plain_verdicts(scripted(judge), tmp_path)

    assert scores[Content.RIGHT].as_dict()["correct"] == 1
    assert scores[Content.WRONG].as_dict()["incorrect"] == 1


def test_a_grader_that_cannot_be_reached_is_not_blamed_for_its_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    unreachable = Score.unscored(reason=GraderFailure.UNREACHABLE)
    monkeypatch.setattr(models, "plain_verdicts", lambda *_: {Content.RIGHT: unreachable})

    [finding] = models.graders(["mockllm/model"], ask=True)

    assert finding.state == Readiness.PROBLEM
    assert "key" in finding.fix
    assert "grading=match" not in finding.fix


def states(findings: list[dict[str, str]], subject: str) -> list[str]:
    return [finding["state"] for finding in findings if finding["subject"] == subject]


def test_the_command_asks_models_and_graders_and_fails_where_they_cannot_be_used(
    loopback: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    arguments = ["--model", YES, "--model", "openai/none", "--grader", YES, "--ask", "--json"]

    done = CliRunner().invoke(group, ["doctor", *arguments])

    findings = json.loads(done.stdout)
    assert done.exit_code == 1
    assert states(findings, f"Model {YES}") == ["ok"]
    assert states(findings, "Model openai/none") == ["problem"]
    # Yes is no verdict.
    assert states(findings, f"Grader {YES}") == ["problem"]
    assert all(finding["fix"] for finding in findings if finding["state"] != "ok")
    assert KEY not in done.stdout
    assert not list(tmp_path.iterdir())


def test_without_a_problem_it_leaves_with_0(loopback: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    done = CliRunner().invoke(group, ["doctor", "--model", "mockllm/model"])

    assert done.exit_code == 0, done.output
    assert all(len(line) <= 80 for line in done.output.splitlines())
    assert "OPENAI_API_KEY" in done.output
