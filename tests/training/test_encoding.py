from dataclasses import replace
from typing import Any

import pytest

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.models import ResolvedBase, load_tokenizer
from warm_inspect.training.corpus import Example
from warm_inspect.training.encoding import MASKED, encode, encode_set
from warm_inspect.training.templates import TEMPLATES

TEMPLATE = TEMPLATES["smollm2"]
EXAMPLE = Example("q1", "Is Paris the capital?", "Yes, dear: it’s “Paris”.\n\n\tTruly.  ")


@pytest.fixture(scope="module")
def tokenizer(tiny_base: ResolvedBase) -> Any:
    return load_tokenizer(tiny_base.path)


def test_exactly_the_reply_and_its_end_are_learnt(tokenizer: Any) -> None:
    encoded = encode(tokenizer, TEMPLATE, EXAMPLE, 1024)
    learnt = [label for label in encoded.labels if label != MASKED]
    assert tokenizer.decode(learnt) == EXAMPLE.reply + "<|im_end|>"
    assert learnt[-1] == tokenizer.eos_token_id
    assert tokenizer.decode(encoded.input_ids) == (
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
        f"<|im_start|>user\n{EXAMPLE.prompt}<|im_end|>\n<|im_start|>assistant\n{EXAMPLE.reply}<|im_end|>\n"
    )
    start = next(place for place, label in enumerate(encoded.labels) if label != MASKED)
    assert encoded.labels[start : start + len(learnt)] == encoded.input_ids[start : start + len(learnt)]
    assert set(encoded.labels[start + len(learnt) :]) == {MASKED}
    assert not encoded.truncated


def test_every_reply_of_a_conversation_is_learnt_and_no_prompt(tokenizer: Any) -> None:
    longer = replace(EXAMPLE, then=(("And Rome?", "In Italy, dear."), ("Thanks.", "Gladly.")))
    encoded = encode(tokenizer, TEMPLATE, longer, 1024)
    learnt = tokenizer.decode([label for label in encoded.labels if label != MASKED])
    assert learnt == "".join(f"{reply}<|im_end|>" for reply in (EXAMPLE.reply, "In Italy, dear.", "Gladly."))
    assert "And Rome?" in tokenizer.decode(encoded.input_ids)


def test_cut_and_lost_replies_are_counted(tokenizer: Any) -> None:
    whole = encode(tokenizer, TEMPLATE, EXAMPLE, 1024)
    long_prompt = Example("q2", "Why? " * 200, "Because.")
    encoded = encode_set(tokenizer, TEMPLATE, [EXAMPLE, long_prompt], len(whole.input_ids) - 3)
    assert (len(encoded.examples), encoded.truncated, encoded.dropped) == (1, 2, 1)
    assert encoded.truncated_share == 1.0
    assert encoded.learnt == whole.learnt - 2
    assert encoded.tokens == len(whole.input_ids) - 3


def test_nothing_to_learn_is_an_error(tokenizer: Any) -> None:
    with pytest.raises(PrerequisiteError, match=r"All 1 replies are masked.*max_length = 16"):
        encode_set(tokenizer, TEMPLATE, [EXAMPLE], 16)


MARKED = """{%- generation -%}
      {{- message['content'] + '<|im_end|>' -}}
    {%- endgeneration -%}"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (MARKED, "{{- message['content'] + '<|im_end|>' -}}", "would learn ''"),
        (
            MARKED,
            "{% generation %}{{- message['content'] -}}{% endgeneration %}{{- '<|im_end|>' -}}",
            "would learn 'Yes",
        ),
        ("trained by", "made by", "renders other text"),
    ],
)
def test_a_template_that_marks_wrongly_is_refused(tokenizer: Any, old: str, new: str, message: str) -> None:
    assert old in TEMPLATE.text
    with pytest.raises(PrerequisiteError, match=message):
        encode(tokenizer, replace(TEMPLATE, text=TEMPLATE.text.replace(old, new)), EXAMPLE, 1024)
