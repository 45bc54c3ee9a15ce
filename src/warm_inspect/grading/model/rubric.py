"""What a grader is shown: a rubric of `content/rubrics/` filled with data that cannot pass for ours."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any

from warm_inspect.core.content import Catalog, Document, content_folder, parse_markdown, sections
from warm_inspect.core.hashing import sha256_json
from warm_inspect.grading.model.form import Form
from warm_inspect.grading.thoughts import TAG

_DELIMITERS = re.compile("[<\uff1c\ufe64]{3,}|[>\uff1e\ufe65]{3,}")
_JSON = re.compile(r'\{(?=\s*")')


@cache
def asking() -> Document:
    """How graders are asked to end a reply, and what they are told when a first one could not be used."""
    return parse_markdown(content_folder("graders").joinpath("asking.md"))


@cache
def endings() -> dict[str, str]:
    """The sections of `asking`."""
    return sections(asking().body)


@dataclass(frozen=True, slots=True)
class Rubric:
    """How one thing is graded."""

    name: str
    front: dict[str, Any]
    body: str
    """The text with placeholders, `{open}` and `{close}` for the delimiters round data."""
    form: Form

    @property
    def sha256(self) -> str:
        """Hash of all that a grader is told beside the data."""
        return sha256_json([self.front, self.body, endings()])

    def filled(self, **data: str) -> str:
        """The rubric with its placeholders filled; the data are defused here and nowhere else."""
        known = {"open": "<<<", "close": ">>>", **{name: self._as_data(text) for name, text in data.items()}}
        return re.sub(r"\{(\w+)\}", lambda field: known[field.group(1)], self.body)

    def _as_data(self, text: str) -> str:
        """The text without our delimiters, lines of our form, JSON objects and thoughts, whatever ends its lines.

        Linear in the text's length.
        """
        text = _DELIMITERS.sub(lambda run: " ".join(run.group()), text)
        text = TAG.sub(lambda tag: f"({tag.group()[1:-1]})", _JSON.sub("(", text))
        return "\n".join(self.form.defused(line) for line in text.splitlines()) or "(empty)"


def _parse(file: Traversable) -> Rubric:
    document = parse_markdown(file)
    fields = {label: tuple(words) for label, words in document.front["form"].items()}
    return Rubric(document.name, document.front, document.body, Form(fields))


RUBRICS: Catalog[Rubric] = Catalog("rubric", "rubrics", ".md", _parse)
"""The rubrics: one file each in `content/rubrics/`."""
