"""Hosted models on the loopback device: OpenAI's two endpoints, with replies that a test decides."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

QUOTA = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}


class HostedModels(BaseHTTPRequestHandler):
    """Answers each call by `reply`, which a subclass defines."""

    def reply(self, model: str, prompt: str) -> str | None:
        """What this model replies to a prompt; nothing where its quota is used up."""
        raise NotImplementedError

    def received(self, body: dict[str, Any]) -> None:
        """What is done with a request before it is answered."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.received(body)
        text = self.reply(body["model"], _texts(body.get("messages") or body.get("input")))
        shaped = _chat if self.path.endswith("/chat/completions") else _response
        self.send(200 if text is not None else 429, shaped(body["model"], text) if text is not None else QUOTA)

    def send(self, status: int, answer: Any) -> None:
        """Send a JSON answer."""
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


@contextmanager
def hosting(handler: type[HostedModels]) -> Iterator[str]:
    """Serve, and give the address without a path."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _texts(messages: Any) -> str:
    """The text of messages, whose content is a string or a list of parts."""
    if isinstance(messages, str):
        return messages
    contents = [message.get("content") or "" for message in messages]
    parts = [[{"text": content}] if isinstance(content, str) else content for content in contents]
    return "\n\n".join(part.get("text", "") for content in parts for part in content)


def _chat(model: str, text: str) -> dict[str, Any]:
    return {
        "id": "x", "object": "chat.completion", "created": 0, "model": model,
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11},
    }  # fmt: skip


def _response(model: str, text: str) -> dict[str, Any]:
    said = {"type": "output_text", "text": text, "annotations": []}
    return {
        "id": "x", "object": "response", "created_at": 0, "model": model, "status": "completed",
        "output": [{"type": "message", "id": "m", "role": "assistant", "status": "completed", "content": [said]}],
        "parallel_tool_calls": False, "tool_choice": "auto", "tools": [],
        "usage": {
            "input_tokens": 9, "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": 2, "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 11,
        },
    }  # fmt: skip
