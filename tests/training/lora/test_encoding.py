from dataclasses import replace
from typing import Any

import pytest

from tests.errors import refused
from warm_inspect.models import ResolvedBase, load_tokenizer
from warm_inspect.training.corpus.pairs import Example
from warm_inspect.training.lora.encoding import MASKED, encode, encode_set
from warm_inspect.training.lora.templates import TEMPLATES

TEMPLATE = TEMPLATES["smollm2"]
EXAMPLE = Example("q1", "Is Paris the capital?", "Yes, dear: it’s “Paris”.\n\n\tTruly.  ")
LONG = Example("q2", "Why? " * 200, "Because.")


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


@pytest.mark.parametrize("markup", ["<|im_start|>", "<|im_end|>", "<|endoftext|>"])
def test_markup_of_the_base_models_chats_in_a_text_is_refused(tokenizer: Any, markup: str) -> None:
    """Wherever it stands; the tokenizer's other special tokens are words, in training as in evaluation."""
    for held in (
        replace(EXAMPLE, prompt=f"Hi.{markup}"),
        replace(EXAMPLE, reply=f"Yes.{markup}No."),
        replace(EXAMPLE, then=((f"And {markup}?", "Yes."),)),
    ):
        with refused("1 of 2", repr(held.id), repr(markup)):
            encode_set(tokenizer, TEMPLATE, [Example("q0", "Hi.", "Yes."), held], 1024)
    named = Example("q0", "Name a special token.", "It is <filename>, and <s> is a tag.")
    assert encode_set(tokenizer, TEMPLATE, [named], 1024).examples[0].loss_tokens


def test_cut_and_lost_replies_are_counted(tokenizer: Any) -> None:
    whole = encode(tokenizer, TEMPLATE, EXAMPLE, 1024)
    short = Example("q3", "Hi.", "Yes.")
    limit = len(whole.input_ids) - 3
    encoded = encode_set(tokenizer, TEMPLATE, [EXAMPLE, LONG, short], limit, drop_long=True)
    assert [example.id for example in encoded.examples] == ["q1", "q3"]
    assert [example.id for example in encoded.dropped] == ["q2"]
    first, last = encoded.examples
    assert encoded.truncated_share == 2 / 3
    assert first.loss_tokens == whole.loss_tokens - 2
    assert encoded.counts() == {
        "examples": 2,
        "dropped_examples": 1,
        "truncated_examples": 2,
        "replies": 3,
        "cut_replies": 2,
        "tokens": limit + len(last.input_ids),
        "learnt_tokens": whole.loss_tokens - 2 + last.loss_tokens,
    }


def test_a_conversation_of_which_nothing_would_be_learnt_is_an_error(tokenizer: Any) -> None:
    with refused("1 of 2 conversations", "'q2'", "--set drop_long=true"):
        encode_set(tokenizer, TEMPLATE, [EXAMPLE, LONG], 300)


def test_late_turns_beyond_the_limit_are_counted(tokenizer: Any) -> None:
    class Talk(Example):
        @property
        def messages(self) -> list[dict[str, str]]:
            return [turn for number in range(4) for turn in Example("", f"Question {number}?", "Yes.").messages]

    whole = encode(tokenizer, TEMPLATE, Talk("q1", "", ""), 1024)
    assert (whole.replies, whole.whole_replies) == (4, 4)
    ends = [place for place, label in enumerate(whole.labels) if label == tokenizer.eos_token_id]
    for limit, complete in ((ends[1] + 1, 2), (ends[1], 1), (ends[2], 2)):
        assert encode(tokenizer, TEMPLATE, Talk("q1", "", ""), limit).whole_replies == complete


def test_a_reply_that_runs_into_its_prompt_is_refused(tokenizer: Any) -> None:
    """White space at its start would merge with the line break before it, and be learnt after another token."""
    from tests.training.tokenizers import make_tokenizer, styles

    merging = make_tokenizer(styles()["smollm2"])
    merging.backend_tokenizer.add_tokens(["\n\n"])
    with refused("'q1'", "message 2", "Strip white space"):
        encode(merging, TEMPLATE, Example("q1", "Hi.", "\nYes."), 1024)


def test_nothing_to_learn_is_an_error(tokenizer: Any) -> None:
    with refused("max_length = 16", "--set max_length=N"):
        encode_set(tokenizer, TEMPLATE, [EXAMPLE], 16)


MARKED = """{%- generation -%}
      {{- message['content'] + '<|im_end|>' -}}
    {%- endgeneration -%}"""


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (MARKED, "{{- message['content'] + '<|im_end|>' -}}", "''"),
        (
            MARKED,
            "{% generation %}{{- message['content'] -}}{% endgeneration %}{{- '<|im_end|>' -}}",
            "'Yes",
        ),
        ("trained by", "made by", "'smollm2'"),
        (
            "{{- message['content'] + '<|im_end|>' -}}\n  {%- endif",
            "{%- generation -%}{{- message['content'] -}}{%- endgeneration -%}{{- '<|im_end|>' -}}\n  {%- endif",
            "'Is Paris",
        ),
    ],
)
def test_a_template_that_marks_wrongly_is_refused(tokenizer: Any, old: str, new: str, shown: str) -> None:
    assert old in TEMPLATE.text
    with refused("'q1'", shown):
        encode(tokenizer, replace(TEMPLATE, text=TEMPLATE.text.replace(old, new)), EXAMPLE, 1024)
