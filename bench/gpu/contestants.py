"""Who answers the requests: our engine, bare transformers with PEFT, and vLLM; each in a process of its own."""

import json
import multiprocessing
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.gpu.workload import Request, Shape, make_requests
from bench.provider.contestants import peak_rss


@dataclass(frozen=True)
class Job:
    """What a contestant is to do."""

    shape: Shape
    base: Path
    adapters: list[Path]
    arms: tuple[int, ...]
    """How many adapters share a run, for each run."""
    count: int
    rows: int
    """The most that decode at once."""
    device: str

    def requests(self, arms: int) -> list[Request]:
        return make_requests(self.shape, self.count, arms)


@dataclass(frozen=True)
class Measured:
    """One answered workload."""

    arms: int
    seconds: float
    memory: int
    """Bytes: the most that was allocated on the card, or held by the process on a processor."""


Answer = Callable[[Sequence[Request]], None]


def runs(name: str, job: Job, vllm: str, deadline: float) -> Iterator[Measured]:
    """A contestant's runs as they are done, up to the deadline (of `time.monotonic`).

    Args:
        name: `ours`, `transformers` or `vllm`.
        job: the work.
        vllm: the Python of the environment where vLLM is installed.
        deadline: the process is ended here.

    Raises:
        RuntimeError: it ended by itself.
    """
    yield from _served(job, vllm, deadline) if name == "vllm" else _spawned(name, job, deadline)


def _spawned(name: str, job: Job, deadline: float) -> Iterator[Measured]:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_answer_all, args=(name, job, there), daemon=True)
    process.start()
    there.close()  # so that a process that dies is noticed
    try:
        for _ in job.arms:
            if not here.poll(max(0.0, deadline - time.monotonic())):
                return
            measured = here.recv()
            if isinstance(measured, str):
                raise RuntimeError(measured)
            yield measured
    except EOFError:
        raise RuntimeError(f"{name} ended without a word") from None
    finally:
        process.kill()
        process.join()


def _served(job: Job, python: str, deadline: float) -> Iterator[Measured]:
    """vLLM pins other versions of everything, so it runs by the Python of its own environment."""
    script = Path(__file__).with_name("in_vllm.py")
    told = {
        "base": str(job.base),
        "adapters": [str(adapter) for adapter in job.adapters],
        "rows": job.rows,
        "runs": [[arms, [asdict(request) for request in job.requests(arms)]] for arms in job.arms],
    }
    process = subprocess.Popen(
        [python, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        json.dump(told, process.stdin)
        process.stdin.close()
        for line in process.stdout:
            if line.startswith("measured "):
                yield Measured(**json.loads(line.removeprefix("measured ")))
            if time.monotonic() > deadline:
                return
        if process.wait():
            raise RuntimeError(f"vLLM ended with code {process.returncode}; its messages are above")
    finally:
        process.kill()
        process.wait()


def _answer_all(name: str, job: Job, pipe: Connection) -> None:
    import torch

    try:
        with torch.inference_mode():
            answer = {"ours": _ours, "transformers": _transformers}[name](job)
            # Every adapter once, and kernels are chosen and compiled.
            answer(job.requests(max(job.arms))[: 2 * max(job.arms)])
            for arms in job.arms:
                if job.device == "cuda":
                    torch.cuda.reset_peak_memory_stats()
                start = time.perf_counter()
                answer(job.requests(arms))
                seconds = time.perf_counter() - start
                memory = torch.cuda.max_memory_allocated() if job.device == "cuda" else peak_rss()
                pipe.send(Measured(arms, seconds, memory))
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")


def _model(job: Job, attention: str) -> Any:
    """The model on its device; the same weights for each contestant."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    torch.manual_seed(0)
    with torch.device(job.device):
        model = AutoModelForCausalLM.from_config(
            AutoConfig.from_pretrained(job.base, trust_remote_code=False),
            dtype=torch.bfloat16,
            attn_implementation=attention,
            trust_remote_code=False,
        )
    return model.eval()


def _ours(job: Job) -> Answer:
    from warm_inspect.core.hashing import sha256_file
    from warm_inspect.core.manifest import WEIGHTS_NAME
    from warm_inspect.engine import attention
    from warm_inspect.engine.engine import Engine
    from warm_inspect.engine.requests import Prompt
    from warm_inspect.engine.sampling import Sampling
    from warm_inspect.models import Adapter, read_config

    engine = Engine(_tokenizer(), _model(job, attention.NAME), job.rows)
    adapters = [
        Adapter(folder.name, folder, read_config(folder, folder.name)[0], sha256_file(folder / WEIGHTS_NAME), None)
        for folder in job.adapters
    ]
    greedy = Sampling(temperature=0.0)

    def answer(requests: Sequence[Request]) -> None:
        futures = [engine.submit(Prompt(each.prompt, adapters[each.arm], greedy, each.reply)) for each in requests]
        for request, future in zip(requests, futures, strict=True):
            assert future.result().tokens == request.reply

    return answer


def _tokenizer() -> Any:
    """What the engine asks a tokenizer for: it has one token, and none that ends a reply."""
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.WordLevel({"?": 0}, unk_token="?")))


def _transformers(job: Job) -> Answer:
    """Batches of one adapter each, prompts by length; merged, which is faster than an adapter beside the weights."""
    import torch
    from peft import PeftModel

    first, *others = job.adapters
    model: Any = PeftModel.from_pretrained(_model(job, "sdpa"), str(first), adapter_name=first.name)
    for folder in others:
        model.load_adapter(str(folder), adapter_name=folder.name)

    def answer(requests: Sequence[Request]) -> None:
        for arm, folder in enumerate(job.adapters):
            own = sorted((each for each in requests if each.arm == arm), key=lambda each: len(each.prompt))
            if not own:
                continue
            model.set_adapter(folder.name)
            model.merge_adapter()
            for start in range(0, len(own), job.rows):
                _generate(own[start : start + job.rows])
            model.unmerge_adapter()
        if job.device == "cuda":
            torch.cuda.synchronize()

    def _generate(batch: Sequence[Request]) -> None:
        width = max(len(each.prompt) for each in batch)
        padded = [[0] * (width - len(each.prompt)) + list(each.prompt) for each in batch]
        shown = [[0] * (width - len(each.prompt)) + [1] * len(each.prompt) for each in batch]
        written = model.generate(
            input_ids=torch.tensor(padded, device=job.device),
            attention_mask=torch.tensor(shown, device=job.device),
            max_new_tokens=max(each.reply for each in batch),
            do_sample=False,
            pad_token_id=0,
        )
        assert written.shape[1] == width + max(each.reply for each in batch)

    return answer
