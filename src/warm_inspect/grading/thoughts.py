"""Thoughts that a model writes into its text: what stands between `<think>` and `</think>` is not what it says."""

import re

TAG = re.compile(r"<\s?(/?)\s?think(?:ing)?\s?>", re.IGNORECASE)
"""One tag; the group is `/` in a closing one."""


def without_thoughts(text: str) -> str | None:
    """The text without its thoughts; None when a thought is never closed, so that nothing was said.

    A closing tag alone ends a thought that the chat template has opened. One linear pass.
    """
    said: list[str] = []
    start: int | None = 0
    for tag in TAG.finditer(text):
        if not tag.group(1):
            if start is not None:
                said.append(text[start : tag.start()])
            start = None
            continue
        if start is not None:
            said.clear()
        start = tag.end()
    return None if start is None else "".join([*said, text[start:]]).strip()
