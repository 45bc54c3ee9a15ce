"""Content files of the package: markdown with YAML front matter, and folders of files as closed vocabularies."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple, TypeVar

import yaml

from warm_inspect.core.errors import unknown_value

T = TypeVar("T")


class Document(NamedTuple):
    """A parsed markdown file: its name without the ending, its front matter, its body."""

    name: str
    front: dict[str, Any]
    body: str

    def fact(self, name: str) -> Any:  # noqa: ANN401 - whatever YAML can say
        """A value of the front matter that must be there.

        Raises:
            ValueError: it is not.
        """
        if name not in self.front:
            raise ValueError(f"{self.name}.md: its front matter lacks {name!r}")
        return self.front[name]


def content_folder(folder: str) -> Traversable:
    """The folder of package data under `content/`."""
    return files("warm_inspect").joinpath("content", *folder.split("/"))


def content_files(folder: str, suffix: str) -> list[Traversable]:
    """The content files of a folder with this ending, sorted by name."""
    files = [entry for entry in content_folder(folder).iterdir() if entry.name.endswith(suffix)]
    return sorted(files, key=lambda entry: entry.name)


def content_names(folder: str, suffix: str) -> list[str]:
    """The names of a folder's content files, without the ending, for a help text that must parse none of them."""
    return [file.name.removesuffix(suffix) for file in content_files(folder, suffix)]


def parse_markdown(file: Traversable) -> Document:
    """A markdown content file, split into front matter and body.

    Raises:
        ValueError: the file does not start with a closed `---` block.
    """
    text = file.read_text(encoding="utf-8")
    head, mark, rest = text.removeprefix("---\n").partition("\n---\n")
    if not text.startswith("---\n") or not mark:
        raise ValueError(f"{file.name}: expected YAML front matter between two '---' lines")
    return Document(file.name.removesuffix(".md"), yaml.safe_load(head) or {}, rest.strip("\n"))


def sections(body: str) -> dict[str, str]:
    """The `## name` sections of a markdown body, in order, without surrounding blank lines."""
    titled: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in body.splitlines():
        if line.startswith("## "):
            lines = titled.setdefault(line[3:].strip(), [])
        elif lines is not None:
            lines.append(line)
    return {name: "\n".join(text).strip("\n") for name, text in titled.items()}


class Catalog(Mapping[str, T]):
    """The entries of one content folder, read on first use, in the order of their rank.

    Looking up a name that does not exist raises the error that lists the names that do.
    """

    def __init__(
        self,
        kind: str,
        folder: str,
        suffix: str,
        parse: Callable[[Traversable], T],
        rank: Callable[[T], int] | None = None,
    ) -> None:
        self.kind = kind
        self._folder = folder
        self._suffix = suffix
        self._parse = parse
        self._rank = rank

    @cached_property
    def _entries(self) -> dict[str, T]:
        files = content_files(self._folder, self._suffix)
        parsed = {file.name.removesuffix(self._suffix): self._parse(file) for file in files}
        if (rank := self._rank) is not None:
            parsed = dict(sorted(parsed.items(), key=lambda entry: rank(entry[1])))
        return parsed

    def __getitem__(self, name: str) -> T:
        try:
            return self._entries[name]
        except KeyError:
            raise unknown_value(self.kind, name, self._entries) from None

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
