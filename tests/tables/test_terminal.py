"""Tables on the terminal: every width shows whole words, and no line is wider than it."""

import pytest

from warm_inspect.tables import Column, ColumnKind, Mark, Table, TableCell, tabulate
from warm_inspect.tables.terminal import table_lines, wrapped


def lines(table: Table, width: int) -> list[str]:
    return [line.plain for line in table_lines(table, width)]


COLUMNS: tuple[Column[tuple[str, str, str]], ...] = (
    Column("arm", lambda row: row[0], ColumnKind.WORDS),
    Column("two words", lambda row: row[1], ColumnKind.WORDS),
    Column("number of replies", lambda row: row[2]),
    Column("id", lambda row: "0123456789", ColumnKind.CODE),
    Column("limits", lambda row: "a sentence", ColumnKind.NOTE),
    Column("unseen", lambda row: "1", detail=True),
)
TABLE = tabulate("t", "A title", "A caption", COLUMNS, [("warm", "x y", "12"), ("original", "z", "1,234")], notes=["N"])


def test_columns_where_they_fit() -> None:
    assert lines(TABLE, 80) == [
        "A title",
        "arm       two words  number of replies",
        "──────────────────────────────────────",
        "warm      x y                       12",
        "original  z                      1,234",
        "A caption",
        "N",
    ]


def test_headings_take_several_lines_before_anything_breaks() -> None:
    assert lines(TABLE, 24) == [
        "A title",
        "                  number",
        "          two         of",
        "arm       words  replies",
        "────────────────────────",
        "warm      x y         12",
        "original  z        1,234",
        "A caption",
        "N",
    ]


def test_blocks_where_columns_do_not_fit() -> None:
    assert lines(TABLE, 20) == [
        "A title",
        "",
        "  arm: warm",
        "  two words: x y",
        "  number of",
        "    replies: 12",
        "",
        "  arm: original",
        "  two words: z",
        "  number of",
        "    replies: 1,234",
        "",
        "A caption",
        "N",
    ]


def test_groups_stand_over_their_rows() -> None:
    grouped = tabulate("t", "A title", "", COLUMNS, [("warm", "x", "1"), ("cold", "y", "2")], grouped=True)
    assert lines(grouped, 40)[1:] == [
        "  two words  number of replies",
        "──────────────────────────────",
        "warm",
        "  x                          1",
        "cold",
        "  y                          2",
    ]


def test_a_dagger_whose_note_is_not_shown_is_explained() -> None:
    columns = (COLUMNS[0], Column[tuple[str, str, str]]("n", lambda row: TableCell(row[2], Mark.NOTE)), COLUMNS[4])
    (*_, row, caption, said) = lines(tabulate("t", "A title", "A caption", columns, [("warm", "", "1")]), 80)
    assert (row, caption) == ("warm  1†", "A caption")
    assert said.startswith("†")
    bare = lines(tabulate("t", "A title", "A caption", columns[:2], [("warm", "", "1")]), 80)
    assert bare[-1] == said, "nor does a table without a column for notes say what limits a number"


@pytest.mark.parametrize(
    ("mark", "style"), [(Mark.PASSED, "green"), (Mark.FAILED, "red bold"), (Mark.OPEN, "yellow"), (Mark.NONE, "")]
)
@pytest.mark.parametrize("width", [80, 5])
def test_marks_colour_a_cell(mark: Mark, style: str, width: int) -> None:
    column: Column[str] = Column("state", lambda row: TableCell(row, mark), ColumnKind.WORDS)
    (line,) = [line for line in table_lines(tabulate("t", "", "", [column], ["shown"]), width) if "shown" in line.plain]
    assert {str(span.style) for span in line.spans} <= {style}
    assert style == "" or line.spans or str(line.style) == style


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("a-long-word-is-kept b", 5, ["a-long-word-is-kept", "b"]),
        ("", 5, [""]),
        ("你好 吗", 5, ["你好", "吗"]),
    ],
)
def test_text_breaks_between_words_only(text: str, width: int, expected: list[str]) -> None:
    assert wrapped(text, width) == expected
