"""Tables on the terminal: as columns where they fit its width, else one block of lines for each row.

Words are never broken or cut: headings and cells of words take several lines instead.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich import markup
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from warm_inspect.core.shown_text import shown
from warm_inspect.tables.table import DAGGER, Column, Mark, Table, TableCell

_GAPS = (2, 1)
"""Spaces between columns: where there is room, and where there is little."""
_INDENT = 2
"""Spaces before the rows of a group, and before the lines of a block."""
_STYLES = {Mark.PASSED: "green", Mark.FAILED: "red bold", Mark.OPEN: "yellow", Mark.NOTE: "yellow"}
_ELSEWHERE = f"{DAGGER} has limits, which the report states."

Styled = tuple[str, str]
"""The text of a cell, and its style."""
Group = tuple[str, list[list[Styled]]]
"""Its name, empty in a table without groups, and its rows."""


def escape(text: str) -> str:
    """Text of others for the console: neither its markup nor its control characters have an effect."""
    return markup.escape(shown(text))  # noqa: TID251 - the door itself


def print_table(console: Console, table: Table) -> None:
    """Print a table within the console's width, an empty line before it."""
    console.print()
    for line in table_lines(table, console.width):
        console.print(line, soft_wrap=True)


def table_lines(table: Table, width: int) -> Iterator[Text]:
    """The lines of a table: title, columns or blocks, caption and notes."""
    yield from _paragraph(table.title, width, "bold")
    places = [i for i, column in enumerate(table.body) if column.on_terminal]
    columns = [table.body[i] for i in places]
    groups = [(name, [[_styled(row[i]) for i in places] for row in rows]) for name, rows in table.groups]
    grid = _SideBySide.fit(columns, groups, _INDENT if table.grouped else 0, width)
    yield from grid.lines(groups) if grid else _blocks(columns, groups, width)
    marked = any(cell.mark is Mark.NOTE for row in table.rows for cell in row)
    for text in (table.caption, *table.notes, _ELSEWHERE if marked else ""):
        yield from _paragraph(text, width, "dim")


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of a width, broken between words only; a word that is longer has a line of its own."""
    return _filled(shown(text).split(), width, " ")


def _filled(parts: Sequence[str], width: int, gap: str) -> list[str]:
    """The parts side by side, in lines of a width; no part is broken."""
    lines = [""]
    for part in parts:
        longer = f"{lines[-1]}{gap}{part}" if lines[-1] else part
        if lines[-1] and cell_len(longer) > width:
            lines.append(part)
        else:
            lines[-1] = longer
    return lines


def _styled(cell: TableCell) -> Styled:
    return shown(str(cell)), _STYLES.get(cell.mark, "")


def _paragraph(text: str, width: int, style: str) -> Iterator[Text]:
    if text:
        yield from (Text(line, style) for line in wrapped(text, width))


@dataclass(frozen=True)
class _SideBySide:
    """Columns side by side."""

    columns: list[Column[object]]
    widths: list[int]
    gap: int
    indent: int
    width: int
    """Of the terminal: names of groups may use all of it."""

    @classmethod
    def fit(
        cls, columns: list[Column[object]], groups: Sequence[Group], indent: int, width: int
    ) -> "_SideBySide | None":
        """The columns, each as wide as its texts where there is room; None where not even their words fit."""
        rows = [row for _, group in groups for row in group]
        texts = [[row[i][0] for row in rows] for i in range(len(columns))]
        whole = [max(map(cell_len, [*own, ""])) for own in texts]
        # At least: a heading and a text may break between words, a number may not.
        widths = [
            max(_longest_word([column.heading]), most if column.numeric else _longest_word(own))
            for column, own, most in zip(columns, texts, whole, strict=True)
        ]
        for gap in _GAPS:
            spare = width - indent - sum(widths) - gap * (len(columns) - 1)
            if spare >= 0:
                break
        else:
            return None
        # What is left over goes to texts first, from the left, then to headings if there is enough for all of them.
        for i, most in enumerate(whole):
            more = max(0, min(spare, most - widths[i]))
            widths[i] += more
            spare -= more
        ample = [max(cell_len(column.heading), given) for column, given in zip(columns, widths, strict=True)]
        return cls(columns, ample if sum(ample) - sum(widths) <= spare else widths, gap, indent, width)

    def lines(self, groups: Sequence[Group]) -> Iterator[Text]:
        """Headings, a rule, and the rows under the name of their group."""
        headings = [wrapped(column.heading, width) for column, width in zip(self.columns, self.widths, strict=True)]
        most = max(map(len, headings))
        yield from self._row([[""] * (most - len(lines)) + lines for lines in headings], [""] * len(headings))
        yield Text("─" * (self.indent + sum(self.widths) + self.gap * (len(self.widths) - 1)), "dim")
        for name, rows in groups:
            yield from _paragraph(name, self.width, "bold")
            for row in rows:
                parts = [wrapped(text, width) for (text, _), width in zip(row, self.widths, strict=True)]
                yield from self._row(parts, [style for _, style in row])

    def _row(self, parts: Sequence[Sequence[str]], styles: Sequence[str]) -> Iterator[Text]:
        """As many lines as the longest of the cells has."""
        for i in range(max(map(len, parts))):
            line = Text(" " * self.indent)
            for place, (column, width, style) in enumerate(zip(self.columns, self.widths, styles, strict=True)):
                text = parts[place][i] if i < len(parts[place]) else ""
                space = " " * (width - cell_len(text))
                line.append(" " * self.gap if place else "")
                line.append(space if column.numeric else "")
                line.append(text, style)
                line.append("" if column.numeric else space)
            line.rstrip()
            yield line


def _longest_word(texts: Sequence[str]) -> int:
    return max((cell_len(word) for text in texts for word in text.split()), default=0)


def _blocks(columns: Sequence[Column[object]], groups: Sequence[Group], width: int) -> Iterator[Text]:
    """One block for each row: each cell as `heading: text`, words on a line of their own, numbers side by side."""
    for name, rows in groups:
        yield Text()
        yield from _paragraph(name, width, "bold")
        for row in rows:
            numbers: list[str] = []
            for column, (text, style) in zip(columns, row, strict=True):
                said = f"{column.heading}: {text}"
                fits = cell_len(said) <= width - 2 * _INDENT
                if column.numeric and fits:
                    numbers.append(said)
                elif text:
                    yield from _hanging(wrapped(said, width - 2 * _INDENT), style)
            if numbers:
                yield from _hanging(_filled(numbers, width - 2 * _INDENT, "  "), "")
            yield Text()


def _hanging(lines: Sequence[str], style: str) -> Iterator[Text]:
    """The lines behind the indent of a block, all but the first deeper."""
    yield from (Text(" " * (2 * _INDENT if i else _INDENT) + line, style) for i, line in enumerate(lines))
