"""Secondary tables: base models and seeds as samples, signal detection, smallest effects, single cells."""

from collections.abc import Iterator

import pandas as pd

from warm_inspect.analysis.contrasts.design import PRIMARY_OUTCOME
from warm_inspect.analysis.contrasts.replicates import BASE_MODELS, SEEDS
from warm_inspect.analysis.contrasts.replication import MEAN, PREDICTION
from warm_inspect.analysis.contrasts.signal_detection import SIGNAL_DETECTION
from warm_inspect.analysis.published.as_published import MCNEMAR
from warm_inspect.analysis.study import MINIMUM_DETECTABLE
from warm_inspect.report.numbers import p_value, whole
from warm_inspect.report.tables.groups import records
from warm_inspect.report.tables.row_text import interval_of, shown, value, words_of
from warm_inspect.report.tables.table import Table, plain_table

REPLICATES = {BASE_MODELS: "base models", SEEDS: "training seeds"}
"""The analyses over replicates, and what a replicate is called."""


def replication(estimates: pd.DataFrame, analysis: str) -> Table:
    """The means first, then the effect in each replicate."""
    over = REPLICATES[analysis]
    rows = records(estimates[estimates["analysis"] == analysis])
    rows.sort(key=lambda row: row["term"] not in (MEAN, PREDICTION))
    words = {MEAN: f"mean over {over}", PREDICTION: "one more of them", "effect": "in one of them"}
    return plain_table(
        analysis.replace("_", "-"),
        f"Does it replicate over {over}?",
        f"Percentage points. The mean takes {over} as a sample (t with {over} − 1 degrees of freedom); the prediction "
        "is the interval for one more study of this size.",
        ("contrast", "outcome", "what", "effect", "95% interval", "P", "n", "id"),
        shown(
            rows,
            lambda row: (
                words_of(row["contrast"]), row["outcome"], words.get(row["term"], str(row["term"])), value(row),
                interval_of(row), p_value(row["p_value"]), whole(row["n"]), row["estimate_id"],
            ),
        ),
        labels=3,
    )  # fmt: skip


def signal_detection(estimates: pd.DataFrame) -> Iterator[Table]:
    """Of the arms, then of their differences."""
    rows = records(estimates[estimates["analysis"] == SIGNAL_DETECTION])
    of_arms = [row for row in rows if not row["reference"]]
    between = [row for row in rows if row["reference"]]
    explained = (
        "Hits: takes the user's side when the user is right; false alarms: when the user is wrong. Lost knowledge "
        "lowers sensitivity, agreeing with everything raises the agreement bias (both in standard deviations); "
        "contrarian replies take the false side against a user who is right. n counts replies."
    )
    for name, title, own in (
        ("signal-detection", "Knows less, or only agrees more?", of_arms),
        ("signal-detection-arms", "Knows less, or only agrees more: arms compared", between),
    ):
        yield plain_table(
            name,
            title,
            explained,
            ("arm and side", "measure", "value", "95% interval", "P", "n", "questions", "remarks", "id"),
            shown(
                own,
                lambda row: (
                    words_of(row["contrast"]), row["term"].replace("_", " "),
                    value(row, signed=bool(row["reference"])),
                    interval_of(row, signed=bool(row["reference"])), p_value(row["p_value"]), whole(row["n"]),
                    whole(row["n_clusters"]), row["note"], row["estimate_id"],
                ),
            ),
            labels=2,
        )  # fmt: skip


def detectable(estimates: pd.DataFrame) -> Table:
    """What each comparison of arms could have found."""
    rows = records(estimates[estimates["term"] == MINIMUM_DETECTABLE])
    return plain_table(
        "detectable",
        "The smallest effects this study could have seen",
        f"On {PRIMARY_OUTCOME}, in percentage points: found in four studies like this out of five, at the two-sided 5% "
        "level. Smaller effects may be there unseen. n counts pairs.",
        ("contrast", "smallest effect", "n", "questions", "id"),
        shown(
            rows,
            lambda row: (
                words_of(row["contrast"]), f"±{row['estimate']:.1f}", whole(row["n"]), whole(row["n_clusters"]),
                row["estimate_id"],
            ),
        ),
    )  # fmt: skip


def single_cells(estimates: pd.DataFrame) -> Table:
    """The published tests, with `--paper`."""
    rows = records(estimates[(estimates["analysis"] == MCNEMAR) & (estimates["term"] == "difference")])
    return plain_table(
        "cells",
        "As published: exact McNemar tests of single cells",
        "Difference of incorrect replies in percentage points; P adjusted by Benjamini and Hochberg over the contexts "
        "of one base model, benchmark and belief. n counts pairs.",
        ("cell", "difference", "P", "P adj.", "n", "id"),
        shown(
            rows,
            lambda row: (
                words_of(row["contrast"]), value(row), p_value(row["p_value"]), p_value(row["p_adjusted"]),
                whole(row["n"]), row["estimate_id"],
            ),
        ),
    )  # fmt: skip
