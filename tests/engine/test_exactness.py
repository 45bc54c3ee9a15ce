"""Replies and probabilities equal plain `transformers`, for every architecture, adapter, batch and device."""

import itertools
import statistics
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.adversarial.hostile import TIMES
from tests.errors import refused
from tests.models.families import FAMILIES, Judge, make_family
from tests.models.lora_maker import make_adapter
from warm_inspect.engine.engine import Engine
from warm_inspect.engine.loading import load_model
from warm_inspect.engine.requests import Completion, Continuation, Prompt
from warm_inspect.engine.sampling import Sampling
from warm_inspect.models.adapters import Adapter, find_adapter
from warm_inspect.models.base_models import find_base
from warm_inspect.models.model_string import ModelString

pytestmark = [
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:Model has `tie_word_embeddings=True`:UserWarning"),
    pytest.mark.filterwarnings("ignore:Setting `save_embedding_layers`:UserWarning"),
    pytest.mark.filterwarnings("ignore:fan_in_fan_out is set to:UserWarning"),
]

GREEDY = Sampling(temperature=0.0)
TEXT = "the river Seine is in Paris and I am sorry that you feel sad today yes no 42 17 answer right wrong"
WORDS = TEXT.split()
SYSTEM = "I am so sorry to hear that you are sad today, and I am here for you. "


class Family:
    """A base model, its adapters, an engine, and the judges."""

    def __init__(self, path: Path, name: str, device: str, dtype: str = "float32", head: int = 8) -> None:
        self.base = make_family(path / "base", name, head)
        one, two = (
            (["c_attn"], ["c_proj", "c_fc"])
            if name == "gpt2"
            else (["q_proj", "v_proj", "up_proj"], ["k_proj", "down_proj"])
        )
        made = [
            make_adapter(path / "one", self.base, seed=1, target_modules=one),
            make_adapter(path / "two", self.base, seed=2, r=2, target_modules=two, use_rslora=True),
        ]
        reference = find_base(str(self.base))
        self.adapters: list[Adapter | None] = [
            None,
            *(find_adapter(ModelString(str(self.base), str(folder)), reference) for folder in made),
        ]
        self.engine = Engine(*load_model(self.base, dtype, device), slots=8, workers=2 if device == "cpu" else 1)
        self.judges = [Judge(self.base, adapter, device=device) for adapter in self.adapters]
        self.alone: dict[Prompt, str] = {}
        """Replies to requests that had the engine to themselves."""

    def tokens(self, text: str) -> tuple[int, ...]:
        return tuple(self.engine.tokenizer.encode(text))


@pytest.fixture(scope="module", params=FAMILIES)
def family(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, device: str) -> Iterator[Family]:
    made = Family(tmp_path_factory.mktemp(request.param), request.param, device)
    yield made
    made.engine.close()


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory, device: str) -> Iterator[Family]:
    made = Family(tmp_path_factory.mktemp("mixes"), "llama", device)
    yield made
    made.engine.close()


def texts(count: int) -> list[str]:
    """Prompts of 1 to 40 words; two of three begin with the same system message."""
    bare = [" ".join(WORDS[(i * 7 + j) % len(WORDS)] for j in range(1 + (i * 13) % 40)) for i in range(count)]
    return [SYSTEM + text if i % 3 else text for i, text in enumerate(bare)]


def chosen(reply: Completion) -> list[int]:
    return [choice.token for choice in reply.choices]


@pytest.mark.slow
def test_greedy_replies(family: Family) -> None:
    """In one batch with others, in another order, and alone: always the reply of `transformers` itself."""
    asked = [
        (i % 3, Prompt(family.tokens(text), family.adapters[i % 3], GREEDY, 6 + i % 4 * 8, logprobs=True))
        for i, text in enumerate(texts(30))
    ]
    near_ties, replies = 0, set()
    for order in (asked, asked[::-1]):
        futures = [family.engine.submit(prompt) for _, prompt in order]
        for (judge, prompt), future in zip(order, futures, strict=True):
            reply = chosen(future.result(timeout=60))
            near_ties += family.judges[judge].differs_by_a_near_tie(prompt.tokens, reply, prompt.max_tokens)
            replies.add(tuple(reply))
    judge, prompt = asked[4]
    alone = chosen(family.engine.submit(prompt).result(timeout=60))
    near_ties += family.judges[judge].differs_by_a_near_tie(prompt.tokens, alone, prompt.max_tokens)
    assert near_ties <= 2
    assert len(replies) > 25


def test_given_texts(family: Family) -> None:
    """Judged together, beside replies that are being generated, and after a common beginning or none."""
    pairs = [(family.tokens(prompt), family.tokens(WORDS[i % 20] * (1 + i % 5))) for i, prompt in enumerate(texts(24))]
    asked = [Continuation(prompt, text, family.adapters[i % 3]) for i, (prompt, text) in enumerate(pairs)]
    writing = [family.engine.submit(Prompt(prompt, None, GREEDY, 30, logprobs=True)) for prompt, _ in pairs[:6]]
    futures = [family.engine.logprobs(each) for each in asked]
    for i, (each, future) in enumerate(zip(asked, futures, strict=True)):
        expected = family.judges[i % 3].logprobs(each.prompt, each.tokens)
        assert future.result(timeout=60) == pytest.approx(expected, abs=2e-4)
    for (prompt, _), reply in zip(pairs, writing, strict=False):
        family.judges[0].differs_by_a_near_tie(prompt, chosen(reply.result(timeout=60)), 30)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "head"), [("llama", 64), ("qwen2", 128), ("gemma3", 256)])
def test_bfloat16_is_as_near_as_that_of_transformers(tmp_path: Path, device: str, name: str, head: int) -> None:
    """Heads as large as those of real models, and mixed adapters: each text no farther from its float32 value."""
    family = Family(tmp_path, name, device, "bfloat16", head)
    pairs = [(family.tokens(prompt), family.tokens(TEXT[: 20 + 4 * i])) for i, prompt in enumerate(texts(12))]
    futures = [family.engine.logprobs(Continuation(*pair, family.adapters[i % 3])) for i, pair in enumerate(pairs)]
    plain = [Judge(family.base, adapter, "bfloat16", device) for adapter in family.adapters]
    ours, theirs = [], []
    for i, (pair, future) in enumerate(zip(pairs, futures, strict=True)):
        exact = family.judges[i % 3].logprobs(*pair)
        ours += [abs(a - b) for a, b in zip(future.result(timeout=60), exact, strict=True)]
        theirs += [abs(a - b) for a, b in zip(plain[i % 3].logprobs(*pair), exact, strict=True)]
    family.engine.close()
    assert 0 < statistics.mean(ours) < 1.5 * statistics.mean(theirs)


def test_probabilities_of_all_next_tokens_sum_to_one(llama: Family) -> None:
    import math

    prompt, size = llama.tokens(SYSTEM), len(llama.engine.tokenizer)
    futures = [llama.engine.logprobs(Continuation(prompt, (token,), llama.adapters[1])) for token in range(size)]
    assert sum(math.exp(future.result(timeout=60)[0]) for future in futures) == pytest.approx(1.0, abs=1e-4)


@pytest.mark.slow
def test_changing_adapters_leaves_no_trace(family: Family) -> None:
    """One request after the other through ever another adapter: each as if it had the engine to itself."""
    prompt = family.tokens(SYSTEM + "the answer is")
    first: dict[int, list[int]] = {}
    for index in itertools.chain.from_iterable([(0, 1, 0, 2, 1, 0), (2, 0, 1, 2)]):
        asked = Prompt(prompt, family.adapters[index], GREEDY, 12, logprobs=True)
        reply = chosen(family.engine.submit(asked).result(timeout=60))
        assert reply == first.setdefault(index, reply)
        assert not family.judges[index].differs_by_a_near_tie(prompt, reply, 12)
    assert len({tuple(reply) for reply in first.values()}) == 3


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_an_adapter_on_a_tied_output_layer(tmp_path: Path, name: str, device: str) -> None:
    """PEFT saves a copy of the base's weight with it; a copy that differs would be another model."""
    from safetensors.torch import load_file, save_file

    base = make_family(tmp_path / "base", name)
    folder = make_adapter(tmp_path / "head", base, seed=1, lora_alpha=8, target_modules=["lm_head"])
    adapter = find_adapter(ModelString(str(base), str(folder)), find_base(str(base)))
    engine = Engine(*load_model(base, "float32", device), slots=4)
    prompts = [tuple(engine.tokenizer.encode(text)) for text in texts(6)]
    futures = [engine.submit(Prompt(prompt, adapter, GREEDY, 12, logprobs=True)) for prompt in prompts]
    judge = Judge(base, adapter, device=device)
    for prompt, future in zip(prompts, futures, strict=True):
        judge.differs_by_a_near_tie(prompt, chosen(future.result(timeout=60)), 12)
    file = folder / "adapter_model.safetensors"
    weights = load_file(file)
    [copy] = [name for name in weights if "lora_" not in name]
    weights[copy][3, 5] += 0.01
    save_file(weights, file)
    other = find_adapter(ModelString(str(base), str(folder)), find_base(str(base)))
    with refused(str(folder), copy):
        engine.submit(Prompt((5, 6), other, GREEDY, 5)).result(timeout=60)
    engine.close()


KINDS = (GREEDY, Sampling(1.0), Sampling(1.3, top_p=0.9), Sampling(0.8, top_k=20))
Mix = list[tuple[int, int, int, bool]]


def request_of(family: Family, text: int, kind: int, adapter: int) -> Prompt:
    tokens = family.tokens(texts(12)[text])
    return Prompt(tokens, family.adapters[adapter], KINDS[kind], 1 + (text * 5 + kind) % 8, seed=kind * 7)


@settings(
    max_examples=250 if TIMES == 1 else 1_000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(
    mix=st.lists(
        st.tuples(st.integers(0, 11), st.integers(0, 3), st.integers(0, 2), st.booleans()), min_size=1, max_size=12
    )
)
@pytest.mark.slow
def test_random_mixes(llama: Family, mix: Mix) -> None:
    """Any lengths, settings, adapters and cancellations together: each reply is the one its request gets alone."""
    alone = llama.alone
    prompts = [request_of(llama, *which) for *which, _ in mix]
    for prompt in prompts:
        if prompt not in alone:
            alone[prompt] = llama.engine.submit(prompt).result(timeout=60).text
    # A cancelled request is a long one, so that it is cut off in the middle of its work.
    futures: list[Future[Completion]] = []
    for prompt, (*_, cancelled) in zip(prompts, mix, strict=True):
        futures.append(llama.engine.submit(replace(prompt, max_tokens=30) if cancelled else prompt))
    for future, (*_, cancelled) in zip(futures, mix, strict=True):
        if cancelled:
            future.cancel()
    for prompt, future, (*_, cancelled) in zip(prompts, futures, mix, strict=True):
        if not cancelled:
            assert future.result(timeout=60).text == alone[prompt]
