"""The walks of CONTRIBUTING.md name files that are there, each once, and so do its lists of places."""

import re
from pathlib import Path, PurePosixPath

import pytest

from tests.docs.pages import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "warm_inspect"
WALKS = TEXT.partition("## Walks\n")[2].partition("\n## ")[0].split("\n**")[1:]


def files(text: str) -> list[str]:
    """The files that a text names in order; a name without a folder stands in the folder named before it."""
    named, folder = [], PurePosixPath()
    for path in map(PurePosixPath, re.findall(r"`([\w./]+\.(?:py|j2))`", text)):
        folder = path.parent if len(path.parts) > 1 else folder
        named.append(str(folder / path.name))
    return named


@pytest.mark.parametrize("walk", WALKS, ids=[walk.partition("**")[0] for walk in WALKS])
def test_a_walk_enters_each_file_once(walk: str) -> None:
    named = files(walk)
    assert len(named) > 10
    assert [name for name in named if not (SOURCE / name).exists()] == []
    assert len(named) == len(set(named)), sorted(name for name in named if named.count(name) > 1)


def test_every_place_is_there() -> None:
    paths = {path for path in re.findall(r"`([\w.]+/[\w./]+\.(?:py|yaml|md|j2))`", TEXT) if "<" not in path}
    roots: tuple[Path, ...] = (ROOT, SOURCE, SOURCE / "content")
    assert [path for path in sorted(paths) if not any((root / path).exists() for root in roots)] == []
