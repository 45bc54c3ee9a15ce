"""Memory that runs out: batches shrink and grow again, a request that cannot be served fails alone, nothing is kept."""

import gc
import traceback
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.errors import refused
from tests.models.families import make_family
from tests.models.lora_maker import make_adapter
from warm_inspect.engine.engine import Engine
from warm_inspect.engine.loading import load_model
from warm_inspect.engine.memory import forget_tensors, is_out_of_memory
from warm_inspect.engine.requests import Continuation, Prompt, RequestTooLarge
from warm_inspect.engine.sampling import Sampling
from warm_inspect.models import ModelString, find_adapter, find_base

pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning")

GREEDY = Sampling(temperature=0.0)
LARGE = 3
"""A token: passes over it need more than there is."""
SLOTS = 8


class Full:
    """A forward pass that asks the device's own allocator for more memory than any machine has, when it should fail.

    That is when its input has the token `LARGE`, when it has more rows than `rows`, or when its cache would hold more
    than `cached` columns in all slots together.
    """

    def __init__(self) -> None:
        self.rows = SLOTS
        self.cached = 1_000_000
        self.most = 0
        """The most rows of a decode step that fitted."""
        self.caches: weakref.WeakSet[Any] = weakref.WeakSet()

    def __call__(self, model: Any, args: Any, inputs: dict[str, Any]) -> None:
        tokens, cache = inputs["input_ids"], inputs.get("past_key_values")
        if cache is None:
            return
        self.caches.add(cache)
        if bool((tokens == LARGE).any()) or len(tokens) > self.rows or cache.slots * cache.columns > self.cached:
            torch.empty(2**46, dtype=torch.int8, device=tokens.device)
        if tokens.shape[1] == 1:
            self.most = max(self.most, len(tokens))


@pytest.fixture
def full() -> Full:
    return Full()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_family(tmp_path_factory.mktemp("memory") / "base", "llama")


@pytest.fixture
def engine(base: Path, full: Full, device: str) -> Iterator[Engine]:
    tokenizer, model = load_model(base, "float32", device)
    model.register_forward_pre_hook(full, with_kwargs=True)
    engine = Engine(tokenizer, model, SLOTS)
    yield engine
    engine.close()


def prompt(number: int, length: int = 6, reply: int = 8) -> Prompt:
    tokens = tuple(20 + (number * 7 + place) % 250 for place in range(length))
    return Prompt(tokens, None, Sampling(1.0), reply, seed=2)


def answers(engine: Engine, prompts: list[Prompt]) -> list[str]:
    return [future.result(timeout=60).text for future in [engine.submit(each) for each in prompts]]


def test_a_batch_shrinks_until_it_fits_and_grows_again(engine: Engine, full: Full) -> None:
    prompts = [prompt(number) for number in range(SLOTS)]
    expected = answers(engine, prompts)
    full.rows, full.most = 3, 0
    assert answers(engine, prompts) == expected
    assert full.most == 2
    full.rows = SLOTS
    for _ in range(3):
        assert answers(engine, prompts) == expected
    assert full.most == SLOTS


def test_a_request_that_fits_only_alone(engine: Engine, full: Full) -> None:
    """Slots of its length do not fit, one of them does; the others are served together before and after it."""
    prompts = [prompt(number) for number in range(SLOTS)]
    long = prompt(9, 200, 40)
    expected, alone = answers(engine, prompts), answers(engine, [long])
    text = Continuation(long.tokens, (7, 8), None)
    judged = engine.logprobs(text).result(timeout=60)
    full.cached, full.most = 300, 0
    assert answers(engine, [long]) == alone
    assert engine.logprobs(text).result(timeout=60) == pytest.approx(judged, abs=1e-4)
    full.cached = 1_000
    assert answers(engine, [*prompts[:4], long, *prompts[4:]]) == [*expected[:4], *alone, *expected[4:]]
    assert answers(engine, prompts) == expected
    assert full.most > 2


def test_a_request_that_does_not_fit_fails_and_its_batch_is_free(engine: Engine, full: Full) -> None:
    prompts = [prompt(number) for number in range(SLOTS)]
    expected = answers(engine, prompts)
    gc.disable()
    try:
        futures = [engine.submit(each) for each in [*prompts[:5], Prompt((5, LARGE, 6), None, GREEDY, 7), *prompts[5:]]]
        failed = futures.pop(5)
        with refused("10", "--max-tokens", by=RequestTooLarge):
            failed.result(timeout=60)
        assert [future.result(timeout=60).text for future in futures] == expected
        with refused("4", by=RequestTooLarge):
            engine.logprobs(Continuation((5, LARGE), (6, 7), None)).result(timeout=60)
        assert answers(engine, prompts) == expected
        # The one in use, while the errors above are still held.
        assert len(full.caches) == 1
    finally:
        gc.enable()


def test_an_adapter_that_failed_keeps_no_tensors(base: Path, tmp_path: Path, engine: Engine) -> None:
    from safetensors.torch import load_file, save_file

    folder = make_adapter(tmp_path / "idle", base, seed=1)
    weights = load_file(folder / "adapter_model.safetensors")
    save_file({name: tensor * 0 for name, tensor in weights.items()}, folder / "adapter_model.safetensors")
    adapter = find_adapter(ModelString(str(base), str(folder)), find_base(str(base)))
    error = engine.submit(Prompt((5, 6), adapter, GREEDY, 5)).exception(timeout=60)
    assert error is not None
    assert "_check_output" in error.__notes__[0]
    assert "_check_output" not in [frame.name for frame in traceback.extract_tb(error.__traceback__)]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MemoryError(), True),
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB."), True),
        (OSError(12, "Cannot allocate memory"), True),
        (OSError(13, "Permission denied"), False),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."), True),
        (RuntimeError("MPS backend out of memory"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"), True),
        (RuntimeError("CUDA error: device-side assert triggered"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_is_out_of_memory(error: Exception, told: bool) -> None:
    assert is_out_of_memory(error) is told


def test_forgotten_tensors_of_a_chain_of_errors() -> None:
    kept: list[weakref.ref[torch.Tensor]] = []

    def fail() -> None:
        held = torch.zeros(1)
        kept.append(weakref.ref(held))
        raise KeyError

    def closed_over() -> None:
        held = torch.zeros(1)
        kept.append(weakref.ref(held))

        def inner() -> None:
            held.add_(1)
            fail()

        try:
            inner()
        except KeyError as error:
            raise ArithmeticError from error

    with pytest.raises(ArithmeticError) as caught:
        closed_over()
    error = caught.value
    del caught
    forget_tensors(error)
    assert [reference() for reference in kept] == [None, None]
    assert all(name in error.__notes__[0] for name in ("KeyError", "fail", "ArithmeticError", "closed_over"))
