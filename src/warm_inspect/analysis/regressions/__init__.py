"""Regressions on the replies of an arm and its reference: logistic with marginal effects, multinomial, conditional.

`specs` lists the logistic ones; those of the published analysis stand there as published and with clustered errors.
"""

from warm_inspect.analysis.regressions.conditional_logit import CONDITIONAL, conditional_log_odds, matched_pairs
from warm_inspect.analysis.regressions.logistic import fit, rows_of
from warm_inspect.analysis.regressions.multinomial import MULTINOMIAL, multinomial_effects
from warm_inspect.analysis.regressions.specs import OURS, PAPER, benchmark_spec, is_published_regression, is_regression

__all__ = [
    "CONDITIONAL", "MULTINOMIAL", "OURS", "PAPER", "benchmark_spec", "conditional_log_odds", "fit",
    "is_published_regression", "is_regression", "matched_pairs", "multinomial_effects", "rows_of",
]  # fmt: skip
