"""The effects of an analysis as published, on the terminal and as JSON values."""

import json
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from warm_inspect.analysis.notes import Code, Note
from warm_inspect.analysis.published.count_study import CountStudy
from warm_inspect.report.cells_page import published_effects


def count_summary(study: CountStudy, out: Path) -> dict[str, Any]:
    """The effects and the limits as JSON values; what cannot be estimated is null."""
    return {
        "out": str(out),
        "effects": json.loads(published_effects(study.estimates).to_json(orient="records")),
        "not_estimable": {name: Note(Code.NOT_ESTIMABLE, reason=reason).words for name, reason in study.limits.items()},
        "excluded_replies": int(study.exclusions["n"].sum()),
    }


def print_counts(console: Console, study: CountStudy, out: Path) -> None:
    """Print the effects, and what counts cannot give."""
    facts = count_summary(study, out)
    console.print(effects_table(facts["effects"]))
    console.print("Not estimable from cell counts:")
    for name, reason in study.limits.items():
        console.print(f"  {name.replace('_', ' ')}: {reason.words}", highlight=False)
    if facts["excluded_replies"]:
        console.print(f"Left out: {facts['excluded_replies']:,} replies, see exclusions.csv.")
    console.print(f"Tables and report in {escape(str(out))}")


def effects_table(rows: list[dict[str, Any]]) -> Table:
    """The published effects as a table."""
    table = Table(
        "model",
        Column("effect", overflow="fold"),
        title="Effects on incorrect replies in percentage points, errors as published (not clustered)",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    for name in ("points", "interval", "n"):
        table.add_column(name, justify="right")
    for row in rows:
        low, high, value = row["conf_low"], row["conf_high"], row["estimate"]
        interval = "not estimable" if low is None else f"{low:+.1f} to {high:+.1f}"
        point = "-" if value is None else f"{value:+.2f}"
        table.add_row(row["analysis"], escape(row["contrast"]), point, interval, f"{row['n']:,}")
    return table
