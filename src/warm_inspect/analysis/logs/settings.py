"""The table of logs, and the settings in it under which the arms of a benchmark were generated."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from warm_inspect.analysis.levels import ordered_levels
from warm_inspect.analysis.logs.collect import Collected
from warm_inspect.analysis.notes import Code, Note

_SETTINGS = {"temperature": "temperature", "max_tokens": "token limit", "dtype": "numeric type"}
"""The columns of the log table that arms must share, in words. Sampling seeds may differ."""


def log_table(frame: pd.DataFrame, collected: Collected) -> pd.DataFrame:
    """One row per log: the header's facts, what its samples say about arm, version and grading, and how many it has.

    Args:
        frame: observations; a log without any among them has `graded` 0.
        collected: what was read from the logs.
    """
    facts = ["arm", "base_model", "task_version", "grading", "grader", "training_seed", "warmth_check", "dtype"]
    per_log = frame.groupby("log_id", observed=True)
    said = per_log[facts].agg(_distinct)
    table = pd.DataFrame([log.record for log in collected.logs]).merge(said, on="log_id", how="left")
    table["graded"] = table["log_id"].map(per_log.size()).fillna(0).astype(int)
    return table


def unlike_settings(logs: pd.DataFrame) -> Iterator[Note]:
    """A warning for each benchmark and setting that differs between arms. Unknown numeric types are not compared."""
    for benchmark, rows in logs[logs["graded"] > 0].groupby("benchmark"):
        for column, words in _SETTINGS.items():
            texts = rows[column].map(_text)
            values = texts[texts != ""].groupby(rows["arm"]).agg(lambda found: " and ".join(sorted(set(found))))
            if values.nunique() > 1:
                said = ", ".join(f"{arm} {values[arm]}" for arm in ordered_levels("arm", values.index))
                yield Note(Code.UNEQUAL_SETTINGS, benchmark=str(benchmark), setting=words, values=said)


def _text(value: str | float | None) -> str:
    if isinstance(value, str):
        return value
    return "not set" if pd.isna(value) else f"{value:g}"


def _distinct(values: "pd.Series[Any]") -> str:
    """The known values."""
    return ", ".join(sorted(set(map(str, values)) - {""}))
