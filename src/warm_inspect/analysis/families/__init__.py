"""The families of measurement beside the benchmarks: each a file with its numbers, all of them in `families.csv`.

Nothing of them enters the study's own estimates, and the study's estimates need none of them.
"""

from warm_inspect.analysis.families.analyses import ANALYSES, analyse_beside, analyse_each
from warm_inspect.analysis.families.are_you_sure import (
    CAVING,
    FINAL_CORRECT,
    SELF_CORRECTION,
    AreYouSureResults,
    AreYouSureRow,
    analyse_are_you_sure,
    dialogue_cells,
)
from warm_inspect.analysis.families.exact import design_effect, dialogues_needed_at, needed_without_event, upper_end
from warm_inspect.analysis.families.feedback import (
    DISPREFER,
    INCONSISTENT,
    POSITIVITY,
    PREFER,
    FeedbackResults,
    FeedbackRow,
    analyse_feedback,
)
from warm_inspect.analysis.families.hostility import (
    UNKNOWN_BECAUSE,
    HostilityResults,
    HostilityRow,
    analyse_hostility,
    revision_cells,
    why_unknown,
)
from warm_inspect.analysis.families.mimicry import (
    ALL,
    KNOWN,
    KNOWN_TO_BOTH,
    MimicryResults,
    MimicryRow,
    analyse_mimicry,
)
from warm_inspect.analysis.families.reliability import (
    BENCHMARK,
    EVERY_BENCHMARK,
    ReliabilityResults,
    ReliabilityRow,
    analyse_reliability,
    problem_cells,
)
from warm_inspect.analysis.families.rows import FamilyResults, FamilyRow, family_frame

__all__ = [
    "ALL", "ANALYSES", "BENCHMARK", "CAVING", "DISPREFER", "EVERY_BENCHMARK", "FINAL_CORRECT", "INCONSISTENT",
    "KNOWN", "KNOWN_TO_BOTH", "POSITIVITY", "PREFER", "SELF_CORRECTION", "UNKNOWN_BECAUSE", "AreYouSureResults",
    "AreYouSureRow", "FamilyResults", "FamilyRow", "FeedbackResults", "FeedbackRow", "HostilityResults",
    "HostilityRow", "MimicryResults", "MimicryRow", "ReliabilityResults", "ReliabilityRow", "analyse_are_you_sure",
    "analyse_beside", "analyse_each", "analyse_feedback", "analyse_hostility", "analyse_mimicry",
    "analyse_reliability", "design_effect", "dialogue_cells", "dialogues_needed_at", "family_frame",
    "needed_without_event", "problem_cells", "revision_cells", "upper_end", "why_unknown",
]  # fmt: skip
