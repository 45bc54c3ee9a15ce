"""How a reply ended, by what the provider says of it."""

from inspect_ai.model import ModelOutput
from inspect_ai.scorer import Score

PROMPT_TOO_LONG = "prompt_too_long"
"""Why there is no reply: the prompt fills the model's context."""
PROMPT_BLOCKED = "prompt_blocked"
"""Why there is no reply: the provider's own filter stopped the prompt. That is no refusal of the model's."""

_REASONS = {"model_length": PROMPT_TOO_LONG, "content_filter": PROMPT_BLOCKED}


def is_cut_off(output: ModelOutput) -> bool:
    """Whether the reply hit a limit of tokens."""
    return output.stop_reason in ("max_tokens", "model_length")


def why_no_reply(output: ModelOutput) -> str:
    """Why the output holds no words of the model's, empty if it does.

    When a provider turns a prompt away, Inspect gives the error's text as the completion, and no count of tokens.
    """
    if output.empty or (output.usage and output.usage.output_tokens):
        return ""
    return _REASONS.get(output.stop_reason, "")


def without_reply(output: ModelOutput) -> Score | None:
    """The score of an output that holds no words of the model's: unscored, with the reason. None for any other."""
    reason = why_no_reply(output)
    return Score.unscored(reason=reason, explanation=output.completion) if reason else None
