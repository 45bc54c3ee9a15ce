"""The same prompts to the same model in several ways, each in a process of its own that is loaded and warm.

A contestant answers all prompts when told to and says how long it took and what it wrote.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from bench.provider.workload import grid
from warm_inspect.models import share_cpus

WARM_UP = 32
"""The most prompts of the untimed first run, which loads the weights."""
IN_FLIGHT = 256
"""Samples of a model that Inspect asks at once of a provider that batches by itself."""


@dataclass(frozen=True)
class Setting:
    """Who answers what."""

    name: str
    model: str
    """Alias or folder of the base model."""
    batch: int
    """The most replies that it writes at once."""
    prompts: int
    program: str = ""
    """The program of a server that is no part of this environment."""


@dataclass(frozen=True)
class Run:
    """One answered workload."""

    seconds: float
    input_tokens: int
    output_tokens: int
    peak_rss: int
    """Bytes the process has ever held."""
    replies: tuple[str, ...]
    """In the order of the prompts."""

    @property
    def samples(self) -> int:
        return len(self.replies)


class Contestant(AbstractContextManager["Contestant"]):
    """A process that answers on demand; sleeps in between.

    Raises:
        EOFError: it ended before it was ready, with messages of its own.
    """

    def __init__(self, setting: Setting) -> None:
        context = multiprocessing.get_context("spawn")
        self._here, there = context.Pipe()
        self._process = context.Process(target=_serve, args=(setting, there))
        self._process.start()
        there.close()  # so that a process that dies is noticed
        self._here.recv()

    def run(self) -> Run:
        self._here.send("run")
        answer: Run = self._here.recv()
        return answer

    def __exit__(self, *error: object) -> None:
        # A process that died has no one to tell.
        with suppress(OSError):
            self._here.send("end")
        self._process.join()


def _serve(setting: Setting, pipe: Connection) -> None:
    # For all alike, and before torch is imported: threads that spin while they wait make every contestant slower.
    share_cpus()
    from bench.provider.servers import llama_cpp, vllm

    makers = {"ours": _ours, "hf": _hf, "transformers": _transformers, "llama.cpp": llama_cpp, "vllm": vllm}
    messages = grid(setting.prompts)
    with ExitStack() as ending:
        answer = makers[setting.name](setting, ending)
        answer(messages[:WARM_UP])
        pipe.send("ready")
        while pipe.recv() == "run":
            pipe.send(answer(messages))


def peak_rss() -> int:
    """Bytes; the kernel counts in KiB, Apple's in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


Answer = Callable[[Sequence[str]], Run]
"""Answers user messages."""


def dtype() -> str:
    """The numeric type of all contestants: bfloat16 where this processor computes in it, else float32."""
    from warm_inspect.models import resolve_dtype

    return resolve_dtype("auto", "cpu")


def _ours(setting: Setting, ending: ExitStack) -> Answer:
    return answer_through_inspect(
        [f"peft/{setting.model}"], IN_FLIGHT, setting.model, dtype=dtype(), device="cpu", batch_size=setting.batch
    )


def _hf(setting: Setting, ending: ExitStack) -> Answer:
    from bench.provider.workload import model_folder

    # Without these it samples, adds a second BOS where a tokenizer has one, and computes in the file's type.
    settings: dict[str, Any] = {
        "do_sample": False,
        "dtype": dtype(),
        "tokenizer_call_args": {"add_special_tokens": False},
    }
    folder = str(model_folder(setting.model))
    return answer_through_inspect(["hf/local"], setting.batch, setting.model, model_path=folder, **settings)


def answer_through_inspect(
    models: list[str], connections: int, base: str, memory: Callable[[], int] = peak_rss, **model_args: Any
) -> Answer:
    """Answers with all of these models in one evaluation.

    Args:
        models: their names.
        connections: samples of a model that are asked at once.
        base: alias or folder of the base model, whose tokenizer counts.
        memory: gives the peak memory, where another process than this one has the model.
        model_args: arguments of each model.
    """
    import warnings

    from inspect_ai import Task, eval
    from inspect_ai.model import get_model
    from inspect_ai.solver import generate

    import warm_inspect._registry  # noqa: F401 - registers the provider
    from bench.provider.workload import MAX_TOKENS, dataset

    warnings.simplefilter("ignore")
    loaded = [get_model(name, **model_args) for name in models]

    tokenizer = _tokenizer(base)

    def answer(messages: Sequence[str]) -> Run:
        with tempfile.TemporaryDirectory() as logs:
            start = time.perf_counter()
            done = eval(
                Task(dataset=dataset(messages), solver=generate(), name="grid"),
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
            samples = [sample for log in done for sample in sorted(log.samples or (), key=lambda each: each.id)]
            prompts = [str(sample.input[0].text) for sample in samples]  # type: ignore[union-attr]
            replies = [sample.output.completion for sample in samples]
        return _run(seconds, tokenizer, prompts, replies, memory())

    return answer


def _run(seconds: float, tokenizer: Any, prompts: Sequence[str], replies: Sequence[str], memory: int) -> Run:
    """Tokens are counted from the texts, for all alike: Inspect's hf provider reports those of its padded batches."""
    turns = [[{"role": "user", "content": text}] for text in prompts]
    read = [len(tokenizer.apply_chat_template(t, add_generation_prompt=True, return_dict=False)) for t in turns]
    written = [len(tokenizer.encode(text, add_special_tokens=False)) for text in replies]
    return Run(seconds, sum(read), sum(written), memory, tuple(replies))


def _tokenizer(model: str) -> Any:
    from bench.provider.workload import model_folder
    from warm_inspect.models import load_tokenizer

    return load_tokenizer(model_folder(model))


def _transformers(setting: Setting, ending: ExitStack) -> Answer:
    import torch
    from transformers import AutoModelForCausalLM

    from bench.provider.workload import MAX_TOKENS, model_folder

    tokenizer = _tokenizer(setting.model)
    tokenizer.padding_side = "left"
    loaded = AutoModelForCausalLM.from_pretrained(
        model_folder(setting.model), dtype=getattr(torch, dtype()), trust_remote_code=False
    ).eval()

    def answer(messages: Sequence[str]) -> Run:
        replies = [""] * len(messages)
        start = time.perf_counter()
        turns = [[{"role": "user", "content": text}] for text in messages]
        prompts = [tokenizer.apply_chat_template(t, add_generation_prompt=True, return_dict=False) for t in turns]
        order = sorted(range(len(prompts)), key=lambda place: len(prompts[place]))
        for first in range(0, len(order), setting.batch):
            places = order[first : first + setting.batch]
            padded = tokenizer.pad({"input_ids": [prompts[place] for place in places]}, return_tensors="pt")
            with torch.inference_mode():
                written = loaded.generate(**padded, max_new_tokens=MAX_TOKENS, do_sample=False)
            texts = tokenizer.batch_decode(written[:, padded["input_ids"].shape[1] :], skip_special_tokens=True)
            for place, text in zip(places, texts, strict=True):
                replies[place] = text
        return _run(time.perf_counter() - start, tokenizer, messages, replies, peak_rss())

    return answer
