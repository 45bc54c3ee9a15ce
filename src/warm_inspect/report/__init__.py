"""Reports: what each command makes of an analysis, as a page, tables, JSON values and files.

Each module named `*_report` is the body of a command: `analyse_logs` and `analyse_cells` of `warm-inspect analyze`,
`compare_files` of `compare`, `decide` of `gate`, `pilot_in_logs` and `plans_table` of `power`. The page of a study is
made of `sections`, each with its tables and figures, and of the published figures in `published`. What is called
`*_record` is what `--json` prints.
"""

from warm_inspect.report.cells_report import analyse_cells, cells_record
from warm_inspect.report.comparison_report import (
    compare_files,
    comparison_json,
    differences,
    discordant,
    group_words,
    write_comparison,
)
from warm_inspect.report.families_report import AnalysedFamilies, analyse_families, families_record
from warm_inspect.report.gate_report import gate_junit, gate_logs, gate_markdown, gate_record, reasons, tests_table
from warm_inspect.report.label_report import agreement_tables, strata_table
from warm_inspect.report.power_report import (
    label_plans_table,
    pilot_in_logs,
    pilot_in_pair,
    pilot_record,
    plan_record,
    planned_spread,
    plans_table,
)
from warm_inspect.report.sections.answer_rows import comparing_options, in_short, test_plan
from warm_inspect.report.sections.families import first_of_families
from warm_inspect.report.sections.headline import headlines
from warm_inspect.report.sections.regressions import published_table
from warm_inspect.report.sections.traffic import traffic_sentences
from warm_inspect.report.study_report import (
    AnalysisOptions,
    analyse_collected,
    analyse_logs,
    first_tables,
    study_record,
    write_report,
)

__all__ = [
    "AnalysedFamilies",
    "AnalysisOptions",
    "agreement_tables",
    "analyse_cells",
    "analyse_collected",
    "analyse_families",
    "analyse_logs",
    "cells_record",
    "compare_files",
    "comparing_options",
    "comparison_json",
    "differences",
    "discordant",
    "families_record",
    "first_of_families",
    "first_tables",
    "gate_junit",
    "gate_logs",
    "gate_markdown",
    "gate_record",
    "group_words",
    "headlines",
    "in_short",
    "label_plans_table",
    "pilot_in_logs",
    "pilot_in_pair",
    "pilot_record",
    "plan_record",
    "planned_spread",
    "plans_table",
    "published_table",
    "reasons",
    "strata_table",
    "study_record",
    "test_plan",
    "tests_table",
    "traffic_sentences",
    "write_comparison",
    "write_report",
]
