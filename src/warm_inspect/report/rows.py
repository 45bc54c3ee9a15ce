"""Rows of the study's data frames as tables, figures and texts take them."""

from collections.abc import Iterable, Mapping
from math import isnan
from typing import Any

import pandas as pd

from warm_inspect.analysis.contrasts.design import ARM_EFFECT, NOISE, PRIMARY_CONTRAST, SECOND_DIFFERENCE
from warm_inspect.analysis.estimates import CONTRAST
from warm_inspect.analysis.identity import Identity
from warm_inspect.analysis.study import FLIP_RATE

Record = dict[str, Any]


def records(frame: pd.DataFrame) -> list[Record]:
    """The rows of a frame as dicts."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def compared(row: Record) -> str:
    """What a row of the estimates compares, without the condition: `warm - original`."""
    return Identity.of(row).compared


def primary_first(names: Iterable[str]) -> list[str]:
    """Names of comparisons in their order, but the one of the primary contrast first."""
    return sorted(names, key=lambda name: name != PRIMARY_CONTRAST.compared)


def known(row: Record) -> bool:
    """Whether a row has an interval that can be drawn."""
    return not (isnan(row["estimate"]) or isnan(row["conf_low"]) or isnan(row["conf_high"]))


def flips_between(estimates: pd.DataFrame) -> dict[str, Record]:
    """The share of grades that changed between two arms, by the name of their comparison: `warm - original`."""
    rows = records(estimates[(estimates["analysis"] == FLIP_RATE) & (estimates["term"] == CONTRAST)])
    return {Identity.of(row).pair: row for row in rows}


def noise_beside(estimates: pd.DataFrame) -> dict[tuple[str, str], Record]:
    """The A/A contrast that belongs beside an arm effect, by its condition and outcome."""
    rows = records(estimates[(estimates["analysis"] == NOISE) & (estimates["term"] == CONTRAST)])
    return {(Identity.of(row).condition, row["outcome"]): row for row in rows}


def beside(row: Record, noise: Mapping[tuple[str, str], Record]) -> Record | None:
    """The A/A contrast under the condition of an effect between arms or a second difference; None without one."""
    between = row["analysis"] in (ARM_EFFECT, SECOND_DIFFERENCE)
    return noise.get((Identity.of(row).condition, row["outcome"])) if between else None
