"""Keeping the page small: rows and panels beyond a number are left out, and counted."""

from collections.abc import Mapping
from typing import Any

_LONG = ("effects", "regressions")
"""Sections with a table for each comparison or model, of which any number may be there."""


def cut(contents: Mapping[str, Any], rows: int, panels: int) -> dict[str, Any]:
    """The page's values with at most so many rows in each group of a table, tables in a long section, and panels.

    A table counts the rows that it lacks; `left_out` says how many tables or panels are missing, by section or figure.
    """
    found = dict(contents)
    sections = contents["tables"]
    found["tables"] = {
        name: [table.cut(rows) for table in (tables[:rows] if name in _LONG else tables)]
        for name, tables in sections.items()
    }
    found["forest"] = {short: drawn[:panels] for short, drawn in contents["forest"].items()}
    found["scatter"] = contents["scatter"][:panels]
    counts = {name: len(sections[name]) - rows for name in _LONG}
    counts |= {f"forest-{short}": len(drawn) - panels for short, drawn in contents["forest"].items()}
    counts["scatter"] = len(contents["scatter"]) - panels
    return found | {"left_out": {name: max(more, 0) for name, more in counts.items()}}
