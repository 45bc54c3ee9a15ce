"""Figures as SVG to set into a page: deterministic, readable aloud, in the page's own colours.

Nothing is told by colour alone. Source of the colours: Okabe and Ito 2008, Color Universal Design: colours that stay
apart for colour-blind readers.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SHAPES = ("o", "^", "s", "D", "v", "P")
GLYPHS = {"o": "●", "^": "▲", "s": "■", "D": "◆", "v": "▼", "P": "✚"}
"""The shapes as characters, for legends in the page's text."""
INK = "#010203"
"""Text and axes: becomes the page's text colour, so that it follows the light or dark scheme."""
RULE = "#040506"
"""Grid and reference lines."""
FAINT = "#070809"
"""Noise, drawn behind what it is compared with."""
_PAGE_COLOURS = {INK: "currentColor", RULE: "var(--rule)", FAINT: "var(--faint)"}
SETTINGS = {
    "svg.hashsalt": "warm-inspect",
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": RULE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "xtick.color": INK,
    "ytick.color": INK,
}


@dataclass(frozen=True)
class Drawing:
    """One figure of the report."""

    title: str
    description: str
    """What the figure shows, with its numbers, for readers who do not see it."""
    svg: Markup


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib as the report needs it, whatever the user's own settings are."""
    from matplotlib import style

    with style.context(["default", SETTINGS]):
        yield


def drawing(figure: "Figure", name: str, title: str, description: str) -> Drawing:
    """The figure as a drawing; every id in it starts with `name`, which must be unique in the page."""
    text = StringIO()
    figure.savefig(text, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    body = text.getvalue()
    body = body[body.index("<svg") :]
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", body, count=1, flags=re.DOTALL)
    body = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", body)
    body = re.sub(r"font-family: [^;\"]+", "font-family: inherit", body)
    for colour, page_colour in _PAGE_COLOURS.items():
        body = body.replace(colour, page_colour)
    # Without its own size the drawing fills the width that the page gives it.
    body = re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', "", body, count=1)
    label = escape(f"{title}. {description}")
    body = body.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
    # Matplotlib escapes every text in it.
    return Drawing(title, description, Markup(body))


def coded(levels: Sequence[str], codes: Sequence[str]) -> dict[str, str]:
    """One code for each level, in order; starts again when there are more levels than codes."""
    return {level: codes[i % len(codes)] for i, level in enumerate(levels)}
