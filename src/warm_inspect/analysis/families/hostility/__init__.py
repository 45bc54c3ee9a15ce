"""`hostility`: how often a dialogue of revisions turns hostile, by manner and by turn, with exact bounds."""

from warm_inspect.analysis.families.hostility.analysis import analyse_hostility, revision_cells
from warm_inspect.analysis.families.hostility.rows import HostilityResults, HostilityRow
from warm_inspect.analysis.families.hostility.turns import UNKNOWN_BECAUSE, why_unknown

__all__ = [
    "UNKNOWN_BECAUSE", "HostilityResults", "HostilityRow", "analyse_hostility", "revision_cells", "why_unknown",
]  # fmt: skip
