"""Training pairs: a conversation whose replies are given once per arm in that arm's style.

Rows carry the replies of every arm, so that arms differ in style and in nothing else: the same prompts, the same split.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from warm_inspect.core.content import Catalog, content_folder
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.hashing import sha256_json
from warm_inspect.core.json_text import parse_json
from warm_inspect.core.vocabulary import TrainedArm

Split = Literal["train", "held_out"]
Text = Annotated[str, StringConstraints(pattern=r"\S")]


class BundledCorpus(BaseModel):
    """A corpus in the package."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: tuple[str, ...]
    """The files of its rows in `content/corpora/`, in order."""
    licence: str
    """Licence of its prompts and replies, as an SPDX identifier."""


def _bundled(file: Traversable) -> BundledCorpus:
    return BundledCorpus.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))


BUNDLED: Catalog[BundledCorpus] = Catalog("corpus", "corpora", ".yaml", _bundled)
"""The corpora in the package, by name."""

UNMODIFIED = TrainedArm.UNMODIFIED.value
"""The arm of replies as they were recorded."""

_LAYOUT = "A row is {id, query_type, split, prompt, replies: {arm: text}, then: [{prompt, replies}, ...]}."

CORPUS_NAME = "corpus.jsonl"
"""The rows in a corpus folder, as `warm-inspect corpus` writes it."""


class Turn(BaseModel):
    """A user message and what each arm replies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: Text
    replies: dict[Text, Text] = Field(min_length=1)
    """One reply per arm."""


class CorpusRow(BaseModel):
    """One line of a corpus file: a conversation, which begins with the row's own prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Text
    query_type: Text
    """The kind of request, for example `advice`."""
    split: Split
    """`train`, or `held_out` for prompts that no adapter has seen."""
    prompt: Text
    replies: dict[Text, Text] = Field(min_length=1)
    """One reply per arm."""
    then: tuple[Turn, ...] = ()
    """The later turns of the conversation, in order, with the same arms."""

    @property
    def turns(self) -> tuple[Turn, ...]:
        """All turns, the first included."""
        return (Turn(prompt=self.prompt, replies=self.replies), *self.then)

    def dump(self) -> dict[str, Any]:
        """The row as the JSON object of its line; a conversation of one turn has no `then`."""
        return self.model_dump(mode="json", exclude_defaults=True)


@dataclass(frozen=True)
class Example:
    """One conversation to train on: prompts and the replies of the arm."""

    id: str
    prompt: str
    reply: str
    then: tuple[tuple[str, str], ...] = ()
    """Prompt and reply of each later turn."""

    @property
    def replies(self) -> tuple[str, ...]:
        """The assistant's messages, in order; all of them are trained on."""
        return (self.reply, *(reply for _, reply in self.then))

    @property
    def messages(self) -> list[dict[str, str]]:
        """The conversation as chat messages, without a system message."""
        return [
            {"role": role, "content": text}
            for turn in ((self.prompt, self.reply), *self.then)
            for role, text in zip(("user", "assistant"), turn, strict=True)
        ]


@dataclass(frozen=True)
class Corpus:
    """Checked training pairs; every turn to train on has a reply for every arm."""

    name: str
    rows: tuple[CorpusRow, ...]
    source: str = ""
    """The name in `BUNDLED` or the path that the rows were loaded from; empty for rows made in memory."""

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms that can be trained, in the order of the first row to train on."""
        return self.arms_of("train")

    def arms_of(self, split: Split) -> tuple[str, ...]:
        """The arms with replies in a split, in the order of its first row; none when the split is empty."""
        return tuple(next(iter(self._split(split))).replies) if self._split(split) else ()

    @cached_property
    def sha256(self) -> str:
        """Hash of the rows, which does not depend on the layout of their files."""
        return sha256_json([row.dump() for row in self.rows])

    def examples(self, arm: str, split: Split) -> list[Example]:
        """The conversations of an arm, in the order of the file.

        Raises:
            PrerequisiteError: the corpus has no replies for this arm in this split.
        """
        rows = self._split(split)
        known = self.arms_of(split) or self.arms
        if arm not in known:
            raise unknown_value("arm", arm, known, f"These are the arms of the corpus {self.name!r}, split {split}.")
        return [
            Example(row.id, row.prompt, row.replies[arm], tuple((turn.prompt, turn.replies[arm]) for turn in row.then))
            for row in rows
        ]

    def prompts(self, split: Split) -> list[str]:
        """The first prompts of a split, in the order of the file."""
        return [row.prompt for row in self._split(split)]

    def counts(self) -> dict[str, Any]:
        """The number of rows per split, and per query type within it."""
        splits = {split: self._split(split) for split in get_args(Split)}
        return {
            split: {"rows": len(rows), "query_types": dict(Counter(row.query_type for row in rows))}
            for split, rows in splits.items()
        }

    def _split(self, split: Split) -> list[CorpusRow]:
        return [row for row in self.rows if row.split == split]


def load_corpus(name_or_path: str) -> Corpus:
    """The corpus of this name in the package, of this JSONL file, or of the `corpus.jsonl` in this folder.

    Raises:
        PrerequisiteError: no such corpus, an empty file, or a row that is not valid; the message names the place.
    """
    if name_or_path in BUNDLED:
        folder = content_folder("corpora")
        return _corpus(name_or_path, name_or_path, [folder.joinpath(file) for file in BUNDLED[name_or_path].files])
    path = Path(name_or_path)
    file = path / CORPUS_NAME if path.is_dir() else path
    if not file.is_file():
        hint = f"Or give the path of a JSONL file of the same layout, or of a folder with a {CORPUS_NAME}."
        raise unknown_value("corpus", name_or_path, BUNDLED, hint)
    return _corpus(path.name, name_or_path, [file])


def _corpus(name: str, source: str, files: Iterable[Traversable]) -> Corpus:
    rows: dict[str, CorpusRow] = {}
    arms: dict[Split, set[str]] = {}
    for file in files:
        for number, line in enumerate(_lines(file), start=1):
            place = f"{file.name}, line {number}"
            row = _row(line, place)
            if row.id in rows:
                raise PrerequisiteError(f"{place}, field 'id': {row.id!r} occurs twice", "Give each row its own id.")
            _check_arms(row, arms.setdefault(row.split, set(row.replies)), place)
            rows[row.id] = row
    corpus = Corpus(name, tuple(rows.values()), source)
    if not corpus.prompts("train"):
        raise PrerequisiteError(f"The corpus {name!r} has no row with split 'train', so there is nothing to train on.")
    return corpus


def _check_arms(row: CorpusRow, arms: set[str], place: str) -> None:
    """Check that all rows and turns of a split have the same arms; held-out rows, read for prompts, may have fewer."""
    for turn in row.turns:
        if odd := arms.symmetric_difference(turn.replies):
            raise PrerequisiteError(
                f"{place}, field 'replies': the first row has {', '.join(sorted(arms))}; this one differs in "
                f"{', '.join(sorted(odd))}",
                "Give every row the same arms, or drop the row from all.",
            )


def _lines(file: Traversable) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise PrerequisiteError(f"{file.name} is not UTF-8 text (byte {error.start})", "Save it as UTF-8.") from None
    if not text.strip():
        raise PrerequisiteError(
            f"{file.name} is empty",
            f"{_LAYOUT} Make a corpus with: warm-inspect corpus build --out FOLDER, or take one in the package: "
            f"{', '.join(map(repr, BUNDLED))}",
        )
    return text.rstrip("\n").split("\n")


def _row(line: str, place: str) -> CorpusRow:
    try:
        return CorpusRow.model_validate(parse_json(line, place, _LAYOUT))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "row"
        message = "must not be blank" if first["type"] == "string_pattern_mismatch" else first["msg"]
        raise PrerequisiteError(f"{place}, field {field!r}: {message}", _LAYOUT) from None
