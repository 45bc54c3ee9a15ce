"""Colours and shapes of the figures. Nothing is told by colour alone.

Source: Okabe and Ito 2008, Color Universal Design: colours that stay apart for colour-blind readers.
"""

from collections.abc import Sequence

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
SHAPES = ("o", "^", "s", "D", "v", "P")
GLYPHS = {"o": "●", "^": "▲", "s": "■", "D": "◆", "v": "▼", "P": "✚"}
"""The shapes as characters, for legends in the page's text."""


def coded(levels: Sequence[str], codes: Sequence[str]) -> dict[str, str]:
    """One code for each level, in order; starts again when there are more levels than codes."""
    return {level: codes[i % len(codes)] for i, level in enumerate(levels)}
