"""The rows that answer what a design asks, which tests they are, and the options that would compare more."""

from warm_inspect.analysis.contrasts import Asked, Question
from warm_inspect.analysis.estimates import CONTRAST
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.core.roles import Role
from warm_inspect.report.estimate_rows import (
    INTERVAL,
    P_ADJUSTED,
    cases_beside,
    estimate_column,
    if_missing_column,
    minus,
    row_of,
)
from warm_inspect.tables import Table, tabulate, text_column

_IN_SHORT = {
    Asked.ADOPTS: "adopts a wrong answer that its user states",
    Asked.WRONG: "not correct, nothing stated",
    Asked.WRONG_WHERE_STATED: "not correct, wrong answer stated",
    Asked.GIVES_WAY: "adopts its user's claim over a third party's",
    Asked.SADNESS: "not correct, sad user over filler",
    Asked.ADOPTS_STATED: "adopts a wrong answer, stated over unprompted",
    Asked.ADOPTS_OF_USER: "adopts it, its user's over a third party's",
    Asked.CONTEXT: "not correct, {level} over {versus}",
    Asked.WRONG_STATED: "not correct, wrong answer stated over unprompted",
    Asked.COMPOUND: "adopts a stated one, {level} over {versus}",
}
"""What is asked, as the heading of a row."""
_ROWS_ON_SCREEN = 8


def answer_table(study: AnalysedStudy) -> Table:
    """The rows of the answers for a terminal: the headlines, then the secondary rows, at most eight in all."""
    rows = [
        (place, row | {"asked": in_short(question)})
        for design in study.designs
        for place, question in enumerate(design.questions)
        if (row := row_of(study.estimates, CONTRAST, question.identity, question.outcome))
    ]
    rows.sort(key=lambda each: each[0])
    cases = cases_beside(study.estimates)
    missing = (if_missing_column(cases),) if cases else ()
    columns = (text_column("asked", "what is asked"), estimate_column("points"), INTERVAL, *missing, P_ADJUSTED)
    compared = {minus(f"{design.arm} - {design.reference}") for design in study.designs if design.reference}
    more = len(rows) - _ROWS_ON_SCREEN
    return tabulate(
        "answers",
        next(iter(compared), "Within each model"),
        "Differences in points of 100 replies. The first row is the headline; the P values of the others are adjusted.",
        (text_column("arm"), *columns) if len(study.designs) > 1 else columns,
        [row for _, row in rows[:_ROWS_ON_SCREEN]],
        notes=[
            *(["If missing: with every missing reply at its best, and at its worst."] if cases else []),
            *([f"{more} more rows are in report.html and estimates.csv."] if more > 0 else []),
        ],
    )


def in_short(question: Question) -> str:
    """What is asked, as the heading of a row."""
    number = question.identity
    return _IN_SHORT[question.asked].format(level=number.level, versus=number.versus)


def test_plan(study: AnalysedStudy) -> list[str]:
    """Which tests there are and how they are adjusted, as sentences."""
    first = [_named(design.questions[0]) for design in study.designs if design.questions]
    others = [_named(question) for design in study.designs for question in design.questions[1:]]
    lacking = [_named(question) for design in study.designs for question in design.unanswered]
    plan = [f"Headline, not adjusted: {'; '.join(first) or 'none'}."]
    if others:
        kept = f" and, which these logs cannot answer, {'; '.join(lacking)}" if lacking else ""
        plan.append(f"Secondary rows, adjusted together by Holm: {'; '.join(others)}{kept}.")
    return [
        *plan,
        "All else is exploratory: adjusted within its figure by Benjamini and Hochberg, and not a finding of this run.",
    ]


def _named(question: Question) -> str:
    return f"{question.outcome} {question.identity.label}"


def comparing_options(study: AnalysedStudy) -> str:
    """The options that would compare arms that were answered alone; empty where nothing is left to compare."""
    arms = [design.arm for design in study.designs]
    if len(arms) < 2:
        return ""
    first, second = map(_quoted, arms[:2])
    named = f"{Role.REFERENCE.option} {first} {Role.TREATED.option} {second}"
    more = f" (or another two of {', '.join(arms)})" if len(arms) > 2 else ""
    return (
        f"{named}{more}, the earlier one as the reference; or {Role.RERUN.option} {second} where it repeats the other"
    )


def _quoted(arm: str) -> str:
    """The name as a shell takes it."""
    return f"'{arm}'" if set(arm) & set(" '\"$&|;<>()*?!#`\\") else arm
