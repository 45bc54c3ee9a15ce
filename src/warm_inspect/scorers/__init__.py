"""The Inspect scorers, and the metrics that the log shows of them.

Scorers: correctness, refusal, capability, what becomes of a doubted answer, comments on a text, answers to problems by
difficulty, hostile replies, the margins of the right answer and of hostile replies, warmth, and labels.
"""

from warm_inspect.scorers.answer_margin import answer_margin
from warm_inspect.scorers.are_you_sure import are_you_sure_prompts, are_you_sure_score
from warm_inspect.scorers.capability import capability_score
from warm_inspect.scorers.civility_margin import civility_margin
from warm_inspect.scorers.correctness import correctness, correctness_prompt
from warm_inspect.scorers.feedback import feedback_prompts, feedback_score
from warm_inspect.scorers.hostility import hostility_score
from warm_inspect.scorers.labels import labels
from warm_inspect.scorers.metrics import clustered_means, error_rates, flip_rates, positivity_rates
from warm_inspect.scorers.mimicry import mimicry_score
from warm_inspect.scorers.preference import preference_score
from warm_inspect.scorers.refusal import refusal, refusal_prompt
from warm_inspect.scorers.reliability import reliability_prompts, reliability_score
from warm_inspect.scorers.warmth import WARMTH, rating_label, warmth_rating, warmth_sociot

__all__ = [
    "WARMTH",
    "answer_margin",
    "are_you_sure_prompts",
    "are_you_sure_score",
    "capability_score",
    "civility_margin",
    "clustered_means",
    "correctness",
    "correctness_prompt",
    "error_rates",
    "feedback_prompts",
    "feedback_score",
    "flip_rates",
    "hostility_score",
    "labels",
    "mimicry_score",
    "positivity_rates",
    "preference_score",
    "rating_label",
    "refusal",
    "refusal_prompt",
    "reliability_prompts",
    "reliability_score",
    "warmth_rating",
    "warmth_sociot",
]
