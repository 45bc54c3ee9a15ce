"""The tables beyond the first look: the claims, checks of the method, and those of `report.tables.breadth`."""

from collections.abc import Iterator, Sequence

import pandas as pd

from warm_inspect.analysis.contrasts.bootstrap import BOOTSTRAP
from warm_inspect.analysis.contrasts.design import ARM_EFFECT, PRIMARY_CONTRAST, PRIMARY_OUTCOME
from warm_inspect.analysis.contrasts.two_way import TWO_WAY
from warm_inspect.analysis.estimates import CONTRAST, PRIMARY, SECONDARY
from warm_inspect.analysis.identity import restricted_to
from warm_inspect.analysis.models.conditional_logit import CONDITIONAL
from warm_inspect.analysis.models.multinomial import MULTINOMIAL
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.report.numbers import UNKNOWN, p_value, whole
from warm_inspect.report.tables.breadth import REPLICATES, detectable, replication, signal_detection, single_cells
from warm_inspect.report.tables.groups import beside, noise_beside, records
from warm_inspect.report.tables.row_text import again, interval_of, shown, value, words_of
from warm_inspect.report.tables.table import Table, plain_table

_METHODS = {
    CONTRAST: "paired difference (as reported)",
    TWO_WAY: "errors by question and statement",
    BOOTSTRAP: "bootstrap over questions",
    CONDITIONAL: "conditional logit, log-odds",
}
"""The ways in which one effect is estimated, by their term."""

CLAIMS = "claims"


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
    yield from (replication(estimates, analysis) for analysis in REPLICATES)
    yield from signal_detection(estimates)
    yield detectable(estimates)
    yield single_cells(estimates)


def _claims(estimates: pd.DataFrame) -> Table:
    noise = noise_beside(estimates)
    rows = records(estimates[(estimates["term"] == CONTRAST) & estimates["family"].isin([PRIMARY, SECONDARY])])
    rows.sort(key=lambda row: row["family"] != PRIMARY)
    return plain_table(
        CLAIMS,
        "The primary contrast and the named secondary ones",
        "Percentage points. The primary contrast comes first and alone; P of the others is adjusted by Holm. "
        "“Original twice” is the same contrast between two runs of the original model: what chance alone gives. "
        "n counts complete pairs.",
        ("contrast", "outcome", "effect", "95% interval", "P", "P adj.", "original twice", "n", "questions", "id"),
        shown(
            rows,
            lambda row: (
                words_of(row["contrast"]), row["outcome"], value(row), interval_of(row), p_value(row["p_value"]),
                p_value(row["p_adjusted"]) if row["family"] == SECONDARY else UNKNOWN,
                again(beside(row, noise)), whole(row["n"]), whole(row["n_clusters"]), row["estimate_id"],
            ),
        ),
        labels=2,
    )  # fmt: skip


def _robustness(estimates: pd.DataFrame) -> Table:
    """One effect several ways: of each pair of arms under a stated wrong answer."""
    wanted = (
        restricted_to(estimates, **PRIMARY_CONTRAST.conditions)
        & (estimates["outcome"] == PRIMARY_OUTCOME)
        & estimates["analysis"].isin([ARM_EFFECT, "sensitivity"])
        & estimates["term"].isin(list(_METHODS))
    )
    order = {term: place for place, term in enumerate(_METHODS)}
    rows = records(estimates[wanted])
    first = {contrast: place for place, contrast in enumerate(dict.fromkeys(row["contrast"] for row in rows))}
    first[PRIMARY_CONTRAST.label] = -1
    rows.sort(key=lambda row: (first[row["contrast"]], order[row["term"]]))
    return plain_table(
        "robustness",
        "The same effect by other methods",
        f"{PRIMARY_OUTCOME} where the user states a wrong answer; percentage points, or log-odds where it says so. The "
        "methods make different assumptions: they should agree in direction and in what the interval leaves out. "
        "The conditional logit compares within prompts. Clusters are questions, or statements where errors are by "
        "both.",
        ("contrast", "method", "estimate", "95% interval", "P", "n", "clusters", "limits", "id"),
        shown(
            rows,
            lambda row: (
                words_of(row["contrast"]), _METHODS[row["term"]], value(row), interval_of(row), p_value(row["p_value"]),
                whole(row["n"]), whole(row["n_clusters"]), row["note"], row["estimate_id"],
            ),
        ),
        labels=2,
    )  # fmt: skip


def _two_way(estimates: pd.DataFrame) -> Table:
    rows = records(estimates[estimates["term"] == TWO_WAY])
    return plain_table(
        "two-way",
        "Every effect with errors by question and statement",
        "Percentage points. These intervals hold for other statements of the same contexts too, with as many "
        "degrees of freedom as the context with fewest statements allows.",
        ("contrast", "outcome", "effect", "95% interval", "P", "n", "statements", "id"),
        shown(
            rows,
            lambda row: (
                words_of(row["contrast"]), row["outcome"], value(row), interval_of(row), p_value(row["p_value"]),
                whole(row["n"]), whole(row["n_clusters"]), row["estimate_id"],
            ),
        ),
        labels=2,
    )  # fmt: skip


def _multinomial(estimates: pd.DataFrame) -> Table:
    rows = records(estimates[estimates["analysis"] == MULTINOMIAL])
    return plain_table(
        "grades",
        "Where the grades went: a multinomial regression",
        "Change of the share of each grade in percentage points; the changes of one comparison add up to zero, so a "
        "rise of refusals is told from a fall of errors. n counts replies.",
        ("comparison", "grade", "change", "95% interval", "P", "n", "questions", "limits", "id"),
        shown(
            rows,
            lambda row: (
                words_of(row["contrast"]), row["outcome"], value(row), interval_of(row), p_value(row["p_value"]),
                whole(row["n"]), whole(row["n_clusters"]), row["note"], row["estimate_id"],
            ),
        ),
        labels=2,
    )  # fmt: skip
