"""The numbers of the control benchmarks: one row per arm, as the report and `controls.csv` show them."""

from dataclasses import dataclass
from math import isnan
from typing import Any

import pandas as pd

from warm_inspect.analysis.estimates import Estimate
from warm_inspect.analysis.notes import Note
from warm_inspect.core.controls import ControlBenchmark

LEVEL = 0.05
"""Of each test of a difference, and of each of the two one-sided tests of equivalence."""


@dataclass(frozen=True)
class ControlRow:
    """One arm of a base model on one control benchmark."""

    benchmark: ControlBenchmark
    base_model: str
    arm: str
    logs: tuple[str, ...]
    """Names of the log files."""
    samples: int
    unscored: int
    """Samples without a score, which enter no rate."""
    rate: Estimate
    truncated: float
    """Share of scored replies that hit the token limit; NaN where the task does not say."""
    unclear: float
    """Share of scored replies without a readable answer; NaN where the task does not say."""
    difference: Estimate | None = None
    """Arm minus original in points, over the items that both have; None for the original, or without it."""
    equivalence: Estimate | None = None
    """The same difference with its 90 % interval and the P value of TOST."""

    @property
    def equivalent(self) -> bool:
        """Whether the arm was shown to be within the margin, after adjustment over all controls."""
        return self.equivalence is not None and self.equivalence.p_adjusted <= LEVEL

    @property
    def differs(self) -> bool:
        """Whether the arm was shown to differ from the original, after adjustment over all controls.

        Where all items differ alike there is no test, and the exact bound of the interval decides.
        """
        if self.difference is None:
            return False
        if isnan(self.difference.p_value):
            return self.difference.conf_low > 0 or self.difference.conf_high < 0
        return self.difference.p_adjusted <= LEVEL


@dataclass(frozen=True)
class ControlResults:
    """Every arm on every control benchmark, in the order of the report."""

    rows: tuple[ControlRow, ...] = ()
    notes: tuple[Note, ...] = ()
    """Control logs that were left out, and why."""

    @property
    def estimates(self) -> list[Estimate]:
        """All numbers, for the table of estimates."""
        return [
            found for row in self.rows for found in (row.rate, row.difference, row.equivalence) if found is not None
        ]

    @property
    def frame(self) -> pd.DataFrame:
        """One row per arm and control: its counts and its rate."""
        return pd.DataFrame([_record(row) for row in self.rows])


def _record(row: ControlRow) -> dict[str, Any]:
    return {
        "control": row.benchmark.name,
        "base_model": row.base_model,
        "arm": row.arm,
        "samples": row.samples,
        "unscored": row.unscored,
        "items": row.rate.n_clusters,
        "rate_of": row.benchmark.rate,
        "rate": row.rate.estimate,
        "conf_low": row.rate.conf_low,
        "conf_high": row.rate.conf_high,
        "truncated": row.truncated,
        "unclear": row.unclear,
        "logs": " ".join(row.logs),
    }
