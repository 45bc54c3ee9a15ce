"""Scripted models for the system's edge: replies keyed on the prompt, with the usage that offline counting needs."""

import re
from collections.abc import Callable
from typing import Any

from inspect_ai.model import ChatMessage, Model, ModelOutput, ModelUsage, StopReason, get_model


def in_form(prompt: str, **wanted: str) -> str:
    """A grader's reply in the form its prompt ends with: for each label the word wanted, else the last of its set."""
    asked = re.findall(r"^([A-Z ]+): one of (.+)$", prompt, re.MULTILINE)
    words = {label: wanted.get(label.lower().replace(" ", "_"), legal.split(", ")[-1]) for label, legal in asked}
    return "\n".join(["Reasons.", *(f"{label}: {word}" for label, word in words.items())])


def scripted(reply: Callable[[list[ChatMessage]], str], stop_reason: StopReason = "stop") -> Model:
    """A model whose reply is a function of the messages it is given."""

    def respond(input: list[ChatMessage], *_: Any) -> ModelOutput:
        output = ModelOutput.from_content("mockllm/model", reply(input), stop_reason=stop_reason)
        output.usage = ModelUsage(input_tokens=7, output_tokens=3, total_tokens=10)
        return output

    return get_model("mockllm/model", custom_outputs=respond)
