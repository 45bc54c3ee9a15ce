"""The training file, checked by OpenAI's rules before anything is sent.

The service checks too, but only after the upload, inside a job that then fails.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.training.corpus.pairs import Example
from warm_inspect.training.openai.tokens import TokenCounter

MIN_EXAMPLES = 10
"""Source: OpenAI's supervised fine-tuning guide."""
MAX_BYTES = 512_000_000
"""Source: OpenAI's reference of the files endpoint (512 MB)."""
ROLES = ("system", "user", "assistant")
"""The roles that a conversation of a corpus has. The service knows more, for tools."""


@dataclass(frozen=True)
class TrainingFile:
    """A checked JSONL file in OpenAI's chat format."""

    text: str
    examples: int
    tokens: int
    """Tokens of one pass over the file, as far as they can be counted here."""
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
        """The name it gets at the service, by which it is found again."""
        return f"warm-inspect-{self.sha256[:32]}.jsonl"


def training_file(examples: Sequence[Example], counter: TokenCounter, max_example_tokens: int) -> TrainingFile:
    """The conversations as one checked file, in their order.

    Raises:
        PrerequisiteError: too few examples, a conversation that the service would refuse or cut, or too large a file.
    """
    if len(examples) < MIN_EXAMPLES:
        raise PrerequisiteError(
            f"OpenAI fine-tunes on at least {MIN_EXAMPLES} conversations, and the corpus has {len(examples)} to train "
            "on. Give a larger one with: --corpus"
        )
    tokens = sum(_checked_tokens(example, counter, max_example_tokens) for example in examples)
    text = "".join(json.dumps({"messages": example.messages}, ensure_ascii=False) + "\n" for example in examples)
    file = TrainingFile(text, len(examples), tokens, counter.method)
    if len(file.data) > MAX_BYTES:
        raise PrerequisiteError(
            f"The training file has {len(file.data):,} bytes, and OpenAI takes at most {MAX_BYTES:,}. "
            "Give a smaller one with: --corpus"
        )
    return file


def _checked_tokens(example: Example, counter: TokenCounter, limit: int) -> int:
    check_messages(example.id, example.messages)
    tokens = counter.conversation(example.messages)
    if tokens > limit:
        raise PrerequisiteError(
            f"Conversation {example.id!r} has {tokens:,} tokens (counted by {counter.method}), and the model takes "
            f"{limit:,} per example: the end, which is the reply, would be lost. Shorten it, or drop the row."
        )
    return tokens


def check_messages(example_id: str, messages: Sequence[Mapping[str, str]]) -> None:
    """Refuse a conversation that is not valid in OpenAI's chat format, or that would teach nothing.

    Raises:
        PrerequisiteError: it names the conversation and what is wrong.
    """
    if fault := _fault(messages):
        raise PrerequisiteError(f"Conversation {example_id!r} {fault}. OpenAI would refuse the file: mend the row.")


def _fault(messages: Sequence[Mapping[str, str]]) -> str:
    """The first thing that is wrong with a conversation; empty when nothing is."""
    if not messages:
        return "has no messages"
    for number, message in enumerate(messages, start=1):
        if message.keys() != {"role", "content"}:
            return f"has a message ({number}) with the keys {', '.join(message)} instead of role and content"
        if message["role"] not in ROLES:
            return f"has a message ({number}) of the role {message['role']!r}; known: {', '.join(ROLES)}"
        if not message["content"].strip():
            return f"has a blank message ({number})"
    if messages[-1]["role"] != "assistant":
        return f"ends with a message of the role {messages[-1]['role']!r}, not of the assistant"
    return ""
