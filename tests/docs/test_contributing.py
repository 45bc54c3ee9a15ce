"""What CONTRIBUTING.md names is there: each walk's files, each once, and in its lists every file and identifier."""

import re
from pathlib import Path, PurePosixPath

import pytest

from tests.docs.pages import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "warm_inspect"
WALKS = TEXT.partition("## Walks\n")[2].partition("\n## ")[0].split("\n**")[1:]
PLACES = TEXT.partition("## Where new code goes\n")[2].partition("\n## ")[0]
FILE = r"`([\w./]+\.(?:py|j2|yaml|jsonl|md))`"
NAMED_IN = re.compile(r"((?:`[A-Za-z_][\w.]*`(?: \([^)]*\))?(?:, and | and | or |, )?)+),?\sin\s" + FILE)
"""Identifiers, and the file that they are said to be in."""


def files(walk: str) -> list[str]:
    """The files that a walk names in order; a name without a folder stands in the folder named before it."""
    named, folder = [], PurePosixPath()
    for path in map(PurePosixPath, re.findall(r"`([\w./]+\.(?:py|j2))`", walk)):
        folder = path.parent if len(path.parts) > 1 else folder
        named.append(str(folder / path.name))
    return named


def located(path: str) -> Path | None:
    """Where a path of the lists leads, which begin at one of three folders; None for nowhere."""
    roots = (SOURCE, SOURCE / "content", ROOT)
    return next((root / path for root in roots if (root / path).exists()), None)


def stands_in(name: str, path: str) -> bool:
    """Whether a file holds an identifier, of which only the last part stands in the class's own file."""
    file = located(path)
    return file is not None and bool(re.search(rf"\b{name.rpartition('.')[2]}\b", file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("walk", WALKS, ids=[walk.partition("**")[0] for walk in WALKS])
def test_a_walk_enters_each_file_once(walk: str) -> None:
    named = files(walk)
    assert len(named) > 10
    assert [name for name in named if not (SOURCE / name).exists()] == []
    assert len(named) == len(set(named)), sorted(name for name in named if named.count(name) > 1)


def test_every_place_is_there() -> None:
    named = re.findall(FILE, PLACES)
    assert len(named) > 100
    assert [path for path in named if located(path) is None] == []


def test_every_identifier_is_in_the_file_that_it_is_said_to_be_in() -> None:
    held = [(name, match[2]) for match in NAMED_IN.finditer(PLACES) for name in re.findall(r"`([\w.]+)`", match[1])]
    assert len(held) > 50
    assert [(name, path) for name, path in held if not stands_in(name, path)] == []
