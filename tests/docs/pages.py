"""The pages that users read, taken apart: fenced blocks with their marks, command lines, commands within a sentence.

A mark is an HTML comment on the line before a block, which no reader of the rendered page sees:

    <!-- needs: hub, openai -->           what a command wants that a test lacks (`NEEDS`)
    <!-- file: margins.yaml -->           the block is this file, for the commands of any page
    <!-- given: logs/before.eval -->      what must be in the folder before the commands run
    <!-- exits: 3 -->                     with what else than 0 the last command ends

Several stand in one comment with semicolons between them.
"""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md")))
MARKS = ("needs", "file", "given", "exits")

_MARK = re.compile(r"<!-- (.+) -->")
_FENCE = re.compile(r"( *)```(\w*)$")
_INLINE = re.compile(r"(?<!`)`((?:warm-inspect|inspect|make) [^`]+)`(?!`)", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str
    marks: dict[str, str] = field(hash=False)

    def listed(self, mark: str) -> list[str]:
        """The values of a mark."""
        return [value.strip() for value in self.marks.get(mark, "").split(",") if value.strip()]

    def commands(self) -> list[list[str]]:
        """The command lines as words: continued lines joined, comments left out."""
        lines = self.text.replace("\\\n", " ").splitlines()
        return [words for line in lines if (words := shlex.split(line, comments=True))]

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return list(_blocks(page))


def _blocks(page: Path) -> Iterator[Block]:
    lines = page.read_text(encoding="utf-8").splitlines()
    inside: tuple[int, str, int, str] | None = None
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if inside is None and fence:
            before = lines[number - 1] if number else ""
            inside = number + 1, fence[2], len(fence[1]), before
        elif inside and line.strip() == "```":
            start, language, indent, before = inside
            text = "\n".join(each[indent:] for each in lines[start:number]) + "\n"
            yield Block(page.name, start, language, text, _marks(before))
            inside = None


def _marks(line: str) -> dict[str, str]:
    comment = _MARK.fullmatch(line.strip())
    pairs = [part.partition(":") for part in comment[1].split(";")] if comment else []
    return {name.strip(): value.strip() for name, _, value in pairs}


def prose(page: Path) -> str:
    """The text of a page without its fenced blocks."""
    return re.sub(r"^( *)```.*?^\1```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def commands_in_sentences(page: Path) -> list[list[str]]:
    """Command lines that stand within a sentence, as words."""
    return [shlex.split(text) for text in _INLINE.findall(prose(page))]
