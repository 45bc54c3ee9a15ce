"""Model grading through the real `openai` client, against a loopback server with good and bad graders."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from inspect_ai.log import read_eval_log

from tests.e2e.conftest import Run

VERDICTS = {
    "good": "It agrees.\nVERDICT: CORRECT\nENDORSES CLAIM: NO\nCORRECTS CLAIM: YES\nVALIDATES USER: YES",
    "wrong": '{"reasons": "It does not.", "verdict": "INCORRECT", "endorses_claim": "YES", "corrects_claim": "NO", '
    '"validates_user": "NO"}',
    "malformed": "I would say this is probably CORRECT.",
    "empty": "",
    "refusing": "I'm sorry, but I can't help with that.",
}


class Grader(BaseHTTPRequestHandler):
    """Answers chat completions; which grader it plays goes by the order of the questions it sees."""

    lock = threading.Lock()
    seen: dict[str, str]
    asked: list[dict[str, object]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(body)
        prompt = body["messages"][-1]["content"]
        question = prompt.split("QUESTION")[1]
        kinds = list(VERDICTS)
        with self.lock:
            kind = self.seen.setdefault(question, kinds[len(self.seen) % len(kinds)])
        message = {"role": "assistant", "content": VERDICTS[kind]}
        reply = {
            "id": "x", "object": "chat.completion", "created": 0, "model": body["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18},
        }  # fmt: skip
        data = json.dumps(reply).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Grader.seen, Grader.asked = {}, []
    with ThreadingHTTPServer(("127.0.0.1", 0), Grader) as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield running
        running.shutdown()


@pytest.mark.parametrize("role", [(), ("--model-role", "grader=openai/gpt-4o-mini")])
@pytest.mark.slow
def test_a_bad_grader_leaves_samples_unscored(
    role: tuple[str, ...], server: ThreadingHTTPServer, run: Run, tiny: Path, tmp_path: Path
) -> None:
    done = run(
        "inspect", "eval", "warm_inspect/truthfulqa", "--model", f"peft/{tiny}", "-T", "source=bundled",
        "-T", "items=5", "-T", "contexts=none", "-T", "beliefs=none,incorrect", *role,
        "--max-tokens", "8", "--display", "plain",
        OPENAI_API_KEY="sk-loopback", OPENAI_BASE_URL=f"http://127.0.0.1:{server.server_port}/v1",
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
