"""What is asked of the engine, what it answers, and a request on its way through the batch."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Literal

from warm_inspect.engine.sampling import Sampling, row_generator
from warm_inspect.models.adapters import Adapter

StopReason = Literal["stop", "max_tokens", "model_length"]


@dataclass(frozen=True)
class TokenChoice:
    """A chosen token with the model's own log probabilities (temperature 1, before top p and top k)."""

    token: int
    logprob: float
    top: tuple[tuple[int, float], ...] = ()
    """The likeliest tokens and their log probabilities, likeliest first."""


@dataclass(frozen=True)
class Prompt:
    """A reply that is to be generated."""

    tokens: tuple[int, ...]
    adapter: Adapter | None
    sampling: Sampling
    max_tokens: int
    stop: tuple[str, ...] = ()
    seed: int | None = None
    ordinal: int = 0
    logprobs: bool = False
    top_logprobs: int = 0


@dataclass(frozen=True)
class Reply:
    """What a prompt gets."""

    text: str
    stop_reason: StopReason
    tokens: int
    """Generated tokens, the end token included."""
    choices: tuple[TokenChoice, ...]
    """Each token with its probability, when that was asked for."""
    seconds: float
    """Time from entering the batch to the last token."""


@dataclass(frozen=True)
class Continuation:
    """A given text whose probability after a prompt is asked."""

    prompt: tuple[int, ...]
    tokens: tuple[int, ...]
    """The text's tokens, at least one."""
    adapter: Adapter | None


@dataclass
class ContinuationRow:
    """A continuation on its way through the model: one forward pass, and no place in the running batch."""

    asked: Continuation
    future: "Future[tuple[float, ...]]" = field(default_factory=Future)
    """Becomes the natural log probability of each token of the text."""

    def restart(self) -> None:
        """Nothing to forget: its one forward pass has not been made."""

    def finish(self, logprobs: Sequence[float]) -> None:
        """Hand the log probabilities to whoever waits for them."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_result(tuple(logprobs))

    def fail(self, error: Exception) -> None:
        """Hand the error to whoever waits."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)

    @property
    def adapter(self) -> str | None:
        """The key of its adapter; None for the plain base model."""
        return self.asked.adapter.key if self.asked.adapter else None

    @property
    def head(self) -> tuple[int, ...]:
        """The tokens that may be read together with other rows': all whose logits are not needed."""
        return self.asked.prompt[:-1]

    @property
    def read(self) -> tuple[int, ...]:
        """The tokens that are read: all but the last, since nothing is asked of what follows it."""
        return self.asked.prompt + self.asked.tokens[:-1]


@dataclass
class Row:
    """A prompt on its way through the batch.

    The last prompt token is not read with the prompt but in the row's first decode step, so that reading a prompt
    needs no logits and every token is chosen in one place.
    """

    asked: Prompt
    future: "Future[Reply]" = field(default_factory=Future)
    tokens: list[int] = field(default_factory=list)
    choices: list[TokenChoice] = field(default_factory=list)
    stop_reason: StopReason | None = None
    """Set once the row is done."""

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget what was generated."""
        self.tokens.clear()
        self.choices.clear()
        self.generator = row_generator(self.asked.seed, self.asked.tokens, self.asked.ordinal)
        self.entered = time.monotonic()

    def finish(self, tokenizer: Any) -> None:  # noqa: ANN401 - transformers is imported late
        """Hand the reply to whoever waits for it; stop sequences and special tokens are not part of its text."""
        text = tokenizer.decode(self.tokens, skip_special_tokens=True)
        cuts = [text.index(stop) for stop in self.asked.stop if stop in text]
        reason = self.stop_reason or "stop"
        seconds = time.monotonic() - self.entered
        if self.future.set_running_or_notify_cancel():
            reply = Reply(text[: min(cuts, default=None)], reason, len(self.tokens), tuple(self.choices), seconds)
            self.future.set_result(reply)

    def fail(self, error: Exception) -> None:
        """Hand the error to whoever waits for the reply."""
        if self.future.set_running_or_notify_cancel():
            self.future.set_exception(error)

    @property
    def adapter(self) -> str | None:
        """The key of its adapter; None for the plain base model."""
        return self.asked.adapter.key if self.asked.adapter else None

    @property
    def head(self) -> tuple[int, ...]:
        """The tokens that are read before the first decode step."""
        return self.asked.tokens[:-1]

    @property
    def read(self) -> tuple[int, ...]:
        """The same: nothing else is read before the first decode step."""
        return self.head

    @property
    def cached(self) -> int:
        """How many of its tokens are in the cache: all but the newest."""
        return len(self.asked.tokens) + len(self.tokens) - 1

    @property
    def newest(self) -> int:
        """The token that the next step reads."""
        return self.tokens[-1] if self.tokens else self.asked.tokens[-1]
