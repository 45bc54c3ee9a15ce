"""Scorers: correctness by a grader model or by matching, warmth of the reply, and the metrics the log shows."""

from warm_inspect.scorers.correctness import correctness
from warm_inspect.scorers.rates import condition_rates
from warm_inspect.scorers.warmth import warmth_rating, warmth_sociot

__all__ = ["condition_rates", "correctness", "warmth_rating", "warmth_sociot"]
