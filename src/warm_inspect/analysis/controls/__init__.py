"""The control benchmarks: what each arm keeps, as rates, paired differences from the original, and equivalence.

A control log may be of our own task or of any other: `with_arm` says which arm it is of, `check_controls` whether the
logs of one control may be compared.
"""

from warm_inspect.analysis.controls.control_logs import by_control, check_controls, same_model, with_arm
from warm_inspect.analysis.controls.results import ControlResults, ControlRow, analyse_controls

__all__ = ["ControlResults", "ControlRow", "analyse_controls", "by_control", "check_controls", "same_model", "with_arm"]
