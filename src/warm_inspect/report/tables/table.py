"""A table as text: what the page, the markdown file and the LaTeX file show alike."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """One table. Texts are plain; whoever writes them escapes them."""

    name: str
    """Unique; letters, digits and hyphens."""
    title: str
    caption: str
    """What the numbers are, and their denominators."""
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    labels: int = 1
    """How many columns on the left hold words; the others hold numbers."""
