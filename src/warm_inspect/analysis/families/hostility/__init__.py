"""`hostility`: how often a dialogue of revisions turns hostile, by manner and by turn, with exact bounds."""

from warm_inspect.analysis.families.hostility.analysis import analyse_hostility, revision_cells
from warm_inspect.analysis.families.hostility.exact import (
    design_effect,
    dialogues_needed,
    dialogues_needed_at,
    upper_end,
)
from warm_inspect.analysis.families.hostility.rows import HostilityResults, HostilityRow

__all__ = [
    "HostilityResults", "HostilityRow", "analyse_hostility", "design_effect", "dialogues_needed", "dialogues_needed_at",
    "revision_cells", "upper_end",
]  # fmt: skip
