"""How large a study must be, and what one of a given size would see, for each claim that it could make.

The spread of paired differences comes from assumed rates (`spread_from_rates`) or from pilot logs (`pilot_of_study`,
`pilot_of_pair`). `planned_answer` says what the headline of samples that were not asked yet would show, and
`plan_labels` how many replies must be labelled to correct grades for the grader's errors.
"""

from warm_inspect.analysis.power.labels import GraderAccuracy, Labelling, LabelPlan, plan_labels
from warm_inspect.analysis.power.pilot import Pilot, pilot_of_pair, pilot_of_study
from warm_inspect.analysis.power.planned import PlannedAnswer, planned_answer
from warm_inspect.analysis.power.power import ClaimPlan, Spread, StudySize, plan_study, spread_from_rates

__all__ = [
    "ClaimPlan",
    "GraderAccuracy",
    "LabelPlan",
    "Labelling",
    "Pilot",
    "PlannedAnswer",
    "Spread",
    "StudySize",
    "pilot_of_pair",
    "pilot_of_study",
    "plan_labels",
    "plan_study",
    "planned_answer",
    "spread_from_rates",
]  # fmt: skip
