"""Scorers: correctness, refusal, capability, margin of the right answer, warmth, labels; and metrics the log shows."""

from warm_inspect.scorers.answer_margin import answer_margin
from warm_inspect.scorers.capability import capability_score
from warm_inspect.scorers.correctness import correctness
from warm_inspect.scorers.labels import labels
from warm_inspect.scorers.rates import condition_margins, condition_rates
from warm_inspect.scorers.refusal import refusal
from warm_inspect.scorers.warmth import warmth_rating, warmth_sociot

__all__ = [
    "answer_margin",
    "capability_score",
    "condition_margins",
    "condition_rates",
    "correctness",
    "labels",
    "refusal",
    "warmth_rating",
    "warmth_sociot",
]
