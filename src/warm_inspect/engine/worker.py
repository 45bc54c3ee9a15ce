"""Worker: one thread with a batch of its own, on the weights that all threads of an engine share."""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Sequence

import torch

from warm_inspect.engine.decoding import Batch
from warm_inspect.engine.lora import AdapterBank
from warm_inspect.engine.memory import forget_tensors, is_out_of_memory
from warm_inspect.engine.requests import ContinuationRow, RequestTooLarge, Row

logger = logging.getLogger(__name__)

_GATHER_SECONDS = 0.005
"""An idle worker waits this long for one more request before it starts: Inspect submits hundreds at nearly once."""

_IDLE_SECONDS = 1.0
"""A worker without work frees the memory of its batch after this long."""

_HANDFUL = 1 / 8
"""Queued requests enter the batch together when they are at least this share of its rows."""

_HELD_STEPS = 8
"""Fewer are held back for at most this many steps."""

AnyRow = Row | ContinuationRow


class Worker:
    """Serves requests of all adapters and settings in one batch, oldest first.

    Args:
        name: the thread's name.
        threads: how many processors a forward pass uses.
        new_batch: makes an empty batch with a number of slots.
        adapters: the model's adapters, loaded with the first request for each.
        decode: gives the text of a reply's tokens.
        crashed: called in the thread when it ends by an error that is not that of a request.
    """

    def __init__(
        self,
        name: str,
        threads: int,
        new_batch: Callable[[int], Batch],
        adapters: AdapterBank,
        decode: Callable[[Sequence[int]], str],
        crashed: Callable[[BaseException], None],
    ) -> None:
        self.slots = 1
        """The most rows that decode together; may be raised at any time."""
        self._threads = threads
        self._make_batch = new_batch
        self._adapters = adapters
        self._forward_lock = adapters.forward_lock()
        self._text_of = decode
        self._crashed = crashed
        self._inbox: queue.SimpleQueue[AnyRow | None] = queue.SimpleQueue()
        self._queue: deque[AnyRow] = deque()
        self._held = 0
        self._reduced_slots: int | None = None
        self._alone = False
        """Whether the next request is served in a batch of its own, before others enter one."""
        self._batch = self._new_batch()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, row: AnyRow) -> None:
        """Queue a request."""
        self._inbox.put(row)

    def close(self) -> None:
        """End the thread after the current step; unfinished requests stay unresolved."""
        self._inbox.put(None)
        # A worker that crashed closes the engine from its own thread, which cannot wait for itself.
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    def _new_batch(self) -> Batch:
        return self._make_batch(self._limit())

    def _limit(self) -> int:
        return 1 if self._alone else min(self.slots, self._reduced_slots or self.slots)

    def _run(self) -> None:
        try:
            torch.set_num_threads(self._threads)
            with torch.inference_mode():
                while self._receive():
                    self._admit()
                    if self._batch.rows:
                        self._decode()
        except BaseException as error:
            self._crashed(error)

    def _receive(self) -> bool:
        """Move new requests to the queue, and block while there is no work. False when the worker closes."""
        idle = not self._batch.rows and not self._queue
        timeout: float | None = _IDLE_SECONDS
        while True:
            try:
                item = self._inbox.get(block=idle, timeout=timeout)
            except queue.Empty:
                if not idle or self._queue:
                    return True
                # Idle for a while: the memory that earlier rows used need not be held.
                self._batch, timeout = self._new_batch(), None
                continue
            if item is None:
                return False
            self._queue.append(item)
            if idle and len(self._queue) >= self.slots:
                return True
            # While rows decode nothing blocks, and the timeout is not used.
            timeout = _GATHER_SECONDS

    def _admit(self) -> None:
        """Move queued requests into free slots, oldest first, a handful at a time."""
        if not self._batch.rows and self._batch.slots != self._limit():
            # The limit changed since the batch was made, and only an empty batch can be replaced.
            self._batch = self._new_batch()
        ready = min(len(self._queue), self._batch.free)
        if self._holds_back(ready):
            self._held += 1
            return
        self._held = 0
        taken = [self._queue.popleft() for _ in range(ready)]
        served = [row for row in taken if not row.future.cancelled() and self._load_adapter(row)]
        continuations = [row for row in served if isinstance(row, ContinuationRow)]
        entering = [row for row in served if isinstance(row, Row)]
        self._attempt(continuations, lambda: self._batch.logprobs(continuations))
        if len(entering) > self._batch.free:
            # The continuations did not fit into memory, so the batch became smaller after the rows were counted. They
            # go first now, or what they need would be found out again with each of these rows.
            self._queue.extend(entering)
            return
        self._attempt(entering, lambda: self._batch.prefill(entering))

    def _holds_back(self, ready: int) -> bool:
        """Whether the batch takes its next step without the requests that could enter it.

        Each prefill makes the rows that decode wait, so a few requests wait for more to share one with.
        """
        few = ready < int(len(self._batch.rows) * _HANDFUL)
        return ready == 0 or (few and self._held < _HELD_STEPS)

    def _load_adapter(self, row: AnyRow) -> bool:
        """Load the row's adapter if this is its first request; False, and the row fails, if it does not load."""
        adapter = row.request.adapter
        if adapter is None:
            return True
        try:
            self._adapters.load(adapter)
        except Exception as error:
            row.fail(error)
            return False
        return True

    def _decode(self) -> None:
        cancelled = [row.future.cancelled() for row in self._batch.rows]
        if any(cancelled):
            self._batch.remove(cancelled)
        if self._batch.rows:
            self._attempt([], self._batch.decode)

    def _attempt(self, entering: Sequence[AnyRow], work: Callable[[], Sequence[AnyRow] | None]) -> None:
        """Do one piece of work and resolve the rows that it finishes, if any.

        When it fails, all rows start again in a batch of half the size. So a batch that does not fit into memory
        shrinks until it does, and a request that cannot be served fails alone. Starting again changes no reply: rows
        draw from generators of their own.
        """
        try:
            with self._forward_lock:
                finished = work() or ()
        except Exception as error:
            forget_tensors(error)
            self._start_again(list({id(row): row for row in [*self._batch.rows, *entering]}.values()), error)
        else:
            for row in finished:
                self._resolve(row)
            if finished and not self._batch.rows:
                # Served whole, so the next one may be larger again: one long request is no reason to stay small.
                self._alone = False
                self._reduced_slots = self._reduced_slots and 2 * self._reduced_slots

    def _start_again(self, rows: list[AnyRow], error: Exception) -> None:
        no_memory = is_out_of_memory(error)
        if len(rows) > 1:
            self._reduced_slots = len(rows) // 2
            logger.warning("A batch of %d failed (%s); going on with %d.", len(rows), error, self._reduced_slots)
        elif no_memory and self._batch.slots > 1:
            # A cache has memory for as many rows of this length as there are slots, which says nothing of one row.
            self._alone = True
        else:
            # One that fails for another reason than memory says nothing about how many would fit.
            row = rows.pop()
            row.fail(RequestTooLarge(row.size, error) if no_memory else error)
            self._reduced_slots = self._reduced_slots if no_memory else None
            self._alone = False
        for row in reversed(rows):
            row.restart()
            self._queue.appendleft(row)
        self._batch = self._new_batch()

    def _resolve(self, row: AnyRow) -> None:
        try:
            row.finish(self._text_of)
        except Exception as error:  # from a tokenizer that cannot decode the tokens of one row
            row.fail(error)
