"""Damaged or overflowing weights are refused at loading, and a request that overflows all the same fails alone."""

import shutil
from collections.abc import Iterator
from concurrent.futures import Future
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file

from tests.engine.devices import CUDA, present
from tests.errors import refused
from tests.models.families import make_family
from tests.models.lora_maker import edit_config, make_adapter
from warm_inspect.engine.engine import Engine
from warm_inspect.engine.loading import load_model
from warm_inspect.engine.requests import Continuation, NonFiniteLogits, Prompt
from warm_inspect.engine.sampling import Sampling
from warm_inspect.models import Adapter, ModelString, find_adapter, find_base

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")

GREEDY = Sampling(temperature=0.0)
WEIGHT = "model.layers.1.mlp.down_proj.weight"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_family(tmp_path_factory.mktemp("base") / "llama", "llama")


def copy_with(base: Path, target: Path, value: float) -> Path:
    shutil.copytree(base, target)
    file = target / "model.safetensors"
    weights = load_file(file)
    weights[WEIGHT][3, 5] = value
    save_file(weights, file, metadata={"format": "pt"})
    return target


@pytest.mark.parametrize("value", [nan, inf, -inf, 1e30])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_base_with_such_a_weight(base: Path, tmp_path: Path, value: float, dtype: str) -> None:
    with refused(WEIGHT, str(tmp_path / "bad")):
        load_model(copy_with(base, tmp_path / "bad", value), dtype, "cpu")


def test_a_base_that_only_float16_cannot_hold(base: Path, tmp_path: Path) -> None:
    large = copy_with(base, tmp_path / "large", 1e6)
    with refused(WEIGHT, "float16", "float32"):
        load_model(large, "float16", "cpu")
    load_model(large, "float32", "cpu")


def resolved(base: Path, folder: Path) -> Adapter:
    adapter = find_adapter(ModelString(str(base), str(folder)), find_base(str(base)))
    assert adapter is not None
    return adapter


@pytest.fixture
def engine(base: Path) -> Iterator[Engine]:
    tokenizer, model = load_model(base, "float32", "cpu")
    engine = Engine(tokenizer, model, slots=4)
    yield engine
    engine.close()


@pytest.mark.parametrize("value", [nan, inf, 1e30])
@pytest.mark.parametrize("part", ["lora_A", "lora_B"])
def test_an_adapter_with_such_a_weight(engine: Engine, base: Path, tmp_path: Path, value: float, part: str) -> None:
    """Refused for every request that asks for it; others go on, in the same batches, as they did."""
    good = resolved(base, make_adapter(tmp_path / "good", base, seed=1))
    folder = make_adapter(tmp_path / "bad", base, seed=2, r=8)
    file = folder / "adapter_model.safetensors"
    weights = load_file(file)
    next(weight for name, weight in weights.items() if part in name)[0, 0] = value
    save_file(weights, file)
    bad = resolved(base, folder)
    prompts = [Prompt((5, 6, 20 + n), good if n % 2 else None, GREEDY, 6) for n in range(4)]
    before = [engine.submit(prompt).result(timeout=60).text for prompt in prompts]
    for _ in range(2):
        with refused(str(folder)):
            engine.submit(Prompt((5, 6), bad, GREEDY, 5)).result(timeout=60)
    assert [future.result(timeout=60).text for future in [engine.submit(prompt) for prompt in prompts]] == before


@pytest.mark.parametrize("value", [nan, inf, -inf, "NaN"])
def test_a_scaling_that_is_no_number(base: Path, tmp_path: Path, value: float | str) -> None:
    folder = make_adapter(tmp_path / "bad", base, seed=1)
    edit_config(folder, lora_alpha=value)
    with refused(str(folder), *(["finite"] if isinstance(value, float) else ["lora_alpha", "'NaN'"])):
        resolved(base, folder)


def test_a_scaling_that_overflows(engine: Engine, base: Path, tmp_path: Path) -> None:
    folder = make_adapter(tmp_path / "bad", base, seed=1)
    edit_config(folder, lora_alpha=1e38)
    with refused(str(folder)):
        engine.submit(Prompt((5, 6), resolved(base, folder), GREEDY, 5)).result(timeout=60)


class Spoilt:
    """A model with a token whose embedding becomes NaN after some replies are known, one that these do not have."""

    def __init__(self, base: Path, device: str, slots: int, workers: int = 1) -> None:
        tokenizer, self.model = load_model(base, "float32", device)
        self.engine = Engine(tokenizer, self.model, slots, workers)
        self.good = [Prompt((9, 10 + n), None, GREEDY, 12, logprobs=True) for n in range(24)]
        replies = [self.engine.submit(prompt).result(timeout=60) for prompt in self.good]
        self.expected = [reply.text for reply in replies]
        written = {choice.token for reply in replies for choice in reply.choices}
        self.token = next(token for token in range(50, 300) if token not in written)
        self.model.get_input_embeddings().register_forward_hook(
            lambda layer, inputs, states: states.masked_fill(inputs[0][..., None] == self.token, nan)
        )


@pytest.mark.parametrize(("device", "workers"), [("cpu", 1), ("cpu", 2), pytest.param("cuda", 1, marks=CUDA)])
def test_a_request_that_overflows_fails_alone(base: Path, device: str, workers: int) -> None:
    """Its slot goes to a next row, whose masked columns must not hold what it left there."""
    spoilt = Spoilt(base, present(device), 4, workers)
    bad = ((5, 6, 8) * 20, (spoilt.token, 5))
    failing: list[Future[Any]] = []
    replies = []
    for prompt in spoilt.good:
        failing.append(spoilt.engine.submit(Prompt(bad[0] + bad[1], None, GREEDY, 5)))
        replies.append(spoilt.engine.submit(prompt))
        failing.append(spoilt.engine.logprobs(Continuation(*bad, None)))
    for future in failing:
        with pytest.raises(NonFiniteLogits):
            future.result(timeout=60)
    assert [reply.result(timeout=60).text for reply in replies] == spoilt.expected
    spoilt.engine.close()


@pytest.mark.slow
def test_a_cancelled_request_that_would_have_overflowed(base: Path, device: str) -> None:
    spoilt = Spoilt(base, device, 2)
    replies = []
    for prompt in spoilt.good:
        bad = spoilt.engine.submit(Prompt((5, 6, 8, spoilt.token, 5), None, GREEDY, 400))
        reply = spoilt.engine.submit(prompt)
        bad.cancel()
        replies.append(reply.result(timeout=60).text)
    assert replies == spoilt.expected
    spoilt.engine.close()
