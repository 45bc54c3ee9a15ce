r"""Tables as markdown and as LaTeX, every text in them escaped.

The LaTeX is to be read with `\input`, in a document that loads booktabs and longtable.
"""

import re
from collections.abc import Iterable, Sequence

from warm_inspect.report.tables.table import Table

_MARKDOWN = re.compile(r"[\\`*\[\]|~]")
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
_OWN_HEAD = "% Load booktabs and longtable, then \\input this file."


def markdown_text(text: str) -> str:
    """Text that cannot end a table cell, start a line, or bring HTML, links or emphasis."""
    text = _MARKDOWN.sub(r"\\\g<0>", text)
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
    """One longtable for each table; a label `tab:<name>` refers to it."""
    return "\n\n".join([f"{_OWN_HEAD}\n% {latex_text(title)}", *map(_latex, tables)]) + "\n"


def _markdown(table: Table) -> str:
    ruler = ["---"] * table.labels + ["---:"] * (len(table.head) - table.labels)
    lines = [_row(map(markdown_text, table.head)), _row(ruler), *(_row(map(markdown_text, row)) for row in table.rows)]
    return f"## {markdown_text(table.title)}\n\n{markdown_text(table.caption)}\n\n" + "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _latex(table: Table) -> str:
    columns = "l" * table.labels + "r" * (len(table.head) - table.labels)
    head = _line(table.head)
    return "\n".join(
        [
            rf"\begin{{longtable}}{{{columns}}}",
            rf"\caption{{{latex_text(f'{table.title}. {table.caption}')}}}\label{{tab:{table.name}}}\\",
            r"\toprule",
            head,
            r"\midrule",
            r"\endfirsthead",
            r"\toprule",
            head,
            r"\midrule",
            r"\endhead",
            r"\bottomrule",
            r"\endlastfoot",
            *map(_line, table.rows),
            r"\end{longtable}",
        ]
    )


def _line(cells: Sequence[str]) -> str:
    return " & ".join(map(latex_text, cells)) + r" \\"


def _known(sign: str) -> bool:
    """ASCII, and the letters of western European languages."""
    return " " <= sign <= "~" or "\u00c0" <= sign <= "\u00ff"
