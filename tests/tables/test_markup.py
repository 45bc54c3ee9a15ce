"""Markdown and LaTeX: whole tables, nothing in a text breaks out of its cell."""

import re

import pytest

from warm_inspect.tables import Column, ColumnKind, tabulate
from warm_inspect.tables.markup import as_latex, as_markdown, latex_text, markdown_text

EVIL = "a|b\\|c [x](javascript:y) <script> `z` *w* $\\input{/etc/passwd}$ 5% & #1 ~^_{}\nnew\u2192\u4f60"
COLUMNS: tuple[Column[tuple[str, str]], ...] = (
    Column("name", lambda row: row[0], ColumnKind.WORDS),
    Column(EVIL, lambda row: row[1]),
    Column("unseen on paper", lambda row: EVIL, ColumnKind.NOTE, detail=True),
)
TABLE = tabulate("evil", EVIL, EVIL, COLUMNS, [(EVIL, "1"), ("plain", EVIL)], notes=[EVIL])


def cells(line: str) -> list[str]:
    """The cells of a markdown row: split at bars that no backslash stands before, read from the left."""
    return re.findall(r"((?:\\.|[^\\|])*)\|", line.removeprefix("|"))


def test_markdown_rows_keep_their_cells() -> None:
    lines = as_markdown("t", [TABLE]).splitlines()
    rows = [line for line in lines if line.startswith("|")]
    assert [len(cells(row)) for row in rows] == [3, 3, 3, 3]
    assert rows[1] == "| --- | ---: | --- |"
    text = "\n".join(lines)
    assert "<script" not in text
    assert not re.search(r"(?<!\\)\[x", text)


def test_latex_is_balanced_and_has_no_foreign_command() -> None:
    text = as_latex("t", [TABLE])
    assert r"\input{/etc" not in text
    assert "\u4f60" not in text
    body = text[text.index(r"\begin{longtable}") :]
    depth = 0
    for sign in re.sub(r"\\[\\{}]", "", body):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    assert "unseen on paper" not in body
    # Caption and head, twice, and two rows: one separator in each row. The foot of a page is one cell.
    lines = [line for line in body.splitlines() if line.endswith(r" \\") and "multicolumn" not in line]
    assert [len(re.findall(r"(?<!\\)&", line)) for line in lines] == [0, 1, 0, 1, 1, 1]
    commands = set(re.findall(r"\\([a-zA-Z]+)", body))
    assert commands <= {
        "begin", "end", "caption", "label", "toprule", "midrule", "bottomrule", "endfirsthead", "endhead",
        "endfoot", "endlastfoot", "footnotesize", "multicolumn", "par",
        "textbackslash", "textbar", "textless", "textgreater", "textasciigrave", "textasciitilde",
        "textasciicircum", "to",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "latex", "markdown"),
    [
        ("endorses_claim", r"endorses\_claim", "endorses_claim"),
        ("−1.9", "$-$1.9", "−1.9"),
        ("<0.001", r"\textless{}0.001", "&lt;0.001"),
        ("5%", r"5\%", "5%"),
        ("a|b", r"a\textbar{}b", r"a\|b"),
        ("\\|", r"\textbackslash{}\textbar{}", r"\\\|"),
        ("é", "é", "é"),
    ],
)
def test_single_signs(text: str, latex: str, markdown: str) -> None:
    assert (latex_text(text), markdown_text(text)) == (latex, markdown)
