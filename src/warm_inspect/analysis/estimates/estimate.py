"""Estimates: the one tidy shape of every number that a table or figure shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from itertools import groupby
from math import inf, isnan, nan
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from warm_inspect.analysis.estimates.identity import IDENTITY_COLUMNS, Identity, Kind
from warm_inspect.analysis.estimates.notes import Code, Note, code_names, in_words
from warm_inspect.core.hashing import sha256_text

Floats = npt.NDArray[np.float64]
POINTS = "percentage_points"
LOG_ODDS = "log_odds"
PERCENT = "percent"
"""Of a reference rate, for relative increases."""
SHARE = "share"
"""From 0 to 1."""
PER_THOUSAND = "per_1000_conversations"
"""Replies in 1,000 conversations."""
Z_UNITS = "z_units"
"""Standard deviations of signal detection theory."""
SEVERITY_POINTS = "severity_points"
"""Degrees of severity, of `core.families.SEVERITIES`."""
LEVELS = "levels"
"""Levels of difficulty, counted from the lowest."""
UNITS = (POINTS, LOG_ODDS, PERCENT, SHARE, PER_THOUSAND, Z_UNITS, LEVELS, SEVERITY_POINTS)
_WHOLE = {POINTS: 100.0, SHARE: 1.0, PER_THOUSAND: 1_000.0}
"""What all replies are in the units of rates."""

PRIMARY = "primary"
"""Family of the one primary contrast: its P value needs no adjustment."""
SECONDARY = "secondary"
"""Family of the named secondary contrasts: adjusted by Holm. Every other family is that of a figure: adjusted by
Benjamini and Hochberg."""
HOLM, BENJAMINI_HOCHBERG = "holm", "benjamini_hochberg"
"""How the P values of a family are adjusted."""
EXPLORATORY = "exploratory"
"""Family of estimates that are not tests: shown with intervals, never adjusted."""

ALPHA = 0.05
"""The level below which a P value is significant."""
CONTRAST = "contrast"
"""Term of the contrasts of cell means with errors clustered by question: the numbers that the report shows first."""
ROUNDING = 1e-6
"""A regression's error below this is rounding, whatever its unit: all questions agree. One question of 100,000 that
differs alone gives a share an error of 1e-5 already."""


@dataclass(frozen=True)
class Estimate:
    """One estimated number. What could not be estimated is NaN, and a note says why."""

    analysis: str
    """`paper_1` ... for the regressions of the study, else our own name, for example `arm_effect`."""
    term: str
    """What was estimated: `contrast`, `marginal_effect`, `treated`, `interaction`, `minimum_detectable_effect` ...

    Terms that start with `penalised_` are of the fit that stands in where the ordinary one has no solution."""
    outcome: str
    identity: Identity
    """What the number is about."""
    estimate: float
    unit: str
    """One of `UNITS`."""
    std_error: float = nan
    statistic: float = nan
    df: float = nan
    p_value: float = nan
    conf_low: float = nan
    """Lower end of the 95 % interval, in `unit`."""
    conf_high: float = nan
    n: int = 0
    """Rows that enter: complete pairs for contrasts of cells, responses for regressions."""
    n_clusters: int = 0
    family: str = ""
    """The tests that are adjusted together; empty for none."""
    p_adjusted: float = nan
    notes: tuple[Note, ...] = ()
    """Why there is no number, and what limits it."""

    @property
    def contrast(self) -> str:
        """The identity for a person: `warm - original | context=emotion_sad`; nothing after the bar means overall."""
        return self.identity.label

    @property
    def decides(self) -> str:
        """The column of the P value by which the row counts as significant; empty for a row that no claim rests on.

        The headline is one test, and its own P value decides; in a family the adjusted one. A row outside every family
        is a check of another row, and has no say. Without a P value the interval decides.
        """
        if self.family in ("", EXPLORATORY) or isnan(self.p_value):
            return ""
        return "p_value" if self.family == PRIMARY else "p_adjusted"

    @property
    def estimable(self) -> bool:
        """Whether there is a standard error."""
        return not isnan(self.std_error)

    @property
    def possible(self) -> tuple[float, float]:
        """The lowest and the highest value that such a number can take, in `unit`; infinite where there is no limit.

        The difference of two rates lies within the whole on both sides, and how much a difference changes within twice
        the whole.
        """
        kind = self.identity.kind
        if self.unit == PERCENT:
            return -100.0, inf
        if self.unit not in _WHOLE or kind is Kind.ASSOCIATION:
            return -inf, inf
        whole = _WHOLE[self.unit]
        if kind in (Kind.RATE, Kind.FLIP_RATE):
            return 0.0, whole
        changes = kind is Kind.COMPOUNDING or bool(self.identity.versus and self.identity.reference)
        return (-2 * whole, 2 * whole) if changes else (-whole, whole)

    def within(self, low: float, high: float) -> "Estimate":
        """The estimate with this interval, cut off where no value is possible; it never leaves out the estimate."""
        least, most = self.possible
        return replace(
            self,
            conf_low=min(max(low, least), self.estimate),
            conf_high=max(min(high, most), self.estimate),
        )


COLUMNS = (
    "analysis", "term", "outcome", "contrast", "estimate", "std_error", "statistic", "df", "p_value", "conf_low",
    "conf_high", "unit", "n", "n_clusters", "family", "p_adjusted", "decides", "note", "estimate_id",
    *IDENTITY_COLUMNS, "note_codes",
)  # fmt: skip
"""The columns of the estimates frame, in order. `estimate_id` names a row: it depends on what is estimated alone.
`KEY` names it too, in words.

`contrast` and `note` are to be read. Programs use the fields of the identity and the codes of the notes, which stand in
the last columns."""

KEY = ("analysis", "term", "outcome", "contrast")
"""The columns that no two rows share."""

_OWN = {field.name for field in fields(Estimate)}


def adjusted(p_values: Sequence[float], method: str) -> list[float]:
    """The P values adjusted for each other, in the order given.

    What could not be tested keeps its place in the family, as a test that found nothing, and stays NaN: the family is
    what was planned, not what happened to work.

    Args:
        p_values: one for each planned test, NaN where there is none.
        method: `HOLM` or `BENJAMINI_HOCHBERG`.
    """
    if not p_values:
        return []
    planned = np.array([1.0 if isnan(p) else p for p in p_values])
    p_adjusted = _holm(planned) if method == HOLM else stats.false_discovery_control(planned)
    return [nan if isnan(p) else float(value) for p, value in zip(p_values, p_adjusted, strict=True)]


def _holm(p_values: Floats) -> Floats:
    # Not statsmodels': it collects garbage in each call, which takes 50 ms, and a simulated gate decides thousands of
    # times.
    order = np.argsort(p_values, kind="stable")
    steps = np.maximum.accumulate(p_values[order] * np.arange(len(p_values), 0, -1))
    p_adjusted = np.empty(len(p_values))
    p_adjusted[order] = np.minimum(steps, 1.0)
    return p_adjusted


def adjust(rows: Iterable[Estimate]) -> list[Estimate]:
    """The rows with `p_adjusted` filled within each family.

    Holm for the secondary contrasts, Benjamini-Hochberg for the others. A primary contrast stays as it is: each is the
    one headline of its arm. A row that is significant before adjustment only has a note.
    """
    estimates = list(rows)
    tested = [i for i, row in enumerate(estimates) if row.family not in ("", EXPLORATORY)]
    tested.sort(key=lambda i: estimates[i].family)
    for name, members in groupby(tested, key=lambda i: estimates[i].family):
        family = list(members)
        p_values = [estimates[i].p_value for i in family]
        method = HOLM if name == SECONDARY else BENJAMINI_HOCHBERG
        for i, value in zip(family, p_values if name == PRIMARY else adjusted(p_values, method), strict=True):
            row = estimates[i]
            said = (Note(Code.ADJUSTED_AWAY, p=row.p_value, adjusted=value),) if row.p_value < ALPHA <= value else ()
            estimates[i] = replace(row, p_adjusted=value, notes=(*row.notes, *said))
    return estimates


def estimates_frame(rows: Iterable[Estimate]) -> pd.DataFrame:
    """The estimates as a frame with the columns `COLUMNS`, one row each, in the order given.

    Raises:
        ValueError: a row breaks the contract; a defect of the analysis, never of the data.
    """
    records: list[dict[str, Any]] = []
    for row in rows:
        if row.unit not in UNITS:
            raise ValueError(f"{row.contrast}: unit {row.unit!r} is not one of {UNITS}")
        if row.conf_low > row.estimate or row.conf_high < row.estimate:
            raise ValueError(f"{row.contrast}: the interval does not contain the estimate")
        least, most = row.possible
        if row.conf_low < min(least, row.estimate) - ROUNDING or row.conf_high > max(most, row.estimate) + ROUNDING:
            raise ValueError(f"{row.contrast}: the interval holds impossible values")
        if isnan(row.estimate) and not row.notes:
            raise ValueError(f"{row.contrast}: not estimated, and no note says why")
        numbers = {name: getattr(row, name) for name in COLUMNS if name in _OWN}
        said = {
            "contrast": row.contrast,
            "decides": row.decides,
            "note": in_words(row.notes),
            "note_codes": code_names(row.notes),
        }
        records.append(numbers | said | vars(row.identity))
    frame = pd.DataFrame.from_records(records, columns=[name for name in COLUMNS if name != "estimate_id"])
    if (twice := frame[frame.duplicated(list(KEY))]).size:
        raise ValueError(f"two rows are called {', '.join(map(str, twice.iloc[0][list(KEY)]))}")
    return frame.assign(estimate_id=_ids(frame)).loc[:, list(COLUMNS)]


def _ids(frame: pd.DataFrame) -> list[str]:
    """Ten hex digits for each row."""
    return [sha256_text("\n".join(row))[:10] for row in frame[list(KEY)].itertuples(index=False, name=None)]
