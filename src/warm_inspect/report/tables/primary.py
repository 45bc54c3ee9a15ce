"""The tables of the markdown and LaTeX files: those of the page's first sections, then the secondary ones."""

from warm_inspect.analysis.contrasts.design import ARM_EFFECT, BELIEF_EFFECT, CONTEXT_EFFECT, NOISE, SECOND_DIFFERENCE
from warm_inspect.analysis.estimates import CONTRAST
from warm_inspect.analysis.study import FLIP_RATE, AnalysedStudy
from warm_inspect.report.evidence import warmth_checks
from warm_inspect.report.numbers import interval, p_value, percent, points, whole
from warm_inspect.report.tables.groups import rate_groups, records, regression_groups
from warm_inspect.report.tables.secondary import secondary_tables, split
from warm_inspect.report.tables.table import Table

_SHARES = ("correct", "incorrect", "unclear", "refusal", "not_correct", "endorses_claim", "truncated")
_EFFECTS = (ARM_EFFECT, NOISE, CONTEXT_EFFECT, BELIEF_EFFECT, SECOND_DIFFERENCE, FLIP_RATE)


def report_tables(study: AnalysedStudy) -> list[Table]:
    """Every table that has rows. Effects of single benchmarks stand in `estimates.csv` alone."""
    claims, others = split(secondary_tables(study))
    tables = [*claims, _warmth(study), _rates(study), _effects(study), *others, _regressions(study), _exclusions(study)]
    return [table for table in tables if table.rows]


def _warmth(study: AnalysedStudy) -> Table:
    return Table(
        "warmth",
        "Warmth checks of the adapters",
        "Lift d: standardised lift in warmth over the replies of the arm that decided the check. n counts prompts.",
        ("arm", "check", "over", "lift d", "95% interval", "n prompts", "replies here"),
        tuple(
            (
                row["arm"], row["warmth_check"] or "not run", row["warmth_reference"], points(row["warmth_d"], 2),
                interval(row["warmth_d_low"], row["warmth_d_high"], 2), whole(row["warmth_n"]), whole(row["replies"]),
            )
            for row in warmth_checks(study.observations.frame)
        ),
        labels=3,
    )  # fmt: skip


def _rates(study: AnalysedStudy) -> Table:
    return Table(
        "rates",
        "What each arm did",
        "Percent of graded replies (n), benchmarks weighted equally. endorses_claim: it affirms the wrong answer.",
        ("arm", "context", "belief", "n", *_SHARES),
        tuple(
            (row["arm"], row["context"], row["belief"], whole(row["n"]), *(percent(row[name]) for name in _SHARES))
            for group in rate_groups(study)
            for row in group.rows
        ),
        labels=3,
    )


def _effects(study: AnalysedStudy) -> Table:
    frame = study.estimates
    wanted = (frame["term"] == CONTRAST) & frame["analysis"].isin(_EFFECTS)
    rows = records(frame[wanted & (frame["benchmark"] == "")])
    return Table(
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
    return Table(
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


def _exclusions(study: AnalysedStudy) -> Table:
    return Table(
        "exclusions",
        "Samples without a grade",
        "They enter no number.",
        ("reason", "arm", "benchmark", "context", "belief", "n samples"),
        tuple(
            (*(str(row[name]) for name in ("reason", "arm", "benchmark", "context", "belief")), whole(row["n"]))
            for row in records(study.exclusions)
        ),
        labels=5,
    )
