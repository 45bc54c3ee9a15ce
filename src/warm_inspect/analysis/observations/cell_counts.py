"""Cell counts: any published table of error counts as observations, without the replies behind them.

A row says how many replies of one base model and arm were given in one benchmark, context and belief, and how many of
them were incorrect. That is enough for the published regressions.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from warm_inspect.analysis.estimates import Floats
from warm_inspect.analysis.observations.levels import context_group, known_levels, ordered_levels, parts_of
from warm_inspect.core.arm_names import require_arm_name
from warm_inspect.core.csv_file import as_meant
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.vocabulary import ORIGINAL

COUNT_FACTORS = ("base_model", "arm", "benchmark", "context", "belief")
COUNTS = ("n", "n_incorrect")
_CLOSED = ("context", "belief")
"""Factors whose levels mean something to the regressions."""
_SEPARATORS = {";": "semicolons (;)", "\t": "tabs", "|": "bars (|)", " ": "spaces"}
_LARGEST = 2**53
"""Counts above this are not exact in floating point."""
WEIGHT = "weight"
"""The column that says for how many replies a row stands; frames without it hold one reply per row."""


def read_counts(path: str) -> pd.DataFrame:
    """The text of a CSV file of cell counts, unchecked.

    Raises:
        PrerequisiteError: the file cannot be read as CSV, names a column twice, or has a row that is
            longer than its first line.
    """
    try:
        # "None" is a word here, never a missing value. Told of a header, pandas would rename a column that comes twice,
        # and take the first cells of rows that are too long for names of the rows.
        table = pd.read_csv(path, header=None, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        _refuse_other_separators(path)
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise PrerequisiteError(f"{Path(path).name} cannot be read as a CSV file: {reason}") from None
    names = table.iloc[0].astype(str).str.strip()
    if not set(names) & set((*COUNT_FACTORS, *COUNTS)):
        _refuse_other_separators(path)
    if twice := [name for name in names if list(names).count(name) > 1]:
        raise PrerequisiteError(f"{Path(path).name} has the column {twice[0]!r} twice", "Keep one of them.")
    return table.iloc[1:].set_axis(list(names), axis=1).reset_index(drop=True).map(as_meant)


def _refuse_other_separators(path: str) -> None:
    """Name the sign that stands between the names of the columns where it is not a comma.

    Raises:
        PrerequisiteError: the first line holds names of our columns, with another sign between them.
    """
    try:
        with Path(path).open(encoding="utf-8-sig") as stream:
            first = stream.readline()
    except (OSError, ValueError):
        return
    for sign, name in _SEPARATORS.items():
        if len({column.strip(' "\n') for column in first.split(sign)} & {*COUNT_FACTORS, *COUNTS}) > 1:
            raise PrerequisiteError(
                f"{Path(path).name} has {name} between its columns, and a CSV file of cell counts has commas",
                "Save it with commas: as CSV, comma delimited, with a point in decimal numbers.",
            )


def checked_counts(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One row per cell and outcome, `weight` being the number of its replies; and the empty cells.

    Args:
        frame: cell counts with the columns `COUNT_FACTORS` and `COUNTS`; other columns are ignored.

    Returns:
        The cells in two rows each (`incorrect` 1 and 0, rows of no reply left out), factors as ordered categoricals;
        and the cells with n = 0.

    Raises:
        PrerequisiteError: a column is missing, a level is unknown or empty, an arm may not be called so, a count is no
            whole number from 0 or contradicts another, a cell comes twice, or there is no original or no other arm.
    """
    lacking = [column for column in (*COUNT_FACTORS, *COUNTS) if column not in frame]
    if lacking:
        raise PrerequisiteError(
            f"The cell counts lack the columns {', '.join(lacking)}. Needed: {', '.join((*COUNT_FACTORS, *COUNTS))}."
        )
    if frame.empty:
        raise PrerequisiteError("The cell counts have no rows.")
    cells = frame.loc[:, list(COUNT_FACTORS)].fillna("").astype(str).apply(lambda column: column.str.strip())
    for column in COUNT_FACTORS:
        _check_levels(column, cells[column])
    for arm in cells["arm"].unique():
        require_arm_name(arm, "The cell counts")
    for column in COUNTS:
        cells[column] = _whole_numbers(column, frame[column])
    _check_cells(cells)
    cells["context_group"] = cells["context"].map(context_group)
    for factor in (*COUNT_FACTORS, "context_group"):
        cells[factor] = pd.Categorical(cells[factor], ordered_levels(factor, cells[factor]), ordered=True)
    empty = cells[cells["n"] == 0]
    parts = [
        cells.assign(incorrect=1.0, **{WEIGHT: cells["n_incorrect"].astype(float)}),
        cells.assign(incorrect=0.0, **{WEIGHT: (cells["n"] - cells["n_incorrect"]).astype(float)}),
    ]
    rows = pd.concat(parts, ignore_index=True).drop(columns=list(COUNTS))
    return rows[rows[WEIGHT] > 0].reset_index(drop=True), empty.reset_index(drop=True)


def _check_levels(column: str, values: "pd.Series[str]") -> None:
    if (values == "").any():
        row = int(np.flatnonzero(values == "")[0]) + 1
        raise PrerequisiteError(f"Row {row} of the cell counts has no {column}.")
    if column in _CLOSED:
        for value in values.unique():
            if value not in known_levels(column):
                raise unknown_value(f"{column} in the cell counts", value, known_levels(column))


def _whole_numbers(column: str, values: "pd.Series[str]") -> "pd.Series[int]":
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    wrong = ~(np.isfinite(numbers) & (numbers >= 0) & (numbers <= _LARGEST) & (numbers % 1 == 0))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise PrerequisiteError(
            f"{column} in row {row + 1} of the cell counts is {values.iloc[row]!r}, not a whole number from 0."
        )
    return numbers.astype(np.int64)


def _check_cells(cells: pd.DataFrame) -> None:
    factors = list(COUNT_FACTORS)
    over = cells[cells["n_incorrect"] > cells["n"]]
    if not over.empty:
        row = over.iloc[0]
        raise PrerequisiteError(
            f"{_name(row)} has n_incorrect {row['n_incorrect']} of n {row['n']}: more incorrect replies than replies."
        )
    twice = cells[cells.duplicated(factors)]
    if not twice.empty:
        raise PrerequisiteError(f"{_name(twice.iloc[0])} comes twice. Give one row per {', '.join(factors)}.")
    _refuse_levels_with_their_parts(cells)
    if not (cells["n"] > 0).any():
        raise PrerequisiteError("Every n in the cell counts is 0: there is nothing to analyse.")
    arms = sorted(cells.loc[cells["n"] > 0, "arm"].unique())
    if ORIGINAL not in arms:
        raise PrerequisiteError(
            f"No arm is called {ORIGINAL!r} (arms: {', '.join(arms)}). Name the untouched model so."
        )
    if len(arms) == 1:
        raise PrerequisiteError(f"The cell counts hold the arm {ORIGINAL} only. Add the rows of another arm.")


def _refuse_levels_with_their_parts(cells: pd.DataFrame) -> None:
    """Refuse replies that stand in the table twice: in a level, and in one that pools it with others.

    Raises:
        PrerequisiteError: two cells of an arm differ in nothing but levels of which one is a part of the other.
    """
    factors, counted = list(COUNT_FACTORS), cells[cells["n"] > 0]
    leaves = counted.assign(cell=counted.apply(_name, axis=1))
    for factor in COUNT_FACTORS:
        present = list(map(str, leaves[factor].unique()))
        for level in present:
            if parts := parts_of(factor, level, present):
                pooled = leaves[factor] == level
                split = leaves[pooled].drop(columns=factor).merge(pd.DataFrame({factor: parts}), how="cross")
                leaves = pd.concat([leaves[~pooled], split], ignore_index=True)
    twice = leaves[leaves.duplicated(factors, keep=False)]
    if not twice.empty:
        first, second = twice.loc[(twice[factors] == twice[factors].iloc[0]).all(axis=1), "cell"].iloc[:2]
        raise PrerequisiteError(
            f"{first} and {second.replace('The', 'the', 1)} hold the same replies, because a level of one pools that "
            "of the other: they would count twice",
            "Keep the pooled rows or those of the parts.",
        )


def _name(row: "pd.Series[str]") -> str:
    return "The cell " + "/".join(str(row[factor]) for factor in COUNT_FACTORS)


def weights(data: pd.DataFrame) -> Floats:
    """For how many replies each row stands."""
    return data[WEIGHT].to_numpy(dtype=np.float64) if WEIGHT in data else np.ones(len(data))
