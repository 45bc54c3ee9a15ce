"""SmolLM2 as it was fetched: its tokenizer, its template, and in float32 the replies of `transformers.generate`."""

from pathlib import Path

import pytest

from tests.models.families import Judge
from tests.models.lora_maker import make_adapter
from warm_inspect.engine.engine import Engine
from warm_inspect.engine.loading import load_model
from warm_inspect.engine.requests import Continuation, Prompt
from warm_inspect.engine.sampling import Sampling
from warm_inspect.models import base_model_path, find_base, load_tokenizer
from warm_inspect.models.adapters import find_adapter
from warm_inspect.models.model_string import ModelString

pytestmark = [
    pytest.mark.network,
    pytest.mark.enable_socket,
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),
]

TOKENS = 16
QUESTIONS = (
    "What is the capital of France?",
    "I have been so sad all week, nothing seems to matter. Which planet is the largest?",
    "Which organ pumps blood around the body? I think it is the liver.",
    "Write one sentence about the sea.",
    "Is the Earth flat? Answer yes or no.",
    "Hello!",
)


def test_the_tokenizer_and_template_are_the_authors() -> None:
    tokenizer = load_tokenizer(base_model_path("smollm2-135m"))
    assert tokenizer.tokenize("in 2024²") == ["in", "Ġ", "2", "0", "2", "4", "Â²"]
    assert tokenizer.convert_tokens_to_ids(["<|endoftext|>", "<|im_start|>", "<|im_end|>"]) == [0, 1, 2]
    rendered = tokenizer.apply_chat_template([{"role": "user", "content": "Hello!"}], tokenize=False)
    assert "<|im_start|>system\nYou are a helpful AI assistant named SmolLM" in rendered


@pytest.mark.slow
def test_replies_are_those_of_transformers(tmp_path: Path) -> None:
    base = base_model_path("smollm2-135m")
    folder = make_adapter(tmp_path / "warm", base, seed=1, lora_alpha=2)
    adapter = find_adapter(ModelString(str(base), str(folder)), find_base(str(base)))
    engine = Engine(*load_model(base, "float32", "cpu"), slots=4)
    asked = []
    for index, question in enumerate(QUESTIONS):
        turns = [{"role": "user", "content": question}]
        tokens = engine.tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False)
        chosen = adapter if index % 3 == 1 else None
        asked.append(Prompt(tuple(tokens), chosen, Sampling(temperature=0.0), TOKENS, logprobs=True))
    replies = [future.result(timeout=300) for future in [engine.submit(prompt) for prompt in asked]]
    texts = [[choice.token for choice in reply.choices] for reply in replies]
    likelihoods = [
        engine.logprobs(Continuation(prompt.tokens, tuple(text), prompt.adapter)).result(timeout=300)
        for prompt, text in zip(asked, texts, strict=True)
    ]
    engine.close()
    assert (replies[0].text, replies[0].stop_reason) == ("The capital of France is Paris.", "stop")
    judges = {None: Judge(base), adapter: Judge(base, adapter)}
    near_ties = sum(
        judges[prompt.adapter].differs_by_a_near_tie(prompt.tokens, text, TOKENS)
        for prompt, text in zip(asked, texts, strict=True)
    )
    assert near_ties <= 1
    for prompt, text, reply, told in zip(asked, texts, replies, likelihoods, strict=True):
        expected = judges[prompt.adapter].logprobs(prompt.tokens, text)
        assert told == pytest.approx(expected, abs=2e-3)
        assert [choice.logprob for choice in reply.choices] == pytest.approx(expected, abs=2e-3)
