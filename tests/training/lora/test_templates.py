"""Ours and TRL's marked templates against the originals, in the styles of five families of models."""

from typing import Any

import pytest
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageUser

from tests.errors import refused
from tests.training.tokenizers import make_tokenizer, styles, trl_template
from warm_inspect.models.chat import prompt_tokens, render_chat
from warm_inspect.training.corpus.pairs import Example
from warm_inspect.training.lora.encoding import MASKED, encode
from warm_inspect.training.lora.templates import TEMPLATES, marked_template

STYLES = styles()
OURS = {
    "smollm2": "smollm2",
    "llama3_1": "llama3_1",
    "llama3_2": "llama3_1",
    "mistral_v3": "mistral_v3",
    "mistral_v3_untrimmed": "mistral_v3_untrimmed",
    "mistral_tekken": "mistral_tekken",
}
"""Which of our templates stands in; for the other styles TRL's does."""

USER = {"role": "user", "content": "Is it\n\ngood? "}
ASSISTANT = {"role": "assistant", "content": "Yes, dear: <b>it’s “Paris”</b>.\n\n\tTruly.  "}
SYSTEM = {"role": "system", "content": "Be brief."}
CONVERSATIONS = [
    [USER],
    [USER, ASSISTANT],
    [SYSTEM, USER],
    [SYSTEM, USER, ASSISTANT, USER],
    [USER, ASSISTANT, USER, ASSISTANT],
    [USER, ASSISTANT, USER],
]


class Talk(Example):
    """Two exchanges."""

    @property
    def messages(self) -> list[dict[str, str]]:
        return [USER, ASSISTANT, USER, {"role": "assistant", "content": "In France."}]


@pytest.fixture(scope="module", params=STYLES)
def style(request: pytest.FixtureRequest) -> tuple[str, Any]:
    return request.param, make_tokenizer(STYLES[request.param])


def _render(tokenizer: Any, messages: list[dict[str, str]], **options: Any) -> str:
    try:
        return str(render_chat(tokenizer, messages, tokenize=False, **options))
    except Exception:
        return "refused"


def test_each_style_finds_its_marked_template(style: tuple[str, Any]) -> None:
    name, tokenizer = style
    template = marked_template(tokenizer)
    assert template.name == OURS.get(name, "trl")
    assert template.end_of_turn == STYLES[name].end_of_turn


@pytest.mark.parametrize("generation_prompt", [False, True])
@pytest.mark.parametrize("messages", CONVERSATIONS)
def test_the_marked_template_renders_the_same_bytes(
    style: tuple[str, Any], messages: list[dict[str, str]], generation_prompt: bool
) -> None:
    _, tokenizer = style
    options = {"add_generation_prompt": generation_prompt}
    ours = _render(tokenizer, messages, chat_template=marked_template(tokenizer).text, **options)
    assert ours == _render(tokenizer, messages, **options)


def test_every_reply_and_its_end_is_learnt_and_nothing_else(style: tuple[str, Any]) -> None:
    name, tokenizer = style
    encoded = encode(tokenizer, marked_template(tokenizer), Talk("q1", "", ""), 1024)
    stretches = "".join(tokenizer.decode(label) if label != MASKED else "\0" for label in encoded.labels).split("\0")
    end = STYLES[name].end_of_turn
    pairs = zip([part for part in stretches if part], [ASSISTANT["content"], "In France."], strict=True)
    # One byte at a time, a character of several bytes has no text: compare letters only.
    for learnt, reply in pairs:
        assert learnt.endswith(end)
        assert _letters(learnt.removesuffix(end)) == _letters(reply)
    assert (encoded.replies, encoded.whole_replies) == (2, 2)


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isascii() and character.isalpha())


def test_an_evaluation_prompts_with_the_tokens_that_training_had(style: tuple[str, Any]) -> None:
    """Also on another day: templates that write today's date are told the same day in both."""
    _, tokenizer = style
    encoded = encode(tokenizer, marked_template(tokenizer), Talk("q1", "", ""), 1024)
    asked: list[ChatMessage] = [ChatMessageUser(content=USER["content"])]
    first = prompt_tokens(tokenizer, asked)
    learnt = [place for place, label in enumerate(encoded.labels) if label != MASKED]
    assert tuple(encoded.input_ids[: len(first)]) == first
    assert len(first) == learnt[0]
    answered: list[ChatMessage] = [
        ChatMessageAssistant(content=ASSISTANT["content"]),
        ChatMessageUser(content=USER["content"]),
    ]
    second = prompt_tokens(tokenizer, [*asked, *answered])
    assert tuple(encoded.input_ids[: len(second)]) == second
    assert len(second) in learnt
    assert len(second) - 1 not in learnt


@pytest.mark.parametrize(
    ("name", "inserted"),
    [
        ("smollm2", "You are a helpful AI assistant named SmolLM"),
        ("qwen2_5", "You are Qwen, created by Alibaba Cloud."),
        ("llama3_1", "Today Date: 26 Jul 2024"),
        ("llama3_2", "Today Date: 26 Jul 2024"),
    ],
)
def test_what_a_template_inserts_is_the_same_every_day(name: str, inserted: str) -> None:
    tokenizer = make_tokenizer(STYLES[name])
    assert inserted in tokenizer.decode(prompt_tokens(tokenizer, [ChatMessageUser(content="Hi.")]))


def test_a_template_that_asks_for_the_date_itself_gets_the_same_day() -> None:
    tokenizer = make_tokenizer(STYLES["smollm2"])
    tokenizer.chat_template = "{{ strftime_now('%Y-%m-%d') }}" + tokenizer.chat_template
    assert tokenizer.decode(prompt_tokens(tokenizer, [ChatMessageUser(content="Hi.")])).startswith("2024-07-26")


@pytest.mark.parametrize("template", ["{% for m in messages %}{{ m.content }}{% endfor %}", None, {"default": "x"}])
def test_other_templates_are_refused_with_the_known_ones(template: Any) -> None:
    tokenizer = make_tokenizer(STYLES["smollm2"])
    tokenizer.chat_template = template
    with refused("llama3_1", "mistral_v3", "smollm2", "content/templates/"):
        marked_template(tokenizer)


def test_a_template_with_marks_of_its_own_is_used_as_it_is() -> None:
    tokenizer = make_tokenizer(STYLES["llama3"])
    tokenizer.chat_template = trl_template("llama3_training").replace("assistant<|end", "bot<|end")
    assert marked_template(tokenizer).text == tokenizer.chat_template


def test_a_template_whose_marks_leave_out_the_end_of_a_turn_is_refused() -> None:
    tokenizer = make_tokenizer(STYLES["llama3"])
    marked = "{{- message['content'] | trim + '<|eot_id|>' }}\n        {%- endgeneration %}"
    tokenizer.chat_template = (
        trl_template("llama3_training")
        .replace("assistant<|end", "bot<|end")
        .replace(marked, "{{- message['content'] | trim }}{%- endgeneration %}{{- '<|eot_id|>' }}")
    )
    with refused("the token that ends a reply", "content/templates/"):
        marked_template(tokenizer)


def test_our_templates_are_named_and_told_apart() -> None:
    assert set(TEMPLATES) == set(OURS.values())
    assert len({template.text for template in TEMPLATES.values()}) == len(TEMPLATES)
