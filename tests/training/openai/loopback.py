"""A stand-in for OpenAI on the loopback device: files, fine-tuning jobs, their events and checkpoints, and chat."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "sk-loopback-0123456789-do-not-tell"
BASE = "gpt-4o-2024-08-06"
BATCH = 4
SUPPORTED = {BASE, "gpt-4o-mini-2024-07-18"}

Json = dict[str, Any]
Fault = tuple[str, str]
"""The beginning of `METHOD path`, and what goes wrong there once: a status, `lost` (done, but never answered), or
`html` or `nothing` (done, and a gateway answers in its place)."""


@dataclass
class LoopbackOpenAI:
    """State of the service. It outlives the clients, as the real one does."""

    looks: int = 3
    """How often a job must be looked at until it is decided."""
    ends: str = "succeeded"
    """The state in which jobs end."""
    error: Json | None = None
    kept_epochs: int = 3
    lag: float = 0.0
    """Seconds until a new job or file shows in a list."""
    delay: Callable[[], float] = lambda: 0.0
    """Seconds before and after a request is worked on."""
    faults: list[Fault] = field(default_factory=list)
    files: dict[str, Json] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, Json] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    url: str = ""

    @contextmanager
    def serving(self) -> Iterator["LoopbackOpenAI"]:
        with ThreadingHTTPServer(("127.0.0.1", 0), self.handler()) as server:
            server.daemon_threads = True
            self.url = f"http://127.0.0.1:{server.server_port}/v1"
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            yield self
            server.shutdown()
            thread.join()

    def truth(self, arm_of: Callable[[str], str]) -> dict[str, tuple[str, int]]:
        """The arm and the epoch of every model that was trained here."""
        models = {}
        for job in self.jobs.values():
            epochs = job["hyperparameters"]["n_epochs"]
            for epoch in range(1, epochs + 1):
                models[f"openai/{self.model(job, epoch)}"] = (arm_of(self.contents[job["training_file"]]), epoch)
        return models

    def steps_per_epoch(self, job: Json) -> int:
        return -(-len(self.contents[job["training_file"]].splitlines()) // BATCH)

    def model(self, job: Json, epoch: int) -> str:
        name = f"ft:{job['model']}:acme:{job['suffix']}:{job['id'].removeprefix('ftjob-')}"
        last = epoch == job["hyperparameters"]["n_epochs"]
        return name if last else f"{name}:ckpt-step-{epoch * self.steps_per_epoch(job)}"

    def answer(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, Json]:
        """Status and body of the answer to a request."""
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if headers["Authorization"] != f"Bearer {KEY}":
            return refusal(401, f"Incorrect API key provided: {headers['Authorization']}.", "invalid_api_key")
        match method, url.path.removeprefix("/v1/").split("/"):
            case "POST", ["files"]:
                return self.upload(headers["Content-Type"], body)
            case "GET", ["files"]:
                return page([file for file in self.shown(self.files)], query)
            case "GET", ["files", file_id]:
                return (200, self.files[file_id]) if file_id in self.files else refusal(404, "No such File object")
            case "POST", ["fine_tuning", "jobs"]:
                return self.submit(json.loads(body))
            case "GET", ["fine_tuning", "jobs"]:
                wanted = {name[9:-1]: value for name, value in query.items() if name.startswith("metadata[")}
                return page([job for job in self.shown(self.jobs) if wanted.items() <= job["metadata"].items()], query)
            case "GET", ["fine_tuning", "jobs", job_id] if job_id in self.jobs:
                return 200, self.look(self.jobs[job_id])
            case "GET", ["fine_tuning", "jobs", job_id, "events"] if job_id in self.jobs:
                message = f"Step {self.seen[job_id]}: training loss=0.5"
                event = {"object": "fine_tuning.job.event", "id": "e", "created_at": 0, "level": "info"}
                return page([event | {"message": message}], query)
            case "GET", ["fine_tuning", "jobs", job_id, "checkpoints"] if job_id in self.jobs:
                return page(self.checkpoints(self.jobs[job_id]), query)
            case "POST", ["chat", "completions"]:
                return 200, chat(json.loads(body)["model"])
        return refusal(404, f"Nothing at {target}")

    def shown(self, things: dict[str, Json]) -> list[Json]:
        """What a list shows, newest first."""
        public = ("_at",)
        old = [thing for thing in things.values() if time.monotonic() >= thing["_at"] + self.lag]
        return [{key: value for key, value in thing.items() if key not in public} for thing in reversed(old)]

    def upload(self, content_type: str, body: bytes) -> tuple[int, Json]:
        message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
        parts = {part.get_param("name", header="content-disposition"): part for part in message.iter_parts()}
        content = parts["file"].get_payload(decode=True)
        assert isinstance(content, bytes)
        name = str(parts["file"].get_filename())
        if parts["purpose"].get_content().strip() != "fine-tune" or not name.endswith(".jsonl"):
            return refusal(400, "Invalid file format")
        file_id = f"file-{len(self.contents) + 1}"
        self.contents[file_id] = content.decode()
        self.files[file_id] = {
            "id": file_id, "object": "file", "bytes": len(content), "created_at": len(self.files), "filename": name,
            "purpose": "fine-tune", "status": "processed", "_at": time.monotonic(),
        }  # fmt: skip
        return 200, self.files[file_id]

    def submit(self, asked: Json) -> tuple[int, Json]:
        if asked["model"] not in SUPPORTED:
            return refusal(400, f"Model {asked['model']} is not available for fine-tuning", "model_not_available")
        if asked["training_file"] not in self.files:
            return refusal(400, f"invalid training_file: {asked['training_file']}", "invalid_file")
        assert asked["method"]["type"] == "supervised"
        assert len(asked["suffix"]) <= 64
        wanted = asked["method"]["supervised"]["hyperparameters"]
        job_id = f"ftjob-{len(self.seen) + 1}"
        chosen = {name: {"batch_size": BATCH, "learning_rate_multiplier": 1.8}.get(name, value)
                  if value == "auto" else value for name, value in wanted.items()}  # fmt: skip
        self.seen[job_id] = 0
        self.jobs[job_id] = {
            "id": job_id, "object": "fine_tuning.job", "created_at": len(self.jobs), "finished_at": None,
            "model": asked["model"], "fine_tuned_model": None, "organization_id": "org-1", "result_files": [],
            "seed": asked["seed"], "status": "validating_files", "trained_tokens": None, "error": None,
            "training_file": asked["training_file"], "validation_file": None, "hyperparameters": chosen,
            "method": {"type": "supervised", "supervised": {"hyperparameters": chosen}},
            "metadata": asked["metadata"], "suffix": asked["suffix"], "_at": time.monotonic(),
        }  # fmt: skip
        return 200, self.jobs[job_id]

    def look(self, job: Json) -> Json:
        self.seen[job["id"]] += 1
        if self.seen[job["id"]] < self.looks:
            job["status"] = "queued" if self.seen[job["id"]] == 1 else "running"
        elif job["status"] not in ("succeeded", "failed", "cancelled", "expired"):
            job |= {"status": self.ends, "error": self.error}
            if self.ends == "succeeded":
                epochs = job["hyperparameters"]["n_epochs"]
                job |= {"fine_tuned_model": self.model(job, epochs), "finished_at": 99, "trained_tokens": 1000 * epochs}
        return job

    def checkpoints(self, job: Json) -> list[Json]:
        epochs = job["hyperparameters"]["n_epochs"]
        kept = range(max(1, epochs - self.kept_epochs + 1), epochs + 1)
        return [
            {
                "id": f"ftckpt-{job['id']}-{epoch}", "object": "fine_tuning.job.checkpoint", "created_at": 0,
                "fine_tuning_job_id": job["id"], "step_number": epoch * self.steps_per_epoch(job),
                "fine_tuned_model_checkpoint": self.model(job, epoch), "metrics": {"train_loss": 1 / epoch},
            }
            for epoch in reversed(kept)
        ]  # fmt: skip

    def fault(self, request: str) -> str:
        """What goes wrong with this request; empty when nothing does."""
        for fault in self.faults:
            if request.startswith(fault[0]):
                self.faults.remove(fault)
                return fault[1]
        return ""

    def handler(self) -> type[BaseHTTPRequestHandler]:
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.work(b"")

            def do_POST(self) -> None:
                self.work(self.rfile.read(int(self.headers["Content-Length"])))

            def work(self, body: bytes) -> None:
                time.sleep(service.delay())
                request = f"{self.command} {urlsplit(self.path).path.removeprefix('/v1/')}"
                with service.lock:
                    service.requests.append(request)
                    service.bodies.append(body)
                    fault = service.fault(request)
                    if fault and fault not in ("lost", "html", "nothing"):
                        status, code = (int(fault[:3]), fault[4:] or None)
                        answer = refusal(status, f"told to answer {fault} to {KEY}", code)
                    else:
                        answer = service.answer(self.command, self.path, self.headers, body)
                    data = json.dumps(answer[1]).encode()
                time.sleep(service.delay())
                if fault == "lost":
                    self.close_connection = True
                    return
                if fault == "nothing":
                    answer, data = (200, {}), b"{}"
                if fault == "html":
                    answer, data = (200, {}), b"<html>Please log in to this network</html>"
                try:
                    self.send_response(answer[0])
                    self.send_header("Content-Type", "text/html" if fault == "html" else "application/json")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    """The client was killed."""

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def refusal(status: int, message: str, code: str | None = None) -> tuple[int, Json]:
    return status, {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


def page(things: list[Json], query: dict[str, str]) -> tuple[int, Json]:
    """One page of a list, as the cursor of the query asks."""
    ids = [thing["id"] for thing in things]
    start = ids.index(query["after"]) + 1 if "after" in query else 0
    limit = min(int(query.get("limit", 20)), 2)
    shown = things[start : start + limit]
    return 200, {"object": "list", "data": shown, "has_more": start + limit < len(things)}


def chat(model: str) -> Json:
    message = {"role": "assistant", "content": "Yes."}
    return {
        "id": "x", "object": "chat.completion", "created": 0, "model": model,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10},
    }  # fmt: skip
