r"""Tables as markdown and as LaTeX, every text in them escaped.

The LaTeX is to be read with `\input`, in a document that loads booktabs and longtable.
"""

import re
from collections.abc import Iterable

from warm_inspect.core.shown_text import shown
from warm_inspect.tables.table import ColumnKind, Table

_MARKDOWN = re.compile(r"[\\`*\[\]|~]")
"""Signs that Markdown reads as markup. An underscore within a word is none, and names are full of them."""
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': "''",
    "`": r"\textasciigrave{}",
    "[": "{[}",
    "]": "{]}",
    "\u2212": "$-$",
    "\u2013": "--",
    "\u00d7": r"$\times$",
    "\u00b1": r"$\pm$",
    "\u00b7": r"$\cdot$",
    "\u2192": r"$\to$",
    "\u2020": r"\dag{}",
    "\u201c": "``",
    "\u201d": "''",
}
_FORMATS = {ColumnKind.NUMBER: "r", ColumnKind.NOTE: r"p{4cm}"}
_OWN_HEAD = "% Load booktabs and longtable, then \\input this file."


def markdown_text(text: str) -> str:
    """Text that cannot end a table cell, start a line, or bring HTML, links or emphasis."""
    text = _MARKDOWN.sub(r"\\\g<0>", shown(text))
    for sign, safe in (("&", "&amp;"), ("<", "&lt;"), ("\n", " "), ("\r", " ")):
        text = text.replace(sign, safe)
    return text


def latex_text(text: str) -> str:
    """Text for LaTeX. A letter that pdflatex does not know without further packages becomes a question mark."""
    return "".join(_LATEX.get(sign) or (sign if _known(sign) else "?") for sign in re.sub(r"\s+", " ", text))


def as_markdown(title: str, tables: Iterable[Table]) -> str:
    """One document with a section for each table."""
    parts = [f"# {markdown_text(title)}", *map(_markdown, tables)]
    return "\n\n".join(parts) + "\n"


def as_latex(title: str, tables: Iterable[Table]) -> str:
    """One longtable for each table, without its details; a label `tab:<name>` refers to it."""
    return "\n\n".join([f"{_OWN_HEAD}\n% {latex_text(title)}", *map(_latex, tables)]) + "\n"


def markdown_rows(table: Table) -> str:
    """The rows of a table with their heading, without its title and words."""
    ruler = ["---:" if column.numeric else "---" for column in table.columns]
    lines = [_row(markdown_text(column.heading) for column in table.columns), _row(ruler)]
    return "\n".join([*lines, *(_row(map(markdown_text, row)) for row in table.texts)])


def _markdown(table: Table) -> str:
    words = [f"## {markdown_text(table.title)}", *map(markdown_text, filter(None, (table.caption, *table.notes)))]
    return "\n\n".join([*words, markdown_rows(table)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _latex(table: Table) -> str:
    from pandas import DataFrame

    shown = [i for i, column in enumerate(table.columns) if not column.detail]
    columns = [table.columns[i] for i in shown]
    rows = [[latex_text(row[i]) for i in shown] for row in table.texts]
    words = latex_text(" ".join(filter(None, (table.caption, *table.notes))))
    drawn = DataFrame(rows, columns=[latex_text(column.heading) for column in columns]).to_latex(
        index=False,
        escape=False,
        longtable=True,
        column_format="".join(_FORMATS.get(column.kind, "l") for column in columns),
        caption=latex_text(table.title),
        label=f"tab:{table.name}",
    )
    # Below the table and not in its caption, which every page of it repeats.
    return rf"{drawn}{{\footnotesize {words}\par}}"


def _known(sign: str) -> bool:
    """ASCII, and the letters of western European languages."""
    return " " <= sign <= "~" or "\u00c0" <= sign <= "\u00ff"
