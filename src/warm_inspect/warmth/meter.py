"""WarmthMeter: what every warmth meter is."""

from collections.abc import Sequence
from typing import Protocol


class WarmthMeter(Protocol):
    """A measure of the warmth of a reply's wording. Warmer is higher; the unit is the meter's own."""

    @property
    def label(self) -> str:
        """Name and version, as manifests and reports state them: `<name>@<version>`."""

    def score(self, texts: Sequence[str]) -> Sequence[float | None]:
        """The warmth of each text, in order; None where the meter gives none. Equal texts get equal numbers."""
