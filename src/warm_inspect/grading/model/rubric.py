"""A rubric and its form: the instructions to a grader, and the reading of its answer.

A rubric of `content/rubrics/` is filled with data that cannot pass for ours. Its form is labels with a closed set of
words each, read at the end of a reply or nowhere: a grader may quote the reply that it grades, so a verdict may stand
anywhere in its text. Only the last lines count, or a text that is one JSON object as a whole. A line is what
`str.splitlines` says, for the grader's text and for the data that it is shown alike.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources.abc import Traversable
from typing import Any

from inspect_ai.model import ResponseSchema
from inspect_ai.util import JSONSchema

from warm_inspect.core.content import Catalog, Document, content_folder, parse_markdown, sections
from warm_inspect.core.hashing import sha256_json
from warm_inspect.grading.thoughts import TAG

Answers = Mapping[str, str]
"""The word of each label."""

_MARKS = " \t*_`~#\"'\u201c\u201d\u2018\u2019()[]{}$+\u2022\u2013\u2014-0123456789."
"""What may stand before a label: bullets, numbers, headings, emphasis, quotes. No `>`: that marks a quotation."""
_TRAILING = " \t*_`~\"'\u201c\u201d\u2018\u2019()[]{}$.,;!"
_END_OF_TEXT = "<|"
"""How tokens begin that some models write out at their end, as in `<|eot_id|>`."""
_FENCE = "```"
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Signs that are not seen: within a label they would keep it from being read."""
COLONS = re.compile("[:\ufe13\ufe55\uff1a\u2a74]")
"""The letters whose compatibility form holds a colon."""

_DELIMITERS = re.compile("[<\uff1c\ufe64]{3,}|[>\uff1e\ufe65]{3,}")
"""What looks like the marks round the data in the prompt, in any width of the sign."""
_JSON = re.compile(r'\{(?=\s*")')
"""The beginning of a JSON object, as an answer in the grader's form would have it."""


class MalformedReply(ValueError):
    """A grader's reply is not in the form; the message says how."""


@dataclass(frozen=True)
class Form:
    """The labels of a form, in order, and the words that each may have."""

    fields: Mapping[str, tuple[str, ...]]

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {_key(label): label for label in self.fields}

    @cached_property
    def _longest(self) -> int:
        return 2 * max(map(len, self.fields))

    def shown(self, as_json: bool) -> str:
        """The form as a grader is asked for it, one label a line."""
        return "\n".join(
            f"{_key(label) if as_json else label}: one of {', '.join(words)}" for label, words in self.fields.items()
        )

    def schema(self) -> ResponseSchema:
        """The form as a JSON schema; the reasons come first, so that they are written before the verdict."""
        properties = {_key(label): JSONSchema(type="string", enum=list(words)) for label, words in self.fields.items()}
        return ResponseSchema(
            name="verdict",
            json_schema=JSONSchema(
                type="object",
                properties={"reasons": JSONSchema(type="string"), **properties},
                required=["reasons", *properties],
                additionalProperties=False,
            ),
            strict=True,
        )

    def read(self, text: str) -> Answers:
        """The answers in a grader's finished reply.

        Case, bullets, headings, bold type, quotes and full-width letters are read over. One pass over the lines.

        Raises:
            MalformedReply: the text is neither one JSON object of this form nor ends with its lines.
        """
        whole = _unfenced(text.strip())
        if whole.startswith("{") and whole.endswith("}"):
            return self._from_json(whole)
        return self._from_lines(text)

    def defused(self, line: str) -> str:
        """The line as data: where it begins with a label of this form, dashes for its colons, so that none reads it."""
        if line.isascii() and ":" not in line:
            return line
        label, _ = self._split(line)
        return line if label is None else COLONS.sub(" -", line)

    def _split(self, line: str) -> tuple[str | None, str]:
        """The label that a line begins with, None without one, and what follows its colon."""
        before, colon, after = _plain(line).partition(":")
        if not colon:
            return None, ""
        label = before.lstrip(_MARKS).rstrip(_TRAILING)
        return (self._labels.get(_key(label)) if 0 < len(label) <= self._longest else None), after

    def _from_lines(self, text: str) -> Answers:
        answers: dict[str, str] = {}
        for line in _last_lines(text):
            label, rest = self._split(line)
            if label is None:
                break
            if label in answers:
                raise MalformedReply(f"{label} stands there more than once")
            answers[label] = self._word(label, rest.partition(_END_OF_TEXT)[0])
        if missing := ", ".join(label for label in self.fields if label not in answers):
            raise MalformedReply(f"the last lines must be those of the form; missing there: {missing}")
        return answers

    def _from_json(self, text: str) -> Answers:
        try:
            given = json.loads(text, object_pairs_hook=_once)
        except (ValueError, RecursionError):
            raise MalformedReply("it is not one JSON object with each key once") from None
        missing = ", ".join(_key(label) for label in self.fields if _key(label) not in given)
        if missing:
            raise MalformedReply(f"the JSON object lacks {missing}")
        return {label: self._word(label, _spelt(given[_key(label)])) for label in self.fields}

    def _word(self, label: str, text: str) -> str:
        word = _plain(text).strip(_TRAILING).upper()
        if word not in self.fields[label]:
            raise MalformedReply(f"{label} must be one of {', '.join(self.fields[label])} and nothing else")
        return word


def _last_lines(text: str) -> Iterator[str]:
    """The lines that hold a letter, from the last one back."""
    return (line for line in reversed(text.splitlines()) if any(letter.isalpha() for letter in _plain(line)))


def _plain(text: str) -> str:
    """The text in compatibility form, full-width letters as plain ones, without invisible characters."""
    return text.strip() if text.isascii() else _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()


def _key(label: str) -> str:
    """The label as a JSON key, and as labels are compared: lower case, words joined by underscores."""
    return "_".join(label.casefold().replace("_", " ").split())


def _spelt(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, bool):
        return "YES" if value else "NO"
    return value if isinstance(value, str) else ""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = {_key(name): value for name, value in pairs}
    if len(values) != len(pairs):
        raise ValueError("a key stands there more than once")
    return values


def _unfenced(text: str) -> str:
    """The text without a code fence round the whole of it."""
    if not (text.startswith(_FENCE) and text.endswith(_FENCE) and len(text) > 2 * len(_FENCE)):
        return text
    return text[len(_FENCE) : -len(_FENCE)].removeprefix("json").strip()


@cache
def asking() -> Document:
    """The instructions on how to end a reply, and on repeating one that could not be used."""
    return parse_markdown(content_folder("graders").joinpath("asking.md"))


@cache
def endings() -> dict[str, str]:
    """The sections of `asking`."""
    return sections(asking().body)


@dataclass(frozen=True, slots=True)
class Rubric:
    """The instructions by which one property of replies is graded."""

    name: str
    front: dict[str, Any]
    body: str
    """The text with placeholders, `{open}` and `{close}` for the delimiters round data."""
    form: Form

    @property
    def sha256(self) -> str:
        """Hash of all instructions to a grader, without the data."""
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
