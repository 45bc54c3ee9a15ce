"""Requests to the engine, their results, and the rows that carry them through a batch."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from warm_inspect.engine.sampling import Sampling, row_generator
from warm_inspect.models import Adapter

StopReason = Literal["stop", "max_tokens", "model_length"]


@dataclass(frozen=True)
class TokenChoice:
    """A generated token with the model's own log probabilities (temperature 1, before top p and top k)."""

    token: int
    logprob: float
    top: tuple[tuple[int, float], ...] = ()
    """The likeliest tokens and their log probabilities, likeliest first."""


@dataclass(frozen=True)
class Prompt:
    """A request for a generated reply."""

    tokens: tuple[int, ...]
    adapter: Adapter | None
    sampling: Sampling
    max_tokens: int
    stop: tuple[str, ...] = ()
    seed: int | None = None
    ordinal: int = 0
    """How many requests with this seed and these tokens came before."""
    logprobs: bool = False
    top_logprobs: int = 0


@dataclass(frozen=True)
class Completion:
    """A generated reply, why it ended, and what it took."""

    text: str
    stop_reason: StopReason
    tokens: int
    """Generated tokens, the end token included."""
    choices: tuple[TokenChoice, ...]
    """Each token with its probability; empty without `Prompt.logprobs`."""
    seconds: float
    """Time from entering the batch to the last token."""


@dataclass(frozen=True)
class Continuation:
    """A request for the log probability of a given text after a prompt."""

    prompt: tuple[int, ...]
    tokens: tuple[int, ...]
    """The text's tokens, at least one."""
    adapter: Adapter | None


class NonFiniteLogits(RuntimeError):
    """A forward pass over a request gave NaN or infinity: the weights overflow on its tokens in this numeric type."""

    def __init__(self, adapter: Adapter | None) -> None:
        through = f" through the adapter {adapter.name}" if adapter else ""
        super().__init__(
            f"The model's logits for this request{through} are not finite numbers: its weights are damaged, or its "
            "numeric type is too small. Try: -M dtype=float32"
        )


class RequestTooLarge(RuntimeError):
    """A request does not fit into memory, even when it has the model to itself."""

    def __init__(self, tokens: int, cause: Exception) -> None:
        super().__init__(
            f"A request of up to {tokens} tokens, prompt and reply, does not fit into memory, even alone: {cause} "
            "Let replies be shorter: --max-tokens; or try a smaller numeric type: -M dtype=bfloat16"
        )


_R = TypeVar("_R", Prompt, Continuation)
_T = TypeVar("_T")


@dataclass
class _RequestRow(Generic[_R, _T]):
    """A request on its way through the model, and the future of its result."""

    request: _R
    future: "Future[_T]" = field(default_factory=Future)

    def fail(self, error: Exception) -> None:
        """Resolve the future with an error."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)

    @property
    def adapter(self) -> str | None:
        """The key of its adapter; None for the plain base model."""
        return self.request.adapter.key if self.request.adapter else None


@dataclass
class ContinuationRow(_RequestRow[Continuation, tuple[float, ...]]):
    """A continuation on its way through the model: one forward pass, and no place in the running batch."""

    logprobs: tuple[float, ...] = ()
    """The result: the natural log probability of each token of the text."""
    error: NonFiniteLogits | None = None

    def restart(self) -> None:
        """Do nothing: there is no progress to discard."""

    def finish(self, decode: object) -> None:
        """Resolve the future with the log probabilities, or with the error of the forward pass."""
        if self.error:
            self.fail(self.error)
        elif self.future.set_running_or_notify_cancel():
            self.future.set_result(self.logprobs)

    @property
    def size(self) -> int:
        """Its tokens."""
        return len(self.request.prompt) + len(self.request.tokens)

    @property
    def shareable(self) -> tuple[int, ...]:
        """The leading tokens whose keys and values may be computed once for several rows: no logits are needed."""
        return self.request.prompt[:-1]

    @property
    def prefill(self) -> tuple[int, ...]:
        """The tokens of its forward pass: all but the last, whose successor is not asked for."""
        return self.request.prompt + self.request.tokens[:-1]


@dataclass
class Row(_RequestRow[Prompt, Completion]):
    """A prompt on its way through the batch.

    The last prompt token is processed in the row's first decode step, not in the prefill, so that a prefill needs no
    logits and every token is chosen in one place.
    """

    tokens: list[int] = field(default_factory=list)
    choices: list[TokenChoice] = field(default_factory=list)
    stop_reason: StopReason | None = None
    """Set by the decode step that ends the reply."""
    error: NonFiniteLogits | None = None
    """Set by a decode step without usable logits, which ends the row."""

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Discard the generated tokens and begin the random numbers again."""
        self.tokens.clear()
        self.choices.clear()
        self.generator = row_generator(self.request.seed, self.request.tokens, self.request.ordinal)
        self.entered = time.monotonic()

    def finish(self, decode: Callable[[Sequence[int]], str]) -> None:
        """Resolve the future with the reply, or with the error that ended the row.

        Stop sequences are not part of the reply's text.
        """
        if self.error:
            self.fail(self.error)
            return
        text = decode(self.tokens)
        cuts = [text.index(stop) for stop in self.request.stop if stop in text]
        reason = self.stop_reason or "stop"
        seconds = time.monotonic() - self.entered
        if self.future.set_running_or_notify_cancel():
            reply = Completion(text[: min(cuts, default=None)], reason, len(self.tokens), tuple(self.choices), seconds)
            self.future.set_result(reply)

    @property
    def size(self) -> int:
        """The most tokens that its prompt and its reply may have."""
        return len(self.request.tokens) + self.request.max_tokens

    @property
    def shareable(self) -> tuple[int, ...]:
        """The leading tokens whose keys and values may be computed once for several rows."""
        return self.prefill

    @property
    def prefill(self) -> tuple[int, ...]:
        """The tokens that are processed before the first decode step."""
        return self.request.tokens[:-1]

    @property
    def cached(self) -> int:
        """The number of its tokens in the KV cache: all but the newest."""
        return len(self.request.tokens) + len(self.tokens) - 1

    @property
    def newest(self) -> int:
        """The input token of the next decode step."""
        return self.tokens[-1] if self.tokens else self.request.tokens[-1]
