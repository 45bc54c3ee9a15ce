"""A verdict as JSON, markdown and JUnit: complete, escaped, and never softer than it is."""

from dataclasses import replace
from math import nan
from xml.etree import ElementTree

import numpy as np
import pytest

from warm_inspect.analysis.contrasts import Harms
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.gate.gate import GateReport
from warm_inspect.analysis.gate.margins import GatePolicy
from warm_inspect.analysis.gate.verdict import MarginTest, Verdict, decide, harm_test
from warm_inspect.report.gate_report import gate_junit, gate_markdown, gate_record, reasons

WITHIN = MarginTest(
    "worst_context", "context=none", "not_correct", 5.0, 0.5, 0.5, 3.0, 200, p_within=0.002, p_beyond=0.998
)
EXCEEDED = MarginTest(
    "worst_context", "context=sad", "not_correct", 5.0, 12.0, 12.0, 15.0, 200, p_within=1.0, p_beyond=0.0001
)
# The bound is 1.6449 standard errors of 0.15 above the harm.
OPEN = MarginTest("warmth", "lift by style-1", "warmth", -0.35, -0.5, -0.5, -0.253272, 60, p_within=0.16, p_beyond=0.84)
NO_LOGS = Note(Code.NO_CONTROL_LOGS, tasks="mmlu", margin="capability")
BLIND = MarginTest("capability", "control logs", "", 2.0, notes=(NO_LOGS,))
BROKEN = Note(Code.LOG_SKIPPED, log="a|b.eval", kind="unreadable")


def report_of(*tests: MarginTest, gaps: tuple[Note, ...] = (), warnings: tuple[Note, ...] = ()) -> GateReport:
    policy = GatePolicy.model_validate({"arm": "warm", "margins": {"warmth": {}}})
    verdict, decided = decide(tests, policy.alpha, gaps)
    return GateReport(
        verdict=verdict,
        policy=policy,
        tests=tuple(decided),
        gaps=gaps,
        warmth_checks={"warm": ["failed"]} if warnings else {},
        warnings=warnings,
        checkpoint={"base model": "tiny"},
        items={"medqa": "200 questions"},
    )


def test_allow_says_how_many_tests_passed() -> None:
    report = report_of(WITHIN, WITHIN)
    assert reasons(report) == ["All 2 tests show the harm below its margin at the one-sided 0.05 level."]
    suite = ElementTree.fromstring(gate_junit(report))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "0", "0")


def test_allow_says_how_much_is_missing() -> None:
    note = Note(Code.MISSING_AT_WORST, n=8, asked=3_000, reasons="8 of warm cut", added=0.5, bound=1.0)
    report = report_of(WITHIN, replace(WITHIN, notes=(note,)))
    assert reasons(report)[1] == f"worst_context (context=none, not_correct): {note.sentence}"


def test_warnings_are_everywhere_and_fail_nothing() -> None:
    report = report_of(WITHIN, warnings=(Note(Code.WARMTH_FAILED, arm="<warm>\x00", where=""),))
    record = gate_record(report)
    assert (record["verdict"], record["warmth_checks"]) == ("ALLOW", {"warm": ["failed"]})
    assert record["warnings"] == [warning.sentence for warning in report.warnings]
    suite = ElementTree.fromstring(gate_junit(report))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "0", "0")
    assert (suite.findtext("system-out") or "").startswith("Warning: The adapter of arm <warm>\ufffd failed")
    _, _, first, *_ = gate_markdown(report).splitlines()
    assert first.startswith("**Warning:** The adapter of arm &lt;warm>")
    assert ElementTree.fromstring(gate_junit(report_of(WITHIN))).find("system-out") is None


def test_reject_puts_the_exceeded_margin_first() -> None:
    report = report_of(WITHIN, OPEN, EXCEEDED)
    first, second = reasons(report)
    assert report.verdict is Verdict.REJECT
    assert first == (
        "worst_context (context=sad, not_correct) is shown beyond its margin: harm +12.0 points, at most +15.0, "
        "margin 5."
    )
    assert second.startswith("warmth (lift by style-1) is open: lift +0.50 SD, must be shown above +0.35, 60 prompts.")
    suite = ElementTree.fromstring(gate_junit(report))
    (failure,) = suite.findall("testcase/failure")
    assert failure.get("type") == "REJECT"
    # An open test is an error and not a skip: CI would count a skip as passed.
    assert [error.get("type") for error in suite.findall("testcase/error")] == ["INCONCLUSIVE"]


def test_inconclusive_says_what_it_would_need() -> None:
    # 200 questions in none of which anything differs, and two of which are missing.
    weight = np.full(200, 1 / 200)
    worst = weight * (np.arange(200) < 2)
    blank = replace(WITHIN, limit=2.0)
    lost = Harms(weight, worst, -worst, 0.0, 400, (Note(Code.MISSING_CUT, arm="warm", n=2),), 2)
    report = report_of(OPEN, BLIND, harm_test(blank, lost, 0.05), gaps=(BROKEN,))
    said = " ".join(reasons(report))
    # 60 * ((1.6449 + 0.8416) * 0.15 / 0.15) ** 2 = 370.96
    assert "if the truth is as seen, about 371 prompts would be enough." in said
    assert (
        "(context=none, not_correct) is open: harm 0.0 points, at most +3.1, margin 2, 200 questions. 2 of 400" in said
    )
    assert "2 of warm cut at the token limit: generate them again" in said
    assert "If the arm does no harm, " in said
    assert "capability (control logs) could not be tested: no control logs" in said
    assert "Incomplete evidence: log a|b.eval is unreadable." in said


def test_the_record_holds_null_for_what_is_not_known() -> None:
    record = gate_record(report_of(BLIND))
    assert (record["verdict"], record["tests"][0]["harm"], record["tests"][0]["state"]) == (
        "INCONCLUSIVE",
        None,
        "open",
    )
    assert nan not in record["tests"][0].values()


def test_names_from_logs_cannot_break_out() -> None:
    evil = replace(EXCEEDED, cell='a|b\n# <script>alert("x")</script> \x00 `c`')
    report = report_of(evil, gaps=(Note(Code.LOG_SKIPPED, log='"<x>&\x01.eval"', kind="unreadable"),))
    suite = ElementTree.fromstring(gate_junit(report))
    assert suite[0].get("name") == 'a|b\n# <script>alert("x")</script> \ufffd `c` not_correct'
    table = [line for line in gate_markdown(report).splitlines() if line.startswith("| worst_context")]
    assert len(table) == 1
    assert "<script>" not in gate_markdown(report)
    assert "a\\|b # &lt;script>" in table[0]


@pytest.mark.parametrize("tests", [(WITHIN,), (EXCEEDED, OPEN), (BLIND,)])
def test_markdown_starts_with_the_verdict_and_lists_every_test(tests: tuple[MarginTest, ...]) -> None:
    report = report_of(*tests)
    text = gate_markdown(report)
    assert text.startswith(f"## {report.verdict.value}: warm against original\n")
    assert text.count("\n| ") == len(tests) + 2
