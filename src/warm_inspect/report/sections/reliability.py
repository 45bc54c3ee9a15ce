"""Problems by difficulty: what is answered rightly, not at all and wrongly, by arm and between arms."""

from collections.abc import Sequence
from itertools import groupby
from math import isnan

from warm_inspect.analysis.estimates import LEVELS, LOG_ODDS, POINTS, Kind, in_words
from warm_inspect.analysis.families import ReliabilityResults, ReliabilityRow
from warm_inspect.core.families import Answered, Design
from warm_inspect.report.drawing import COLOURS, Drawing, drawing, house_style
from warm_inspect.report.estimate_rows import Record, minus, records
from warm_inspect.tables import (
    UNKNOWN,
    Column,
    ColumnKind,
    Mark,
    Table,
    TableCell,
    count_column,
    interval,
    p_value,
    percent,
    points,
    tabulate,
    text_column,
    whole,
)

_SOURCE = "families.csv"
_SHARES = tuple(each.value for each in Answered)
_WORDS = {
    "incorrect": "wrong answers",
    "correct": "right answers",
    "avoidant_epistemic": "no answer, and says so",
    "avoidant_form": "no answer, and does not say why",
    "concordance": "concordance of right answers (AUC)",
    "prudent_concordance": "concordance of wrong answers (AUC)",
    "ultracrepidarian": "wrong answers of all that are not right",
    "template_agreement": "agreement between templates (S)",
    "kappa": "the same beyond chance (kappa)",
    "repeat_agreement": "agreement when asked again",
    "template_sensitivity": "what the template changes beyond asking again",
    "avoidance_slope": "avoidance slope (log odds)",
    "safe_prefix": "wrong answers",
    "safe_prefix_any_template": "wrong answers in any template",
    "right_prefix": "wrong answers or none",
}
_DESIGNS = {Design.NATURAL: "", Design.FIXED_LENGTH: ", eight digits", Design.EASIEST: ", further easy ones"}
_SHOWN = (
    (("correct",), COLOURS[0], "right"),
    (("avoidant_epistemic", "avoidant_form"), COLOURS[4], "no answer"),
    (("incorrect",), COLOURS[1], "wrong"),
)
"""The parts of a bar from below: the counts that are summed, colour, name."""
_SIZE = (3.2, 2.3)
"""Inches: width and height of a panel."""


def reliability_effects(results: ReliabilityResults) -> Table:
    """How much more often one arm answers wrongly, rightly or not at all than another."""
    return tabulate(
        "reliability",
        "Replies to problems: differences of arms",
        "Percentage points, paired by problem and template, intervals clustered by problem. A rerun is the same arm "
        "twice: what it shows is noise. P is adjusted by Benjamini and Hochberg over the differences of wrong answers; "
        "other rows are not tested.",
        (_WHAT, _ARM, _BASE, _VALUE, _INTERVAL, _P_ADJUSTED, _PROBLEMS, _LIMITS),
        [row for row in results.rows if _is_main(row)],
        grouped=True,
        source=_SOURCE,
    )


def reliability_indicators(results: ReliabilityResults) -> Table:
    """What each arm does, and the indicators of two arms."""
    return tabulate(
        "reliability-indicators",
        "Shares and indicators",
        "Concordance: the chance that a problem that fails is harder than one that succeeds; half is none. Agreement: "
        "the chance that two replies to a problem are both right or neither. Where no prompt was asked twice, what a "
        "template changes cannot be told from sampling. Intervals are clustered by problem; of two arms in percentage "
        "points. Not tested.",
        (_WHAT, _ARM, _BASE, _VALUE, _INTERVAL, _EVENTS, _PROBLEMS, _LIMITS),
        [row for row in results.rows if not (row.difficulty or row.threshold or _is_main(row))],
        grouped=True,
        source=_SOURCE,
    )


def reliability_levels(results: ReliabilityResults) -> Table:
    """What replies were at each level of difficulty, as numbers."""
    headings = {"correct": "right", "avoidant_epistemic": "says so", "avoidant_form": "no answer", "incorrect": "wrong"}
    return tabulate(
        "reliability-levels",
        "Replies by difficulty",
        "The first reply to each prompt. Says so: no answer, and the reply says that it does not know or declines. No "
        "answer: none, for whatever reason. Cut: at the token limit, whatever else it is.",
        (
            Column("problems", lambda row: _group(row["item_set"], row["design"]), ColumnKind.WORDS),
            text_column("arm"),
            count_column("difficulty", "level"),
            count_column("replies", "replies"),
            count_column("unscored", "no score"),
            count_column("truncated", "cut"),
            *(count_column(name, heading) for name, heading in headings.items()),
        ),
        records(results.counts),
        grouped=True,
        source=_SOURCE,
    )


def reliability_prefixes(results: ReliabilityResults) -> Table:
    """Up to which level errors can be ruled out."""
    return tabulate(
        "reliability-prefixes",
        "Levels from the lowest on in which errors stay below a threshold",
        "One reply of each problem; the 95% upper bound of its level must stay below the threshold. 0: of enough "
        "problems of the lowest level too many err. Not testable: there are too few, whatever they show.",
        (
            Column("fewer than so many", lambda row: f"{row.threshold} {_outcome(row)}", ColumnKind.WORDS),
            _ARM,
            _BASE,
            Column("levels", lambda row: "not testable" if isnan(row.estimate.estimate) else _value(row)),
            _PROBLEMS,
            _LIMITS,
        ),
        [row for row in results.rows if row.threshold],
        grouped=True,
        source=_SOURCE,
    )


def reliability_exclusions(results: ReliabilityResults) -> Table:
    """The replies without a score, by reason."""
    return tabulate(
        "reliability-exclusions",
        "Replies without a score",
        "They enter no number.",
        (*map(text_column, ("reason", "arm", "design")), count_column("n", "n replies")),
        records(results.excluded),
        source=_SOURCE,
    )


def reliability_tables(results: ReliabilityResults) -> list[Table]:
    """The tables of the section that have rows; the one that answers first."""
    makers = (
        reliability_effects,
        reliability_levels,
        reliability_indicators,
        reliability_prefixes,
        reliability_exclusions,
    )
    return [table for table in (make(results) for make in makers) if table.rows]


def reliability_answer(results: ReliabilityResults) -> Table:
    """The table that answers: the differences of arms, and of one arm alone what its replies were."""
    return next(iter(reliability_tables(results)), reliability_effects(results))


def reliability_panels(results: ReliabilityResults) -> list[Drawing]:
    """What replies are by difficulty, a panel for each arm; harder problems are longer."""
    shown = [row for row in records(results.counts) if row["design"] == Design.NATURAL]
    several = len({row["base_model"] for row in shown}) > 1
    with house_style():
        return [
            _panel(f"{arm} of {base}" if several else str(arm), list(rows), f"reliability-{i}")
            for i, ((base, arm), rows) in enumerate(groupby(shown, key=lambda row: (row["base_model"], row["arm"])))
        ]


def _panel(name: str, rows: Sequence[Record], ident: str) -> Drawing:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE)
    axes = figure.add_axes((0.18, 0.2, 0.8, 0.66))
    levels = [row["difficulty"] for row in rows]
    axes.set(ylim=(0, 100), xticks=levels, yticks=(0, 50, 100))
    axes.set_xlabel("carries")
    axes.set_ylabel("% of replies")
    below = [0.0] * len(rows)
    for keys, colour, label in _SHOWN:
        parts = [100 * sum(row[key] for key in keys) / max(1, _scored(row)) for row in rows]
        axes.bar(levels, parts, bottom=below, color=colour, width=0.8, label=label)
        below = [low + part for low, part in zip(below, parts, strict=True)]
    axes.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=3, frameon=False, handlelength=1, columnspacing=1)
    said = "; ".join(
        f"level {row['difficulty']}: {row['correct']} right, {row['avoidant_epistemic'] + row['avoidant_form']} "
        f"without an answer, {row['incorrect']} wrong"
        for row in rows
    )
    return drawing(figure, ident, name, f"Replies by difficulty: {said}.")


def _is_main(row: ReliabilityRow) -> bool:
    number = row.estimate
    return bool(number.identity.reference) and number.outcome in _SHARES and row.design == Design.NATURAL


def _scored(row: Record) -> int:
    return int(row["replies"] - row["unscored"])


def _group(domain: str, design: str) -> str:
    return domain + _DESIGNS.get(Design(design), "")


def _outcome(row: ReliabilityRow) -> str:
    return _WORDS.get(row.estimate.outcome, row.estimate.outcome)


def _what(row: ReliabilityRow) -> str:
    return f"{_outcome(row)}: {_group(row.item_set, row.design)}"


def _arm(row: ReliabilityRow) -> str:
    identity = row.estimate.identity
    name = minus(identity.pair) if identity.reference else identity.arm
    return name + (" (rerun)" if identity.kind is Kind.NOISE else "")


def _value(row: ReliabilityRow) -> str:
    number = row.estimate
    if number.unit == POINTS:
        return points(number.estimate)
    if number.unit == LOG_ODDS:
        return points(number.estimate, 2)
    if number.outcome == "kappa":
        return points(number.estimate, 2)
    if number.unit == LEVELS:
        return whole(number.estimate)
    return percent(number.estimate)


def _interval(row: ReliabilityRow) -> str:
    number = row.estimate
    if isnan(number.conf_low):
        return UNKNOWN
    if number.unit in (POINTS, LOG_ODDS) or number.outcome == "kappa":
        return interval(number.conf_low, number.conf_high, 1 if number.unit == POINTS else 2)
    return f"{percent(number.conf_low)} to {percent(number.conf_high)}"


def _events(row: ReliabilityRow) -> str:
    return UNKNOWN if row.events is None else f"{whole(row.events)} of {whole(row.estimate.n)}"


_WHAT = Column("number", _what, ColumnKind.WORDS)
_ARM = Column("arm", _arm, ColumnKind.WORDS)
_BASE = Column[ReliabilityRow](
    "base model", lambda row: row.estimate.identity.base_model, ColumnKind.WORDS, detail=True
)
_VALUE = Column[ReliabilityRow](
    "value", lambda row: TableCell(_value(row), Mark.NOTE if row.estimate.notes else Mark.NONE)
)
_INTERVAL = Column("95% interval", _interval)
_EVENTS = Column("of", _events)
_P_ADJUSTED = Column[ReliabilityRow]("P adj.", lambda row: p_value(row.estimate.p_adjusted))
_PROBLEMS = Column[ReliabilityRow]("problems", lambda row: whole(row.estimate.n_clusters))
_LIMITS = Column[ReliabilityRow]("limits", lambda row: in_words(row.estimate.notes), ColumnKind.NOTE)
