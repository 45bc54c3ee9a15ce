"""What a sample of replies for labelling takes of the logs, by each of the things that it is stratified by."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from warm_inspect.tables import Table, count_column, tabulate, text_column


def strata_table(strata: pd.DataFrame) -> Table:
    """Graded and drawn replies of each arm, benchmark, condition, grade and length.

    Args:
        strata: one row per stratum, with its levels and the counts `replies` and `drawn`.
    """
    return tabulate(
        "strata",
        "Replies that a sheet of this size takes",
        f"Of {len(strata):,} strata, which --json lists. Replies with one question, claim and wording become one row, "
        "and others take their place.",
        (
            text_column("by"),
            text_column("level"),
            count_column("replies", "graded replies"),
            count_column("drawn", "drawn"),
        ),
        list(_margins(strata)),
        grouped=True,
        source="",
    )


def _margins(strata: pd.DataFrame) -> Iterator[dict[str, Any]]:
    condition = strata["context"] + ":" + strata["belief"]
    levels = {"arm": strata["arm"], "benchmark": strata["benchmark"], "condition": condition}
    for by, values in {**levels, "grade": strata["grade"], "length": strata["length"]}.items():
        counts = strata.groupby(values, sort=False)[["replies", "drawn"]].sum()
        for level, replies, drawn in counts.itertuples(name=None):
            yield {"by": by, "level": level, "replies": replies, "drawn": drawn}
