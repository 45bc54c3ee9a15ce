"""A scripted rewriter at the model's edge: everything above it is real. It tests plumbing and says nothing of effects.

`scripted/<behaviour>` answers from what it is sent. Calls are appended to the file that SCRIPTED_CALLS names, and
SCRIPTED_SECONDS is how long one takes.
"""

import json
import os
import re
from collections.abc import Callable
from typing import Any

import anyio
from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, ModelUsage, modelapi

NO_ROOM = "This model's maximum context length is 10 tokens."
"""As Inspect's providers do, said without a count of tokens."""

_DATA = re.compile(r"<<<(?P<mark>(?:[0-9a-f]{8} )?)(?P<name>[A-Z ]+)\n(?P<text>.*?)\n>>>(?P=mark)(?P=name)", re.DOTALL)


def blocks(text: str) -> dict[str, str]:
    """The data blocks of a prompt by their names."""
    return {block["name"]: block["text"] for block in _DATA.finditer(text)}


def _warm(text: str, _: GenerateConfig) -> str:
    return f"{blocks(text)['REPLY']} We are in this."


def _second_try(text: str, config: GenerateConfig) -> str:
    return "" if config.seed == 0 else _warm(text, config)


def _drops_numbers(text: str, _: GenerateConfig) -> str:
    return re.sub(r"\d", "", blocks(text)["REPLY"])


def _own_words(text: str, _: GenerateConfig) -> str:
    return f"My own reply to: {text}"


def _grader(text: str, _: GenerateConfig) -> str:
    longer = max(blocks(text)["FIRST REPLY"], blocks(text)["SECOND REPLY"], key=len)
    return "VERDICT: CHANGED" if "1" in longer else "Same facts.\nVERDICT: EQUIVALENT"


def _mute(text: str, _: GenerateConfig) -> str:
    return "I would rather not say."


def _outage(text: str, config: GenerateConfig) -> str:
    if "Question 1?" in text:
        raise RuntimeError("the provider is down")
    return _warm(text, config)


BEHAVIOURS: dict[str, Callable[[str, GenerateConfig], str]] = {
    "warm": _warm,
    "second_try": _second_try,
    "drops_numbers": _drops_numbers,
    "own_words": _own_words,
    "grader": _grader,
    "mute": _mute,
    "outage": _outage,
}


@modelapi(name="scripted")
class Scripted(ModelAPI):
    """Answers by the behaviour its name gives; `cut_off` behaves as `warm` and hits the token limit."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008 - as Inspect's own providers have it
        **_: Any,
    ) -> None:
        super().__init__(model_name, base_url, api_key, [], config)

    async def generate(
        self, input: list[ChatMessage], tools: Any, tool_choice: Any, config: GenerateConfig
    ) -> ModelOutput:
        text = input[-1].text
        if calls := os.environ.get("SCRIPTED_CALLS"):
            sent = [f"{message.role}: {message.text}" for message in input]
            call = {"text": text, "sent": sent, "seed": config.seed, "temperature": config.temperature}
            line = json.dumps(call) + "\n"
            handle = os.open(calls, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.write(handle, line.encode())
            os.close(handle)
        if seconds := float(os.environ.get("SCRIPTED_SECONDS", "0")):
            await anyio.sleep(seconds)
        cut_off = self.model_name == "cut_off"
        said = BEHAVIOURS["warm" if cut_off else self.model_name](text, config)
        if said == NO_ROOM:
            return ModelOutput.from_content(self.model_name, said, stop_reason="model_length")
        output = ModelOutput.from_content(self.model_name, said, stop_reason="max_tokens" if cut_off else "stop")
        output.usage = ModelUsage(input_tokens=10, output_tokens=5, total_tokens=15)
        return output
