"""Anchored lines of a grader's reply: `LABEL: WORD` alone on a line, the only place where a grade is read."""

import re

_WORD = re.compile(r"[ \t*]*:[ \t*]*([A-Za-z]+)[ \t.*]*")


class Anchor:
    """One label and the lines that start with it."""

    def __init__(self, label: str) -> None:
        self._line = re.compile(rf"[ \t*]*{re.escape(label)}\b(.*)")

    def starts(self, line: str) -> bool:
        """Whether the line starts with the label, whatever follows."""
        return self._line.fullmatch(line) is not None

    def word(self, line: str) -> str:
        """The one word after the label, in capitals; empty when there is none, or more than one."""
        rest = self._line.fullmatch(line)
        word = _WORD.fullmatch(rest.group(1)) if rest else None
        return word.group(1).upper() if word else ""


def last_word(text: str, anchor: Anchor) -> str:
    """The word of the last anchored line, which decides alone; empty when it is malformed or missing."""
    lines = [line for line in text.splitlines() if anchor.starts(line)]
    return anchor.word(lines[-1]) if lines else ""
