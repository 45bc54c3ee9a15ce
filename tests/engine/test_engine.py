"""The engine: the same replies as transformers, whatever shares the batch."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.engine.devices import CUDA, present
from tests.errors import refused
from tests.models.lora_maker import make_adapter
from tests.tiny import make_tiny_base
from warm_inspect.engine.engine import Engine
from warm_inspect.engine.loading import load_model
from warm_inspect.engine.requests import Completion, Continuation, Prompt
from warm_inspect.engine.sampling import Sampling
from warm_inspect.models.adapters import Adapter, find_adapter
from warm_inspect.models.base_models import find_base
from warm_inspect.models.model_string import ModelString

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")

GREEDY = Sampling(temperature=0.0)
TEXT = "the river Seine is in Paris and I am sorry that you feel sad today yes no 42 17 answer right wrong"
WORDS = TEXT.split()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny base whose weights are far apart, so that greedy replies vary and have no near ties."""
    import torch
    from transformers import AutoModelForCausalLM

    path = make_tiny_base(tmp_path_factory.mktemp("engine") / "base")
    model = AutoModelForCausalLM.from_pretrained(path)
    torch.manual_seed(3)
    for weights in model.parameters():
        if weights.dim() == 2:
            torch.nn.init.normal_(weights, std=0.25)
    model.save_pretrained(path)
    return path


@pytest.fixture(scope="module")
def adapters(base: Path) -> list[Adapter | None]:
    folders = [
        make_adapter(base.parent / "one", base, seed=1),
        make_adapter(base.parent / "two", base, seed=2, r=2, target_modules=["k_proj", "down_proj"], use_rslora=True),
    ]
    return [None, *(find_adapter(ModelString(str(base), str(folder)), find_base(str(base))) for folder in folders)]


class Poison(RuntimeError):
    """What a forward pass raises over the marked token."""


@dataclass
class Faults:
    """Makes the forward passes of a model fail: those with a marked token, or with too many rows."""

    token: int | None = None
    rows: int | None = None

    def __call__(self, model: Any, args: Any, inputs: dict[str, Any]) -> None:
        if self.token is not None and bool((inputs["input_ids"] == self.token).any()):
            raise Poison
        if self.rows is not None and len(inputs["input_ids"]) > self.rows:
            raise MemoryError


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture(
    params=[("cpu", 1), ("cpu", 3), pytest.param(("cuda", 1), marks=CUDA)], ids=["one worker", "three workers", "cuda"]
)
def engine(base: Path, faults: Faults, request: pytest.FixtureRequest) -> Iterator[Engine]:
    device, workers = request.param
    tokenizer, model = load_model(base, "float32", present(device))
    model.register_forward_pre_hook(faults, with_kwargs=True)
    engine = Engine(tokenizer, model, slots=8, workers=workers)
    yield engine
    engine.close()


def prompts(engine: Engine, count: int) -> list[tuple[int, ...]]:
    """Prompts of 1 to 60 words."""
    texts = [" ".join(WORDS[(i * 7 + j) % len(WORDS)] for j in range(1 + (i * 13) % 60)) for i in range(count)]
    return [tuple(engine.tokenizer.encode(text)) for text in texts]


def by_transformers(base: Path, adapter: Adapter | None, prompt: tuple[int, ...], max_tokens: int) -> str:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model: Any = AutoModelForCausalLM.from_pretrained(base)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter.folder))
    ids = torch.tensor([prompt])
    reply = model.eval().generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=max_tokens, do_sample=False
    )
    return str(AutoTokenizer.from_pretrained(base).decode(reply[0, len(prompt) :], skip_special_tokens=True))


@pytest.mark.slow
def test_greedy_replies_equal_transformers(engine: Engine, base: Path, adapters: list[Adapter | None]) -> None:
    jobs = [(prompt, adapters[i % 3], 5 + i % 4 * 8) for i, prompt in enumerate(prompts(engine, 20))]
    futures = [engine.submit(Prompt(prompt, adapter, GREEDY, size)) for prompt, adapter, size in jobs]
    replies = [future.result(timeout=60).text for future in futures]
    assert replies == [by_transformers(base, adapter, prompt, size) for prompt, adapter, size in jobs]
    assert len(set(replies)) == len(replies)


def test_seeded_replies_do_not_depend_on_batch_mates(engine: Engine, adapters: list[Adapter | None]) -> None:
    tokens = prompts(engine, 12)
    wanted = [Prompt(p, adapters[i % 3], Sampling(1.2, top_p=0.9), 12, seed=5) for i, p in enumerate(tokens)]
    together = [future.result(timeout=60).text for future in [engine.submit(prompt) for prompt in wanted]]
    alone = [engine.submit(prompt).result(timeout=60).text for prompt in reversed(wanted)]
    assert together == alone[::-1]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [((5, 0), (5, 0), True), ((5, 0), (5, 1), False), ((5, 0), (6, 0), False), ((None, 0), (None, 0), False)],
)
def test_seed_and_ordinal(engine: Engine, first: Any, second: Any, same: bool) -> None:
    [tokens] = prompts(engine, 1)
    texts = [
        engine.submit(Prompt(tokens, None, Sampling(1.5), 20, seed=seed, ordinal=ordinal)).result(timeout=60).text
        for seed, ordinal in (first, second)
    ]
    assert (texts[0] == texts[1]) is same


def test_stop_reasons(engine: Engine) -> None:
    tokens = prompts(engine, 2)[1]
    plain = engine.submit(Prompt(tokens, None, GREEDY, 30)).result(timeout=60)
    assert (plain.stop_reason, plain.tokens) == ("max_tokens", 30)
    stop = plain.text[6:9]
    stopped = engine.submit(Prompt(tokens, None, GREEDY, 30, stop=("absent", stop))).result(timeout=60)
    assert (stopped.stop_reason, stopped.text) == ("stop", plain.text[: plain.text.index(stop)])
    nearly_full = (tokens * 512)[: engine.context - 3]
    full = engine.submit(Prompt(nearly_full, None, GREEDY, 30)).result(timeout=60)
    assert (full.stop_reason, full.tokens) == ("model_length", 3)


@pytest.mark.slow
def test_end_token(engine: Engine) -> None:
    """At a high temperature a uniform draw meets the end token sooner or later."""
    tokens = prompts(engine, 3)
    hot = Sampling(temperature=50.0)
    replies = [engine.submit(Prompt(p, None, hot, 440, seed=s)) for p in tokens[:2] for s in range(4)]
    done = [future.result(timeout=60) for future in replies]
    ended = [reply for reply in done if reply.stop_reason == "stop"]
    assert ended
    assert all("<|im_end|>" not in reply.text for reply in done)


def test_logprobs_are_the_models_own(engine: Engine, base: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    [tokens] = prompts(engine, 1)
    prompt = Prompt(tokens, None, Sampling(1.0), 4, seed=1, logprobs=True, top_logprobs=3)
    choices = engine.submit(prompt).result(timeout=60).choices
    ids = torch.tensor([[*tokens, *(choice.token for choice in choices)]])
    expected = AutoModelForCausalLM.from_pretrained(base)(ids).logits[0, len(tokens) - 1 : -1].log_softmax(-1)
    for choice, scores in zip(choices, expected, strict=True):
        assert choice.logprob == pytest.approx(scores[choice.token].item(), abs=1e-4)
        assert [token for token, _ in choice.top] == scores.topk(3).indices.tolist()


@pytest.mark.parametrize(("tokens", "value"), [((), "0 tokens"), ((5,) * 600, "600 tokens"), ((5, 9999), "tokenizer")])
def test_impossible_prompts_are_refused(engine: Engine, tokens: tuple[int, ...], value: str) -> None:
    with refused(value, by=ValueError):
        engine.submit(Prompt(tokens, None, GREEDY, 5))


@pytest.mark.parametrize("position", [0, -1])
def test_a_poisoned_request_fails_alone(engine: Engine, faults: Faults, position: int) -> None:
    tokens = [tuple(token for token in prompt if token != 3) or (5,) for prompt in prompts(engine, 8)]
    good = [Prompt(prompt, None, GREEDY, 6) for prompt in tokens]
    expected = [engine.submit(prompt).result(timeout=60).text for prompt in good]
    bad = Prompt((3, 5, 6) if position == 0 else (5, 6, 3), None, GREEDY, 6)
    faults.token = 3
    futures = [engine.submit(prompt) for prompt in [*good[:4], bad, *good[4:]]]
    with pytest.raises(Poison):
        futures.pop(4).result(timeout=60)
    assert [future.result(timeout=60).text for future in futures] == expected


def test_a_poisoned_text_fails_alone(engine: Engine, faults: Faults) -> None:
    """Beside texts that can be judged and a reply that is being generated, which starts again and stays the same."""
    asked = [Continuation(tuple(t for t in prompt if t != 3) or (5,), (7, 8), None) for prompt in prompts(engine, 6)]
    writing = Prompt(asked[3].prompt, None, Sampling(1.0), 40, seed=4)
    expected = [engine.logprobs(each).result(timeout=60) for each in asked]
    reply = engine.submit(writing).result(timeout=60).text
    faults.token = 3
    future = engine.submit(writing)
    judged = [engine.logprobs(each) for each in [*asked[:3], Continuation((5, 3, 6), (7,), None), *asked[3:]]]
    with pytest.raises(Poison):
        judged.pop(3).result(timeout=60)
    for each, answered in zip(expected, judged, strict=True):
        assert answered.result(timeout=60) == pytest.approx(each, abs=1e-4)
    assert future.result(timeout=60).text == reply


def test_out_of_memory_halves_the_batch(engine: Engine, faults: Faults) -> None:
    wanted = [Prompt(prompt, None, Sampling(1.0), 6, seed=2) for prompt in prompts(engine, 8)]
    expected = [engine.submit(prompt).result(timeout=60).text for prompt in wanted]
    faults.rows = 3
    assert [future.result(timeout=60).text for future in [engine.submit(prompt) for prompt in wanted]] == expected


def test_an_adapter_without_effect_is_an_error(engine: Engine, base: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = make_adapter(tmp_path / "idle", base, seed=1)
    weights = load_file(folder / "adapter_model.safetensors")
    save_file({name: tensor * 0 for name, tensor in weights.items()}, folder / "adapter_model.safetensors")
    adapter = find_adapter(ModelString(str(base), str(folder)), find_base(str(base)))
    with refused(str(folder)):
        engine.submit(Prompt((5, 6), adapter, GREEDY, 5)).result(timeout=60)
    assert engine.submit(Prompt((5, 6), None, GREEDY, 5)).result(timeout=60).tokens == 5


def test_an_adapter_of_another_shape_is_an_error(engine: Engine, base: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = make_adapter(tmp_path / "wide", base, seed=1)
    weights = load_file(folder / "adapter_model.safetensors")
    wide = {name: tensor.repeat(1, 2).contiguous() if "lora_A" in name else tensor for name, tensor in weights.items()}
    save_file(wide, folder / "adapter_model.safetensors")
    adapter = find_adapter(ModelString(str(base), str(folder)), find_base(str(base)))
    with refused(str(folder), "64", "32"):
        engine.submit(Prompt((5, 6), adapter, GREEDY, 5)).result(timeout=60)


def test_cancelled_requests_leave(engine: Engine) -> None:
    [tokens] = prompts(engine, 1)
    long = [engine.submit(Prompt(tokens, None, Sampling(1.0), 400)) for _ in range(20)]
    for future in long:
        assert future.cancel()
    assert engine.submit(Prompt(tokens, None, GREEDY, 5)).result(timeout=60).tokens == 5
    assert engine.idle


def test_close_cancels_what_is_open(base: Path) -> None:
    others = set(threading.enumerate())
    engine = Engine(*load_model(base, "float32", "cpu"), slots=2, workers=2)
    own = {each for each in set(threading.enumerate()) - others if each.name.startswith("warm-inspect-engine-")}
    assert len(own) == 2
    futures: list[Future[Completion]] = [engine.submit(Prompt((5, 6), None, Sampling(1.0), 500)) for _ in range(4)]
    engine.close()
    assert all(future.cancelled() for future in futures if not future.done() or future.cancelled())
    assert all(future.done() for future in futures)
    assert not any(thread.is_alive() for thread in own)
