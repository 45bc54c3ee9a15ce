"""Tables: each is defined once, as columns that say what they show of a row, and rendered once for each output.

`tabulate` makes a `Table` of columns and rows. `as_markdown` and `as_latex` write it for files, `print_table` for the
terminal, and `content/report/table.html.j2` for pages. Numbers are written by `percent`, `points`, `interval`,
`p_value`, `p_equation`, `counted` and `whole`, and `UNKNOWN` stands where there is none. Nothing here knows an
analysis, so that commands which need none of its packages print tables too.
"""

from warm_inspect.tables.markup import as_latex, as_markdown, markdown_rows, markdown_text
from warm_inspect.tables.numbers import (
    UNKNOWN,
    bracketed,
    counted,
    interval,
    p_equation,
    p_value,
    percent,
    points,
    whole,
)
from warm_inspect.tables.table import Column, ColumnKind, Mark, Table, TableCell, count_column, tabulate, text_column
from warm_inspect.tables.terminal import escape, print_table

__all__ = [
    "UNKNOWN",
    "Column",
    "ColumnKind",
    "Mark",
    "Table",
    "TableCell",
    "as_latex",
    "as_markdown",
    "bracketed",
    "count_column",
    "counted",
    "escape",
    "interval",
    "markdown_rows",
    "markdown_text",
    "p_equation",
    "p_value",
    "percent",
    "points",
    "print_table",
    "tabulate",
    "text_column",
    "whole",
]
