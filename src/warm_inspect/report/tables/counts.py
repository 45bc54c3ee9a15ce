"""The published effects, and the tables of a study of cell counts."""

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from warm_inspect.analysis.contrasts.replication import MEAN
from warm_inspect.analysis.levels import ordered_levels
from warm_inspect.analysis.published.raw_cells import RAW_BASE_MODELS
from warm_inspect.core.vocabulary import NONE, ORIGINAL
from warm_inspect.report.rows import Record, records
from warm_inspect.report.tables.estimates import INTERVAL, LIMITS, P, contrast, estimate, n
from warm_inspect.tables import UNKNOWN, Column, Kind, Table, percent, tabulate, text_column, whole

CELL = ["base_model", "benchmark", "context", "belief"]
MAX_CELLS = 600
"""Rows of the tables of cells; the files beside the page have them all."""

_EFFECTS = ("marginal_effect", "penalised_marginal_effect", MEAN)


def published_effects(estimates: pd.DataFrame) -> pd.DataFrame:
    """The marginal effects of the published models, and the means over base models."""
    analysis = estimates["analysis"]
    return estimates[
        (analysis.str.startswith("paper_") | (analysis == RAW_BASE_MODELS)) & estimates["term"].isin(_EFFECTS)
    ]


def published_table(estimates: pd.DataFrame) -> Table:
    """The published effects of every arm."""
    return _published("published", "Effects as published", published_effects(estimates))


def published_tables(estimates: pd.DataFrame, arm: str) -> list[Table]:
    """The published effects of each arm, those of `arm` first."""
    effects = published_effects(estimates)
    names = sorted(effects["arm"].unique(), key=lambda name: name != arm)
    return [
        _published(f"published-{i}", f"{name} − {ORIGINAL}", effects[effects["arm"] == name])
        for i, name in enumerate(names)
    ]


def _published(name: str, title: str, rows: pd.DataFrame) -> Table:
    model = Column[Record]("model", lambda row: row["analysis"].replace("_", " "), Kind.WORDS)
    return tabulate(
        name,
        title,
        "Incorrect replies in percentage points, errors as published: not clustered.",
        (contrast("effect"), model, estimate("points", 2), INTERVAL, P, n("replies"), LIMITS),
        records(rows),
    )


def weights_table(cells: pd.DataFrame, arm: str) -> Table:
    """Per base model and benchmark: the replies without context and belief, and what they weigh in the two averages.

    A marginal effect of the regressions is a mean over replies, a raw effect a mean over base models and benchmarks
    that both arms have.
    """
    plain = cells[(cells["context"] == NONE) & (cells["belief"] == NONE) & cells["arm"].isin([arm, ORIGINAL])]
    wide = plain.pivot_table("n", ["base_model", "benchmark"], "arm", aggfunc="sum", fill_value=0)
    counts = wide.reindex(columns=[ORIGINAL, arm], fill_value=0).set_axis(["original", "treated"], axis=1)
    replies, both = counts.sum(axis=1), (counts > 0).all(axis=1)
    shares = {"by_replies": replies / max(1, replies.sum()), "by_cells": both / max(1, both.sum())}
    return tabulate(
        "weights",
        "Weights",
        "Replies without context or belief, and what each base model and benchmark weighs.",
        (
            text_column("base_model"),
            text_column("benchmark"),
            Column(f"n {ORIGINAL}", lambda row: whole(row["original"])),
            Column(f"n {arm}", lambda row: whole(row["treated"])),
            Column("weight by replies", lambda row: percent(row["by_replies"])),
            Column("weight by cells", lambda row: percent(row["by_cells"])),
        ),
        records(counts.assign(**shares).reset_index()),
        source="paper_cells.csv",
    )


def cells_table(cells: pd.DataFrame) -> Table:
    """Per cell: the errors and the replies of each arm; the first `MAX_CELLS`."""
    ranked = cells.assign(**{f"{factor}_rank": _ranks(factor, cells[factor]) for factor in CELL})
    place = ranked.groupby([f"{factor}_rank" for factor in CELL]).ngroup()
    rows = [
        {factor: own[factor].iloc[0] for factor in CELL} | {"arms": {row["arm"]: row for row in records(own)}}
        for _, own in ranked[place < MAX_CELLS].groupby(place)
    ]
    table = tabulate(
        "rates",
        "Every cell with its errors",
        "Percent of replies (n) that are incorrect.",
        (*map(text_column, CELL), *(column for arm in ordered_levels("arm", cells["arm"]) for column in _errors(arm))),
        rows,
        source="paper_cells.csv",
    )
    return replace(table, left_out=place.nunique() - len(rows))


def _errors(arm: str) -> Sequence[Column[Record]]:
    def rate(row: Record) -> str:
        own = row["arms"].get(arm)
        return percent(own["n_incorrect"] / own["n"]) if own else UNKNOWN

    def replies(row: Record) -> str:
        return whole(row["arms"][arm]["n"]) if arm in row["arms"] else "0"

    return Column(arm, rate), Column(f"n {arm}", replies)


def _ranks(factor: str, levels: "pd.Series[str]") -> "pd.Series[int]":
    """The place of each level in the order of tables and figures."""
    order = {level: rank for rank, level in enumerate(ordered_levels(factor, levels))}
    return levels.map(order)
