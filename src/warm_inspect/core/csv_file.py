"""CSV files, which people open in spreadsheets and at terminals: no cell runs there as a formula or steers the display.

A formula gets a leading apostrophe, and a steering sign is replaced. Names of models, questions, samples and scores
come from logs that anybody may have written. Every CSV file of the package is written here.
"""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from warm_inspect.core.files import write_whole
from warm_inspect.core.shown_text import shown

if TYPE_CHECKING:
    import pandas as pd

FORMULA = ("=", "+", "-", "@", "\t", "\n")
"""Signs with which a text begins that a spreadsheet takes for a formula."""


def write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a header and rows, all or nothing. Only texts are changed: -1 stays a number."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(map(_inert, header))
    writer.writerows([_inert(cell) for cell in row] for row in rows)
    write_whole(path, stream.getvalue())


def write_frame(path: Path, frame: "pd.DataFrame") -> None:
    """Write a frame without its index; numbers in full, what is not known is empty."""
    texts = {
        str(name): column.map(_inert, na_action="ignore")
        for name, column in frame.items()
        if column.dtype.kind not in "biufc"
    }
    frame.assign(**texts).to_csv(path, index=False, lineterminator="\n")


def as_meant(cell: str) -> str:
    """The text of a cell of a file that was written here: without the apostrophe that keeps it from being a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _inert(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    # A carriage return alone would end the row: csv quotes only the end of line that it writes itself.
    text = shown(cell.replace("\r\n", "\n").replace("\r", "\n") if "\r" in cell else cell)
    return f"'{text}" if text.startswith(FORMULA) else text
