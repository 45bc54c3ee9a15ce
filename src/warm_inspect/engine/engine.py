"""Engine: one loaded base model with its adapters, and the threads that generate for everybody who shares it."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

from warm_inspect.core.errors import PrerequisiteError, PromptTooLong
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import WEIGHTS_NAME
from warm_inspect.engine.decoding import Batch
from warm_inspect.engine.loading import context_tokens, load_model
from warm_inspect.engine.lora import AdapterBank
from warm_inspect.engine.requests import Continuation, ContinuationRow, Prompt, Reply, Row
from warm_inspect.engine.worker import AnyRow, Worker
from warm_inspect.models.adapters import Adapter
from warm_inspect.models.placement import available_cpus, resolve_device, resolve_dtype

_MOST_WORKERS = 4
"""Batches side by side: each holds keys and values of its own."""


class EngineClosed(RuntimeError):
    """The engine made room for another model: ask for a new one."""


class Engine:
    """A base model in memory. Requests of all adapters and settings go to its workers in turn.

    The steps of a small model are too short to be shared by processors, which wait for each other more than they work:
    on two, two batches of one thread each gave 1.8 times the replies of one batch with two threads.

    Args:
        path: folder of the base model.
        dtype: name of the numeric type, for example `bfloat16`.
        device: `cpu`, `cuda` or `mps`.
        slots: the most rows that decode at once.
        workers: batches side by side, which share the rows and the processors; 1 anywhere but on a CPU.
    """

    def __init__(self, path: Path, dtype: str, device: str, slots: int, workers: int = 1) -> None:
        self.tokenizer, self._model = load_model(path, dtype, device)
        config = self._model.config.get_text_config()
        self.context = context_tokens(config)
        self.defaults = self._model.generation_config
        self.closed = False
        self._lock = threading.Lock()
        self._users = 0
        self._vocabulary = config.vocab_size
        self._adapters = AdapterBank(self._model)
        self._loaded: dict[str, Exception | None] = {}
        self._loading = threading.Lock()
        self._open: set[Future[Any]] = set()
        self._turn = count()
        threads = max(1, available_cpus() // workers)
        self._workers = [
            Worker(f"warm-inspect-engine-{number}", threads, self._new_batch, self._load, self.tokenizer)
            for number in range(workers)
        ]
        self.widen(slots)
        for worker in self._workers:
            worker.start()

    def widen(self, slots: int) -> None:
        """Let at least so many rows decode at once."""
        for worker in self._workers:
            worker.slots = max(worker.slots, -(-slots // len(self._workers)))

    @property
    def idle(self) -> bool:
        """Whether nobody waits for a reply."""
        return not self._open

    def close_if_idle(self) -> bool:
        """End the threads unless somebody waits for a reply; whether it did."""
        with self._lock:
            self.closed = self.closed or self.idle
        if self.closed:
            self.close()
        return self.closed

    def submit(self, prompt: Prompt) -> "Future[Reply]":
        """Ask for a reply; the future may be cancelled at any time.

        Raises:
            EngineClosed: the engine is closed.
            PromptTooLong: the prompt fills the model's context.
            ValueError: the prompt is empty or not made of the model's tokens.
        """
        length = len(prompt.tokens)
        if not length:
            raise ValueError("The prompt has 0 tokens: there is nothing to reply to.")
        if length >= self.context:
            raise PromptTooLong(
                f"The prompt has {length} tokens; the model's context of {self.context} leaves no reply."
            )
        self._check_tokens(prompt.tokens)
        row = Row(prompt)
        self._enqueue(row)
        return row.future

    def judge(self, asked: Continuation) -> "Future[tuple[float, ...]]":
        """Ask for the natural log probability of each token of a given text after a prompt.

        Raises:
            EngineClosed: the engine is closed.
            ValueError: prompt or text is empty, too long for the model's context, or not made of its tokens.
        """
        length = len(asked.prompt) + len(asked.tokens)
        if not asked.prompt or not asked.tokens or length > self.context:
            raise ValueError(
                f"A prompt of {len(asked.prompt)} tokens and a text of {len(asked.tokens)} cannot be judged: both must "
                f"have tokens, and together at most {self.context}, the model's context."
            )
        self._check_tokens(asked.prompt + asked.tokens)
        row = ContinuationRow(asked)
        self._enqueue(row)
        return row.future

    def _check_tokens(self, tokens: Sequence[int]) -> None:
        if not all(0 <= token < self._vocabulary for token in tokens):
            raise ValueError("The prompt has tokens that the model does not know: its tokenizer belongs to another.")

    def _enqueue(self, row: AnyRow) -> None:
        with self._lock:
            if self.closed:
                raise EngineClosed
            self._open.add(row.future)
            self._workers[next(self._turn) % len(self._workers)].put(row)
        row.future.add_done_callback(self._open.discard)

    def close(self) -> None:
        """End the threads and let go of the weights; requests still open are cancelled."""
        with self._lock:
            self.closed = True
        for worker in self._workers:
            worker.close()
        for future in list(self._open):
            future.cancel()
        # Providers may still hold this engine: it must not hold the weights for them.
        for name in ("_workers", "_adapters", "_model"):
            self.__dict__.pop(name, None)

    def release(self) -> None:
        """One user fewer; the last one closes the engine."""
        with _ENGINES_LOCK:
            self._users -= 1
            if self._users > 0:
                return
            for key in [key for key, engine in _ENGINES.items() if engine is self]:
                del _ENGINES[key]
        self.close()

    def _new_batch(self, slots: int) -> Batch:
        return Batch(self._model, self.tokenizer, self._adapters, slots, self.context)

    def _load(self, adapter: Adapter) -> None:
        """Load an adapter, once, while no forward pass runs; every request for one that did not load gets its error."""
        with self._loading:
            if adapter.key not in self._loaded:
                with ExitStack() as pause:
                    for worker in self._workers:
                        pause.enter_context(worker.working)
                    self._loaded[adapter.key] = self._try_to_load(adapter)
        if failure := self._loaded[adapter.key]:
            raise failure

    def _try_to_load(self, adapter: Adapter) -> Exception | None:
        try:
            if sha256_file(adapter.folder / WEIGHTS_NAME) != adapter.sha256:
                raise PrerequisiteError(
                    f"The weights of the adapter {adapter.folder} are not those its manifest names, or changed since "
                    "the model was named: run again with the adapter as it is now, or train it again."
                )
            self._adapters.add(adapter.key, adapter.folder)
        except Exception as error:
            return error
        return None


_ENGINES: dict[tuple[Path, str, str], Engine] = {}
_ENGINES_LOCK = threading.Lock()


def shared_engine(path: Path, dtype: str, device: str, slots: int) -> Engine:
    """The engine of a base model, loaded on first use; loading one closes those of other models that are idle.

    Args:
        path: folder of the base model.
        dtype: `auto` or the name of a numeric type.
        device: `auto`, `cpu`, `cuda` or `mps`.
        slots: the most rows that decode at once; the largest anyone asked for holds.
    """
    place = resolve_device(device)
    key = (path.resolve(), resolve_dtype(dtype, place), place)
    with _ENGINES_LOCK:
        if key not in _ENGINES:
            for other in [other for other, engine in _ENGINES.items() if engine.close_if_idle()]:
                del _ENGINES[other]
            workers = min(available_cpus(), _MOST_WORKERS, slots) if place == "cpu" else 1
            _ENGINES[key] = Engine(*key, slots, workers)
        engine = _ENGINES[key]
        engine.widen(slots)
        engine._users += 1
        return engine
