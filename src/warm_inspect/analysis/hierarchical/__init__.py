"""The hierarchical analysis, optional and secondary: a Bernoulli-logit model with crossed random effects.

It asks what the contrasts of condition means cannot: whether an effect holds for other statements, trainings and base
models too, and how much of the spread of replies comes from each. `layout` says which replies share which effects,
`sampling` holds the model, its priors and the sampler (NumPyro, an extra), `convergence` decides whether its draws may
be reported, `probabilities` turns them into rates and `spread` into shares of the variance; `analysis` runs it all.
"""

from warm_inspect.analysis.hierarchical.analysis import (
    AVERAGE,
    FIT_COLUMNS,
    HIERARCHICAL,
    NOT_ASKED,
    POPULATION,
    FitPlan,
    HierarchicalResults,
    Tell,
    analyse_hierarchically,
    require_hierarchical,
)
from warm_inspect.analysis.hierarchical.convergence import MAX_R_HAT, MIN_ESS
from warm_inspect.analysis.hierarchical.layout import Source
from warm_inspect.analysis.hierarchical.sampling import Forecast, Sampling
from warm_inspect.analysis.hierarchical.spread import SPREAD_COLUMNS

__all__ = [
    "AVERAGE", "FIT_COLUMNS", "HIERARCHICAL", "MAX_R_HAT", "MIN_ESS", "NOT_ASKED", "POPULATION", "SPREAD_COLUMNS",
    "FitPlan", "Forecast", "HierarchicalResults", "Sampling", "Source", "Tell",
    "analyse_hierarchically", "require_hierarchical",
]  # fmt: skip
