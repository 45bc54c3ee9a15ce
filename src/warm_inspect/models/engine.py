"""Engine: one loaded base model with its adapters and one thread that generates for everybody who shares it."""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import torch

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_file
from warm_inspect.core.manifest import WEIGHTS_NAME
from warm_inspect.models.adapters import Adapter
from warm_inspect.models.decoding import Batch
from warm_inspect.models.loading import context_tokens, load_model
from warm_inspect.models.lora import AdapterBank
from warm_inspect.models.placement import available_cpus, resolve_device, resolve_dtype
from warm_inspect.models.requests import Continuation, ContinuationRow, Prompt, Reply, Row

logger = logging.getLogger(__name__)

_GATHER_SECONDS = 0.005
"""An idle engine waits this long for one more request before it starts: Inspect submits hundreds at nearly once."""

_HELD_STEPS = 8
"""A few waiting requests are held back for at most so many steps, so that their prompts are read together."""

_AnyRow = Row | ContinuationRow
_T = TypeVar("_T")


class EngineClosed(RuntimeError):
    """The engine made room for another model: ask for a new one."""


class Engine:
    """A base model in memory. Requests of all adapters and settings decode in one batch, oldest first.

    Args:
        path: folder of the base model.
        dtype: name of the numeric type, for example `bfloat16`.
        device: `cpu`, `cuda` or `mps`.
        slots: the most rows that decode together.
    """

    def __init__(self, path: Path, dtype: str, device: str, slots: int) -> None:
        self.tokenizer, self._model = load_model(path, dtype, device)
        config = self._model.config.get_text_config()
        self.context = context_tokens(config)
        self.defaults = self._model.generation_config
        self.slots = slots
        self.closed = False
        self._lock = threading.Lock()
        self._users = 0
        self._vocabulary = config.vocab_size
        self._adapters = AdapterBank(self._model)
        self._loaded: dict[str, Exception | None] = {}
        self._inbox: queue.SimpleQueue[_AnyRow | None] = queue.SimpleQueue()
        self._waiting: deque[_AnyRow] = deque()
        self._held = 0
        self._shrunk: int | None = None
        self._open: set[Future[Any]] = set()
        self._batch = self._new_batch()
        self._thread = threading.Thread(target=self._work, name="warm-inspect-engine", daemon=True)
        self._thread.start()

    @property
    def idle(self) -> bool:
        """Whether nobody waits for a reply."""
        return not self._open

    def close_if_idle(self) -> bool:
        """End the thread unless somebody waits for a reply; whether it did."""
        with self._lock:
            self.closed = self.closed or self.idle
        if self.closed:
            self.close()
        return self.closed

    def submit(self, prompt: Prompt) -> "Future[Reply]":
        """Ask for a reply; the future may be cancelled at any time.

        Raises:
            EngineClosed: the engine is closed.
            ValueError: the prompt fills the model's context or is not made of its tokens.
        """
        length = len(prompt.tokens)
        if not 0 < length < self.context:
            raise ValueError(f"The prompt has {length} tokens; the model's context of {self.context} leaves no reply.")
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

    def _enqueue(self, row: _AnyRow) -> None:
        with self._lock:
            if self.closed:
                raise EngineClosed
            self._open.add(row.future)
        row.future.add_done_callback(self._open.discard)
        self._inbox.put(row)

    def close(self) -> None:
        """End the thread and let go of the weights; requests still open are cancelled."""
        with self._lock:
            self.closed = True
        self._inbox.put(None)
        self._thread.join()
        # Providers may still hold this engine: it must not hold the weights for them.
        for name in ("_batch", "_adapters", "_model"):
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

    def _new_batch(self) -> Batch:
        return Batch(self._model, self.tokenizer, self._adapters, self._limit(), self.context)

    def _limit(self) -> int:
        return min(self.slots, self._shrunk or self.slots)

    def _work(self) -> None:
        torch.set_num_threads(available_cpus())
        with torch.inference_mode():
            while self._collect():
                self._admit()
                if self._batch.rows:
                    self._advance()

    def _collect(self) -> bool:
        """Move new requests to the waiting line; without any work, wait for some. False when the engine closes."""
        idle = not self._batch.rows and not self._waiting
        timeout: float | None = None
        while True:
            try:
                item = self._inbox.get(block=idle, timeout=timeout)
            except queue.Empty:
                return True
            if item is None:
                for future in list(self._open):
                    future.cancel()
                return False
            self._waiting.append(item)
            if idle and len(self._waiting) >= self.slots:
                return True
            timeout = _GATHER_SECONDS

    def _admit(self) -> None:
        """Let waiting requests into free slots, oldest first, a handful at a time."""
        if not self._batch.rows and self._batch.slots != self._limit():
            self._batch = self._new_batch()
        ready = min(len(self._waiting), self._batch.free)
        if ready < max(1, len(self._batch.rows) // 8) and (ready == 0 or self._held < _HELD_STEPS):
            self._held += 1
            return
        self._held = 0
        taken = [self._waiting.popleft() for _ in range(ready)]
        able = [row for row in taken if not row.future.cancelled() and self._has_adapter(row)]
        given = [row for row in able if isinstance(row, ContinuationRow)]
        entering = [row for row in able if isinstance(row, Row)]
        for row, logprobs in self._attempt(given, lambda: self._batch.judge(given)) or ():
            row.finish(logprobs)
        if len(entering) > self._batch.free:  # the batch has just been halved
            self._waiting.extendleft(reversed(entering))
            return
        self._attempt(entering, lambda: self._batch.enter(entering))

    def _has_adapter(self, row: _AnyRow) -> bool:
        """Load the row's adapter if this is its first request; a row whose adapter does not load fails."""
        adapter = row.asked.adapter
        if adapter is None:
            return True
        if adapter.key not in self._loaded:
            try:
                self._load_adapter(adapter)
                self._loaded[adapter.key] = None
            except Exception as error:
                self._loaded[adapter.key] = error
        failure = self._loaded[adapter.key]
        if failure is not None:
            row.fail(failure)
        return failure is None

    def _load_adapter(self, adapter: Adapter) -> None:
        if sha256_file(adapter.folder / WEIGHTS_NAME) != adapter.sha256:
            raise PrerequisiteError(
                f"The weights of the adapter {adapter.folder} are not those its manifest names, or changed since the "
                "model was named: run again with the adapter as it is now, or train it again."
            )
        self._adapters.add(adapter.key, adapter.folder)

    def _advance(self) -> None:
        cancelled = [row.future.cancelled() for row in self._batch.rows]
        if any(cancelled):
            self._batch.remove(cancelled)
        if self._batch.rows:
            for row in self._attempt([], self._batch.step) or ():
                row.finish(self.tokenizer)

    def _attempt(self, entering: Sequence[_AnyRow], work: Callable[[], _T]) -> _T | None:
        """Do one piece of work. When it fails, all rows start again in a batch of half the size.

        So a batch that does not fit into memory shrinks until it does, and a request that cannot be served fails alone.
        Starting again changes no reply: rows draw from generators of their own.
        """
        try:
            return work()
        except Exception as error:
            rows = list({id(row): row for row in [*self._batch.rows, *entering]}.values())
            out_of_memory = isinstance(error, torch.OutOfMemoryError | MemoryError) or "memory" in str(error)
            if len(rows) == 1:
                rows.pop().fail(error)
                self._shrunk = self._shrunk if out_of_memory else None
            else:
                self._shrunk = len(rows) // 2
                logger.warning("A batch of %d failed (%s); going on with %d.", len(rows), error, self._shrunk)
        for row in reversed(rows):
            row.restart()
            self._waiting.appendleft(row)
        self._batch = self._new_batch()
        return None


_ENGINES: dict[tuple[Path, str, str], Engine] = {}
_ENGINES_LOCK = threading.Lock()


def shared_engine(path: Path, dtype: str, device: str, slots: int) -> Engine:
    """The engine of a base model, loaded on first use; loading one closes those of other models that are idle.

    Args:
        path: folder of the base model.
        dtype: `auto` or the name of a numeric type.
        device: `auto`, `cpu`, `cuda` or `mps`.
        slots: the most rows that decode together; the largest anyone asked for holds.
    """
    place = resolve_device(device)
    key = (path.resolve(), resolve_dtype(dtype, place), place)
    with _ENGINES_LOCK:
        if key not in _ENGINES:
            for other in [other for other, engine in _ENGINES.items() if engine.close_if_idle()]:
                del _ENGINES[other]
            _ENGINES[key] = Engine(*key, slots)
        engine = _ENGINES[key]
        engine.slots = max(engine.slots, slots)
        engine._users += 1
        return engine
