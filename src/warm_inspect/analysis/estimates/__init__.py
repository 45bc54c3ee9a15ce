"""What a number is: its row (`Estimate`), what it is about (`Identity`), its notes, and the t test behind it.

Every slice of the analysis gives its numbers in this shape, and every table and figure of the report reads them in it.
A note is a code with values, put into words last; the label of an identity is made from its fields and never parsed.
"""

from warm_inspect.analysis.estimates.estimate import (
    ALPHA,
    BENJAMINI_HOCHBERG,
    CONTRAST,
    EXPLORATORY,
    HOLM,
    KEY,
    LEVELS,
    LOG_ODDS,
    PER_THOUSAND,
    PERCENT,
    POINTS,
    PRIMARY,
    ROUNDING,
    SECONDARY,
    SEVERITY_POINTS,
    SHARE,
    Z_UNITS,
    Estimate,
    Floats,
    adjust,
    adjusted,
    estimates_frame,
)
from warm_inspect.analysis.estimates.identity import (
    IDENTITY_COLUMNS,
    Identity,
    Kind,
    arm_effect,
    identities,
    restricted_to,
    second_difference,
)
from warm_inspect.analysis.estimates.notes import Code, Note, code_names, in_words, not_estimable
from warm_inspect.analysis.estimates.t_test import (
    CONFIDENCE,
    ENOUGH,
    FEW,
    POWER,
    clustered,
    detectable,
    power,
    smallest_effect,
    wald,
    worth_of,
)

__all__ = [
    "ALPHA", "BENJAMINI_HOCHBERG", "CONFIDENCE", "CONTRAST", "ENOUGH", "EXPLORATORY", "FEW", "HOLM",
    "IDENTITY_COLUMNS", "KEY", "LEVELS", "LOG_ODDS", "PERCENT", "PER_THOUSAND", "POINTS", "POWER", "PRIMARY",
    "ROUNDING", "SECONDARY", "SEVERITY_POINTS", "SHARE", "Z_UNITS", "Code", "Estimate", "Floats", "Identity", "Kind",
    "Note", "adjust", "adjusted", "arm_effect", "clustered", "code_names", "detectable", "estimates_frame",
    "identities", "in_words", "not_estimable", "power", "restricted_to", "second_difference", "smallest_effect",
    "wald", "worth_of",
]  # fmt: skip
