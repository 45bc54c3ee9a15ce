"""The regressions, and the effects and tests of single cells that the study publishes."""

import pandas as pd

from warm_inspect.analysis.contrasts import MEAN
from warm_inspect.analysis.published import MCNEMAR, RAW, RAW_BASE_MODELS
from warm_inspect.analysis.regressions import is_published_regression, is_regression
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.report.estimate_rows import (
    BRACKETS,
    ID,
    INTERVAL,
    LIMITS,
    P_ADJUSTED_BESIDE,
    P_BESIDE_ADJUSTED,
    P,
    Record,
    clusters_column,
    contrast_column,
    estimate_column,
    n_column,
    records,
)
from warm_inspect.tables import Column, ColumnKind, Table, tabulate

_MEANING = {
    "logit_main": "Model 1: arm, without context or belief",
    "logit_length_adjusted": "Model 1b: model 1 with the length of the reply (an association, not a cause)",
    "logit_group": "Model 2: arm × context group, without belief",
    "logit_context": "Model 3: arm × context, without belief",
    "logit_belief": "Model 4: arm × belief",
    "paper_1": "As published: model 1",
    "paper_1b": "As published: model 1b, with the length of the reply",
    "paper_2": "As published: model 2",
    "paper_3": "As published: model 3",
    "paper_4": "As published: model 4",
    RAW: "As published: raw means over cells",
    RAW_BASE_MODELS: "As published: base models as a sample",
}
"""The titles of the regressions, and of what the published analysis adds to them, by analysis."""
_EFFECTS = ("marginal_effect", "penalised_marginal_effect", MEAN)
"""The terms that are published effects."""


def regressions(estimates: pd.DataFrame) -> list[Table]:
    """Of incorrect replies: with errors clustered by question, then as published; a table for each."""
    names = estimates["analysis"]
    wanted = (names.map(is_regression) | names.isin([RAW, RAW_BASE_MODELS])) & (estimates["outcome"] == "incorrect")
    return [
        _regression(str(name), rows) for name, rows in estimates[wanted].groupby("analysis", sort=False, observed=True)
    ]


def _regression(name: str, rows: pd.DataFrame) -> Table:
    term = Column[Record]("term", lambda row: row["term"].replace("_", " "), ColumnKind.WORDS)
    unit = Column[Record]("unit", lambda row: row["unit"].replace("_", " "), ColumnKind.WORDS)
    return tabulate(
        name.replace("_", "-"),
        _MEANING.get(name, name.replace("_", " ")),
        "Incorrect replies; P values are as the model gives them.",
        (
            contrast_column(), term, estimate_column("estimate"), INTERVAL, unit, P, n_column("replies"),
            clusters_column("base models" if name == RAW_BASE_MODELS else "questions"), ID, LIMITS,
        ),
        records(rows),
    )  # fmt: skip


def single_cells(estimates: pd.DataFrame) -> Table:
    """The published tests, with `--paper`."""
    return tabulate(
        "cells",
        "As published: exact McNemar tests of single cells",
        "Difference of incorrect replies in percentage points; P adjusted by Benjamini and Hochberg over the contexts "
        f"of one base model, benchmark and belief. {BRACKETS}",
        (
            contrast_column("cell"), estimate_column("difference"), P_BESIDE_ADJUSTED, P_ADJUSTED_BESIDE,
            n_column("pairs"), ID,
        ),
        records(estimates[(estimates["analysis"] == MCNEMAR) & (estimates["term"] == "difference")]),
    )  # fmt: skip


def published_effects(estimates: pd.DataFrame) -> pd.DataFrame:
    """The marginal effects of the published models, and the means over base models."""
    analysis = estimates["analysis"]
    return estimates[
        (analysis.map(is_published_regression) | (analysis == RAW_BASE_MODELS)) & estimates["term"].isin(_EFFECTS)
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
    model = Column[Record]("model", lambda row: row["analysis"].replace("_", " "), ColumnKind.WORDS)
    return tabulate(
        name,
        title,
        "Incorrect replies in percentage points, errors as published: not clustered.",
        (contrast_column("effect"), model, estimate_column("points", 2), INTERVAL, P, n_column("replies"), LIMITS),
        records(rows),
    )
