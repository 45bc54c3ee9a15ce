"""Tokens of a prompt as a model reads it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inspect_ai.model import ChatMessage

from warm_inspect.models import load_tokenizer, parse_model_string, prompt_tokens, resolve_base

LOCAL = "peft/"
_ENCODING = "o200k_base"
_PER_MESSAGE = 4
"""Tokens that hosted chat formats put around each message."""
_CHARACTERS = 4
"""Of one token of English text, where no vocabulary is at hand."""


@dataclass(frozen=True, slots=True)
class PromptCounter:
    """How the tokens of a model's prompts are counted."""

    method: str
    """What counts them: the model's own tokenizer, a vocabulary near it, or a rule of thumb."""
    tokens: Callable[[Sequence[ChatMessage]], int]


def prompt_counter(model: str) -> PromptCounter:
    """The counter of a model: its own tokenizer and chat template for `peft/`, else OpenAI's newest vocabulary.

    Providers do not publish all their vocabularies; for English text they differ by some per cent. Without tiktoken's
    vocabulary, which it downloads once, tokens are four characters long.

    Raises:
        PrerequisiteError: the base model of a `peft/` model cannot be had.
    """
    if model.startswith(LOCAL):
        base = resolve_base(parse_model_string(model.removeprefix(LOCAL)).base)
        tokenizer = load_tokenizer(base.path)
        return PromptCounter("its own tokenizer", lambda messages: len(prompt_tokens(tokenizer, messages)))
    try:
        import tiktoken

        vocabulary = tiktoken.get_encoding(_ENCODING)
    except Exception:  # It is not installed, or its vocabulary cannot be had, which raises many types.
        return PromptCounter(f"{_CHARACTERS} characters a token", lambda messages: _hosted(messages, _by_characters))
    return PromptCounter(
        f"the vocabulary {_ENCODING}",
        lambda messages: _hosted(messages, lambda text: len(vocabulary.encode_ordinary(text))),
    )


def _hosted(messages: Sequence[ChatMessage], count: Callable[[str], int]) -> int:
    return sum(_PER_MESSAGE + count(message.text) for message in messages)


def _by_characters(text: str) -> int:
    return -(-len(text) // _CHARACTERS)
