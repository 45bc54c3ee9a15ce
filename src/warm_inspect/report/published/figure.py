"""What a published figure is in the page: its panels, its denominators, and what it lacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from warm_inspect.report.figures.svg import Drawing

MAX_PANELS = 60
"""Panels of one figure; a table of counts may name any number of base models."""


@dataclass(frozen=True)
class PublishedFigure:
    """One figure of the study. Without panels, `missing` says why it is not drawn."""

    panels: tuple[Drawing, ...] = ()
    legend: tuple[tuple[str, str, str], ...] = ()
    """Words, glyph and colour of each code."""
    key: tuple[tuple[str, str], ...] = ()
    """What the numbers at the points stand for."""
    n: tuple[int, int] = (0, 0)
    """The fewest and the most replies behind a rate."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Numbers that the caption states."""
    missing: tuple[str, ...] = ()
    """What the input lacks, one sentence each."""


def cut(panels: Sequence[str], missing: list[str]) -> list[str]:
    """The first panels that a page can hold; the rest is said."""
    if len(panels) > MAX_PANELS:
        more = len(panels) - MAX_PANELS
        missing.append(f"{more} of {len(panels)} panels are not drawn: their counts are in paper_cells.csv.")
    return list(panels[:MAX_PANELS])
