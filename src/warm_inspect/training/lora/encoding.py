"""Conversations as tokens and labels, checked one by one before anything is trained.

A wrong mask raises no error: the loss falls all the same, and the adapter learns the prompts, or nothing. So each
example must prove two things: its loss tokens are its replies, each with the token that ends it, and before each reply
stand exactly the tokens that an evaluation would prompt with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.models import markup_tokens, render_chat
from warm_inspect.training.corpus.pairs import Example
from warm_inspect.training.lora.templates import MarkedTemplate

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

MASKED = -100
"""The label of a token that adds nothing to the loss; every other one is a loss token."""


@dataclass(frozen=True)
class EncodedExample:
    """One conversation in tokens, cut to the greatest length."""

    id: str
    input_ids: list[int]
    labels: list[int]
    """The token itself where the assistant wrote it, `MASKED` elsewhere; as long as `input_ids`."""
    truncated: bool
    replies: int
    """Assistant turns of the whole conversation."""
    whole_replies: int
    """Assistant turns of which no token was cut off."""

    @property
    def loss_tokens(self) -> int:
        """The number of tokens that add to the loss."""
        return sum(label != MASKED for label in self.labels)


@dataclass(frozen=True)
class EncodedSet:
    """The training examples of one arm, and what the greatest length did to them."""

    examples: tuple[EncodedExample, ...]
    """Examples with at least one loss token."""
    dropped: tuple[EncodedExample, ...]
    """Examples whose first reply begins after the greatest length, so that they have no loss token."""

    @property
    def tokens(self) -> int:
        """Tokens of one pass over the examples."""
        return sum(len(example.input_ids) for example in self.examples)

    @property
    def loss_tokens(self) -> int:
        """Tokens of one pass that add to the loss."""
        return sum(example.loss_tokens for example in self.examples)

    @property
    def truncated(self) -> int:
        """Examples that lost tokens, the dropped ones included."""
        return sum(example.truncated for example in self._all)

    @property
    def truncated_share(self) -> float:
        """Share of all examples that lost tokens, 0 to 1."""
        return self.truncated / len(self._all)

    @property
    def replies(self) -> int:
        """Assistant turns of all conversations, the dropped ones included."""
        return sum(example.replies for example in self._all)

    @property
    def cut_replies(self) -> int:
        """Assistant turns that are cut or lost: long conversations lose their late turns."""
        return self.replies - sum(example.whole_replies for example in self._all)

    def counts(self) -> dict[str, int]:
        """Examples, replies and tokens, and what the greatest length took away, under their names in manifests."""
        return {
            "examples": len(self.examples),
            "dropped_examples": len(self.dropped),
            "truncated_examples": self.truncated,
            "replies": self.replies,
            "cut_replies": self.cut_replies,
            "tokens": self.tokens,
            "learnt_tokens": self.loss_tokens,
        }

    @property
    def _all(self) -> tuple[EncodedExample, ...]:
        return self.examples + self.dropped


def encode_set(
    tokenizer: "PreTrainedTokenizerBase",
    template: MarkedTemplate,
    examples: Sequence[Example],
    max_length: int,
    drop_long: bool = False,
) -> EncodedSet:
    """All conversations of an arm in tokens.

    Args:
        tokenizer: the base model's.
        template: the marked counterpart of its chat template.
        examples: the conversations.
        max_length: tokens of a conversation that are kept, from its start.
        drop_long: leave out a conversation that has no reply within `max_length`, instead of raising.

    Raises:
        PrerequisiteError: a text holds markup of the chat template, a mask is not exactly the replies and their ends,
            or a reply begins after `max_length`.
    """
    _refuse_markup(tokenizer, examples)
    encoded = [encode(tokenizer, template, example, max_length) for example in examples]
    kept = tuple(example for example in encoded if example.loss_tokens)
    dropped = tuple(example for example in encoded if not example.loss_tokens)
    if not kept:
        raise PrerequisiteError(
            f"All {len(encoded)} replies are masked: none begins within max_length = {max_length} tokens, so there is "
            "nothing to learn",
            "Raise it (--set max_length=N) or shorten the prompts.",
        )
    if dropped and not drop_long:
        raise PrerequisiteError(
            f"{len(dropped)} of {len(encoded)} conversations are longer than max_length = {max_length} before their "
            f"first reply begins, so they have no loss token; the first is {dropped[0].id!r}",
            "Raise the limit (--set max_length=N), or leave them out of this and every other arm: --set drop_long=true",
        )
    return EncodedSet(kept, dropped)


def _refuse_markup(tokenizer: "PreTrainedTokenizerBase", examples: Sequence[Example]) -> None:
    """Refuse texts that the tokenizer reads as the markup of a chat: the model would learn from other turns."""
    markup = sorted(markup_tokens(tokenizer).values())
    held = {
        example.id: token
        for example in examples
        for message in example.messages
        for token in markup
        if token in message["content"]
    }
    if held:
        first, token = next(iter(held.items()))
        raise PrerequisiteError(
            f"{len(held)} of {len(examples)} conversations have markup of this base model's chats in their text; the "
            f"first is {first!r}, with {token!r}",
            f"Take these conversations out of the corpus, for every arm. The markup is {', '.join(markup)}.",
        )


def encode(
    tokenizer: "PreTrainedTokenizerBase", template: MarkedTemplate, example: Example, max_length: int
) -> EncodedExample:
    """One conversation in tokens, with labels on the replies and their end-of-turn tokens only.

    Raises:
        PrerequisiteError: the marked template renders other text than the tokenizer's own, the mask is not exactly the
            replies and their ends, or a reply follows other tokens than an evaluation prompts with.
    """
    messages = example.messages
    if render_chat(tokenizer, messages, chat_template=template.text, tokenize=False) != (
        render_chat(tokenizer, messages, tokenize=False)
    ):
        raise PrerequisiteError(
            f"Example {example.id!r}: the marked template {template.name!r} renders other text than the original."
        )
    rendered = render_chat(tokenizer, messages, chat_template=template.text, return_assistant_tokens_mask=True)
    ids: list[int] = rendered["input_ids"]
    marked: list[int] = rendered["assistant_masks"]
    labels = [MASKED] * len(ids)
    ends: list[int] = []
    for place, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        start = _prompt_length(tokenizer, example, place, ids)
        end = _turn_end(tokenizer, template, ids, marked, start)
        _require_reply(example, template, message["content"], tokenizer.decode(ids[start:end]))
        labels[start:end] = ids[start:end]
        marked[start:end] = [0] * (end - start)
        ends.append(end)
    if beyond := tokenizer.decode([token for token, mark in zip(ids, marked, strict=True) if mark]).strip():
        raise PrerequisiteError(
            f"Example {example.id!r}: the marked template {template.name!r} marks {beyond!r}, which no reply holds."
        )
    return EncodedExample(
        id=example.id,
        input_ids=ids[:max_length],
        labels=labels[:max_length],
        truncated=len(ids) > max_length,
        replies=len(ends),
        whole_replies=sum(end <= max_length for end in ends),
    )


def _prompt_length(tokenizer: "PreTrainedTokenizerBase", example: Example, place: int, ids: list[int]) -> int:
    """The number of tokens an evaluation would prompt with before this reply, checked to be those of training."""
    prompt = render_chat(tokenizer, example.messages[:place], add_generation_prompt=True, return_dict=False)
    if ids[: len(prompt)] != list(prompt):
        raise PrerequisiteError(
            f"Example {example.id!r}: in training, message {place + 1} follows other tokens than an evaluation would "
            "prompt with",
            "Strip white space from the start of the reply; if it has none, this chat template rewrites earlier turns "
            "and cannot be trained on whole conversations.",
        )
    return len(prompt)


def _turn_end(
    tokenizer: "PreTrainedTokenizerBase", template: MarkedTemplate, ids: list[int], marked: list[int], start: int
) -> int:
    """The place after the end-of-turn token of the marked stretch that begins at `start`, or after the stretch."""
    stretch = next((place for place in range(start, len(ids)) if not marked[place]), len(ids))
    (closing,) = tokenizer.convert_tokens_to_ids([template.end_of_turn])
    return next((place + 1 for place in range(start, stretch) if ids[place] == closing), stretch)


def _require_reply(example: Example, template: MarkedTemplate, reply: str, marked: str) -> None:
    # Templates and decoders may take white space off the ends of a reply; the rendered text was compared before.
    if not marked.endswith(template.end_of_turn) or (
        marked.removesuffix(template.end_of_turn).strip() != reply.strip()
    ):
        raise PrerequisiteError(
            f"Example {example.id!r}: training would learn {marked!r}, not the reply and {template.end_of_turn!r}. "
            "The marked template does not fit this tokenizer, or the text holds one of its special tokens."
        )
