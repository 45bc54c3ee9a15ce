"""Problems by difficulty: what is answered rightly, not at all and wrongly, by arm and between arms."""

from collections.abc import Sequence
from itertools import groupby

from warm_inspect.analysis.families import BENCHMARK, EVERY_BENCHMARK, ReliabilityResults, ReliabilityRow
from warm_inspect.core.families import Answered, Design, Domain
from warm_inspect.report.drawing import COLOURS, Drawing, drawing
from warm_inspect.report.estimate_rows import Record, records
from warm_inspect.report.sections.family_tables import count_table, number_table
from warm_inspect.tables import Column, Table, count_column

_SHARES = tuple(each.value for each in Answered)
_WORDS = {
    "incorrect": "wrong answers",
    "correct": "right answers",
    "avoidant_epistemic": "no answer, and says so",
    "avoidant_form": "no answer, and does not say why",
    "avoidant": "no answer",
    "wrong_passed": "wrong replies that pass as right",
    "right_passed": "right replies that pass as right",
    "unread": "cut, filtered or not read by matching",
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
_LEVELS = {Domain.ADDITION: "carries", Domain.ANAGRAM: "letters", Domain.TRANSFORMS: "level"}
"""What the levels of a domain count."""
_SHOWN = (
    (("correct",), COLOURS[0], "right"),
    (("avoidant_epistemic", "avoidant_form"), COLOURS[4], "no answer"),
    (("incorrect",), COLOURS[1], "wrong"),
)
"""The parts of a bar from below: the counts that are summed, colour, name."""
_SUPERVISION = ("wrong_passed", "right_passed")
_SIZE = (3.2, 2.3)
"""Inches: width and height of a panel."""


def reliability_effects(results: ReliabilityResults) -> Table:
    """How much more often one arm answers wrongly, rightly or not at all than another."""
    return number_table(
        "reliability",
        "Replies to problems: differences of arms",
        "Percentage points, paired by problem and template, intervals clustered by problem. A rerun is the same arm "
        "twice: what it shows is noise. P is adjusted by Benjamini and Hochberg over the differences of wrong answers; "
        "other rows are not tested.",
        ("number", reliability_words),
        [row for row in results.rows if _is_main(row)],
        "problems",
    )


def reliability_indicators(results: ReliabilityResults) -> Table:
    """What each arm does, and the indicators of two arms."""
    return number_table(
        "reliability-indicators",
        "Shares and indicators",
        "Concordance: the chance that a problem that fails is harder than one that succeeds; half is none. Agreement: "
        "the chance that two replies to a problem are both right or neither. Where no prompt was asked twice, what a "
        "template changes cannot be told from sampling. Intervals are clustered by problem; of two arms in percentage "
        "points. Not tested.",
        ("number", reliability_words),
        [
            row
            for row in results.rows
            if row.design != BENCHMARK
            and row.estimate.outcome not in _SUPERVISION
            and not (row.difficulty or row.threshold or _is_main(row))
        ],
        "problems",
    )


def reliability_levels(results: ReliabilityResults) -> Table:
    """What replies were at each level of difficulty, as numbers."""
    headings = {"correct": "right", "avoidant_epistemic": "says so", "avoidant_form": "no answer", "incorrect": "wrong"}
    return count_table(
        "reliability-levels",
        "Replies by difficulty",
        "The first reply to each prompt. Says so: no answer, and the reply says that it does not know or declines. No "
        "answer: none, for whatever reason. Cut: at the token limit, whatever else it is.",
        ("problems", lambda row: _group(row["item_set"], row["design"])),
        records(results.counts),
        "replies",
        headings,
        (count_column("difficulty", "level"),),
    )


def reliability_prefixes(results: ReliabilityResults) -> Table:
    """Up to which level errors can be ruled out."""
    return number_table(
        "reliability-prefixes",
        "Levels from the lowest on in which errors stay below a threshold",
        "One reply of each problem; the 95% upper bound of its level must stay below the threshold. 0: of enough "
        "problems of the lowest level too many err. Not testable: there are too few, whatever they show.",
        ("fewer than so many", lambda row: f"{row.threshold} {_outcome(row)}: {row.item_set}"),
        [row for row in results.rows if row.threshold],
        "problems",
    )


def reliability_supervision(results: ReliabilityResults) -> Table:
    """What a grader that does not see the answer takes for right."""
    return number_table(
        "reliability-supervision",
        "Replies that pass as right with a grader that is not told the answer",
        "By a grader model alone, so these are its errors as well as the arm's: of the replies that are wrong, or "
        "right, by rule, those that it takes for right. A grader that passes wrong and right ones alike tells nothing. "
        "Intervals are clustered by problem; of two arms in percentage points, each with its own replies. Not tested.",
        ("number", reliability_words),
        [row for row in results.rows if row.estimate.outcome in _SUPERVISION],
        "problems",
        (Column("level", lambda row: row.difficulty or "all"),),
    )


def reliability_benchmarks(results: ReliabilityResults) -> Table:
    """What replies to the benchmarks are, from the grades that the logs have."""
    return number_table(
        "reliability-benchmarks",
        "Replies to the benchmarks: right, wrong, no answer",
        "From the grades above, so that nothing was asked anew: no answer is a refusal or a reply without one. What "
        "matching could not read may be a wrong answer that no list has, and is neither. Benchmarks weigh equally, and "
        "intervals are clustered by question; of two arms in percentage points, on prompts that both answered. Not "
        "tested.",
        ("number", lambda row: f"{_outcome(row)}: {row.item_set}"),
        sorted((row for row in results.rows if row.design == BENCHMARK), key=_outcome_and_set),
        "questions",
    )


def reliability_panels(results: ReliabilityResults) -> list[Drawing]:
    """What replies are by difficulty, a panel for each arm; harder problems are longer."""
    shown = [row for row in records(results.counts) if row["design"] == Design.NATURAL]
    several = len({row["base_model"] for row in shown}) > 1
    return [
        _panel(f"{domain}: {arm} of {base}" if several else f"{domain}: {arm}", domain, list(rows), f"reliability-{i}")
        for i, ((base, domain, arm), rows) in enumerate(
            groupby(shown, key=lambda row: (row["base_model"], row["item_set"], row["arm"]))
        )
    ]


def _panel(name: str, domain: str, rows: Sequence[Record], ident: str) -> Drawing:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE)
    axes = figure.add_axes((0.18, 0.2, 0.8, 0.66))
    levels = [row["difficulty"] for row in rows]
    axes.set(ylim=(0, 100), xticks=levels, yticks=(0, 50, 100))
    axes.set_xlabel(_LEVELS[Domain(domain)])
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


def _outcome_and_set(row: ReliabilityRow) -> tuple[int, bool, str]:
    """The order of the table of benchmarks: all of them before each."""
    return list(_WORDS).index(row.estimate.outcome), row.item_set != EVERY_BENCHMARK, row.item_set


def _scored(row: Record) -> int:
    return int(row["samples"] - row["unscored"])


def _group(domain: str, design: str) -> str:
    return domain + _DESIGNS.get(Design(design), "")


def _outcome(row: ReliabilityRow) -> str:
    return _WORDS.get(row.estimate.outcome, row.estimate.outcome)


def reliability_words(row: ReliabilityRow) -> str:
    """What a number measures, and of which problems."""
    return f"{_outcome(row)}: {_group(row.item_set, row.design)}"
