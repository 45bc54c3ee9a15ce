"""Keeping the page small: rows and panels beyond a number are left out, and counted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from warm_inspect.report.tables.table import Table

_GROUPED = ("effects", "regressions")


def cut(contents: Mapping[str, Any], rows: int, panels: int) -> dict[str, Any]:
    """The page's values with at most so many rows in each group of a table, tables in each list, and panels.

    A table counts the rows that it lacks; `left_out` says how many tables or panels are missing, by the name of the
    value.
    """
    found = dict(contents)
    left_out: dict[str, int] = {}
    for name in _GROUPED:
        groups = contents[name]
        found[name] = [
            replace(group, rows=group.rows[:rows], left_out=max(len(group.rows) - rows, 0)) for group in groups[:rows]
        ]
        left_out[f"{name}_groups"] = max(len(groups) - rows, 0)
    found["tables"] = {
        name: value.cut(rows) if isinstance(value, Table) else [table.cut(rows) for table in value[:rows]]
        for name, value in contents["tables"].items()
    }
    found["forest"] = {short: drawn[:panels] for short, drawn in contents["forest"].items()}
    left_out |= {f"forest-{short}": max(len(drawn) - panels, 0) for short, drawn in contents["forest"].items()}
    found["scatter"] = contents["scatter"][:panels]
    left_out["scatter"] = max(len(contents["scatter"]) - panels, 0)
    return found | {"left_out": left_out}
