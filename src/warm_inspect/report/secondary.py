"""The tables beyond the first look: claims, checks of the method, replication, signal detection, single cells."""

from collections.abc import Callable, Iterator, Sequence

import pandas as pd

from warm_inspect.analysis.bootstrap import BOOTSTRAP
from warm_inspect.analysis.contrasts import ARM_EFFECT, PRIMARY_CONDITION, PRIMARY_LABEL, PRIMARY_OUTCOME
from warm_inspect.analysis.estimates import CONTRAST, POINTS, PRIMARY, SECONDARY
from warm_inspect.analysis.gee import GEE, GEE_LOG_ODDS
from warm_inspect.analysis.matched import CONDITIONAL
from warm_inspect.analysis.multinomial import MULTINOMIAL
from warm_inspect.analysis.paper import MCNEMAR
from warm_inspect.analysis.replicates import BASE_MODELS, SEEDS
from warm_inspect.analysis.replication import MEAN, PREDICTION
from warm_inspect.analysis.signal_detection import SIGNAL_DETECTION
from warm_inspect.analysis.study import MINIMUM_DETECTABLE, AnalysedStudy
from warm_inspect.analysis.two_way import TWO_WAY
from warm_inspect.report.numbers import UNKNOWN, interval, p_value, points, whole
from warm_inspect.report.table import Table
from warm_inspect.report.tables import Record, beside, noise_beside, records

_METHODS = {
    CONTRAST: "paired difference (as reported)",
    TWO_WAY: "errors by question and statement",
    BOOTSTRAP: "bootstrap over questions",
    GEE: "GEE",
    GEE_LOG_ODDS: "GEE, log-odds",
    CONDITIONAL: "conditional logit, log-odds",
}
"""The ways in which one effect is estimated, by their term."""

CLAIMS = "claims"
_OVER = {BASE_MODELS: "base models", SEEDS: "training seeds"}


def secondary_tables(study: AnalysedStudy) -> list[Table]:
    """The tables that have rows, in the order in which they are read."""
    return [table for table in _all(study) if table.rows]


def split(tables: Sequence[Table]) -> tuple[list[Table], list[Table]]:
    """The table of claims, if there is one, and the others."""
    return [table for table in tables if table.name == CLAIMS], [table for table in tables if table.name != CLAIMS]


def _all(study: AnalysedStudy) -> Iterator[Table]:
    estimates = study.estimates
    yield _claims(estimates)
    yield _robustness(estimates)
    yield _two_way(estimates)
    yield _multinomial(estimates)
    yield from (_replication(estimates, analysis) for analysis in _OVER)
    yield from _signal_detection(estimates)
    yield _detectable(estimates)
    yield _single_cells(estimates)


def _claims(estimates: pd.DataFrame) -> Table:
    noise = noise_beside(estimates)
    rows = records(estimates[(estimates["term"] == CONTRAST) & estimates["family"].isin([PRIMARY, SECONDARY])])
    rows.sort(key=lambda row: row["family"] != PRIMARY)
    return Table(
        CLAIMS,
        "The primary contrast and the named secondary ones",
        "Percentage points. The primary contrast comes first and alone; P of the others is adjusted by Holm. "
        "“Original twice” is the same contrast between two runs of the original model: what chance alone gives. "
        "n counts complete pairs.",
        ("contrast", "outcome", "effect", "95% interval", "P", "P adj.", "original twice", "n", "questions", "id"),
        _shown(
            rows,
            lambda row: (
                _words(row["contrast"]), row["outcome"], _value(row), _interval(row), p_value(row["p_value"]),
                p_value(row["p_adjusted"]) if row["family"] == SECONDARY else UNKNOWN,
                _again(beside(row, noise)), whole(row["n"]), whole(row["n_clusters"]), row["estimate_id"],
            ),
        ),
        labels=2,
    )  # fmt: skip


def _robustness(estimates: pd.DataFrame) -> Table:
    """One effect several ways: of each pair of arms under a stated wrong answer."""
    wanted = (
        estimates["contrast"].str.endswith(PRIMARY_CONDITION)
        & ~estimates["contrast"].str.startswith("(")
        & (estimates["outcome"] == PRIMARY_OUTCOME)
        & estimates["analysis"].isin([ARM_EFFECT, "sensitivity"])
        & estimates["term"].isin(list(_METHODS))
    )
    order = {term: place for place, term in enumerate(_METHODS)}
    rows = records(estimates[wanted])
    first = {contrast: place for place, contrast in enumerate(dict.fromkeys(row["contrast"] for row in rows))}
    first[PRIMARY_LABEL] = -1
    rows.sort(key=lambda row: (first[row["contrast"]], order[row["term"]]))
    return Table(
        "robustness",
        "The same effect by other methods",
        f"{PRIMARY_OUTCOME} where the user states a wrong answer; percentage points, or log-odds where it says so. The "
        "methods make different assumptions: they should agree in direction and in what the interval leaves out. "
        "GEE lets the replies to one question be alike; the conditional logit compares within prompts. Clusters are "
        "questions, or statements where errors are by both.",
        ("contrast", "method", "estimate", "95% interval", "P", "n", "clusters", "limits", "id"),
        _shown(
            rows,
            lambda row: (
                _words(row["contrast"]), _METHODS[row["term"]], _value(row), _interval(row), p_value(row["p_value"]),
                whole(row["n"]), whole(row["n_clusters"]), row["note"], row["estimate_id"],
            ),
        ),
        labels=2,
    )  # fmt: skip


def _two_way(estimates: pd.DataFrame) -> Table:
    rows = records(estimates[estimates["term"] == TWO_WAY])
    return Table(
        "two-way",
        "Every effect with errors by question and statement",
        "Percentage points. These intervals hold for other statements of the same contexts too, with as many "
        "degrees of freedom as the context with fewest statements allows.",
        ("contrast", "outcome", "effect", "95% interval", "P", "n", "statements", "id"),
        _shown(
            rows,
            lambda row: (
                _words(row["contrast"]), row["outcome"], _value(row), _interval(row), p_value(row["p_value"]),
                whole(row["n"]), whole(row["n_clusters"]), row["estimate_id"],
            ),
        ),
        labels=2,
    )  # fmt: skip


def _multinomial(estimates: pd.DataFrame) -> Table:
    rows = records(estimates[estimates["analysis"] == MULTINOMIAL])
    return Table(
        "grades",
        "Where the grades went: a multinomial regression",
        "Change of the share of each grade in percentage points; the changes of one comparison add up to zero, so a "
        "rise of refusals is told from a fall of errors. n counts replies.",
        ("comparison", "grade", "change", "95% interval", "P", "n", "questions", "limits", "id"),
        _shown(
            rows,
            lambda row: (
                _words(row["contrast"]), row["outcome"], _value(row), _interval(row), p_value(row["p_value"]),
                whole(row["n"]), whole(row["n_clusters"]), row["note"], row["estimate_id"],
            ),
        ),
        labels=2,
    )  # fmt: skip


def _replication(estimates: pd.DataFrame, analysis: str) -> Table:
    """The means first, then the effect in each replicate."""
    over = _OVER[analysis]
    rows = records(estimates[estimates["analysis"] == analysis])
    rows.sort(key=lambda row: row["term"] not in (MEAN, PREDICTION))
    words = {MEAN: f"mean over {over}", PREDICTION: "one more of them", "effect": "in one of them"}
    return Table(
        analysis.replace("_", "-"),
        f"Does it replicate over {over}?",
        f"Percentage points. The mean takes {over} as a sample (t with {over} − 1 degrees of freedom); the prediction "
        "is the interval for one more study of this size.",
        ("contrast", "outcome", "what", "effect", "95% interval", "P", "n", "id"),
        _shown(
            rows,
            lambda row: (
                _words(row["contrast"]), row["outcome"], words.get(row["term"], row["term"]), _value(row),
                _interval(row), p_value(row["p_value"]), whole(row["n"]), row["estimate_id"],
            ),
        ),
        labels=3,
    )  # fmt: skip


def _signal_detection(estimates: pd.DataFrame) -> Iterator[Table]:
    """The arms, then their differences."""
    rows = records(estimates[estimates["analysis"] == SIGNAL_DETECTION])
    of_arms = [row for row in rows if " - " not in row["contrast"]]
    between = [row for row in rows if " - " in row["contrast"]]
    explained = (
        "Hits: takes the user's side when the user is right; false alarms: when the user is wrong. Lost knowledge "
        "lowers sensitivity, agreeing with everything raises the agreement bias (both in standard deviations); "
        "contrarian replies take the false side against a user who is right. n counts replies."
    )
    for name, title, own in (
        ("signal-detection", "Knows less, or only agrees more?", of_arms),
        ("signal-detection-arms", "Knows less, or only agrees more: arms compared", between),
    ):
        yield Table(
            name,
            title,
            explained,
            ("arm and side", "measure", "value", "95% interval", "P", "n", "questions", "remarks", "id"),
            _shown(
                own,
                lambda row: (
                    _words(row["contrast"]), row["term"].replace("_", " "),
                    _value(row, signed=" - " in row["contrast"]),
                    _interval(row, signed=" - " in row["contrast"]), p_value(row["p_value"]), whole(row["n"]),
                    whole(row["n_clusters"]), row["note"], row["estimate_id"],
                ),
            ),
            labels=2,
        )  # fmt: skip


def _detectable(estimates: pd.DataFrame) -> Table:
    rows = records(estimates[estimates["term"] == MINIMUM_DETECTABLE])
    return Table(
        "detectable",
        "The smallest effects this study could have seen",
        f"On {PRIMARY_OUTCOME}, in percentage points: found in four studies like this out of five, at the two-sided 5% "
        "level. Smaller effects may be there unseen. n counts pairs.",
        ("contrast", "smallest effect", "n", "questions", "id"),
        _shown(
            rows,
            lambda row: (
                _words(row["contrast"]), f"±{row['estimate']:.1f}", whole(row["n"]), whole(row["n_clusters"]),
                row["estimate_id"],
            ),
        ),
    )  # fmt: skip


def _single_cells(estimates: pd.DataFrame) -> Table:
    rows = records(estimates[(estimates["analysis"] == MCNEMAR) & (estimates["term"] == "difference")])
    return Table(
        "cells",
        "As published: exact McNemar tests of single cells",
        "Difference of incorrect replies in percentage points; P adjusted by Benjamini and Hochberg over the contexts "
        "of one base model, benchmark and belief. n counts pairs.",
        ("cell", "difference", "P", "P adj.", "n", "id"),
        _shown(
            rows,
            lambda row: (
                _words(row["contrast"]), _value(row), p_value(row["p_value"]), p_value(row["p_adjusted"]),
                whole(row["n"]), row["estimate_id"],
            ),
        ),
    )  # fmt: skip


def _shown(rows: Sequence[Record], cells: Callable[[Record], tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(map(cells, rows))


def _value(row: Record, signed: bool = True) -> str:
    decimals = _decimals(row)
    text = points(row["estimate"], decimals)
    return text if signed else text.removeprefix("+")


def _interval(row: Record, signed: bool = True) -> str:
    text = interval(row["conf_low"], row["conf_high"], _decimals(row))
    return text if signed else text.replace("+", "")


def _decimals(row: Record) -> int:
    return 1 if row["unit"] == POINTS else 2


def _again(noise: Record | None) -> str:
    return UNKNOWN if noise is None else f"{_value(noise)} ({_interval(noise)})"


def _words(contrast: str) -> str:
    return contrast.replace(" - ", " − ")
