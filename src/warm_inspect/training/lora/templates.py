"""Chat templates with generation marks, which show the tokens of a conversation that the assistant wrote.

A tokenizer's own template has no marks, and without them every token would be masked and none trained. TRL has marked
counterparts of many templates; ours stand in where it has none. Either is known by what it renders, so that a model
whose template only spells the same text in another way needs no file of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

import yaml

from warm_inspect.core.content import Catalog
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.models import render_chat

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Turns = Sequence[dict[str, str]]

_ASKED: Turns = ({"role": "user", "content": "Is it\n\ngood? "},)
_ANSWERED: Turns = (*_ASKED, {"role": "assistant", "content": "Yes.\n"})
_PROBES: tuple[Turns, ...] = (_ASKED, _ANSWERED, (*_ANSWERED, *_ASKED), (*_ANSWERED, *_ANSWERED))
"""The shapes in which conversations are rendered here: a prompt, a reply, a further prompt, a further reply.

Templates differ in what they do with blank lines within a text, with white space at its end, and with earlier turns.
"""


@dataclass(frozen=True)
class MarkedTemplate:
    """A Jinja chat template with generation marks."""

    name: str
    end_of_turn: str
    """The token that ends a reply: its last loss token."""
    used_by: str
    """Models with this template, for people."""
    text: str


def _parse(file: Traversable) -> MarkedTemplate:
    text = file.read_text(encoding="utf-8")
    facts = yaml.safe_load(text.removeprefix("{#-").partition("-#}")[0])
    return MarkedTemplate(name=file.name.removesuffix(".jinja"), text=text, **facts)


TEMPLATES: Catalog[MarkedTemplate] = Catalog("chat template", "templates", ".jinja", _parse)
"""Our marked templates: one file each in `content/templates/`, its facts in the opening comment."""


def marked_template(tokenizer: "PreTrainedTokenizerBase") -> MarkedTemplate:
    """The marked counterpart of a tokenizer's chat template: the template itself, one of ours, or TRL's.

    Raises:
        PrerequisiteError: the tokenizer has no chat template, or one without a marked counterpart.
    """
    if not isinstance(tokenizer.chat_template, str):
        raise _unmarked("The base model's tokenizer has no single chat template")
    for template in TEMPLATES.values():
        if _renders_alike(tokenizer, template.text):
            return template
    text = _from_trl(tokenizer)
    if text is None or not _renders_alike(tokenizer, text):
        raise _unmarked("The base model's chat template has no generation-marked counterpart, neither here nor in TRL")
    if not (end := _end_of_turn(tokenizer, text)):
        raise _unmarked("The marks of the base model's chat template leave out the token that ends a reply")
    return MarkedTemplate("trl", end, "", text)


def _from_trl(tokenizer: "PreTrainedTokenizerBase") -> str | None:
    """TRL's marked template, or the tokenizer's own when it has marks already."""
    from trl.chat_template_utils import get_training_chat_template

    try:
        marked = get_training_chat_template(tokenizer)
    except Exception:  # A template that TRL does not know may also refuse the conversations that TRL tries on it.
        return None
    return marked or str(tokenizer.chat_template)


def _renders_alike(tokenizer: "PreTrainedTokenizerBase", text: str) -> bool:
    return all(_rendered(tokenizer, probe, text) == _rendered(tokenizer, probe, None) for probe in _PROBES)


def _rendered(tokenizer: "PreTrainedTokenizerBase", turns: Turns, text: str | None) -> str | None:
    """The text of a conversation; None when the template refuses it."""
    try:
        return str(render_chat(tokenizer, turns, chat_template=text, tokenize=False))
    except Exception:  # Templates raise errors of any type.
        return None


def _end_of_turn(tokenizer: "PreTrainedTokenizerBase", text: str) -> str:
    """The special token that closes a marked reply; empty when none does."""
    rendered = render_chat(tokenizer, _ANSWERED, chat_template=text, return_assistant_tokens_mask=True)
    marked = [token for token, mark in zip(rendered["input_ids"], rendered["assistant_masks"], strict=True) if mark]
    special = [token for token in marked if token in tokenizer.all_special_ids or token in _added(tokenizer)]
    return str(tokenizer.decode(special[-1:]))


def _added(tokenizer: "PreTrainedTokenizerBase") -> set[int]:
    return set(tokenizer.get_added_vocab().values())


def _unmarked(problem: str) -> PrerequisiteError:
    known = ", ".join(f"{template.name} ({template.used_by})" for template in TEMPLATES.values())
    return PrerequisiteError(
        f"{problem}, so replies cannot be told apart from prompts. Known: {known}; and TRL's training templates, among "
        "them Llama 3, Qwen 2.5 and Gemma",
        "To train this model, add a marked template to content/templates/.",
    )
