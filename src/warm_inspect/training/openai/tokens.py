"""How many tokens a conversation is billed as: the tokenizer's count, or an estimate that says it is one."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from warm_inspect.core.errors import missing_extra

log = logging.getLogger(__name__)

_BYTES_PER_TOKEN = 4
"""OpenAI's rule of thumb for English."""
_PER_MESSAGE = 4
"""Start of message, role, separator, end of message."""
_PER_EXAMPLE = 3
"""What opens the reply."""


@dataclass(frozen=True)
class TokenCounter:
    """Counts the tokens of texts and conversations. The job's own count, `trained_tokens`, is what is billed."""

    method: str
    """The name of the encoding, or the rule that stands in for it."""
    count: Callable[[str], int]

    def conversation(self, messages: Sequence[Mapping[str, str]]) -> int:
        """Tokens of one example, with those that frame its messages."""
        return _PER_EXAMPLE + sum(_PER_MESSAGE + self.count(message["content"]) for message in messages)


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
    except Exception as failure:  # whatever the download raises
        log.info("No vocabulary %s (%s): tokens are estimated", encoding, type(failure).__name__)
        return TokenCounter(f"{_BYTES_PER_TOKEN} bytes per token", _rule_of_thumb)
    return TokenCounter(encoding, lambda text: len(vocabulary.encode_ordinary(text)))


def _rule_of_thumb(text: str) -> int:
    return -(-len(text.encode()) // _BYTES_PER_TOKEN)
