"""The provider as Inspect sees it: names and arguments, shared weights, chat prompts, outputs, arm metadata."""

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    ContentImage,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    ModelOutput,
    get_model,
)
from inspect_ai.tool import ToolInfo

import warm_inspect._registry  # noqa: F401 - registers the provider
from tests.errors import refused
from tests.models.lora_maker import add_manifest, make_adapter
from warm_inspect.core.errors import PrerequisiteError, PromptTooLong
from warm_inspect.core.metadata import ArmMetadata
from warm_inspect.engine import PeftAPI, close_engines, loaded_models
from warm_inspect.engine.peft_provider import reply_content
from warm_inspect.models.chat import prompt_tokens
from warm_inspect.models.folder import load_tokenizer, weights_sha256

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")

ARGS: dict[str, Any] = {"dtype": "float32", "device": "cpu"}


@pytest.fixture(scope="module")
def adapter(tiny_base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = make_adapter(tmp_path_factory.mktemp("adapters") / "warm-1", tiny_base, seed=1)
    add_manifest(path, tiny_base)
    return path


@pytest.fixture(autouse=True)
def _no_engine_left() -> Iterator[None]:
    yield
    close_engines()


def ask(api: PeftAPI, text: str | list[ChatMessage] = "How are you?", **config: Any) -> ModelOutput:
    messages: list[ChatMessage] = [ChatMessageUser(content=text)] if isinstance(text, str) else text
    settings = GenerateConfig(**({"max_tokens": 6, "temperature": 0.0} | config))
    return asyncio.run(api.generate(messages, [], "none", settings))


@pytest.mark.parametrize(
    ("args", "parts"),
    [
        ({"adaptor": "x"}, ["'adaptor'", "arm, dtype, device, batch_size", "-M name=value"]),
        ({"dtype": "fp32"}, ["'fp32'", "auto, float32, bfloat16, float16"]),
        ({"device": "tpu"}, ["'tpu'", "auto, cpu, cuda, mps"]),
        ({"batch_size": 0}, ["batch_size", "0"]),
        ({"config": GenerateConfig(num_choices=2)}, ["num_choices"]),
    ],
)
def test_wrong_arguments(tiny_base: Path, args: dict[str, Any], parts: list[str]) -> None:
    with refused(*parts):
        PeftAPI(str(tiny_base), **args)


def test_wrong_base_and_wrong_adapter(tiny_base: Path, adapter: Path) -> None:
    with refused("'smollm2'", "'smollm2-135m'"):
        PeftAPI("smollm2")
    with refused("'tiny'", "'smollm2-135m'", f"peft/tiny:{adapter}"):
        PeftAPI(f"smollm2-135m:{adapter}")


@pytest.mark.parametrize("messages", [["How are you?"], ["A long question. " * 12], ["One", "Two"]])
def test_usage_and_stop_reason_are_true(tiny_base: Path, messages: list[str]) -> None:
    output = ask(PeftAPI(str(tiny_base), **ARGS), [ChatMessageUser(content=text) for text in messages])
    rendered = "".join(f"<|im_start|>user\n{text}<|im_end|>\n" for text in messages) + "<|im_start|>assistant\n"
    expected = len(load_tokenizer(tiny_base).encode(rendered, add_special_tokens=False))
    assert output.usage is not None
    assert (output.usage.input_tokens, output.usage.output_tokens) == (expected, 6)
    assert output.usage.total_tokens == expected + 6
    assert output.stop_reason == "max_tokens"
    assert output.time is not None
    assert output.time > 0


def test_three_instances_one_load(tiny_base: Path, adapter: Path) -> None:
    names = [str(tiny_base), f"{tiny_base}:{adapter}", str(tiny_base)]
    apis = [PeftAPI(name, config=GenerateConfig(seed=i), **ARGS) for i, name in enumerate(names)]
    assert not loaded_models()
    texts = [ask(api).completion for api in apis]
    assert loaded_models() == [(tiny_base.resolve(), "float32", "cpu")]
    assert texts[0] == texts[2] != texts[1]
    assert len({api.connection_key() for api in apis}) == 1
    for api in apis:
        assert loaded_models()
        api.close()
    assert not loaded_models()
    assert ask(apis[0]).completion == texts[0]


@pytest.mark.slow
def test_closing_and_making_room_free_the_weights(tiny_base: Path, adapter: Path) -> None:
    def models_in_memory() -> int:
        gc.collect()
        return sum(type(each) is torch.nn.Embedding for each in gc.get_objects())

    def loaded(dtype: str) -> PeftAPI:
        api = PeftAPI(f"{tiny_base}:{adapter}", dtype=dtype, device="cpu")
        ask(api)
        return api

    loaded("float32").close()  # What other tests left in memory makes room.
    before = models_in_memory()
    first = loaded("float32")
    assert models_in_memory() == before + 1
    first.close()
    assert models_in_memory() == before
    apis = [loaded("float32"), loaded("bfloat16")]
    assert models_in_memory() == before + 1
    apis[1].close()
    assert models_in_memory() == before


def test_an_idle_base_makes_room(tiny_base: Path) -> None:
    ask(PeftAPI(str(tiny_base), **ARGS))
    ask(PeftAPI(str(tiny_base), dtype="bfloat16", device="cpu"))
    assert [model.dtype for model in loaded_models()] == ["bfloat16"]


def test_a_model_whose_weights_made_room_loads_them_again(tiny_base: Path) -> None:
    api = PeftAPI(str(tiny_base), **ARGS)
    before = ask(api).completion
    ask(PeftAPI(str(tiny_base), dtype="bfloat16", device="cpu"))
    assert ask(api).completion == before


def test_seeds(tiny_base: Path) -> None:
    def replies(seed: int | None) -> list[str]:
        api = PeftAPI(str(tiny_base), **ARGS)
        return [ask(api, temperature=1.0, max_tokens=12, seed=seed).completion for _ in range(2)]

    assert replies(1) == replies(1)
    assert len({*replies(1), *replies(2), *replies(None), *replies(None)}) == 8


def test_logprobs(tiny_base: Path) -> None:
    output = ask(PeftAPI(str(tiny_base), **ARGS), logprobs=True, top_logprobs=2)
    assert output.choices[0].logprobs is not None
    content = output.choices[0].logprobs.content
    assert "".join(token.token for token in content) == output.completion
    for token in content:
        assert token.top_logprobs is not None
        assert (token.token, token.logprob) == (token.top_logprobs[0].token, token.top_logprobs[0].logprob)


@pytest.mark.parametrize(
    ("content", "config", "error", "part"),
    [
        ("word " * 600, {}, PromptTooLong, "512"),
        ([ContentText(text="see"), ContentImage(image="data:,")], {}, PrerequisiteError, "image"),
        ("hello", {"frequency_penalty": 0.5}, PrerequisiteError, "frequency_penalty"),
    ],
)
def test_refused_requests(tiny_base: Path, content: Any, config: Any, error: type[Exception], part: str) -> None:
    with refused(part, by=error):
        ask(PeftAPI(str(tiny_base), **ARGS), [ChatMessageUser(content=content)], **config)


@pytest.mark.parametrize(
    ("config", "value"),
    [
        ({"temperature": -1.0}, "temperature is -1.0"),
        ({"temperature": float("nan")}, "temperature is nan"),
        ({"top_p": 1.5}, "top_p is 1.5"),
        ({"top_p": -0.1}, "top_p is -0.1"),
        ({"top_k": -1}, "top_k is -1"),
        ({"max_tokens": 0}, "max_tokens is 0"),
        ({"max_tokens": -5}, "max_tokens is -5"),
        ({"logprobs": True, "top_logprobs": 400}, "top_logprobs is 400"),
        ({"stop_seqs": ["end", ""]}, "stop_seqs"),
    ],
)
def test_settings_out_of_range(tiny_base: Path, config: dict[str, Any], value: str) -> None:
    """At the door when they are the model's, and by each request."""
    with refused(value):
        PeftAPI(str(tiny_base), config=GenerateConfig(**config), **ARGS)
    with refused(value):
        ask(PeftAPI(str(tiny_base), **ARGS), **config)


def test_top_p_zero_is_the_likeliest_token(tiny_base: Path) -> None:
    api = PeftAPI(str(tiny_base), **ARGS)
    assert ask(api, temperature=0.8, top_p=0.0).completion == ask(api, temperature=0.0).completion


@pytest.mark.parametrize(
    ("text", "opened", "thought", "answer"),
    [
        ("It is Paris.", False, None, "It is Paris."),
        ("<think>Lyon? No.</think>\n\nIt is Paris.", False, "Lyon? No.", "It is Paris."),
        ("Well. <think>Lyon?</think> Paris.", False, "Lyon?", "Well.  Paris."),
        ("<think>\nLyon", False, "Lyon", ""),
        ("Lyon? No.\n</think>\nIt is Paris.", True, "Lyon? No.", "It is Paris."),
        ("Lyon? No.\n</think>\nIt is Paris.", False, "Lyon? No.", "It is Paris."),
        ("Lyon? Lyon", True, "Lyon? Lyon", ""),
    ],
)
def test_what_is_thought_is_not_said(text: str, opened: bool, thought: str | None, answer: str) -> None:
    message = ChatMessageAssistant(content=reply_content(text, opened))
    assert message.text == answer
    thoughts = [part.reasoning for part in message.content if isinstance(part, ContentReasoning)]
    assert thoughts == ([] if thought is None else [thought])


def test_tools_are_refused(tiny_base: Path) -> None:
    tool = ToolInfo(name="calculator", description="adds")
    api = PeftAPI(str(tiny_base), **ARGS)
    with refused("tools", "vllm"):
        asyncio.run(api.generate([ChatMessageUser(content="1+1")], [tool], "auto", GenerateConfig()))


def test_tokens_are_counted_with_the_models_tokenizer(tiny_base: Path) -> None:
    api = PeftAPI(str(tiny_base), **ARGS)
    assert asyncio.run(api.count_text_tokens("1789")) == 4


def test_arm_metadata(tiny_base: Path, adapter: Path) -> None:
    base = ArmMetadata(
        arm="original",
        base_model=tiny_base.name,
        base_sha256=weights_sha256(tiny_base),
        weights_source="folder",
        dtype="float32",
    )
    assert PeftAPI(str(tiny_base), **ARGS).arm_metadata() == base
    named = PeftAPI(f"{tiny_base}:{adapter}", arm="original_repeat", **ARGS)
    assert named.adapter is not None
    tuned = {"adapter_sha256": named.adapter.sha256, "training_seed": 7, "warmth_check": "not_run"}
    assert named.arm_metadata() == base.model_copy(update=tuned | {"arm": "original_repeat"})
    assert PeftAPI(f"{tiny_base}:{adapter}", **ARGS).arm_metadata() == base.model_copy(update=tuned | {"arm": "warm"})


def test_arm_of_an_adapter_made_elsewhere(tiny_base: Path, tmp_path: Path) -> None:
    plain = make_adapter(tmp_path / "kind", tiny_base, seed=2)
    metadata = PeftAPI(f"{tiny_base}:{plain}", **ARGS).arm_metadata()
    assert (metadata.arm, metadata.training_seed, metadata.warmth_check) == ("kind", -1, "not_run")


@pytest.mark.parametrize("arm", ["original", "Original", "original+persona_warm"])
def test_the_original_has_no_adapter(tiny_base: Path, adapter: Path, tmp_path: Path, arm: str) -> None:
    """By the argument, by the manifest, or by the name of a folder without one: its rows would be the original's."""
    with refused(repr(arm), "-M arm="):
        PeftAPI(f"{tiny_base}:{adapter}", arm=arm)
    plain = make_adapter(tmp_path / arm, tiny_base, seed=2)
    with refused(repr(arm), "-M arm="):
        PeftAPI(f"{tiny_base}:{plain}", **ARGS)
    assert PeftAPI(f"{tiny_base}:{plain}", arm="warm", **ARGS).arm_metadata().arm == "warm"
    add_manifest(plain, tiny_base, arm=arm)
    with refused(repr(arm)):
        PeftAPI(f"{tiny_base}:{plain}", **ARGS)
    assert PeftAPI(str(tiny_base), arm="original", **ARGS).arm_metadata().arm == "original"


TAKES = "{% for m in messages %}<{{ m.content }}>{% endfor %}"
DROPS = "{% for m in messages %}{% if m.role != 'system' %}[{{ m.content }}]{% endif %}{% endfor %}"
REFUSES = "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + DROPS
FOLDED = "[Be kind.\n\nHi.][Hello.][Bye.]"


@pytest.mark.parametrize(
    ("template", "expected"), [(TAKES, "<Be kind.><Hi.><Hello.><Bye.>"), (DROPS, FOLDED), (REFUSES, FOLDED)]
)
def test_system_messages(tiny_base: Path, template: str, expected: str) -> None:
    tokenizer = load_tokenizer(tiny_base)
    tokenizer.chat_template = template
    messages: list[ChatMessage] = [
        ChatMessageSystem(content="Be kind."),
        ChatMessageUser(content="Hi."),
        ChatMessageAssistant(content="Hello."),
        ChatMessageUser(content="Bye."),
    ]
    assert tokenizer.decode(prompt_tokens(tokenizer, messages)) == expected


def test_a_template_that_refuses(tiny_base: Path) -> None:
    tokenizer = load_tokenizer(tiny_base)
    tokenizer.chat_template = "{{ raise_exception('roles must alternate') }}"
    with refused("roles must alternate"):
        prompt_tokens(tokenizer, [ChatMessageUser(content="Hi.")])
    tokenizer.chat_template = None
    with refused("chat template"):
        prompt_tokens(tokenizer, [ChatMessageUser(content="Hi.")])


def test_through_inspect_one_bad_sample_fails_alone(tiny_base: Path, adapter: Path, tmp_path: Path) -> None:
    samples = [Sample(id=i, input="word " * 600 if i == 3 else f"Question {i}?", target="") for i in range(8)]
    [log] = eval(
        Task(dataset=samples, config=GenerateConfig(max_tokens=5, temperature=0.8, seed=1)),
        model=get_model(f"peft/{tiny_base}:{adapter}", **ARGS),
        log_dir=str(tmp_path / "logs"),
        fail_on_error=False,
    )
    assert log.samples is not None
    failed = [sample.id for sample in log.samples if sample.error]
    assert (log.status, failed) == ("success", [3])
    assert all(sample.output.stop_reason == "max_tokens" for sample in log.samples if sample.id != 3)
    assert log.stats.model_usage[f"peft/{tiny_base}:{adapter}"].output_tokens == 7 * 5
