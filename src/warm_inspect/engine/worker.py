"""Worker: one thread with a batch of its own, on the weights that all threads of an engine share."""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch

from warm_inspect.engine.decoding import Batch
from warm_inspect.engine.requests import ContinuationRow, Row
from warm_inspect.models.adapters import Adapter

logger = logging.getLogger(__name__)

_GATHER_SECONDS = 0.005
"""An idle worker waits this long for one more request before it starts: Inspect submits hundreds at nearly once."""

_REST_SECONDS = 1.0
"""A worker without work gives the memory of its batch back after this long."""

_HELD_STEPS = 8
"""A few waiting requests are held back for at most so many steps, so that their prompts are read together."""

AnyRow = Row | ContinuationRow
_T = TypeVar("_T")


class Worker:
    """Serves requests of all adapters and settings in one batch, oldest first.

    Args:
        name: the thread's name.
        threads: how many processors a forward pass uses.
        new_batch: makes an empty batch of so many slots.
        load: loads an adapter unless it is there, and raises what kept it from loading.
        tokenizer: the model's tokenizer.
    """

    def __init__(
        self,
        name: str,
        threads: int,
        new_batch: Callable[[int], Batch],
        load: Callable[[Adapter], None],
        tokenizer: Any,  # noqa: ANN401 - transformers is imported late
    ) -> None:
        self.slots = 1
        """The most rows that decode together; may be raised at any time."""
        self.working = threading.Lock()
        """Held while a forward pass may run."""
        self._threads = threads
        self._make_batch = new_batch
        self._load = load
        self._tokenizer = tokenizer
        self._inbox: queue.SimpleQueue[AnyRow | None] = queue.SimpleQueue()
        self._waiting: deque[AnyRow] = deque()
        self._held = 0
        self._shrunk: int | None = None
        self._batch = self._new_batch()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def put(self, row: AnyRow) -> None:
        """Serve a request when its turn comes."""
        self._inbox.put(row)

    def close(self) -> None:
        """End the thread after the step at hand; requests that are not done stay so."""
        self._inbox.put(None)
        self._thread.join()

    def _new_batch(self) -> Batch:
        return self._make_batch(self._limit())

    def _limit(self) -> int:
        return min(self.slots, self._shrunk or self.slots)

    def _work(self) -> None:
        torch.set_num_threads(self._threads)
        with torch.inference_mode():
            while self._collect():
                self._admit()
                if self._batch.rows:
                    self._advance()

    def _collect(self) -> bool:
        """Move new requests to the waiting line; without any work, wait for some. False when the worker closes."""
        idle = not self._batch.rows and not self._waiting
        timeout: float | None = _REST_SECONDS
        while True:
            try:
                item = self._inbox.get(block=idle, timeout=timeout)
            except queue.Empty:
                if not idle or self._waiting:
                    return True
                # Nobody has asked for a while: what earlier rows left behind need not be held.
                self._batch, timeout = self._new_batch(), None
                continue
            if item is None:
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

    def _has_adapter(self, row: AnyRow) -> bool:
        """Load the row's adapter if this is its first request; a row whose adapter does not load fails."""
        adapter = row.asked.adapter
        if adapter is None:
            return True
        try:
            self._load(adapter)
        except Exception as error:
            row.fail(error)
            return False
        return True

    def _advance(self) -> None:
        cancelled = [row.future.cancelled() for row in self._batch.rows]
        if any(cancelled):
            self._batch.remove(cancelled)
        if self._batch.rows:
            for row in self._attempt([], self._batch.step) or ():
                row.finish(self._tokenizer)

    def _attempt(self, entering: Sequence[AnyRow], work: Callable[[], _T]) -> _T | None:
        """Do one piece of work. When it fails, all rows start again in a batch of half the size.

        So a batch that does not fit into memory shrinks until it does, and a request that cannot be served fails alone.
        Starting again changes no reply: rows draw from generators of their own.
        """
        try:
            with self.working:
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
