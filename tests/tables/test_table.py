"""A table: rows come together by group, marks stay with their cells, and what is cut is counted."""

from warm_inspect.tables import Column, ColumnKind, Mark, TableCell, tabulate

ROWS = [("a", "x", 1), ("b", "x", 2), ("a", "y", 3), ("c", "x", 4), ("a", "z", 5)]
COLUMNS: tuple[Column[tuple[str, str, int]], ...] = (
    Column("group", lambda row: row[0], ColumnKind.WORDS),
    Column("name", lambda row: row[1], ColumnKind.WORDS),
    Column("n", lambda row: TableCell(str(row[2]), Mark.NOTE if row[2] == 3 else Mark.NONE)),
)


def test_rows_of_a_group_come_together_where_the_group_first_comes() -> None:
    table = tabulate("t", "T", "", COLUMNS, ROWS, grouped=True)
    assert [(name, [str(row[0]) for row in rows]) for name, rows in table.groups] == [
        ("a", ["x", "y", "z"]),
        ("b", ["x"]),
        ("c", ["x"]),
    ]
    assert [column.heading for column in table.body] == ["name", "n"]
    assert tabulate("t", "T", "", COLUMNS, ROWS).texts[2] == ["a", "y", "3†"]


def test_a_cut_table_counts_what_it_lacks() -> None:
    table = tabulate("t", "T", "", COLUMNS, ROWS, grouped=True)
    cut = table.cut(2)
    # Two rows of a, one of b; c is a third group.
    assert (cut.texts, cut.left_out) == ([["a", "x", "1"], ["a", "y", "3†"], ["b", "x", "2"]], 2)
    assert (cut.cut(1).left_out, len(cut.cut(1).rows)) == (4, 1)
    plain = tabulate("t", "T", "", COLUMNS, ROWS)
    assert (len(plain.cut(2).rows), plain.cut(2).left_out, plain.cut(9)) == (2, 3, plain)


def test_a_table_without_rows_has_no_groups() -> None:
    assert tabulate("t", "T", "", COLUMNS, []).groups == []
