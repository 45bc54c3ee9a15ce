"""Grading: what a reply does with its question and with the user's claim, read without a model or by models.

`matching` reads replies by rules and `model` by graders; both give an `Outcome`, which `docs/grading.md` defines with
an example of each. `without_thoughts` removes the thoughts that a model writes into its reply.
"""

from warm_inspect.grading.outcome import Abstention, Outcome, contradiction
from warm_inspect.grading.thoughts import without_thoughts

__all__ = ["Abstention", "Outcome", "contradiction", "without_thoughts"]
