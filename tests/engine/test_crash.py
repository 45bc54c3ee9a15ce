"""Threads that end: no request is left without an answer, and no process ends with an abort."""

import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from warm_inspect.engine.engine import Engine, EngineClosed, EngineCrashed
from warm_inspect.engine.loading import load_model
from warm_inspect.engine.requests import Continuation, Prompt
from warm_inspect.engine.sampling import Sampling

POISON = 7


def die(model: Any, args: Any, inputs: dict[str, Any]) -> None:
    """An end that no handler of a request's errors catches, as when memory runs out in the handler itself."""
    if bool((inputs["input_ids"] == POISON).any()):
        raise SystemExit


@pytest.mark.parametrize("workers", [1, 3])
def test_a_thread_that_dies_fails_all_requests_and_closes_the_engine(tiny_base: Path, workers: int) -> None:
    tokenizer, model = load_model(tiny_base, "float32", "cpu")
    model.register_forward_pre_hook(die, with_kwargs=True)
    engine = Engine(tokenizer, model, slots=4, workers=workers)
    long = Sampling(temperature=1.0)
    futures: list[Future[Any]] = [engine.submit(Prompt((5, 6), None, long, 500)) for _ in range(12)]
    futures.append(engine.logprobs(Continuation((5, POISON), (6,), None)))
    failures = [future.exception(timeout=60) for future in futures]
    # A reply that ended before the crash stands.
    assert {type(failure) for failure in failures} <= {EngineCrashed, type(None)}
    assert isinstance(failures[-1], EngineCrashed)
    assert "SystemExit" in str(failures[-1])
    assert engine.closed
    assert engine.idle
    with pytest.raises(EngineClosed):
        engine.submit(Prompt((5, 6), None, long, 5))
    engine.close()


def test_a_tokenizer_that_cannot_decode_fails_its_request_only(tiny_base: Path) -> None:
    class Tokenizer:
        def __init__(self, real: Any) -> None:
            self.real = real

        def __getattr__(self, name: str) -> Any:
            return getattr(self.real, name)

        def decode(self, tokens: list[int], **options: Any) -> str:
            if len(tokens) == 3:
                raise OverflowError
            return str(self.real.decode(tokens, **options))

    tokenizer, model = load_model(tiny_base, "float32", "cpu")
    engine = Engine(Tokenizer(tokenizer), model, slots=4)
    greedy = Sampling(temperature=0.0)
    futures = [engine.submit(Prompt((5, 6), None, greedy, size)) for size in (2, 3, 4)]
    assert futures[0].result(timeout=60).tokens == 2
    with pytest.raises(OverflowError):
        futures[1].result(timeout=60)
    assert futures[2].result(timeout=60).tokens == 4
    engine.close()


SCRIPT = """
import sys, time
from pathlib import Path
from warm_inspect.engine.requests import Prompt
from warm_inspect.engine.sampling import Sampling
from warm_inspect.engine.shared import shared_engine

engine = shared_engine(Path(sys.argv[1]), "float32", "cpu", 16)
futures = [engine.submit(Prompt((5, 6, 7 + number), None, Sampling(1.0), 400)) for number in range(64)]
time.sleep(0.3)
"""


@pytest.mark.slow
def test_a_process_that_ends_in_the_middle_of_generation_ends_well(tiny_base: Path) -> None:
    """Without closing the engines first it ended by `terminate called without an active exception`."""
    done = subprocess.run([sys.executable, "-c", SCRIPT, str(tiny_base)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert "terminate" not in done.stderr
