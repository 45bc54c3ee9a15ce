"""What the labels of readers make of the grades: differences of arms and rates, as graded and corrected."""

from math import isnan

import pandas as pd

from warm_inspect.analysis.estimates import CONTRAST, IDENTITY_COLUMNS
from warm_inspect.analysis.grader_error import GRADER_ERROR, PREDICTION_POWERED, ROGAN_GLADEN
from warm_inspect.analysis.observations import ALL
from warm_inspect.analysis.study import headline_effects
from warm_inspect.report.estimate_rows import LIMITS, OUTCOME, Record, contrast_column, interval_of, records, value
from warm_inspect.tables import UNKNOWN, Column, Table, count_column, percent, tabulate, text_column

_GRADED = "graded"
_METHODS = {PREDICTION_POWERED: "prediction-powered", ROGAN_GLADEN: "Rogan-Gladen"}
_KEY = [*IDENTITY_COLUMNS, "outcome"]


def corrected_effects(estimates: pd.DataFrame) -> Table:
    """The differences of arms, overall and under each belief; without rows where there were no labels."""
    return _effects("corrected-effects", "Differences between arms, corrected by labelled replies", estimates)


def first_corrected(estimates: pd.DataFrame) -> Table:
    """Those of the first effects that are corrected."""
    return _effects("first-corrected", "Corrected by labelled replies", _first(estimates), say_why=True)


def corrected_first(estimates: pd.DataFrame) -> pd.DataFrame:
    """The corrected rows of the estimates on what the first effects are about; empty without labels."""
    rows = _first(estimates)
    return rows[rows["analysis"] == GRADER_ERROR]


def _first(estimates: pd.DataFrame) -> pd.DataFrame:
    """The rows of every analysis on what the first effects are about."""
    first = headline_effects(estimates)[_KEY]
    return estimates.iloc[:0] if first.empty else estimates.merge(first, on=_KEY)


def corrected_rates(rates: pd.DataFrame) -> Table:
    """What each arm does, with the grader's errors in it; of replies up to a length only over all beliefs."""
    shown = rates[(rates["length"] == ALL) | (rates["belief"] == ALL)]
    return tabulate(
        "corrected-rates",
        "What each arm did, corrected by labelled replies",
        "Shares of replies, with 95% intervals that hold the grader's error; an interval may pass 0% or 100%. "
        "Sensitivity: of the replies of which the outcome holds by the label, those graded so. Specificity: of the "
        "others, those not graded so.",
        (
            *map(text_column, ("arm", "belief", "length", "outcome")), count_column("n", "n"),
            count_column("labelled", "labelled"), _share("graded", "as graded"), _share("sensitivity"),
            _share("specificity"),
            *(_rate(method, heading) for method, heading in _METHODS.items()),
        ),
        records(shown),
        grouped=True,
        source="corrected_rates.csv",
    )  # fmt: skip


def _effects(name: str, title: str, estimates: pd.DataFrame, *, say_why: bool = False) -> Table:
    """The table of some differences; `say_why` repeats below it why some are not corrected, where columns lack room."""
    rows = estimates[(estimates["term"] == CONTRAST) | (estimates["analysis"] == GRADER_ERROR)]
    known: dict[tuple[str, ...], Record] = {}
    for row in records(rows):
        known.setdefault(tuple(row[name] for name in _KEY), {})[row["term"]] = row
    merged = [
        methods[PREDICTION_POWERED]
        | {_GRADED: methods.get(CONTRAST)}
        | {method: methods[method] for method in _METHODS}
        | {"note": "; ".join(dict.fromkeys(methods[method]["note"] for method in _METHODS))}
        for methods in known.values()
        if PREDICTION_POWERED in methods
    ]
    return tabulate(
        name,
        title,
        "Percentage points with 95% intervals, clustered by question. “As graded” takes every grade as right; the "
        "others correct each arm by its labelled replies, which must be a fair draw. Where the two differ, go by the "
        "prediction-powered one.",
        (
            contrast_column(), OUTCOME, _difference(_GRADED, "as graded"),
            *(_difference(method, heading) for method, heading in _METHODS.items()), LIMITS,
        ),
        merged,
        grouped=True,
        notes=dict.fromkeys(f"Not corrected: {row['note']}." for row in merged if say_why and isnan(row["estimate"])),
    )  # fmt: skip


def _difference(method: str, heading: str) -> Column[Record]:
    def shown(row: Record) -> str:
        effect = row[method]
        return UNKNOWN if effect is None or isnan(effect["estimate"]) else f"{value(effect)} ({interval_of(effect)})"

    return Column(heading, shown)


def _share(name: str, heading: str = "") -> Column[Record]:
    return Column(heading or name, lambda row: percent(row[name]))


def _rate(method: str, heading: str) -> Column[Record]:
    def shown(row: Record) -> str:
        rate, low, high = (percent(row[f"{method}{end}"]).replace("-", "−") for end in ("", "_low", "_high"))
        return f"{rate} ({low} to {high})"

    return Column(heading, lambda row: UNKNOWN if isnan(row[method]) else shown(row))
