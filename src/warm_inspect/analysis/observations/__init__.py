"""The frame of graded replies that every statistic starts from, made of logs or of published cell counts.

`observe` gives each reply its arm, puts the levels of the factors in order, refuses replies that must not be compared,
and chooses one checkpoint for each arm. Beside the frame stands what a reader must know of the replies before believing
a number on them: cut and missing replies, unlike settings, unchecked warmth, and text that may not be shown.
"""

from warm_inspect.analysis.observations.assigned_arms import AssignedArm, read_arms, require_models, with_arms
from warm_inspect.analysis.observations.cautions import (
    MAX_TRUNCATED,
    MAX_UNSCORED,
    log_table,
    redacted,
    remote_graders,
    restricted,
    same_prompts,
    truncated_cells,
    unlike_settings,
    warmth_cautions,
    warmth_statuses,
)
from warm_inspect.analysis.observations.cell_counts import WEIGHT, read_counts, weights
from warm_inspect.analysis.observations.clusters import joined_clusters
from warm_inspect.analysis.observations.later_checks import LaterChecks, read_checks
from warm_inspect.analysis.observations.levels import (
    ALL,
    ANY,
    CONTROL_CONTEXT,
    WRONG_BELIEFS,
    context_group,
    ordered_levels,
    plain_contexts,
)
from warm_inspect.analysis.observations.missing import (
    MISSING,
    Missing,
    is_unknown,
    never_run,
    replies_asked_for,
    unequal_missing,
    why_missing,
)
from warm_inspect.analysis.observations.observations import (
    COLUMNS,
    EPOCHS,
    UNIT,
    Cell,
    Observations,
    check_comparable,
    epochs_by_arm,
    grade_names,
    measured_outcomes,
    observe,
    observe_families,
    paired_replies,
    several_epochs,
)
from warm_inspect.analysis.observations.roles import POSITIVE_CONTROL_ARMS, TRAINED_REFERENCES, Roles, roles_of
from warm_inspect.analysis.observations.style_bias import MAX_STYLE_BIAS, is_large, style_biases

__all__ = [
    "ALL", "ANY", "COLUMNS", "CONTROL_CONTEXT", "EPOCHS", "MAX_STYLE_BIAS", "MAX_TRUNCATED", "MAX_UNSCORED",
    "MISSING", "POSITIVE_CONTROL_ARMS", "TRAINED_REFERENCES", "UNIT", "WEIGHT", "WRONG_BELIEFS", "AssignedArm",
    "Cell", "LaterChecks", "Missing", "Observations", "Roles", "check_comparable", "context_group",
    "epochs_by_arm", "grade_names", "is_large", "is_unknown", "joined_clusters", "log_table", "measured_outcomes",
    "never_run", "observe", "observe_families", "ordered_levels", "paired_replies", "plain_contexts", "read_arms",
    "read_checks", "read_counts", "redacted", "remote_graders", "replies_asked_for", "require_models",
    "restricted", "roles_of", "same_prompts", "several_epochs", "style_biases", "truncated_cells",
    "unequal_missing", "unlike_settings", "warmth_cautions", "warmth_statuses", "weights", "why_missing",
    "with_arms",
]  # fmt: skip
