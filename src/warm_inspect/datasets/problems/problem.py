"""Problem: a question whose answer and difficulty are known because it was made with them."""

from dataclasses import dataclass

from warm_inspect.core.families import Design, Domain
from warm_inspect.datasets.item import Item

EASIEST_LEVELS, EASIEST_ITEMS = 3, 60
"""Sixty problems without an error bound the share of errors at 5 % (1 - 0.05^(1/60) = 4.9 %)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem(Item):
    """A problem of known difficulty; its category is the kind of problem within its domain."""

    domain: Domain
    design: Design
    difficulty: int
    stated: dict[str, str]
    """What it states, by the names that templates have for it."""
    targets: tuple[str, ...]
    """Its right answers: the first is the one that it was made with."""

    @property
    def given(self) -> list[str]:
        """What it states, in order."""
        return list(self.stated.values())
