"""Scorers: correctness by a grader model or by matching, the margin of the right answer, and the log's metrics."""

from warm_inspect.scorers.answer_margin import answer_margin
from warm_inspect.scorers.correctness import correctness
from warm_inspect.scorers.rates import condition_margins, condition_rates

__all__ = ["answer_margin", "condition_margins", "condition_rates", "correctness"]
