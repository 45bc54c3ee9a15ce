"""Checks of the effects: other methods, other statements, other grades, base models and seeds, signal detection."""

from collections.abc import Iterator

import pandas as pd

from warm_inspect.analysis.contrasts import (
    ARM_EFFECT,
    BASE_MODELS,
    BOOTSTRAP,
    MEAN,
    PREDICTION,
    PRIMARY_OUTCOME,
    SEEDS,
    SIGNAL_DETECTION,
    TWO_WAY,
)
from warm_inspect.analysis.estimates import CONTRAST, PRIMARY, restricted_to
from warm_inspect.analysis.regressions import CONDITIONAL, MULTINOMIAL
from warm_inspect.core.vocabulary import STATED_WRONG
from warm_inspect.report.estimate_rows import (
    ID,
    INTERVAL,
    LIMITS,
    OUTCOME,
    P,
    Record,
    clusters_column,
    contrast_column,
    estimate_column,
    n_column,
    records,
)
from warm_inspect.tables import Column, ColumnKind, Table, tabulate

_METHODS = {
    CONTRAST: "paired difference (as reported)",
    TWO_WAY: "errors by question and statement",
    BOOTSTRAP: "bootstrap over questions",
    CONDITIONAL: "conditional logit, log-odds",
}
"""The ways in which one effect is estimated, by their term."""

_REPLICATES = {BASE_MODELS: "base models", SEEDS: "training seeds"}
"""The analyses over replicates, and what a replicate is called."""


def robustness(estimates: pd.DataFrame) -> Table:
    """One effect several ways: of each pair of arms under a stated wrong answer."""
    wanted = (
        restricted_to(estimates, belief=STATED_WRONG)
        & (estimates["outcome"] == PRIMARY_OUTCOME)
        & estimates["analysis"].isin([ARM_EFFECT, "sensitivity"])
        & estimates["term"].isin(list(_METHODS))
    )
    order = {term: place for place, term in enumerate(_METHODS)}
    rows = records(estimates[wanted])
    first = {label: place for place, label in enumerate(dict.fromkeys(row["contrast"] for row in rows))}
    first |= dict.fromkeys(estimates.loc[estimates["family"] == PRIMARY, "contrast"], -1)
    rows.sort(key=lambda row: (first[row["contrast"]], order[row["term"]]))
    method = Column[Record]("method", lambda row: _METHODS[row["term"]], ColumnKind.WORDS)
    return tabulate(
        "robustness",
        "The same effect by other methods",
        f"{PRIMARY_OUTCOME} where the user states a wrong answer; percentage points, or log-odds where it says so. The "
        "methods make different assumptions: they should agree in direction and in what the interval leaves out. "
        "The conditional logit compares within prompts. Clusters are questions, or statements where errors are by "
        "both. n counts pairs, or replies.",
        (
            contrast_column(), method, estimate_column("estimate"), INTERVAL, P, n_column("rows"),
            clusters_column("clusters"), LIMITS, ID,
        ),
        rows,
    )  # fmt: skip


def two_way(estimates: pd.DataFrame) -> Table:
    """Every effect with errors that allow for other statements too."""
    return tabulate(
        "two-way",
        "Every effect with errors by question and statement",
        "Percentage points. These intervals hold for other statements of the same contexts too, with as many "
        "degrees of freedom as the context with fewest statements allows. n counts complete pairs.",
        (
            contrast_column(), OUTCOME, estimate_column(), INTERVAL, P, n_column("pairs"),
            clusters_column("statements"), ID,
        ),
        records(estimates[estimates["term"] == TWO_WAY]),
    )  # fmt: skip


def grades(estimates: pd.DataFrame) -> Table:
    """How the shares of the four grades move together."""
    grade = Column[Record]("grade", OUTCOME.show, ColumnKind.WORDS)
    return tabulate(
        "grades",
        "Where the grades went: a multinomial regression",
        "Change of the share of each grade in percentage points; the changes of one comparison add up to zero, so a "
        "rise of refusals is told from a fall of errors.",
        (
            contrast_column("comparison"), grade, estimate_column("change"), INTERVAL, P, n_column("replies"),
            clusters_column("questions"), LIMITS, ID,
        ),
        records(estimates[estimates["analysis"] == MULTINOMIAL]),
    )  # fmt: skip


def replications(estimates: pd.DataFrame) -> Iterator[Table]:
    """Over base models, then over training seeds: the means first, then the effect in each replicate."""
    for analysis, over in _REPLICATES.items():
        rows = records(estimates[estimates["analysis"] == analysis])
        rows.sort(key=lambda row: row["term"] not in (MEAN, PREDICTION))
        yield tabulate(
            analysis.replace("_", "-"),
            f"Does it replicate over {over}?",
            f"Percentage points. The mean takes {over} as a sample (t with {over} − 1 degrees of freedom); the "
            "prediction is the interval for one more study of this size.",
            (contrast_column(), OUTCOME, _replicate(over), estimate_column(), INTERVAL, P, n_column("pairs"), ID),
            rows,
        )


def _replicate(over: str) -> Column[Record]:
    words = {MEAN: f"mean over {over}", PREDICTION: "one more of them", "effect": "in one of them"}
    return Column("what", lambda row: words.get(row["term"], str(row["term"])), ColumnKind.WORDS)


def signal_detection(estimates: pd.DataFrame) -> Iterator[Table]:
    """The signal detection rows: those of the arms, then those of their differences."""
    rows = records(estimates[estimates["analysis"] == SIGNAL_DETECTION])
    remarks = Column[Record]("remarks", LIMITS.show, ColumnKind.NOTE)
    measure = Column[Record]("measure", lambda row: row["term"].replace("_", " "), ColumnKind.WORDS)
    for name, title, own in (
        ("signal-detection", "Knows less, or only agrees more?", [row for row in rows if not row["reference"]]),
        (
            "signal-detection-arms", "Knows less, or only agrees more: arms compared",
            [row for row in rows if row["reference"]],
        ),
    ):  # fmt: skip
        yield tabulate(
            name,
            title,
            "Hits: takes the user's side when the user is right; false alarms: when the user is wrong. Lost knowledge "
            "lowers sensitivity, agreeing with everything raises the agreement bias (both in standard deviations); "
            "contrarian replies take the false side against a user who is right.",
            (
                contrast_column("arm and side"), measure, estimate_column("value"), INTERVAL, P, n_column("replies"),
                clusters_column("questions"), remarks, ID,
            ),
            own,
        )  # fmt: skip
