"""Keeping the page small: rows and panels beyond a number are left out, and counted."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

_GROUPED = ("rates", "benchmark_rates", "polarities", "effects", "regressions")
_TABLES = ("claims", "checks")
_FLAT = ("exclusions", "logs")


def cut(contents: Mapping[str, Any], rows: int, panels: int) -> dict[str, Any]:
    """The page's values with at most so many rows in each table or group of it, and panels in each figure.

    `left_out` says how many rows or panels are missing, by the name of the value; under `effects_groups` and the like
    how many whole groups are.
    """
    found = dict(contents)
    left_out: dict[str, int] = {}
    for name in _GROUPED:
        groups = contents[name]
        found[name] = [
            replace(group, rows=group.rows[:rows], left_out=max(len(group.rows) - rows, 0)) for group in groups[:rows]
        ]
        left_out[name] = sum(len(group.rows) for group in groups) - sum(len(group.rows) for group in found[name])
        left_out[f"{name}_groups"] = max(len(groups) - rows, 0)
    for name in _TABLES:
        found[name] = [replace(table, rows=table.rows[:rows]) for table in contents[name]]
        left_out |= {table.name: max(len(table.rows) - rows, 0) for table in contents[name]}
    for name in _FLAT:
        found[name] = contents[name][:rows]
        left_out[name] = max(len(contents[name]) - rows, 0)
    found["forest"] = {short: drawn[:panels] for short, drawn in contents["forest"].items()}
    left_out |= {f"forest-{short}": max(len(drawn) - panels, 0) for short, drawn in contents["forest"].items()}
    found["scatter"] = contents["scatter"][:panels]
    left_out["scatter"] = max(len(contents["scatter"]) - panels, 0)
    return found | {"left_out": left_out}
