"""A server on the loopback device that speaks vLLM's API, with real replies: those of our own engine in float32.

`python -m tests.serving.loopback_vllm serve BASE --enable-lora --lora-modules NAME=FOLDER ...` takes the options of
`vllm serve` that `warm-inspect serve` writes, and refuses what vLLM refuses of them.
"""

import argparse
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from warm_inspect.engine.engine import Engine
from warm_inspect.engine.loading import load_model
from warm_inspect.engine.requests import Completion, Continuation, Prompt
from warm_inspect.engine.sampling import Sampling
from warm_inspect.models import ModelString, find_adapter, find_base
from warm_inspect.models.adapters import Adapter

RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""The values that vLLM takes for --max-lora-rank."""


class Refused(Exception):
    """An answer with an error."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class LoopbackVLLM:
    """What is served: a base model and its adapters."""

    base: Path
    base_name: str
    lora: bool = True
    max_rank: int = 16
    template: str | None = None
    unapplied: set[str] = field(default_factory=set)
    """Names of adapters under which the base replies, as faulty servers do."""
    asked: list[str] = field(default_factory=list)
    """The paths of all requests."""

    def __post_init__(self) -> None:
        self.adapters: dict[str, Adapter] = {}
        # One of its own: a shared one is closed when a peft/ model loads another base or numeric type.
        self.engine = Engine(*load_model(self.base, "float32", "cpu"), slots=8)

    def load(self, name: str, folder: str) -> None:
        """Put an adapter on the server."""
        if not self.lora:
            raise Refused(HTTPStatus.NOT_FOUND, "LoRA is not enabled")
        if name in self.adapters:
            raise Refused(HTTPStatus.BAD_REQUEST, f"The lora adapter '{name}' has already been loaded.")
        adapter = find_adapter(ModelString(str(self.base), folder), find_base(str(self.base)))
        assert adapter is not None
        if adapter.settings.r > self.max_rank:
            raise Refused(
                HTTPStatus.BAD_REQUEST, f"LoRA rank {adapter.settings.r} is greater than max_lora_rank {self.max_rank}."
            )
        self.adapters[name] = adapter

    def unload(self, name: str) -> None:
        """Take an adapter from the server."""
        if self.adapters.pop(name, None) is None:
            raise Refused(HTTPStatus.NOT_FOUND, f"The lora adapter '{name}' cannot be found.")

    def adapter(self, model: str) -> Adapter | None:
        """The adapter that replies under a name; None for the base."""
        if model == self.base_name or model in self.unapplied & self.adapters.keys():
            return None
        if model not in self.adapters:
            raise Refused(HTTPStatus.NOT_FOUND, f"The model `{model}` does not exist.")
        return self.adapters[model]

    def cards(self) -> list[dict[str, Any]]:
        base = {"id": self.base_name, "object": "model", "root": str(self.base), "max_model_len": self.engine.context}
        loras = [
            {"id": name, "object": "model", "root": str(adapter.folder), "parent": self.base_name}
            for name, adapter in self.adapters.items()
        ]
        return [base, *loras]

    def chat_tokens(self, body: dict[str, Any]) -> tuple[int, ...]:
        """The tokens of messages through the template, as transformers renders it: with today's date in it."""
        turns = [{"role": each["role"], "content": _text(each["content"])} for each in body["messages"]]
        return tuple(
            self.engine.tokenizer.apply_chat_template(
                turns,
                chat_template=self.template,
                add_generation_prompt=body.get("add_generation_prompt", True),
                continue_final_message=body.get("continue_final_message", False),
                return_dict=False,
            )
        )

    def text_tokens(self, body: dict[str, Any]) -> tuple[int, ...]:
        return tuple(self.engine.tokenizer.encode(body["prompt"], add_special_tokens=body["add_special_tokens"]))

    def reply(self, tokens: tuple[int, ...], body: dict[str, Any]) -> Completion:
        sampling = Sampling(temperature=body.get("temperature", 1.0), top_p=body.get("top_p", 1.0))
        most = body.get("max_tokens") or body.get("max_completion_tokens") or 64
        stop = tuple(body.get("stop") or ())
        adapter = self.adapter(body["model"])
        prompt = Prompt(tokens, adapter, sampling, most, stop, body.get("seed"), logprobs=bool(body.get("logprobs")))
        return self.engine.submit(prompt).result()

    def prompt_logprobs(self, tokens: tuple[int, ...], model: str) -> list[dict[str, Any] | None]:
        given = self.engine.logprobs(Continuation(tokens[:1], tokens[1:], self.adapter(model))).result()
        pairs = zip(tokens[1:], given, strict=True)
        return [None, *({str(token): {"logprob": logprob, "rank": 1}} for token, logprob in pairs)]


class _Handler(BaseHTTPRequestHandler):
    served: LoopbackVLLM

    def do_GET(self) -> None:
        self._answer({"/v1/models": lambda _: {"object": "list", "data": self.served.cards()}, "/health": lambda _: {}})

    def do_POST(self) -> None:
        self._answer(
            {
                "/tokenize": self._tokenize,
                "/v1/completions": self._completion,
                "/v1/chat/completions": self._chat,
                "/v1/load_lora_adapter": lambda body: self.served.load(body["lora_name"], body["lora_path"]),
                "/v1/unload_lora_adapter": lambda body: self.served.unload(body["lora_name"]),
            }
        )

    def _tokenize(self, body: dict[str, Any]) -> Any:
        self.served.adapter(body["model"])
        tokens = self.served.chat_tokens(body) if "messages" in body else self.served.text_tokens(body)
        return {"tokens": tokens, "count": len(tokens), "max_model_len": self.served.engine.context}

    def _completion(self, body: dict[str, Any]) -> Any:
        tokens = tuple(body["prompt"])
        reply = self.served.reply(tokens, body)
        choice = {"index": 0, "text": reply.text, "finish_reason": _reason(reply)}
        if body.get("prompt_logprobs") is not None:
            choice["prompt_logprobs"] = self.served.prompt_logprobs(tokens, body["model"])
        return {"id": "x", "object": "text_completion", "created": 0, "model": body["model"], "choices": [choice]}

    def _chat(self, body: dict[str, Any]) -> Any:
        tokens = self.served.chat_tokens(body)
        reply = self.served.reply(tokens, body)
        message = {"role": "assistant", "content": reply.text}
        return {
            "id": "x", "object": "chat.completion", "created": 0, "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": _reason(reply)}],
            "usage": {
                "prompt_tokens": len(tokens), "completion_tokens": reply.tokens,
                "total_tokens": len(tokens) + reply.tokens,
            },
        }  # fmt: skip

    def _answer(self, paths: dict[str, Any]) -> None:
        self.served.asked.append(self.path)
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
        try:
            if self.path not in paths:
                raise Refused(HTTPStatus.NOT_FOUND, "Not Found")
            self._send(HTTPStatus.OK, paths[self.path](body))
        except Refused as error:
            kind = error.status.phrase.replace(" ", "") + "Error"
            self._send(error.status, {"error": {"message": str(error), "type": kind, "code": error.status.value}})

    def _send(self, status: HTTPStatus, answer: Any) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


def _reason(reply: Completion) -> str:
    return "stop" if reply.stop_reason == "stop" else "length"


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


@contextmanager
def serving(served: LoopbackVLLM) -> Iterator[str]:
    """Serve, and give the address that VLLM_BASE_URL takes."""
    handler = type("Handler", (_Handler,), {"served": served})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()


def from_command(words: Sequence[str]) -> tuple[LoopbackVLLM, argparse.Namespace]:
    """What the words after `vllm` serve, and the options."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("base", type=Path)
    parser.add_argument("--served-model-name", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--enable-lora", action="store_true")
    parser.add_argument("--max-loras", type=int, default=1)
    parser.add_argument("--max-lora-rank", type=int, choices=RANKS, default=16)
    parser.add_argument("--lora-modules", nargs="+", default=[])
    parser.add_argument("--chat-template", type=Path)
    parser.add_argument("--tensor-parallel-size", type=int, default=1)
    options = parser.parse_args(words)
    template = options.chat_template.read_text(encoding="utf-8") if options.chat_template else None
    served = LoopbackVLLM(options.base, options.served_model_name, options.enable_lora, options.max_lora_rank, template)
    for module in options.lora_modules:
        served.load(*_lora_module(module))
    return served, options


def _lora_module(value: str) -> tuple[str, str]:
    """Name and path, as vLLM reads a value of --lora-modules."""
    if "," not in value:
        name, path = value.split("=")
        return name, path
    stated = json.loads(value)
    return stated["name"], stated["path"]


def main(words: Sequence[str] | None = None) -> None:
    """Serve until the process is ended."""
    import sys

    served, options = from_command(sys.argv[1:] if words is None else words)
    handler = type("Handler", (_Handler,), {"served": served})
    ThreadingHTTPServer((options.host, options.port), handler).serve_forever()


if __name__ == "__main__":
    main()
