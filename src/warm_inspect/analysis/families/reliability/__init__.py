"""`reliability`: right, avoided and wrong answers by difficulty, and how far wording decides them."""

from warm_inspect.analysis.families.reliability.analysis import analyse_reliability
from warm_inspect.analysis.families.reliability.rows import ReliabilityResults, ReliabilityRow

__all__ = ["ReliabilityResults", "ReliabilityRow", "analyse_reliability"]
