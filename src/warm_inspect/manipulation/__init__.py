"""The manipulation check: did training make the arms as warm, or as cold, as they should be?

A `WarmthPlan` says which replies are read, those in logs and files or those that adapters give to held-out prompts, and
with which meters. `check_warmth` runs it: each meter is validated on replies of known warmth, every arm is compared
with its references, and the first meter decides, unless it failed validation. The result is a `WarmthReport`, and the
check in each adapter's manifest.
"""

from warm_inspect.manipulation.check import ArmLift, WarmthReading, WarmthReport
from warm_inspect.manipulation.plan import WarmthPlan, find_sources
from warm_inspect.manipulation.run import READINGS_NAME, REPORT_NAME, check_warmth
from warm_inspect.manipulation.validity import Calibration, MeterValidation

__all__ = [
    "READINGS_NAME",
    "REPORT_NAME",
    "ArmLift",
    "Calibration",
    "MeterValidation",
    "WarmthPlan",
    "WarmthReading",
    "WarmthReport",
    "check_warmth",
    "find_sources",
]
