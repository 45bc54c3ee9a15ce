"""How a reply ended: whether there is one, and whether a limit cut it off.

When a provider turns a prompt away, Inspect gives the error's text as the completion: nothing of it is the model's.
"""

from inspect_ai.model import ModelOutput

NO_REPLY = "no_reply"
"""Why there is no reply: the sample was stopped before the model gave one, for example by a limit."""
PROMPT_TOO_LONG = "prompt_too_long"
"""Why there is no reply: the prompt fills the model's context."""
PROMPT_BLOCKED = "prompt_blocked"
"""Why there is no reply: the provider's own filter stopped the prompt. That is no refusal of the model's."""
EMPTY_REPLY = "empty_reply"
"""Why a grading gives no verdict: the reply holds nothing, or nothing but thoughts."""

CUT_OFF = ("max_tokens", "model_length")
"""Inspect's stop reasons of a reply that a limit of tokens cut off: the request's, or the model's context."""
FILTERED = "content_filter"
"""Inspect's stop reason of a reply that a provider's filter ended."""
_REASONS = {"model_length": PROMPT_TOO_LONG, FILTERED: PROMPT_BLOCKED}


def is_cut_off(output: ModelOutput) -> bool:
    """Whether the reply hit a limit of tokens."""
    return not output.empty and output.stop_reason in CUT_OFF


def why_no_reply(output: ModelOutput) -> str:
    """Why the output is without a completion; empty when it has one.

    A completion that a provider made of an error has no count of tokens.
    """
    if output.empty:
        return NO_REPLY
    if output.usage and output.usage.output_tokens:
        return ""
    return _REASONS.get(output.stop_reason, "")
