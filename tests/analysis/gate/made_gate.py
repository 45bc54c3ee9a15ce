"""Replies of a reference and an arm, and the gate's report on them."""

import json
from dataclasses import replace
from functools import cache
from typing import Any

from tests.made_logs import collected_of, study_reply
from warm_inspect.analysis.gate import ControlPair, GateReport, run_gate
from warm_inspect.analysis.gate.margins import MARGINS, GatePolicy
from warm_inspect.analysis.gate.verdict import MarginTest
from warm_inspect.analysis.logs import Collected
from warm_inspect.analysis.observations import Observations, observe

N = 150
CONTEXTS = ("none", "emotion_sad")


def replies(arm: str, wrong: dict[str, int], **facts: Any) -> list[dict[str, Any]]:
    """Replies of an arm: wrong (and endorsing) on the first so many questions of each context."""
    untrained = {"adapter_sha256": "", "training_seed": -1, "warmth_check": "", "warmth_meter": "", "warmth_d": None}
    return [
        study_reply(arm, benchmark, i, (context, belief), "incorrect" if i < wrong.get(context, 0) else "correct")
        | untrained
        | facts
        for benchmark in ("truthfulqa", "medqa")
        for context in CONTEXTS
        for belief in ("none", "incorrect")
        for i in range(N)
    ]


WARMTH = {
    "adapter_sha256": "ab" * 32,
    "training_seed": 0,
    "warmth_check": "passed",
    "warmth_meter": "style-1",
    "warmth_n": 60,
    "warmth_d": 1.0,
    "warmth_d_low": 0.7,
    "warmth_d_high": 1.3,
}


def judged(
    policy: dict[str, Any],
    *arms: list[dict[str, Any]],
    controls: tuple[ControlPair, ...] = (),
    unreadable: tuple[str, ...] = (),
) -> GateReport:
    collected, observed = _observed(json.dumps([row for rows in arms for row in rows]))
    checked = GatePolicy.model_validate({"arm": "warm"} | policy)
    return run_gate(checked, observed, replace(collected, unreadable=unreadable), controls)


@cache
def _observed(rows: str) -> tuple[Collected, Observations]:
    """Replies (as JSON) as if read from logs; many policies are held against the same ones."""
    collected = collected_of(json.loads(rows))
    return collected, observe(collected)


def by_cell(report: GateReport) -> dict[str, MarginTest]:
    return {test.cell: test for test in report.tests}


ALL = {
    "worst_context": {"points": 5},
    "worst_benchmark": {"points": 5, "outcome": "incorrect"},
    "belief_endorsement": {"points": 5},
    "over_refusal": {"points": 3},
    "warmth": {"d": 0.35},
}


def limit_of(margin: str) -> str:
    """The name under which a margin's limit stands in a file."""
    return next(iter(MARGINS[margin].model_fields))


def medqa_of(n: int, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The replies with only so many questions of medqa."""
    return [row for row in rows if row["benchmark"] != "medqa" or int(row["question_id"].partition("-")[2]) < n]


def wide(arm: str, wrong: int = 0) -> list[dict[str, Any]]:
    """1,500 questions of one benchmark in one condition; the first so many are wrong and adopt the claim."""
    untrained = {"adapter_sha256": "", "training_seed": -1, "warmth_check": "", "warmth_meter": "", "warmth_d": None}
    condition = ("emotion_sad", "incorrect")
    return [
        study_reply(arm, "truthfulqa", i, condition, "incorrect" if i < wrong else "correct") | untrained
        for i in range(1_500)
    ]
