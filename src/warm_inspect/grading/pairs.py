"""Two replies side by side: what a judge says of them in one order and in the other, and what both together mean."""

from dataclasses import dataclass
from enum import StrEnum


class Choice(StrEnum):
    """Which of two replies a judge names."""

    FIRST = "first"
    SECOND = "second"
    TIE = "tie"

    @property
    def swapped(self) -> "Choice":
        """The same reply's name when the two change places."""
        return {Choice.FIRST: Choice.SECOND, Choice.SECOND: Choice.FIRST}.get(self, self)


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """What a judge says of two replies, whatever their places."""

    choice: Choice
    """The first or the second of the pair as it was given; a tie where the two orders do not name the same."""
    consistent: bool
    """Whether both orders name the same."""


def in_both_orders(given: Choice, swapped: Choice) -> PairVerdict:
    """The verdict of a judge that was shown the pair as given, and then the other way round.

    A judge that goes by the place names another reply in each order: that says nothing of the replies, so it is a tie.

    Args:
        given: the choice in the given order.
        swapped: the choice in the other order, by the places there.
    """
    consistent = given is swapped.swapped
    return PairVerdict(given if consistent else Choice.TIE, consistent)
