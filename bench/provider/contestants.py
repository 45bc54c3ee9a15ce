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

WARM_UP = 32
"""Prompts of the untimed first run, which loads the weights."""


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

    def __init__(self, name: str, batch: int) -> None:
        self.name, self.batch = name, batch
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(name, batch, there), daemon=True)
        self._process.start()
        self._here.recv()

    def run(self) -> Run:
        self._here.send("run")
        answer: Run = self._here.recv()
        return answer

    def close(self) -> None:
        self._here.send("end")
        self._process.join()


def _serve(name: str, batch: int, pipe: Connection) -> None:
    answer = {"ours": _ours, "hf": _hf, "transformers": _transformers}[name](batch)
    answer(WARM_UP)
    pipe.send("ready")
    while pipe.recv() == "run":
        start = time.perf_counter()
        samples, read, written = answer(None)
        seconds = time.perf_counter() - start
        pipe.send(Run(seconds, samples, read, written, peak_rss()))


def peak_rss() -> int:
    """Bytes; the kernel counts in KiB, Apple's in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


Answer = Callable[[int | None], tuple[int, int, int]]


def _ours(batch: int) -> Answer:
    from warm_inspect.models.placement import share_cpus

    share_cpus()
    from bench.provider.workload import MODEL

    return _through_inspect([f"peft/{MODEL}"], batch * 5 // 4, dtype="bfloat16", batch_size=batch)


def _hf(batch: int) -> Answer:
    from bench.provider.workload import model_folder

    # Without these it samples, adds a second BOS where a tokenizer has one, and computes in the file's type.
    settings = {"do_sample": False, "dtype": "bfloat16", "tokenizer_call_args": {"add_special_tokens": False}}
    return _through_inspect(["hf/local"], batch, model_path=str(model_folder()), **settings)


def _through_inspect(models: list[str], connections: int, **model_args: Any) -> Answer:
    import warnings

    from inspect_ai import Task, eval
    from inspect_ai.model import GenerateConfig, get_model
    from inspect_ai.solver import generate

    import warm_inspect._registry  # noqa: F401 - registers the provider
    from bench.provider.workload import MAX_TOKENS, dataset

    warnings.simplefilter("ignore")
    loaded = [get_model(name, **model_args) for name in models]

    def answer(count: int | None) -> tuple[int, int, int]:
        with tempfile.TemporaryDirectory() as logs:
            done = eval(
                Task(dataset=dataset(count), solver=generate(), name="grid256"),
                model=loaded,
                config=GenerateConfig(temperature=0.0, max_tokens=MAX_TOKENS),
                max_tasks=len(loaded),
                max_samples=connections,
                max_connections=connections,
                log_dir=logs,
                display="none",
                log_realtime=False,
            )
        samples = [sample for log in done for sample in log.samples or ()]
        assert all(log.status == "success" for log in done), [log.error for log in done]
        tokenizer = _tokenizer()
        read = sum(sample.output.usage.input_tokens for sample in samples if sample.output.usage)
        # Inspect's hf provider counts a batch's padding as output: what was written is counted again from the text.
        written = sum(len(tokenizer.encode(sample.output.completion, add_special_tokens=False)) for sample in samples)
        return len(samples), read, written

    return answer


def _tokenizer() -> Any:
    from bench.provider.workload import model_folder
    from warm_inspect.models import load_tokenizer

    return load_tokenizer(model_folder())


def _transformers(batch: int) -> Answer:
    import torch
    from transformers import AutoModelForCausalLM

    from bench.provider.workload import MAX_TOKENS, grid256, model_folder

    tokenizer = _tokenizer()
    tokenizer.padding_side = "left"
    model = AutoModelForCausalLM.from_pretrained(model_folder(), dtype=torch.bfloat16).eval()

    def answer(count: int | None) -> tuple[int, int, int]:
        turns = [[{"role": "user", "content": text}] for text in grid256()[:count]]
        prompts = [tokenizer.apply_chat_template(t, add_generation_prompt=True, return_dict=False) for t in turns]
        prompts.sort(key=len)
        written = 0
        for start in range(0, len(prompts), batch):
            padded = tokenizer.pad({"input_ids": prompts[start : start + batch]}, return_tensors="pt")
            with torch.inference_mode():
                replies = model.generate(**padded, max_new_tokens=MAX_TOKENS, do_sample=False)
            texts = tokenizer.batch_decode(replies[:, padded["input_ids"].shape[1] :], skip_special_tokens=True)
            written += sum(len(tokenizer.encode(text, add_special_tokens=False)) for text in texts)
        return len(prompts), sum(map(len, prompts)), written

    return answer
