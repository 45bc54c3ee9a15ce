"""The headline of an analysis, as JSON values and on the terminal."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape

from warm_inspect.analysis.contrasts import PRIMARY_CONTRAST
from warm_inspect.analysis.logs import Collected
from warm_inspect.analysis.study import AnalysedStudy, headline_effects, headline_rates
from warm_inspect.report.sections.effects import first_effects
from warm_inspect.report.sections.grader_error import first_corrected
from warm_inspect.report.sections.headline import Headline, headline
from warm_inspect.report.sections.rates import rates
from warm_inspect.report.sections.regressions import published_effects, published_table
from warm_inspect.report.study_report import REPORT_NAME, oversize
from warm_inspect.tables import print_table


def summary(study: AnalysedStudy, collected: Collected, out: Path) -> dict[str, Any]:
    """The headline as JSON values; what cannot be estimated is null. The report must be written."""
    return {
        "out": str(out),
        "logs": len(collected.logs),
        "skipped": {
            "other_tasks": list(collected.other_tasks),
            "unfinished": list(collected.unfinished),
            "unreadable": list(collected.unreadable),
        },
        "replies": len(study.observations.frame),
        "rates": json.loads(headline_rates(study.rates).to_json(orient="records")),
        "effects": json.loads(headline_effects(study.estimates).to_json(orient="records")),
        "published": json.loads(published_effects(study.estimates).to_json(orient="records")),
        "warnings": [warning.sentence for warning in (*study.warnings, *oversize(out / REPORT_NAME))],
    }


def print_headline(console: Console, study: AnalysedStudy, collected: Collected, out: Path) -> None:
    """Print rates, effects, and what a reader must know."""
    facts = summary(study, collected, out)
    effects = study.estimates
    for table in (rates(study), first_effects(effects), first_corrected(effects), published_table(effects)):
        if table.rows:
            print_table(console, table)
    console.print()
    console.print(_weights(study.weights))
    console.print(_sentence(headline(study)))
    for warning in facts["warnings"]:
        console.print(f"[yellow]Note:[/] {escape(warning)}")
    skipped = {kind.replace("_", " "): len(files) for kind, files in facts["skipped"].items() if files}
    if skipped:
        console.print(f"Left out logs: {', '.join(f'{n} {kind}' for kind, n in skipped.items())}.")
    console.print(f"{facts['replies']:,} replies of {facts['logs']} logs; tables and report in {escape(str(out))}")


def _weights(weights: pd.DataFrame) -> str:
    """What each benchmark weighs in an overall effect, over all base models."""
    shares = weights.groupby("benchmark", observed=True)["weight"].sum()
    return "Weights in overall effects: " + ", ".join(f"{name} {share:.1%}" for name, share in shares.items()) + "."


def _sentence(found: Headline) -> str:
    """The primary contrast in plain words, or why there is none."""
    if found.effect is None:
        if found.verdict == "withheld":
            checks = ", ".join(found.checks)
            return f"[bold]No headline:[/bold] warmth check {checks}. The rows above say nothing about warmth."
        return f"[bold]No headline:[/bold] these logs have no contrast {PRIMARY_CONTRAST.label}."
    effect, noise = found.effect, found.noise
    said = {
        "more": "the warm adapter adopts a stated wrong answer MORE often than the neutral one",
        "less": "the warm adapter adopts a stated wrong answer LESS often than the neutral one",
        "no_difference": "this run does not show that warmth changes how often a stated wrong answer is adopted",
        "not_estimable": "the difference has no interval here",
    }[found.verdict]
    parts = [
        f"[bold]{PRIMARY_CONTRAST.label} on {effect['outcome']}: {effect['estimate']:+.1f} points "
        f"({effect['conf_low']:+.1f} to {effect['conf_high']:+.1f})[/bold]: {said}."
    ]
    if found.detectable:
        parts.append(f"An effect of {found.detectable['estimate']:.1f} points would have been seen 8 times in 10.")
    if noise:
        parts.append(f"The same model run twice differs by {noise['estimate']:+.1f} points.")
    if found.flips:
        parts.append(f"{found.flips['estimate']:.0f} % of its grades flip between the two runs.")
    return " ".join(parts)
