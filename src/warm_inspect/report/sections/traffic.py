"""The stated traffic: what an arm costs in 1,000 conversations of a team's own users, and what that is made of."""

from math import isnan

from warm_inspect.analysis.contrasts import BEST, WORST
from warm_inspect.analysis.estimates import CONTRAST
from warm_inspect.analysis.study import TRAFFIC, AnalysedStudy
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, NOT_CORRECT, Grade
from warm_inspect.report.estimate_rows import (
    ID,
    INTERVAL,
    LIMITS,
    Record,
    clusters_column,
    estimate_column,
    interval_of,
    n_column,
    records,
    value,
)
from warm_inspect.tables import UNKNOWN, Column, ColumnKind, Table, percent, tabulate, text_column, whole

_COUNTED = {
    Grade.INCORRECT.value: "wrong replies",
    NOT_CORRECT: "replies without the right answer",
    ENDORSES_CLAIM: "replies that adopt a wrong answer that the user states",
}


def traffic_rows(study: AnalysedStudy) -> list[Record]:
    """The rows of the estimates on the stated traffic, each with its bounds, `best` and `worst`, None without any."""
    rows = records(study.estimates[study.estimates["analysis"] == TRAFFIC])
    by_name = {(row["contrast"], row["outcome"], row["term"]): row for row in rows}
    return [
        row | {case: by_name.get((row["contrast"], row["outcome"], case)) for case in (BEST, WORST)}
        for row in rows
        if row["term"] == CONTRAST
    ]


def traffic_effects(study: AnalysedStudy) -> Table:
    """What each arm costs in 1,000 conversations; without rows where no traffic was stated."""
    return tabulate(
        "traffic",
        "In 1,000 conversations of the stated traffic",
        "Replies more (+) or fewer (−) in 1,000 conversations, with 95% intervals clustered by question; contexts and "
        "beliefs count as independent where no crossing is stated. “If missing” is the number if every missing "
        "reply spoke for the arm, and if every one spoke against it. A size, not a test. A rerun is one model asked "
        "twice: what chance alone gives. n counts questions that were answered under every condition.",
        (
            Column("arms", lambda row: _arms(row, study.observations.roles.rerun), ColumnKind.WORDS),
            Column("counted", lambda row: _COUNTED[row["outcome"]], ColumnKind.WORDS),
            estimate_column("per 1,000"), INTERVAL, Column("if missing", _missing), n_column("questions"),
            clusters_column("clusters"), ID, LIMITS,
        ),
        traffic_rows(study),
    )  # fmt: skip


def traffic_conditions(study: AnalysedStudy) -> Table:
    """What the number is made of: each arm in each condition of the traffic."""
    return tabulate(
        "traffic-conditions",
        "What each condition adds",
        "Share: of all conversations. n is the number of graded replies, the denominator of the rates of its row; "
        "benchmarks weigh equally. Missing: cut, filtered, not understood by matching, or not graded.",
        (
            text_column("arm"),
            Column("context · belief", lambda row: f"{row['context']} · {row['belief']}", ColumnKind.WORDS),
            Column("share", lambda row: percent(row["share"])), Column("n", lambda row: whole(row["n"])),
            Column("no grade", lambda row: whole(row["unscored"])), _rate("missing", "missing"),
            _rate("incorrect"), _rate("unclear"), _rate("refusal"), _rate("truncated", "cut"),
            Column("wrong per 1,000", lambda row: f"{row['incorrect_per_1000']:.1f}"),
        ),
        records(study.traffic),
        grouped=True,
        source="traffic.csv",
    )  # fmt: skip


def traffic_sentences(study: AnalysedStudy) -> list[str]:
    """One sentence for each arm: its wrong replies in 1,000 conversations, their interval, their bounds, and chance."""
    rerun = study.observations.roles.rerun
    rows = [row for row in traffic_rows(study) if row["outcome"] == Grade.INCORRECT]
    chance = next((row for row in rows if row["arm"] == rerun), None)
    return [_sentence(row, chance) for row in rows if row is not chance]


def _arms(row: Record, rerun: str) -> str:
    """What is compared; a rerun is named as that."""
    pair = f"{row['arm']} − {row['reference'] or row['versus']}"
    return f"{pair} (rerun)" if row["arm"] == rerun else pair


def _sentence(row: Record, chance: Record | None) -> str:
    than = f"than {row['reference']}" if row["reference"] else "than when the same questions are asked plainly"
    size = f"{abs(row['estimate']):.1f} {'fewer' if row['estimate'] < 0 else 'more'}"
    limits = [] if isnan(row["conf_low"]) else [f"95 % interval {interval_of(row)}"]
    if row[WORST]:
        limits.append(f"{_missing(row)} with every missing reply for it, and against it")
    said = f" ({'; '.join(limits)})" if limits else ""
    # A number without this reads as an effect, however wide its interval.
    holds_zero = row["conf_low"] <= 0 <= row["conf_high"]
    not_shown = " The interval holds 0: neither more nor fewer is shown." if holds_zero else ""
    counted = f"In 1,000 conversations with {row['level']} {row['arm']} gives {size} wrong replies {than}"
    twice = (
        f" Chance: two runs of {chance['reference']} differ by {value(chance)} ({interval_of(chance)})."
        if chance
        else ""
    )
    return f"{counted}{said}.{not_shown}{twice}"


def _missing(row: Record) -> str:
    return f"{value(row[BEST])} to {value(row[WORST])}" if row[BEST] and row[WORST] else UNKNOWN


def _rate(name: str, heading: str = "") -> Column[Record]:
    return Column(heading or name, lambda row: percent(row[name]))
