"""Content files: markdown with YAML front matter, and plain YAML."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import yaml


class Document(NamedTuple):
    """A parsed markdown file: its name without the ending, its front matter, its body."""

    name: str
    front: dict[str, Any]
    body: str


def content_folder(folder: str) -> Traversable:
    """The folder of package data under `content/`."""
    return files("warm_inspect").joinpath("content", *folder.split("/"))


def content_files(folder: str, suffix: str) -> list[Traversable]:
    """The content files of a folder with this ending, sorted by name."""
    found = [entry for entry in content_folder(folder).iterdir() if entry.name.endswith(suffix)]
    return sorted(found, key=lambda entry: entry.name)


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
    found: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in body.splitlines():
        if line.startswith("## "):
            lines = found.setdefault(line[3:].strip(), [])
        elif lines is not None:
            lines.append(line)
    return {name: "\n".join(text).strip("\n") for name, text in found.items()}
