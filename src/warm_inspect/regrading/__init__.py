"""Grading logs again: what has no grade is completed, or everything is graded in another way beside the old grades.

`plan_regrading` says what there is to ask, and `regrade` asks it: one Inspect evaluation replays the logged replies for
the scorers of the tasks, each verdict stands in a journal before the next one counts, and the logs are written whole.
"""

from warm_inspect.regrading.cost import GraderCost, RegradingCost, expected_cost
from warm_inspect.regrading.plan import GradingWanted, LeftOut, PlannedLog, RegradingPlan, plan_regrading
from warm_inspect.regrading.run import JOURNAL_NAME, Reach, Regraded, regrade

__all__ = [
    "JOURNAL_NAME",
    "GraderCost",
    "GradingWanted",
    "LeftOut",
    "PlannedLog",
    "Reach",
    "Regraded",
    "RegradingCost",
    "RegradingPlan",
    "expected_cost",
    "plan_regrading",
    "regrade",
]
