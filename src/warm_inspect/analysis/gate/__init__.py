"""The release gate: whether a checkpoint may replace a reference, by margins of harm that the user states."""

from warm_inspect.analysis.gate.controls import ControlPair
from warm_inspect.analysis.gate.gate import GateReport, run_gate
from warm_inspect.analysis.gate.hostile_dialogues import HOSTILE_DIALOGUES
from warm_inspect.analysis.gate.margins import GatePolicy, read_policy
from warm_inspect.analysis.gate.verdict import MarginTest, State, Verdict

__all__ = [
    "HOSTILE_DIALOGUES", "ControlPair", "GatePolicy", "GateReport", "MarginTest", "State", "Verdict", "read_policy",
    "run_gate",
]  # fmt: skip
