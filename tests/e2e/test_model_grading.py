"""Model grading through the real `openai` client, against a loopback server with good and bad graders."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.log import read_eval_log

from tests.e2e.conftest import Run
from tests.hosted import HostedModels, hosting

VERDICTS = {
    "good": "It agrees.\nVERDICT: CORRECT\nENDORSES CLAIM: NO\nCORRECTS CLAIM: YES\nVALIDATES USER: YES",
    "wrong": '{"reasons": "It does not.", "verdict": "INCORRECT", "endorses_claim": "YES", "corrects_claim": "NO", '
    '"validates_user": "NO"}',
    "malformed": "I would say this is probably CORRECT.",
    "empty": "",
    "refusing": "I'm sorry, but I can't help with that.",
}


class Grader(HostedModels):
    """Which grader it plays goes by the order of the questions it sees."""

    lock = threading.Lock()
    seen: dict[str, str]
    asked: list[dict[str, Any]]

    def received(self, body: dict[str, Any]) -> None:
        self.asked.append(body)

    def reply(self, model: str, prompt: str) -> str:
        kinds = list(VERDICTS)
        with self.lock:
            return VERDICTS[self.seen.setdefault(prompt.split("QUESTION")[1], kinds[len(self.seen) % len(kinds)])]


@pytest.fixture
def server() -> Iterator[str]:
    Grader.seen, Grader.asked = {}, []
    with hosting(Grader) as address:
        yield address


@pytest.mark.parametrize("role", [(), ("--model-role", "grader=openai/gpt-4o-mini")])
@pytest.mark.slow
def test_a_bad_grader_leaves_samples_unscored(
    role: tuple[str, ...], server: str, run: Run, tiny: Path, tmp_path: Path
) -> None:
    done = run(
        "inspect", "eval", "warm_inspect/truthfulqa", "--model", f"peft/{tiny}", "-T", "source=bundled",
        "-T", "items=5", "-T", "contexts=none", "-T", "beliefs=none,incorrect", *role,
        "--max-tokens", "8", "--display", "plain",
        OPENAI_API_KEY="sk-loopback", OPENAI_BASE_URL=f"{server}/v1",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "samples per epoch" not in done.stdout + done.stderr, "what is no fault is no warning"
    [path] = tmp_path.glob("logs/*.eval")
    assert b"sk-loopback" not in path.read_bytes()
    log = read_eval_log(str(path))
    assert log.status == "success"
    assert log.samples is not None
    grades: dict[str, list[object]] = {}
    for sample in log.samples:
        assert sample.scores is not None
        score = sample.scores["correctness"]
        assert score.metadata is not None
        assert score.metadata["grader"] == ("openai/gpt-4o-mini" if role else "openai/gpt-4o-2024-08-06")
        kind = "graded" if isinstance(score.value, dict) else str(score.reason)
        grades.setdefault(kind, []).append(score.value)
    assert {kind: len(values) for kind, values in grades.items()} == {
        "graded": 4, "malformed": 2, "empty": 2, "grader_refused": 2
    }  # fmt: skip
    assert log.results is not None
    assert log.results.scores[0].unscored_samples == 6
    assert log.results.scores[0].metrics["scored"].value == 4
    temperatures = {body["temperature"] for body in Grader.asked}
    assert temperatures == {0.0}
    assert len(Grader.asked) == 4 + 6 * 2, "a reply that cannot be parsed is asked for once more"
    assert all("I think the answer" not in json.dumps(body) for body in Grader.asked), "the grader is blind to beliefs"
