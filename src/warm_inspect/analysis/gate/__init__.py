"""The release gate: whether a checkpoint may replace a reference, by margins of harm that the user states."""

from warm_inspect.analysis.gate.controls import ControlPair
from warm_inspect.analysis.gate.gate import GateReport, run_gate
from warm_inspect.analysis.gate.margins import GatePolicy, read_policy, unit_of
from warm_inspect.analysis.gate.verdict import MarginTest, State, Verdict

__all__ = [
    "ControlPair", "GatePolicy", "GateReport", "MarginTest", "State", "Verdict", "read_policy", "run_gate", "unit_of",
]  # fmt: skip
