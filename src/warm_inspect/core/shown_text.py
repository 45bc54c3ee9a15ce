"""Text of others as it may be shown: no sign in it steers a terminal, ends a text early or turns its order round."""

import re

_STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]|\r(?!\n)"
)
"""Control characters but tab and the ends of lines, overrides of the direction of writing, and what is no character."""


def shown(text: str) -> str:
    """The text with a replacement character in the place of each sign that steers what shows it."""
    return _STEERING.sub("\N{REPLACEMENT CHARACTER}", text)
