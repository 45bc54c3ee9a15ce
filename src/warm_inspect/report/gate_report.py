"""A gate's verdict: as a table, as JSON values, as markdown for a pull request, and as JUnit XML for CI."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isnan
from typing import Any
from xml.etree import ElementTree

from warm_inspect.analysis.estimates import Code, code_names, in_words
from warm_inspect.analysis.gate import (
    ControlPair,
    GatePolicy,
    GateReport,
    MarginTest,
    State,
    Verdict,
    run_gate,
    unit_of,
)
from warm_inspect.analysis.logs import FileProgress, collect, read_samples
from warm_inspect.analysis.observations import observe
from warm_inspect.core.controls import ControlKind
from warm_inspect.core.shown_text import shown
from warm_inspect.tables import (
    Column,
    ColumnKind,
    Mark,
    Table,
    TableCell,
    markdown_rows,
    markdown_text,
    p_value,
    points,
    tabulate,
    whole,
)

WARMTH = "warmth"


def gate_logs(
    policy: GatePolicy,
    paths: Sequence[str],
    controls: Iterable[tuple[str, str, str]] = (),
    arms: Mapping[str, str] | None = None,
    progress: FileProgress = iter,
    grading: str = "",
    score: str = "",
) -> GateReport:
    """The verdict on the checkpoint in some logs.

    Args:
        policy: the margins.
        paths: log files, folders (searched recursively) and glob patterns.
        controls: margin, log of the reference and log of the arm, of any task, instead of control logs among `paths`.
        arms: the arm of each model whose logs do not say it.
        progress: wraps the files while they are read.
        grading: which grading is read of logs that hold several.
        score: which score is read as how correct a reply is, of an own task.

    Raises:
        PrerequisiteError: there is no verdict, because of a mistake in the margins or the logs.
    """
    collected = collect(paths, progress, grading, score)
    observations = observe(collected, arms or {}, compared=(policy.arm, policy.reference))
    named = [
        ControlPair(ControlKind(kind), read_samples(reference), read_samples(arm)) for kind, reference, arm in controls
    ]
    return run_gate(policy, observations, collected, named)


def gate_record(report: GateReport) -> dict[str, Any]:
    """The report as JSON values; what is not known is null."""
    policy = report.policy
    return {
        "verdict": report.verdict.value,
        "arm": policy.arm,
        "reference": policy.reference,
        "alpha": policy.alpha,
        "looks": policy.looks,
        "checkpoint": dict(report.checkpoint),
        "items": dict(report.items),
        "reasons": reasons(report),
        "warmth_checks": dict(report.warmth_checks),
        "warnings": [warning.sentence for warning in report.warnings],
        "tests": [_test_record(test) for test in report.tests],
    }


def _test_record(test: MarginTest) -> dict[str, Any]:
    values = {name: value for name, value in vars(test).items() if name not in ("notes", "harms")}
    values |= {"note": in_words(test.notes), "note_codes": code_names(test.notes)}
    return {name: None if isinstance(value, float) and isnan(value) else value for name, value in values.items()}


def reasons(report: GateReport) -> list[str]:
    """Why the verdict is what it is, in sentences; the tests that decided it come first."""
    gaps = [f"Incomplete evidence: {gap.sentence}" for gap in report.gaps]
    if report.verdict is Verdict.ALLOW:
        level = f"the one-sided {report.policy.level:g} level"
        return [f"All {len(report.tests)} tests show the harm below its margin at {level}.", *_most_missing(report)]
    exceeded = [
        f"{_subject(test)} is shown beyond its margin: {measured(test)}." for test in _in(report, State.EXCEEDED)
    ]
    open_tests = [_unanswered(test) for test in _in(report, State.OPEN)]
    return [*exceeded, *open_tests, *gaps]


def measured(test: MarginTest) -> str:
    """The harm that a test measured, with its margin."""
    if isnan(test.harm):
        return in_words(test.notes)
    if test.margin == WARMTH:
        return f"lift {points(-test.harm, 2)} SD, must be shown above {points(-test.limit, 2)}"
    return f"harm {points(test.harm)} points, at most {points(test.bound)}, margin {test.limit:g}"


def tests_table(report: GateReport) -> Table:
    """Every test against its margin."""
    return tabulate(
        "tests",
        "Tests against the margins",
        "Harm and margin in percentage points; for warmth minus the lift, in standard deviations. At worst: with "
        "missing replies as harm of the arm and none of the reference; bound: what the harm at worst stays below, at "
        "the level of the tests. P within: that the harm reaches its margin; P beyond: that it does not pass it, by "
        f"Holm. One-sided tests at {report.policy.level:g}: ALLOW needs every test within its margin, REJECT one "
        "beyond it after Holm's correction.",
        _TESTS,
        report.tests,
    )


_STATES = {State.WITHIN: Mark.PASSED, State.EXCEEDED: Mark.FAILED, State.OPEN: Mark.OPEN}
_TESTS: tuple[Column[MarginTest], ...] = (
    Column("margin of", lambda test: test.margin, ColumnKind.WORDS),
    Column("cell", lambda test: test.cell, ColumnKind.WORDS),
    Column("outcome", lambda test: test.outcome, ColumnKind.WORDS),
    Column("harm", lambda test: points(test.harm, 2)),
    Column("at worst", lambda test: points(test.harm_at_worst, 2)),
    Column("bound", lambda test: points(test.bound, 2)),
    Column("margin", lambda test: f"{test.limit:g}"),
    Column("P within", lambda test: p_value(test.p_within)),
    Column("P beyond", lambda test: p_value(test.p_beyond_holm)),
    Column("n", lambda test: whole(test.n)),
    Column("state", lambda test: TableCell(test.state.value, _STATES[test.state]), ColumnKind.WORDS),
)


def gate_markdown(report: GateReport) -> str:
    """The verdict, its reasons and every test as markdown."""
    policy, tests = report.policy, tests_table(report)
    checkpoint = ", ".join(f"{name} {value}" for name, value in report.checkpoint.items())
    lines = [
        f"## {report.verdict.value}: {markdown_text(policy.arm)} against {markdown_text(policy.reference)}",
        "",
        *(f"**Warning:** {markdown_text(warning.sentence)}\n" for warning in report.warnings),
        f"For this checkpoint ({markdown_text(checkpoint)}) and these items "
        f"({markdown_text('; '.join(f'{name}: {what}' for name, what in report.items.items()))}).",
        "",
        *(f"- {markdown_text(reason)}" for reason in reasons(report)),
        "",
        markdown_rows(tests),
        "",
        markdown_text(tests.caption),
    ]
    return "\n".join(lines) + "\n"


def gate_junit(report: GateReport) -> str:
    """One test case per test: a failure when its margin is exceeded, an error when it is open; one error per gap.

    Warnings are the suite's output: they fail nothing.
    """
    suite = ElementTree.Element("testsuite", name="warm-inspect gate")
    for test in report.tests:
        case = ElementTree.SubElement(
            suite, "testcase", classname=_text(f"gate.{test.margin}"), name=_text(f"{test.cell} {test.outcome}".strip())
        )
        if test.state is State.EXCEEDED:
            ElementTree.SubElement(case, "failure", type=Verdict.REJECT.value, message=_text(measured(test)))
        elif test.state is State.OPEN:
            ElementTree.SubElement(case, "error", type=Verdict.INCONCLUSIVE.value, message=_text(_unanswered(test)))
    for gap in report.gaps:
        case = ElementTree.SubElement(suite, "testcase", classname="gate.evidence", name=_text(gap.words))
        ElementTree.SubElement(case, "error", type=Verdict.INCONCLUSIVE.value, message=_text(gap.words))
    for tag in ("failure", "error"):
        suite.set(f"{tag}s", str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite)))
    if report.warnings:
        said = "\n".join(f"Warning: {warning.sentence}" for warning in report.warnings)
        ElementTree.SubElement(suite, "system-out").text = _text(said)
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _in(report: GateReport, state: State) -> Iterator[MarginTest]:
    return (test for test in report.tests if test.state is state)


def _subject(test: MarginTest) -> str:
    return f"{test.margin} ({test.cell}{f', {test.outcome}' if test.outcome and test.margin != WARMTH else ''})"


def _unanswered(test: MarginTest) -> str:
    """Why a test is open, and how much it would take."""
    if isnan(test.p_within):
        return f"{_subject(test)} could not be tested: {in_words(test.notes)}."
    unit = unit_of(test.margin)
    said = [f"{_subject(test)} is open: {measured(test)}, {test.n:,} {unit}", *(note.words for note in test.notes)]
    harmless, as_seen = (_enough(n, unit) for n in (test.n_if_harmless, test.n_as_seen))
    return f"{'. '.join(said)}. If the arm does no harm, {harmless}; if the truth is as seen, {as_seen}."


def _enough(n: int | None, unit: str) -> str:
    """How many units would be enough; where no number is, something else must change first."""
    return f"no number of {unit} would be enough" if n is None else f"about {n:,} {unit} would be enough"


def _most_missing(report: GateReport) -> Iterator[str]:
    """The test to which missing replies matter most."""
    notes = [
        (float(str(note.values["added"])), f"{_subject(test)}: {note.sentence}")
        for test in report.tests
        for note in test.notes
        if note.code is Code.MISSING_AT_WORST
    ]
    if notes:
        yield max(notes)[1]


def _text(text: str) -> str:
    """Text without the characters that XML cannot hold, and without those that steer what shows it."""
    return shown(text)
