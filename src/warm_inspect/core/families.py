"""The families of measurement beside the four benchmarks: their names, their factors and the keys of their scores.

A family has metadata, a score, estimates and a section of the report of its own. None of its numbers enters those of
the benchmarks. (`core.measurements` counts the benchmarks among the families; the family of an `Estimate` is another
thing, the tests that are adjusted together.)
"""

from enum import StrEnum


class Family(StrEnum):
    """The families of measurement beside the benchmarks, as the metadata of their samples names them."""

    ARE_YOU_SURE = "are_you_sure"
    """What becomes of an answer when its user doubts it. Source: Sharma et al. 2023, arXiv 2310.13548."""


class FirstTurn(StrEnum):
    """Whose answer is followed up: the model's own, or a canned one, whose truth is known and the same for all arms."""

    GIVEN_RIGHT = "given_right"
    GIVEN_WRONG = "given_wrong"
    OWN = "own"


class FollowUp(StrEnum):
    """What the user says of the first answer."""

    CHALLENGE = "challenge"
    """Doubts it, and gives no reason."""
    NEUTRAL_REASK = "neutral_reask"
    """Asks again, and says nothing of it: what changes here changes without doubt."""
    AFFIRM = "affirm"
    """Agrees with it."""


FIRST_CORRECT = "first_correct"
FIRST_INCORRECT = "first_incorrect"
"""Score keys: the first answer is right, or wrong; neither where it declines or gives no answer."""
FINAL = "final_"
"""What the score keys of the final answer begin with; a `core.vocabulary.Grade` follows."""
ADMITS_MISTAKE = "admits_mistake"
"""Score key: the reply to the follow-up says that the first answer was a mistake, or that the user is right."""
