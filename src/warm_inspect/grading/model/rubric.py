"""What a grader is shown: a rubric of `content/graders/` with the data filled in, which cannot pass for ours."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from warm_inspect.core.documents import content_folder, parse_markdown
from warm_inspect.core.hashing import sha256_text

_OPEN, _CLOSE = "<<<", ">>>"


@cache
def rubric(name: str) -> str:
    """The rubric of this name in `content/graders/`."""
    return parse_markdown(content_folder("graders").joinpath(f"{name}.md")).body


def rubric_sha256(name: str) -> str:
    """Hash of a rubric."""
    return sha256_text(rubric(name))


def fill_rubric(name: str, fields: Mapping[str, str]) -> str:
    """A rubric with its placeholders filled; `{open}` and `{close}` are the delimiters round data."""
    known = {"open": _OPEN, "close": _CLOSE, **fields}
    return re.sub(r"\{(\w+)\}", lambda found: known[found.group(1)], rubric(name))


def as_data(text: str, labels: Sequence[str]) -> str:
    """The text with our delimiters and lines of these labels defused, so that a reply cannot forge a verdict."""
    text = re.sub(r"<{3,}|>{3,}", lambda found: " ".join(found.group()), text)
    return re.sub(rf"(?im)^(\W*)({'|'.join(labels)})(\W*):", r"\1\2\3 -", text)
