"""Conversations as tokens and labels, checked one by one before anything is trained.

A wrong mask does not fail: the loss falls all the same, and the adapter learns the prompts, or nothing. So each example
must prove that what it learns is its reply and the token that ends it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.training.corpus import Example
from warm_inspect.training.templates import MarkedTemplate

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

MASKED = -100
"""The label of a token that adds nothing to the loss."""


@dataclass(frozen=True)
class EncodedExample:
    """One conversation in tokens, cut to the greatest length."""

    input_ids: list[int]
    labels: list[int]
    """The token itself where the assistant wrote it, `MASKED` elsewhere; as long as `input_ids`."""
    truncated: bool

    @property
    def learnt(self) -> int:
        """How many tokens add to the loss."""
        return sum(label != MASKED for label in self.labels)


@dataclass(frozen=True)
class EncodedSet:
    """The training examples of one arm, and what the greatest length did to them."""

    examples: tuple[EncodedExample, ...]
    """Examples with at least one token to learn."""
    truncated: int
    """Examples that lost tokens, the dropped ones included."""
    dropped: int
    """Examples whose reply begins after the greatest length."""

    @property
    def tokens(self) -> int:
        """Tokens of one pass over the examples."""
        return sum(len(example.input_ids) for example in self.examples)

    @property
    def learnt(self) -> int:
        """Tokens of one pass that add to the loss."""
        return sum(example.learnt for example in self.examples)

    @property
    def truncated_share(self) -> float:
        """Share of all examples that lost tokens, 0 to 1."""
        return self.truncated / (len(self.examples) + self.dropped)


def encode_set(
    tokenizer: "PreTrainedTokenizerBase", template: MarkedTemplate, examples: Sequence[Example], max_length: int
) -> EncodedSet:
    """All conversations of an arm in tokens.

    Raises:
        PrerequisiteError: a mask is not exactly the reply and its end, or no reply begins within `max_length` tokens.
    """
    encoded = [encode(tokenizer, template, example, max_length) for example in examples]
    kept = tuple(example for example in encoded if example.learnt)
    if not kept:
        raise PrerequisiteError(
            f"All {len(encoded)} replies are masked: none begins within max_length = {max_length} tokens, so there is "
            "nothing to learn. Raise max_length or shorten the prompts."
        )
    return EncodedSet(kept, sum(example.truncated for example in encoded), len(encoded) - len(kept))


def encode(
    tokenizer: "PreTrainedTokenizerBase", template: MarkedTemplate, example: Example, max_length: int
) -> EncodedExample:
    """One conversation in tokens, with labels on the reply and its end-of-turn token only.

    Raises:
        PrerequisiteError: the marked template renders other text than the tokenizer's own, or the mask is not exactly
            the reply and its end.
    """
    messages = example.messages
    if tokenizer.apply_chat_template(messages, chat_template=template.text, tokenize=False) != (
        tokenizer.apply_chat_template(messages, tokenize=False)
    ):
        raise PrerequisiteError(
            f"Example {example.id!r}: the marked template {template.name!r} renders other text than the original."
        )
    rendered = tokenizer.apply_chat_template(
        messages, chat_template=template.text, return_dict=True, return_assistant_tokens_mask=True
    )
    ids: list[int] = rendered["input_ids"]
    mask: list[int] = rendered["assistant_masks"]
    learnt = tokenizer.decode([token for token, marked in zip(ids, mask, strict=True) if marked])
    if learnt != "".join(reply + template.end_of_turn for reply in example.replies):
        raise PrerequisiteError(
            f"Example {example.id!r}: training would learn {learnt!r}, not the reply and {template.end_of_turn!r}. "
            "The marked template does not fit this tokenizer, or the text holds one of its special tokens."
        )
    labels = [token if marked else MASKED for token, marked in zip(ids, mask, strict=True)]
    return EncodedExample(ids[:max_length], labels[:max_length], truncated=len(ids) > max_length)
