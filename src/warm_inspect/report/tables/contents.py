"""Which tables a report has: by section of its page, and in its files."""

from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.report.tables.checks import grades, replications, robustness, signal_detection, two_way
from warm_inspect.report.tables.controls import controls
from warm_inspect.report.tables.effects import claims, detectable, effects
from warm_inspect.report.tables.logs import excluded_rows, exclusions, logs
from warm_inspect.report.tables.rates import benchmark_rates, polarity_rates, rates
from warm_inspect.report.tables.regressions import regressions, single_cells
from warm_inspect.report.tables.warmth import dose_table, warmth_table
from warm_inspect.tables import Table

_PAGE_ONLY = ("excluded_rows", "logs")
"""Sections whose tables list what was read, and are not in the files."""


def report_tables(study: AnalysedStudy) -> dict[str, list[Table]]:
    """The tables that have rows, by the section of the page that shows them, in the order of the files."""
    estimates = study.estimates
    sections = {
        "claims": [claims(estimates)],
        "warmth": [warmth_table(study)],
        "dose": [dose_table(study)],
        "rates": [rates(study), benchmark_rates(study), polarity_rates(study)],
        "controls": [controls(study.controls)],
        "effects": effects(estimates),
        "checks": [
            robustness(estimates),
            two_way(estimates),
            grades(estimates),
            *replications(estimates),
            *signal_detection(estimates),
            detectable(estimates),
            single_cells(estimates),
        ],
        "regressions": regressions(estimates),
        "exclusions": [exclusions(study.exclusions)],
        "excluded_rows": [excluded_rows(study)],
        "logs": [logs(study)],
    }
    return {name: [table for table in tables if table.rows] for name, tables in sections.items()}


def file_tables(study: AnalysedStudy) -> list[Table]:
    """The tables of the markdown and of the LaTeX file."""
    sections = report_tables(study)
    return [table for name, tables in sections.items() if name not in _PAGE_ONLY for table in tables]
