"""The definition of a table: columns that say what they show of a row, and the cells that they make of the rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar

from warm_inspect.tables.numbers import UNKNOWN, whole

Row = TypeVar("Row")

DAGGER = "†"


class ColumnKind(StrEnum):
    """What the cells of a column hold, which says how they are set."""

    NUMBER = "num"
    """Aligned on the right, never broken over lines."""
    WORDS = "words"
    CODE = "code"
    """A name for machines: an id or a hash."""
    FILE = "file"
    """A path or the name of a model: long, and without spaces to break at."""
    NOTE = "note"
    """Sentences, which most rows lack."""


class Mark(StrEnum):
    """What a cell must be read with."""

    NONE = ""
    NOTE = "note"
    """The number has limits, which a note tells: shown as a dagger."""
    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"


@dataclass(frozen=True)
class TableCell:
    """One cell. Its text is plain: each renderer escapes it."""

    text: str
    mark: Mark = Mark.NONE

    def __str__(self) -> str:
        return f"{self.text}{DAGGER}" if self.mark is Mark.NOTE else self.text


@dataclass(frozen=True)
class Column(Generic[Row]):
    """One column."""

    heading: str
    """In words that a reader knows."""
    show: Callable[[Row], str | TableCell]
    """What stands in a row."""
    kind: ColumnKind = ColumnKind.NUMBER
    detail: bool = False
    """Whether outputs of a fixed width, the terminal and LaTeX, leave the column out."""

    @property
    def numeric(self) -> bool:
        """Whether its cells are numbers."""
        return self.kind is ColumnKind.NUMBER

    @property
    def on_terminal(self) -> bool:
        """Whether the terminal shows it: not details, and neither hashes nor sentences, which need too much width."""
        return not self.detail and self.kind not in (ColumnKind.CODE, ColumnKind.NOTE)


@dataclass(frozen=True)
class Table:
    """One table."""

    name: str
    """Unique in its output; letters, digits and hyphens."""
    title: str
    caption: str
    """What the numbers are, and their denominators."""
    columns: tuple[Column[Any], ...]
    rows: tuple[tuple[TableCell, ...], ...]
    grouped: bool = False
    """Whether the first column names groups of rows. Rows of one group follow each other."""
    notes: tuple[str, ...] = ()
    """What stands below, one sentence or more each."""
    source: str = "estimates.csv"
    """The file that holds every row, for a page that leaves some out."""
    left_out: int = 0
    """How many rows were left out."""

    @property
    def texts(self) -> list[list[str]]:
        """The rows as texts."""
        return [[str(cell) for cell in row] for row in self.rows]

    @property
    def filled(self) -> "Table":
        """The table without columns that say nothing in any row; the names of the rows stay."""
        kept = [
            i
            for i in range(len(self.columns))
            if i <= self.grouped or any(row[i].text not in ("", UNKNOWN) for row in self.rows)
        ]
        rows = tuple(tuple(row[i] for i in kept) for row in self.rows)
        return replace(self, columns=tuple(self.columns[i] for i in kept), rows=rows)

    @property
    def groups(self) -> list[tuple[str, list[tuple[TableCell, ...]]]]:
        """Each group's name with its rows, without the column of names; one group named "" where there are none."""
        if not self.grouped:
            return [("", list(self.rows))] if self.rows else []
        groups: dict[str, list[tuple[TableCell, ...]]] = {}
        for first, *cells in self.rows:
            groups.setdefault(str(first), []).append(tuple(cells))
        return list(groups.items())

    @property
    def body(self) -> tuple[Column[Any], ...]:
        """The columns without the one that groups the rows."""
        return self.columns[1:] if self.grouped else self.columns

    def cut(self, rows: int) -> "Table":
        """The table with at most this many rows per group and groups; `left_out` counts the others."""
        kept: dict[str, int] = {}
        shown = []
        for row in self.rows:
            group = str(row[0]) if self.grouped else ""
            kept[group] = kept.get(group, 0) + 1
            if kept[group] <= rows and len(kept) <= rows:
                shown.append(row)
        return replace(self, rows=tuple(shown), left_out=self.left_out + len(self.rows) - len(shown))


def tabulate(
    name: str,
    title: str,
    caption: str,
    columns: Iterable[Column[Row]],
    rows: Iterable[Row],
    *,
    grouped: bool = False,
    notes: Iterable[str] = (),
    source: str = "estimates.csv",
) -> Table:
    """The table that these columns make of some rows; rows of a group come together where the group first comes."""
    shown = tuple(columns)
    texts = [tuple(_cell(column.show(row)) for column in shown) for row in rows]
    if grouped:
        places: dict[str, int] = {}
        for first, *_ in texts:
            places.setdefault(first.text, len(places))
        texts.sort(key=lambda row: places[row[0].text])
    return Table(name, title, caption, shown, tuple(texts), grouped, tuple(notes), source)


def _cell(text: str | TableCell) -> TableCell:
    return text if isinstance(text, TableCell) else TableCell(text)


def text_column(name: str, heading: str = "", kind: ColumnKind = ColumnKind.WORDS) -> Column[dict[str, Any]]:
    """A column that shows the text of one key of a record; its heading is the key unless given."""
    return Column(heading or name.replace("_", " "), lambda row: str(row[name]) or UNKNOWN, kind)


def count_column(name: str, heading: str) -> Column[dict[str, Any]]:
    """A column that shows the count under one key of a record."""
    return Column(heading, lambda row: whole(row[name]))
