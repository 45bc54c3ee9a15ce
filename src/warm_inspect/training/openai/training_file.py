"""The training file, checked by OpenAI's rules and counted in tokens before anything is sent.

The service checks too, but only after the upload, inside a job that then fails.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from warm_inspect.core.errors import PrerequisiteError, missing_extra
from warm_inspect.core.hashing import sha256_text
from warm_inspect.training.corpus.pairs import Example

log = logging.getLogger(__name__)

MIN_EXAMPLES = 10
"""Source: OpenAI's supervised fine-tuning guide."""
MAX_BYTES = 512_000_000
"""Source: OpenAI's reference of the files endpoint (512 MB)."""

_BYTES_PER_TOKEN = 4
"""OpenAI's rule of thumb for English."""
_PER_MESSAGE = 4
"""Start of message, role, separator, end of message."""
_PER_EXAMPLE = 3
"""Start of the reply."""


@dataclass(frozen=True)
class TrainingFile:
    """A checked JSONL file in OpenAI's chat format."""

    text: str
    examples: int
    tokens: int
    """Tokens of one pass over the file, counted or estimated here."""
    counted_by: str
    """How the tokens were counted: an encoding's name, or a rule of thumb."""

    @cached_property
    def data(self) -> bytes:
        """The bytes that are uploaded."""
        return self.text.encode()

    @cached_property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return sha256_text(self.text)

    @property
    def name(self) -> str:
        """Its name at the service, by which a later run recognises it."""
        return f"warm-inspect-{self.sha256[:32]}.jsonl"


@dataclass(frozen=True)
class TokenCounter:
    """Counts the tokens of texts and conversations. The job's own count, `trained_tokens`, is the one billed."""

    method: str
    """The name of the encoding, or the rule that stands in for it."""
    count: Callable[[str], int]

    def conversation(self, messages: Sequence[Mapping[str, str]]) -> int:
        """Tokens of one example, with those that frame its messages."""
        return _PER_EXAMPLE + sum(_PER_MESSAGE + self.count(message["content"]) for message in messages)


def training_file(examples: Sequence[Example], counter: TokenCounter, max_example_tokens: int) -> TrainingFile:
    """The conversations as one checked file, in their order.

    Raises:
        PrerequisiteError: too few examples, a conversation that the service would refuse or cut, or too large a file.
    """
    if len(examples) < MIN_EXAMPLES:
        raise PrerequisiteError(
            f"OpenAI fine-tunes on at least {MIN_EXAMPLES} conversations, and the corpus has {len(examples)} to train "
            "on",
            "Give a larger one with: --corpus",
        )
    tokens = sum(_checked_tokens(example, counter, max_example_tokens) for example in examples)
    text = "".join(json.dumps({"messages": example.messages}, ensure_ascii=False) + "\n" for example in examples)
    file = TrainingFile(text, len(examples), tokens, counter.method)
    if len(file.data) > MAX_BYTES:
        raise PrerequisiteError(
            f"The training file has {len(file.data):,} bytes, and OpenAI takes at most {MAX_BYTES:,}",
            "Give a smaller one with: --corpus",
        )
    return file


def _checked_tokens(example: Example, counter: TokenCounter, limit: int) -> int:
    tokens = counter.conversation(example.messages)
    if tokens > limit:
        raise PrerequisiteError(
            f"Conversation {example.id!r} has {tokens:,} tokens (counted by {counter.method}), and the model takes "
            f"{limit:,} per example: the end, which is the reply, would be lost",
            "Shorten it, or drop the row.",
        )
    return tokens


def token_counter(encoding: str) -> TokenCounter:
    """The counter of an encoding, with the vocabulary from tiktoken's cache or the network; without, a rule of thumb.

    Raises:
        PrerequisiteError: tiktoken is not installed.
    """
    try:
        import tiktoken
    except ImportError as error:
        raise missing_extra("Counting tokens", "openai", error) from None
    try:
        vocabulary = tiktoken.get_encoding(encoding)
    except Exception as failure:  # The download raises many types.
        log.info("No vocabulary %s (%s): tokens are estimated", encoding, type(failure).__name__)
        return TokenCounter(f"{_BYTES_PER_TOKEN} bytes per token", _rule_of_thumb)
    return TokenCounter(encoding, lambda text: len(vocabulary.encode_ordinary(text)))


def _rule_of_thumb(text: str) -> int:
    return -(-len(text.encode()) // _BYTES_PER_TOKEN)
