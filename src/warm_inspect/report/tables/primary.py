"""The tables of the markdown and LaTeX files: those of the page's first sections, then the secondary ones."""

from warm_inspect.analysis.contrasts.design import ARM_EFFECT, BELIEF_EFFECT, CONTEXT_EFFECT, NOISE, SECOND_DIFFERENCE
from warm_inspect.analysis.estimates import CONTRAST
from warm_inspect.analysis.study import FLIP_RATE, AnalysedStudy
from warm_inspect.report.numbers import interval, p_value, points, whole
from warm_inspect.report.tables.controls import controls
from warm_inspect.report.tables.groups import records, regression_groups
from warm_inspect.report.tables.logs import exclusions
from warm_inspect.report.tables.rates import rates
from warm_inspect.report.tables.secondary import secondary_tables, split
from warm_inspect.report.tables.table import Table, plain_table
from warm_inspect.report.tables.warmth import dose_table, warmth_table

_EFFECTS = (ARM_EFFECT, NOISE, CONTEXT_EFFECT, BELIEF_EFFECT, SECOND_DIFFERENCE, FLIP_RATE)


def report_tables(study: AnalysedStudy) -> list[Table]:
    """Every table that has rows. Effects of single benchmarks stand in `estimates.csv` alone."""
    claims, others = split(secondary_tables(study))
    tables = [
        *claims,
        warmth_table(study),
        dose_table(study),
        rates(study),
        controls(study.controls),
        _effects(study),
        *others,
        _regressions(study),
        exclusions(study),
    ]
    return [table for table in tables if table.rows]


def _effects(study: AnalysedStudy) -> Table:
    frame = study.estimates
    wanted = (frame["term"] == CONTRAST) & frame["analysis"].isin(_EFFECTS)
    rows = records(frame[wanted & (frame["benchmark"] == "")])
    return plain_table(
        "effects",
        "All effects",
        "Percentage points, errors clustered by question. n counts complete pairs. Limits of single effects stand in "
        "estimates.csv, by their id.",
        ("contrast", "outcome", "effect", "95% interval", "P", "P adj.", "n", "questions", "id"),
        tuple(
            (
                row["contrast"].replace(" - ", " − "), row["outcome"], points(row["estimate"]),
                interval(row["conf_low"], row["conf_high"]), p_value(row["p_value"]), p_value(row["p_adjusted"]),
                whole(row["n"]), whole(row["n_clusters"]), row["estimate_id"],
            )
            for row in rows
        ),
        labels=2,
    )  # fmt: skip


def _regressions(study: AnalysedStudy) -> Table:
    return plain_table(
        "regressions",
        "The study's regressions of an incorrect reply",
        "Percentage points for marginal effects, else log-odds. n counts replies.",
        ("model", "contrast", "term", "unit", "estimate", "95% interval", "P", "n", "id"),
        tuple(
            (
                group.name, row["contrast"].replace(" - ", " − "), row["term"].replace("_", " "),
                row["unit"].replace("_", " "), points(row["estimate"], 2),
                interval(row["conf_low"], row["conf_high"], 2),
                p_value(row["p_value"]), whole(row["n"]), row["estimate_id"],
            )
            for group in regression_groups(study.estimates)
            for row in group.rows
        ),
        labels=4,
    )  # fmt: skip
