"""What every warmth meter is: something with a name and a version that gives each reply a number."""

from collections.abc import Sequence
from typing import Protocol


class WarmthMeter(Protocol):
    """A meter of the warmth of a reply's wording; warmer is higher, the unit is the meter's own."""

    @property
    def label(self) -> str:
        """Name and version, as written into manifests and reports: `<name>@<version>`."""

    def score(self, texts: Sequence[str]) -> Sequence[float | None]:
        """The warmth of each text, in order; the same text always gets the same number. None where none was given."""
