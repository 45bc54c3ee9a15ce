"""`hostility`: how often a dialogue of revisions turns hostile, by manner and by turn, with exact bounds."""

from warm_inspect.analysis.families.hostility.analysis import analyse_hostility, revision_cells
from warm_inspect.analysis.families.hostility.rows import HostilityResults, HostilityRow

__all__ = ["HostilityResults", "HostilityRow", "analyse_hostility", "revision_cells"]
