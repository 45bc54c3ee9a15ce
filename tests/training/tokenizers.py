"""Tiny tokenizers in the styles of well-known chat models: their chat templates and their way of cutting text."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

_SENTENCES = ["Is it good? Yes, dear: it is. I am here for you.", "Where is Paris? In France, by the Seine."]

MISTRAL_V3 = """\
{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}

{{- bos_token }}
{%- for message in loop_messages %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"]|trim + eos_token }}
    {%- endif %}
{%- endfor %}
"""
"""The essential form: a plain chat renders as it does for Mistral Small 2409; tools and checks are left out."""
MISTRAL_V3_UNTRIMMED = MISTRAL_V3.replace("|trim", "")
MISTRAL_TEKKEN = MISTRAL_V3.replace("[INST] ", "[INST]").replace('" " + message["content"]|trim', 'message["content"]')


def trl_template(name: str) -> str:
    """A chat template as a model ships it, from the copies that TRL keeps."""
    return files("trl").joinpath("chat_templates", f"{name}.jinja").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Style:
    """A family of chat models."""

    template: str
    bos: str
    eos: str
    end_of_turn: str
    special: tuple[str, ...]
    pieces: bool = False
    """Whether spaces become part of the next word, as SentencePiece has it; else bytes, as GPT-2 has it."""


def styles() -> dict[str, Style]:
    """Each style that is tested, by name."""
    from tests.training.conftest import SMOLLM2_TEMPLATE

    chatml = ("<|im_start|>", "<|im_end|>", "<|endoftext|>")
    llama = ("<|begin_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>")
    gemma = ("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>")
    mistral = ("<s>", "</s>", "[INST]", "[/INST]")
    return {
        "smollm2": Style(SMOLLM2_TEMPLATE, "<|im_start|>", "<|im_end|>", "<|im_end|>", chatml),
        "qwen2_5": Style(trl_template("qwen2_5"), "<|endoftext|>", "<|im_end|>", "<|im_end|>", chatml),
        "llama3": Style(trl_template("llama3"), llama[0], "<|eot_id|>", "<|eot_id|>", llama),
        "llama3_1": Style(trl_template("llama3_1"), llama[0], "<|eot_id|>", "<|eot_id|>", llama),
        "llama3_2": Style(trl_template("llama3_2"), llama[0], "<|eot_id|>", "<|eot_id|>", llama),
        "gemma": Style(trl_template("gemma"), "<bos>", "<eos>", "<end_of_turn>", gemma, pieces=True),
        "gemma3": Style(trl_template("gemma3"), "<bos>", "<eos>", "<end_of_turn>", gemma, pieces=True),
        "mistral_v3": Style(MISTRAL_V3, "<s>", "</s>", "</s>", mistral, pieces=True),
        "mistral_v3_untrimmed": Style(MISTRAL_V3_UNTRIMMED, "<s>", "</s>", "</s>", mistral, pieces=True),
        "mistral_tekken": Style(MISTRAL_TEKKEN, "<s>", "</s>", "</s>", mistral),
    }


def make_tokenizer(style: Style) -> Any:
    """A tokenizer of a few hundred tokens with the style's special tokens and chat template."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    fast = Tokenizer(models.BPE(byte_fallback=style.pieces, unk_token="<unk>"))
    special = ["<unk>", *style.special]
    if style.pieces:
        special += [f"<0x{byte:02X}>" for byte in range(256)]
        fast.normalizer = normalizers.Replace(" ", "▁")
        fast.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
        alphabet = ["▁", "\n"]
    else:
        fast.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        fast.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
    fast.train_from_iterator(
        _SENTENCES,
        trainers.BpeTrainer(
            vocab_size=700, special_tokens=special, initial_alphabet=alphabet, show_progress=False, min_frequency=1
        ),
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=fast,
        bos_token=style.bos,
        eos_token=style.eos,
        pad_token=style.eos,
        unk_token="<unk>",
        additional_special_tokens=list(style.special),
        clean_up_tokenization_spaces=False,
        chat_template=style.template,
    )
