"""The same prompts to the same model in three ways, each in a process of its own that is loaded and warm.

A contestant answers all of `grid256` when told to and says how long it took and how many tokens it wrote.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from warm_inspect.models import share_cpus

WARM_UP = 32
"""Prompts of the untimed first run, which loads the weights."""
IN_FLIGHT = 256
"""Samples of a model that Inspect asks at once of a provider that batches by itself."""


@dataclass(frozen=True)
class Run:
    """One answered workload."""

    seconds: float
    samples: int
    input_tokens: int
    output_tokens: int
    peak_rss: int
    """Bytes the process has ever held."""


class Contestant:
    """A process that answers on demand; sleeps in between."""

    def __init__(self, name: str, model: str, batch: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(name, model, batch, there), daemon=True)
        self._process.start()
        there.close()  # so that a process that dies is noticed
        self._here.recv()

    def run(self) -> Run:
        self._here.send("run")
        answer: Run = self._here.recv()
        return answer

    def close(self) -> None:
        self._here.send("end")
        self._process.join()


def _serve(name: str, model: str, batch: int, pipe: Connection) -> None:
    # For all alike, and before torch is imported: threads that spin while they wait make every contestant slower.
    share_cpus()
    answer = {"ours": _ours, "hf": _hf, "transformers": _transformers}[name](model, batch)
    answer(WARM_UP)
    pipe.send("ready")
    while pipe.recv() == "run":
        pipe.send(answer(None))


def peak_rss() -> int:
    """Bytes; the kernel counts in KiB, Apple's in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


Answer = Callable[[int | None], Run]
"""Answers the first so many prompts of the workload; None = all."""


def _ours(model: str, batch: int) -> Answer:
    return answer_through_inspect([f"peft/{model}"], IN_FLIGHT, model, dtype="bfloat16", batch_size=batch)


def _hf(model: str, batch: int) -> Answer:
    from bench.provider.workload import model_folder

    # Without these it samples, adds a second BOS where a tokenizer has one, and computes in the file's type.
    settings = {"do_sample": False, "dtype": "bfloat16", "tokenizer_call_args": {"add_special_tokens": False}}
    return answer_through_inspect(["hf/local"], batch, model, model_path=str(model_folder(model)), **settings)


def answer_through_inspect(models: list[str], connections: int, base: str, **model_args: Any) -> Answer:
    """Answers the workload with all of these models in one evaluation."""
    import warnings

    from inspect_ai import Task, eval
    from inspect_ai.model import get_model
    from inspect_ai.solver import generate

    import warm_inspect._registry  # noqa: F401 - registers the provider
    from bench.provider.workload import MAX_TOKENS, dataset

    warnings.simplefilter("ignore")
    loaded = [get_model(name, **model_args) for name in models]

    tokenizer = _tokenizer(base)

    def answer(count: int | None) -> Run:
        with tempfile.TemporaryDirectory() as logs:
            start = time.perf_counter()
            done = eval(
                Task(dataset=dataset(count), solver=generate(), name="grid256"),
                model=loaded,
                temperature=0.0,
                max_tokens=MAX_TOKENS,
                max_tasks=len(loaded),
                max_samples=connections,
                max_connections=connections,
                log_dir=logs,
                display="none",
                log_realtime=False,
            )
            seconds = time.perf_counter() - start
            assert all(log.status == "success" for log in done), [log.error for log in done]
            samples = [sample for log in done for sample in log.samples or ()]
            prompts = [str(sample.input[0].text) for sample in samples]  # type: ignore[union-attr]
            replies = [sample.output.completion for sample in samples]
        return _run(seconds, tokenizer, prompts, replies)

    return answer


def _run(seconds: float, tokenizer: Any, prompts: list[str], replies: list[str]) -> Run:
    """Tokens are counted from the texts, for all alike: Inspect's hf provider reports those of its padded batches."""
    turns = [[{"role": "user", "content": text}] for text in prompts]
    read = [len(tokenizer.apply_chat_template(t, add_generation_prompt=True, return_dict=False)) for t in turns]
    written = [len(tokenizer.encode(text, add_special_tokens=False)) for text in replies]
    return Run(seconds, len(prompts), sum(read), sum(written), peak_rss())


def _tokenizer(model: str) -> Any:
    from bench.provider.workload import model_folder
    from warm_inspect.models import load_tokenizer

    return load_tokenizer(model_folder(model))


def _transformers(model: str, batch: int) -> Answer:
    import torch
    from transformers import AutoModelForCausalLM

    from bench.provider.workload import MAX_TOKENS, grid256, model_folder

    tokenizer = _tokenizer(model)
    tokenizer.padding_side = "left"
    loaded = AutoModelForCausalLM.from_pretrained(
        model_folder(model), dtype=torch.bfloat16, trust_remote_code=False
    ).eval()

    def answer(count: int | None) -> Run:
        texts = grid256()[:count]
        replies: list[str] = []
        start = time.perf_counter()
        turns = [[{"role": "user", "content": text}] for text in texts]
        prompts = [tokenizer.apply_chat_template(t, add_generation_prompt=True, return_dict=False) for t in turns]
        prompts.sort(key=len)
        for first in range(0, len(prompts), batch):
            padded = tokenizer.pad({"input_ids": prompts[first : first + batch]}, return_tensors="pt")
            with torch.inference_mode():
                written = loaded.generate(**padded, max_new_tokens=MAX_TOKENS, do_sample=False)
            replies += tokenizer.batch_decode(written[:, padded["input_ids"].shape[1] :], skip_special_tokens=True)
        return _run(time.perf_counter() - start, tokenizer, list(texts), replies)

    return answer
