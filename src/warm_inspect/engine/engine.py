"""Engine: one base model with its adapters, and the worker threads that serve requests for it."""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from itertools import count
from typing import Any

from warm_inspect.core.errors import PromptTooLong
from warm_inspect.engine.decoding import Batch, ReplyDecoder, end_tokens
from warm_inspect.engine.generation_defaults import GenerationDefaults
from warm_inspect.engine.loading import context_tokens
from warm_inspect.engine.lora import AdapterBank
from warm_inspect.engine.requests import Completion, Continuation, ContinuationRow, Prompt, Row
from warm_inspect.engine.worker import AnyRow, Worker
from warm_inspect.models import available_cpus

logger = logging.getLogger(__name__)


class EngineClosed(RuntimeError):
    """The engine was closed, for example to make room for another model: a new one can be loaded."""


class EngineCrashed(RuntimeError):
    """A generation thread ended by an error that is not that of one request; the next request loads a new engine."""

    def __init__(self, cause: BaseException) -> None:
        super().__init__(
            f"The generation thread ended: {cause!r}. Samples that were in flight have no reply; run them again with: "
            "inspect eval-retry"
        )


class Engine:
    """A base model in memory. Requests of all adapters and settings go to its workers in turn.

    The steps of a small model are too short to be split over processors, which wait for each other more than they
    work: on two, two batches of one thread each gave 1.8 times the replies of one batch with two threads.

    Args:
        tokenizer: the model's tokenizer.
        model: what `load_model` gives.
        slots: the most rows that decode at once.
        workers: batches side by side, which share the rows and the processors; 1 anywhere but on a CPU.
    """

    def __init__(self, tokenizer: Any, model: Any, slots: int, workers: int = 1) -> None:  # noqa: ANN401
        config = model.config.get_text_config()
        self.tokenizer = tokenizer
        self.decode = ReplyDecoder(tokenizer, end_tokens(model, tokenizer))
        self.context = context_tokens(config)
        self.settings = GenerationDefaults(model.generation_config, end_tokens(model, tokenizer), model.device)
        self.closed = False
        self._vocabulary = config.vocab_size
        self._lock = threading.Lock()
        self._in_flight: set[Future[Any]] = set()
        self._turn = count()
        adapters = AdapterBank(model)

        def new_batch(slots: int) -> Batch:
            return Batch(model, self.decode, adapters, self.settings, slots, self.context)

        threads = max(1, available_cpus() // workers)
        self._workers = [
            Worker(f"warm-inspect-engine-{number}", threads, new_batch, adapters, self.decode, self._abandon)
            for number in range(workers)
        ]
        self.widen(slots)
        for worker in self._workers:
            worker.start()

    def widen(self, slots: int) -> None:
        """Let at least this many rows decode at once."""
        for worker in self._workers:
            worker.slots = max(worker.slots, -(-slots // len(self._workers)))

    @property
    def idle(self) -> bool:
        """No requests in flight."""
        return not self._in_flight

    def submit(self, prompt: Prompt) -> "Future[Completion]":
        """Queue a prompt for generation; the future may be cancelled at any time.

        Raises:
            EngineClosed: the engine is closed.
            PromptTooLong: the prompt fills the model's context.
            ValueError: the prompt is empty or holds tokens outside the model's vocabulary.
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

    def logprobs(self, continuation: Continuation) -> "Future[tuple[float, ...]]":
        """Queue a given text for its log probabilities: the natural logarithm for each of its tokens.

        Raises:
            EngineClosed: the engine is closed.
            ValueError: prompt or text is empty, too long for the model's context, or outside its vocabulary.
        """
        length = len(continuation.prompt) + len(continuation.tokens)
        if not continuation.prompt or not continuation.tokens or length > self.context:
            raise ValueError(
                f"A prompt of {len(continuation.prompt)} tokens and a text of {len(continuation.tokens)} have no log "
                f"probabilities: both must have tokens, and together at most {self.context}, the model's context."
            )
        self._check_tokens(continuation.prompt + continuation.tokens)
        row = ContinuationRow(continuation)
        self._enqueue(row)
        return row.future

    def _check_tokens(self, tokens: Sequence[int]) -> None:
        # On a CUDA device an index outside the embedding spoils the device for every later request too.
        if not all(0 <= token < self._vocabulary for token in tokens):
            raise ValueError("The prompt has tokens outside the model's vocabulary: its tokenizer belongs to another.")

    def _enqueue(self, row: AnyRow) -> None:
        # In one step, so that no request enters an engine between being seen idle and being closed.
        with self._lock:
            if self.closed:
                raise EngineClosed
            self._in_flight.add(row.future)
            self._workers[next(self._turn) % len(self._workers)].put(row)
        row.future.add_done_callback(self._in_flight.discard)

    def close_if_idle(self) -> bool:
        """Close the engine unless requests are in flight; whether it is closed now."""
        with self._lock:
            self.closed = self.closed or self.idle
        if self.closed:
            self.close()
        return self.closed

    def _abandon(self, error: BaseException) -> None:
        """Fail every request in flight and close: called in the thread of a worker that cannot go on."""
        with self._lock:
            closing, self.closed = self.closed, True
        if not closing:
            logger.error("A generation thread ended: %r", error)
            self.close(EngineCrashed(error))

    def close(self, error: "EngineCrashed | None" = None) -> None:
        """End the threads and free the weights; requests in flight are cancelled, or fail with the error if given."""
        with self._lock:
            self.closed = True
        for worker in self._workers:
            worker.close()
        # A copy: each future that is resolved takes itself out of the set.
        for future in list(self._in_flight):
            if error is None:
                future.cancel()
            elif future.set_running_or_notify_cancel():
                future.set_exception(error)
        # Providers may still hold this engine, which must not keep the weights alive.
        self._workers = []
