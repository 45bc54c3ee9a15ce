"""The report's tables, as grouped records in the order in which they are read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from math import isnan
from typing import Any

import pandas as pd

from warm_inspect.analysis.contrasts.design import (
    ARM_EFFECT,
    BELIEF_EFFECT,
    CONTEXT_EFFECT,
    NOISE,
    PRIMARY_CONTRAST,
    SECOND_DIFFERENCE,
)
from warm_inspect.analysis.identity import Identity
from warm_inspect.analysis.published.as_published import MCNEMAR
from warm_inspect.analysis.published.raw_cells import RAW, RAW_BASE_MODELS
from warm_inspect.analysis.study import FLIP_RATE

Record = dict[str, Any]

REGRESSIONS = ("logit_", "paper_", RAW, RAW_BASE_MODELS)
"""How the names of the regressions start, and of what the published analysis adds to them."""


@dataclass(frozen=True)
class Group:
    """Rows that belong together, under one name."""

    name: str
    rows: list[Record]
    left_out: int = 0
    """Rows that a page left out for its size."""


def effect_groups(estimates: pd.DataFrame) -> list[Group]:
    """Per comparison of arms, then context and belief effects, then second differences: every contrast and outcome."""
    contrasts = records(estimates[estimates["term"] == "contrast"])
    arms = [row for row in contrasts if row["analysis"] in (ARM_EFFECT, NOISE) and not row["versus"]]
    within = [row for row in contrasts if row["analysis"] in (CONTEXT_EFFECT, BELIEF_EFFECT)]
    second = [row for row in contrasts if row["analysis"] in (SECOND_DIFFERENCE, NOISE) and row["versus"]]
    flips = [row for row in contrasts if row["analysis"] == FLIP_RATE]
    pairs = {group.name: group for group in _grouped(arms, compared)}
    return [
        *(pairs[name] for name in primary_first(pairs)),
        *_grouped(within, compared),
        *_grouped(second, lambda row: f"second differences of {compared(row)}"),
        *_grouped(flips, lambda row: "grades that differ between two arms"),
    ]


def regression_groups(estimates: pd.DataFrame) -> list[Group]:
    """The study's regressions of incorrect replies with clustered errors, then as published; one group each."""
    names = estimates["analysis"]
    regressions = names.str.startswith(REGRESSIONS) & ~names.str.startswith(MCNEMAR)
    rows = estimates[regressions & (estimates["outcome"] == "incorrect")]
    return _grouped(records(rows), lambda row: row["analysis"])


def flips_between(estimates: pd.DataFrame) -> dict[str, Record]:
    """The share of grades that changed between two arms, by the name of their comparison: `warm - original`."""
    rows = records(estimates[(estimates["analysis"] == FLIP_RATE) & (estimates["term"] == "contrast")])
    return {Identity.of(row).pair: row for row in rows}


def noise_beside(estimates: pd.DataFrame) -> dict[tuple[str, str], Record]:
    """The A/A contrast that belongs beside an arm effect, by its condition and outcome."""
    rows = records(estimates[(estimates["analysis"] == NOISE) & (estimates["term"] == "contrast")])
    return {(Identity.of(row).condition, row["outcome"]): row for row in rows}


def beside(row: Record, noise: Mapping[tuple[str, str], Record]) -> Record | None:
    """The A/A contrast under the condition of an effect between arms or a second difference; None without one."""
    between = row["analysis"] in (ARM_EFFECT, SECOND_DIFFERENCE)
    return noise.get((Identity.of(row).condition, row["outcome"])) if between else None


def by_contrast(rows: Iterable[Record]) -> list[tuple[str, list[Record]]]:
    """The outcomes of each contrast."""
    return [(group.name, group.rows) for group in _grouped(rows, lambda row: row["contrast"])]


def records(frame: pd.DataFrame) -> list[Record]:
    """The rows of a frame as dicts."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def primary_first(names: Iterable[str]) -> list[str]:
    """Names of comparisons in their order, but the one of the primary contrast first."""
    return sorted(names, key=lambda name: name != PRIMARY_CONTRAST.compared)


def compared(row: Record) -> str:
    """What a row compares, without the condition: `warm - original`."""
    return Identity.of(row).compared


def known(row: Record) -> bool:
    """Whether a row has an interval that can be drawn."""
    return not (isnan(row["estimate"]) or isnan(row["conf_low"]) or isnan(row["conf_high"]))


def _grouped(rows: Iterable[Record], name: Callable[[Record], str]) -> list[Group]:
    """Rows by name, in the order in which the names first come."""
    found: dict[str, list[Record]] = {}
    for key, members in groupby(rows, key=name):
        found.setdefault(key, []).extend(members)
    return [Group(key, members) for key, members in found.items()]
