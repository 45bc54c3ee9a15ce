"""How a reply ended, by what the provider says of it."""

from inspect_ai.model import ModelOutput
from inspect_ai.scorer import Score

PROMPT_TOO_LONG = "prompt_too_long"
"""Why there is no reply: the prompt fills the model's context."""


def is_cut_off(output: ModelOutput) -> bool:
    """Whether the reply hit a limit of tokens."""
    return output.stop_reason in ("max_tokens", "model_length")


def has_no_room(output: ModelOutput) -> bool:
    """Whether the prompt filled the context: Inspect's providers then give their error's text as the completion."""
    used = output.usage
    return not output.empty and output.stop_reason == "model_length" and not (used and used.output_tokens)


def without_reply(output: ModelOutput) -> Score | None:
    """The score of an output that holds no words of the model's: unscored, with the reason. None for any other."""
    if not has_no_room(output):
        return None
    return Score.unscored(reason=PROMPT_TOO_LONG, explanation=output.completion)
