"""The effects of an analysis as published, on the terminal and as JSON values."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.published import CountStudy
from warm_inspect.report.sections.regressions import published_effects, published_table
from warm_inspect.tables import print_table


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
    print_table(console, published_table(study.estimates))
    console.print()
    console.print("Not estimable from cell counts:")
    for name, reason in study.limits.items():
        console.print(f"  {name.replace('_', ' ')}: {reason.words}", highlight=False)
    if facts["excluded_replies"]:
        console.print(f"Left out: {facts['excluded_replies']:,} replies, see exclusions.csv.")
    console.print(f"Tables and report in {escape(str(out))}")
