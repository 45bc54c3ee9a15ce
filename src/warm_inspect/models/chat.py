"""Chat messages -> prompt tokens, through the chat template of the model's own tokenizer."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from inspect_ai.model import ChatMessage, ContentReasoning, ContentText

from warm_inspect.core.errors import PrerequisiteError

TEMPLATE_DAY = datetime(2024, 7, 26)
"""The date for chat templates that write today's: the one Llama 3.1's template falls back to.

Training and evaluation happen on different days; with the real date they would differ in the prompt.
"""

_ASKS_FOR_DATE = re.compile(r"""strftime_now\(\s*(['"])(.*?)\1\s*\)""")
"""Where a template writes today's date, with the format in quotes."""


def render_chat(tokenizer: Any, turns: Sequence[dict[str, str]], **options: Any) -> Any:  # noqa: ANN401
    """A conversation through the chat template, with a fixed date: used for training and evaluation alike.

    Args:
        tokenizer: the base model's.
        turns: role and content of each message.
        options: what `apply_chat_template` takes besides, for example `chat_template` or `tokenize`.
    """
    template = options.pop("chat_template", None) or tokenizer.chat_template
    if isinstance(template, str):
        # transformers gives templates its own strftime_now, so the call itself is replaced by the date.
        template = _ASKS_FOR_DATE.sub(lambda call: repr(TEMPLATE_DAY.strftime(call[2])), template)
    return tokenizer.apply_chat_template(
        list(turns), chat_template=template, date_string=TEMPLATE_DAY.strftime("%d %b %Y"), **options
    )


def dated_template(tokenizer: Any) -> str:  # noqa: ANN401
    """The chat template as a text that renders as `render_chat` does wherever it is used: with the fixed date in it.

    Raises:
        PrerequisiteError: the tokenizer has no default chat template.
    """
    _require_template(tokenizer)
    template = _ASKS_FOR_DATE.sub(lambda call: repr(TEMPLATE_DAY.strftime(call[2])), tokenizer.chat_template)
    if "date_string" not in template:
        return template
    return '{%- set date_string = "' + TEMPLATE_DAY.strftime("%d %b %Y") + '" -%}' + template


def markup_tokens(tokenizer: Any) -> dict[int, str]:  # noqa: ANN401
    """The special tokens that give a chat its structure: those that its template writes, and the tokenizer's own roles.

    The tokenizer's other special tokens may be words of a text.
    """
    special = {token: str(tokenizer.convert_ids_to_tokens(token)) for token in tokenizer.all_special_ids}
    special |= {token: str(added) for token, added in tokenizer.added_tokens_decoder.items() if added.special}
    roles = (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id, tokenizer.unk_token_id)
    template = str(tokenizer.chat_template or "")
    return {token: text for token, text in special.items() if text and (token in roles or text in template)}


def prompt_tokens(tokenizer: Any, messages: Sequence[ChatMessage]) -> tuple[int, ...]:  # noqa: ANN401
    """The tokens of a conversation, up to where the model's reply begins.

    The template writes all special tokens, so none are added. A system message that the template refuses or drops is
    put at the start of the first user message. A last message of the assistant is continued.

    Raises:
        PrerequisiteError: the tokenizer has no chat template, the template refuses the conversation, or a message holds
            more than text, or the markup of a chat as text.
    """
    _require_template(tokenizer)
    turns = [_turn(message) for message in messages]
    _refuse_markup(tokenizer, turns)
    systems = [turn["content"] for turn in turns if turn["role"] == "system"]
    if systems and not _takes_system(tokenizer, turns, systems):
        turns = _folded(turns, systems)
    try:
        return tuple(_apply(tokenizer, turns, tokenize=True))
    except Exception as failure:  # templates raise exceptions of any type
        raise PrerequisiteError(f"The model's chat template refuses this conversation: {failure}") from None


def _require_template(tokenizer: Any) -> None:  # noqa: ANN401
    if tokenizer.chat_template is None:
        raise PrerequisiteError("This base model has no chat template. Use one that was tuned for chat.")
    if not isinstance(tokenizer.chat_template, str):
        raise PrerequisiteError(
            f"This base model has chat templates only for special uses: {', '.join(tokenizer.chat_template)}. Name one "
            "of them `default` in a copy of the model's folder."
        )


def _refuse_markup(tokenizer: Any, turns: list[dict[str, str]]) -> None:  # noqa: ANN401
    """Check that no text of a message becomes a special token of the chat."""
    for markup in markup_tokens(tokenizer).values():
        if any(markup in turn["content"] for turn in turns):
            raise PrerequisiteError(
                f"A message has {markup!r} in its text, which this model's tokenizer reads as the markup of a chat, so "
                "the model would see other messages. Take it out of the text."
            )


def _apply(tokenizer: Any, turns: list[dict[str, str]], *, tokenize: bool) -> Any:  # noqa: ANN401
    continues = turns[-1]["role"] == "assistant"
    return render_chat(
        tokenizer,
        turns,
        add_generation_prompt=not continues,
        continue_final_message=continues,
        tokenize=tokenize,
        return_dict=False,
    )


def _takes_system(tokenizer: Any, turns: list[dict[str, str]], systems: list[str]) -> bool:  # noqa: ANN401
    """Whether the template renders the conversation, and with it the text of every system message."""
    try:
        text = _apply(tokenizer, turns, tokenize=False)
    except Exception:  # templates raise exceptions of any type
        return False
    return all(system.strip() in text for system in systems)


def _folded(turns: list[dict[str, str]], systems: list[str]) -> list[dict[str, str]]:
    """The conversation with the system messages at the start of the first user message."""
    others = [turn for turn in turns if turn["role"] != "system"]
    first = next((index for index, turn in enumerate(others) if turn["role"] == "user"), None)
    if first is None:
        return [{"role": "user", "content": "\n\n".join(systems)}, *others]
    head = {"role": "user", "content": "\n\n".join([*systems, others[first]["content"]])}
    return [*others[:first], head, *others[first + 1 :]]


def _turn(message: ChatMessage) -> dict[str, str]:
    if message.role == "tool" or (message.role == "assistant" and message.tool_calls):
        raise PrerequisiteError("The peft provider does not support tools. Use Inspect's vllm provider for them.")
    if not isinstance(message.content, str) and not all(
        isinstance(part, ContentText | ContentReasoning) for part in message.content
    ):
        raise PrerequisiteError("The peft provider takes text only, no images, audio, video or documents.")
    return {"role": message.role, "content": message.text}
