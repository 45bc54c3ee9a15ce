"""Contrasts of condition means, paired within questions, with clustered errors and strata that weigh equally.

`condition_means` is the estimator, `rates` gives what one arm does, `grid_contrasts` is the list of what is compared
with what, and `design` says which of it is asked of each arm. `robustness` gives the same contrasts other errors and
other units of replication, `signal_detection` takes knowledge and agreement apart, `bounds` takes missing replies at
their best and at their worst, and `equivalence` tests effects against a margin.
`exact_tests` are tests of paired differences that `compare`, `published` and `families` share. `harms` are differences
with missing replies at their worst, for the release gate, whose test of a `bounded_mean` equivalence tests use too.
"""

from warm_inspect.analysis.contrasts.bounded_mean import not_negative, p_reaches, upper_bound
from warm_inspect.analysis.contrasts.bounds import BEST, WORST, ReplyBounds
from warm_inspect.analysis.contrasts.condition_means import CellTable, Codes, Contrast, components_of, estimate
from warm_inspect.analysis.contrasts.design import (
    PRIMARY_OUTCOME,
    Asked,
    Design,
    DesignName,
    Question,
    compares_arms_where_stated,
    designs_of,
    family_of_tests,
    unanswered_rows,
)
from warm_inspect.analysis.contrasts.equivalence import (
    EQUIVALENCE,
    Changes,
    equivalence_test,
    two_one_sided_tests,
)
from warm_inspect.analysis.contrasts.exact_tests import McNemar, SignFlips, cohens_g, mcnemar, sign_flips
from warm_inspect.analysis.contrasts.grid import Grid, grid_of
from warm_inspect.analysis.contrasts.grid_contrasts import (
    ARM_EFFECT,
    BELIEF_EFFECT,
    COMPOUNDING,
    CONTEXT_EFFECT,
    NOISE,
    SECOND_DIFFERENCE,
    all_contrasts,
)
from warm_inspect.analysis.contrasts.harms import CONDITION, Harms, harms
from warm_inspect.analysis.contrasts.rates import RATE, as_rate, clustered_rate
from warm_inspect.analysis.contrasts.robustness import (
    BASE_MODELS,
    BOOTSTRAP,
    MEAN,
    PREDICTION,
    SEEDS,
    TWO_WAY,
    bootstrap,
    mean_over,
    over_base_models,
    over_seeds,
    prediction,
    two_way,
)
from warm_inspect.analysis.contrasts.signal_detection import SIGNAL_DETECTION, signal_detection_estimates

__all__ = [
    "ARM_EFFECT", "BASE_MODELS", "BELIEF_EFFECT", "BEST", "BOOTSTRAP", "COMPOUNDING", "CONDITION",
    "CONTEXT_EFFECT", "EQUIVALENCE", "MEAN", "NOISE", "PREDICTION", "PRIMARY_OUTCOME", "RATE", "SECOND_DIFFERENCE",
    "SEEDS", "SIGNAL_DETECTION", "TWO_WAY", "WORST", "Asked", "CellTable", "Changes", "Codes", "Contrast",
    "Design", "DesignName", "Grid", "Harms", "McNemar", "Question", "ReplyBounds", "SignFlips", "all_contrasts",
    "as_rate", "bootstrap", "clustered_rate", "cohens_g", "compares_arms_where_stated", "components_of",
    "designs_of", "equivalence_test", "estimate", "family_of_tests", "grid_of", "harms", "mcnemar", "mean_over",
    "not_negative", "over_base_models", "over_seeds", "p_reaches", "prediction", "sign_flips",
    "signal_detection_estimates", "two_one_sided_tests", "two_way", "unanswered_rows", "upper_bound",
]  # fmt: skip
