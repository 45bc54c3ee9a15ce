"""What each arm did: shares of its replies with their denominators, and the scatter of an arm against the original.

Source of the scatter: study, figure 2, which draws rates of incorrect replies this way; ours shows both codings and
endorsement.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from warm_inspect.analysis.observations import ALL, MAX_TRUNCATED, MISSING, Cell, Roles, truncated_cells
from warm_inspect.analysis.study import BOUNDED, AnalysedStudy
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, NOT_CORRECT, TRUNCATED, Grade
from warm_inspect.report.drawing import COLOURS, FAINT, RULE, SHAPES, Drawing, coded, drawing, house_style
from warm_inspect.report.estimate_rows import Record, records
from warm_inspect.report.sections.logs import log_numbers
from warm_inspect.tables import UNKNOWN, Column, ColumnKind, Mark, Table, TableCell, percent, tabulate, whole

SHOWN_OUTCOMES = (ENDORSES_CLAIM, Grade.INCORRECT.value, NOT_CORRECT)
"""One panel each."""
_CUT = (
    f"† More than {percent(MAX_TRUNCATED)} of the replies of this arm in this condition were cut at the token limit: "
    "an answer that would have come later is missing from every number of the row."
)
_BOUNDS = (
    "Missing: samples that were cut, filtered, empty, not understood by matching (which counts as unclear) or not "
    "graded. In "
    "brackets what a rate would be if none of these were so, and if all were."
)
_FILE = "rates.csv"
_CELL = ["benchmark", "context", "belief"]
_INCHES = (3.4, 3.3)
_AXES = (0.19, 0.15, 0.75, 0.77)
"""Left, bottom, width and height of the square that is drawn on, as shares of the figure."""
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def rates(study: AnalysedStudy) -> Table:
    """Per arm: all conditions pooled, then each condition."""
    frame = study.rates
    over_benchmarks = (frame[["benchmark", "polarity"]] == ALL).all(axis=1)
    conditions = frame[["context", "belief"]] == ALL
    rows = pd.concat(
        [frame[over_benchmarks & conditions.all(axis=1)], frame[over_benchmarks & ~conditions.any(axis=1)]]
    )
    return _rates(
        "rates",
        "What each arm did",
        "n is the number of graded replies, the denominator of its row; benchmarks (and, in “all conditions”, "
        "conditions) weigh equally. correct + incorrect + unclear + refusal = 100%; not correct = 100% − correct; "
        "endorses claim asks in every condition whether the reply affirms the item's wrong answer. "
        f"{whole(study.exclusions['n'].sum())} samples have no grade and are left out.",
        _CONDITION,
        _marked(study, rows),
    )


def benchmark_rates(study: AnalysedStudy) -> Table:
    """Per arm: each benchmark in each condition."""
    rows = study.rates[(study.rates[["benchmark", "context", "belief"]] != ALL).all(axis=1)]
    return _rates(
        "benchmark-rates",
        "What each arm did on each benchmark (exploratory)",
        "n is the number of graded replies, the denominator of its row.",
        Column("benchmark · context · belief", lambda row: f"{row['benchmark']} · {_condition(row)}", ColumnKind.WORDS),
        _marked(study, rows),
    )


def polarity_rates(study: AnalysedStudy) -> Table:
    """Per arm and condition: how often yes/no items are answered rightly, by what the truth is."""
    pairs: dict[tuple[str, ...], Record] = {}
    for row in _marked(study, study.rates[study.rates["polarity"] != ALL]):
        levels = {name: row[name] for name in ("arm", "context", "belief")}
        both = pairs.setdefault(tuple(levels.values()), levels | {"cut": False})
        both[row["polarity"]] = row
        both["cut"] |= row["cut"]

    def counted(truth: str) -> Column[Record]:
        return Column(f"n, truth is {truth}", lambda row: whole(row[truth]["n"]) if truth in row else "0")

    def correct(truth: str) -> Column[Record]:
        return Column(
            f"correct, truth is {truth}", lambda row: _share(row[truth]["correct"], row) if truth in row else UNKNOWN
        )

    return tabulate(
        "polarity",
        "Accuracy on yes/no items, by the truth",
        "An arm that always says yes is right where the truth is yes and wrong where it is no: the gap shows it.",
        (_ARM, _CONDITION, counted("yes"), correct("yes"), counted("no"), correct("no")),
        pairs.values(),
        grouped=True,
        notes=_cut_note(pairs.values()),
        source=_FILE,
    )


_ARM: Column[Record] = Column("arm", lambda row: str(row["arm"]), ColumnKind.WORDS)
_CONDITION: Column[Record] = Column("context · belief", lambda row: _condition(row), ColumnKind.WORDS)


def _rates(name: str, title: str, caption: str, where: Column[Record], rows: Sequence[Record]) -> Table:
    """A table with a row of shares in each condition; where some replies are missing also how many, and bounds."""
    missing = []
    if _any(rows, "unscored"):
        missing.append(Column[Record]("no grade", lambda row: whole(row["unscored"]), detail=True))
    if _any(rows, MISSING):
        missing.append(Column[Record]("missing", lambda row: percent(row[MISSING])))
        caption = f"{caption} {_BOUNDS}"
    columns = (_ARM, where, Column("n", lambda row: whole(row["n"])), *missing, *_SHARES)
    return tabulate(name, title, caption, columns, rows, grouped=True, notes=_cut_note(rows), source=_FILE)


def _share_column(name: str, detail: bool = False) -> Column[Record]:
    def shown(row: Record) -> TableCell:
        bounded = name in BOUNDED and row[MISSING] > 0
        bounds = f" ({row[f'{name}_low']:.0%}–{row[f'{name}_high']:.0%})" if bounded else ""
        return _share(row[name], row, bounds)

    return Column(name.replace("_", " "), shown, detail=detail)


def _share(share: float, row: Record, bounds: str = "") -> TableCell:
    return TableCell(f"{percent(share)}{bounds}", Mark.NOTE if row["cut"] else Mark.NONE)


def _length(row: Record) -> TableCell | str:
    """Mean characters of the replies; older logs do not tell."""
    known = row["reply_chars"] >= 0
    return TableCell(whole(row["reply_chars"]), Mark.NOTE if row["cut"] else Mark.NONE) if known else UNKNOWN


_SHARES = (
    *map(_share_column, (Grade.CORRECT, Grade.INCORRECT, Grade.UNCLEAR, Grade.REFUSAL)),
    _share_column(NOT_CORRECT, detail=True),
    _share_column(ENDORSES_CLAIM),
    _share_column(TRUNCATED),
    Column[Record]("mean chars", _length, detail=True),
)


def _condition(row: Record) -> str:
    pooled = row["context"] == ALL and row["belief"] == ALL
    return "all conditions" if pooled else f"{row['context']} · {row['belief']}"


def _marked(study: AnalysedStudy, rates: pd.DataFrame) -> list[Record]:
    """The rows, with `cut` where too many replies were cut at the token limit."""
    cells = truncated_cells(study.observations.frame)
    return [
        row | {"cut": row[TRUNCATED] > MAX_TRUNCATED or Cell(row["arm"], row["context"], row["belief"]) in cells}
        for row in records(rates)
    ]


def _cut_note(rows: Iterable[Record]) -> list[str]:
    return [_CUT] if _any(rows, "cut") else []


def _any(rows: Iterable[Record], name: str) -> bool:
    return any(row[name] for row in rows)


def paired_cells(rates: pd.DataFrame, arm: str, reference: str) -> pd.DataFrame:
    """One row per benchmark and condition of both arms: the rates and counts, with `_reference` those of the reference.

    Columns: benchmark, context, belief, n, truncated and the outcomes, each also with the suffix.
    """
    detailed = rates[(rates[_CELL] != ALL).all(axis=1) & (rates["polarity"] == ALL)]
    columns = [*_CELL, "n", "truncated", *SHOWN_OUTCOMES]
    other = detailed.loc[detailed["arm"] == reference, columns]
    return detailed.loc[detailed["arm"] == arm, columns].merge(other, on=_CELL, suffixes=("", "_reference"))


def scatter_figures(study: AnalysedStudy, focus: str) -> list[dict[str, Any]]:
    """The scatter of each arm against the baseline, the arm in focus first; `n` are the replies behind a point."""
    baseline, roles = study.observations.baseline, study.observations.roles
    others = [arm for arm in study.observations.compared_arms if arm != focus]
    figures = []
    for i, arm in enumerate([focus, *others] if focus else []):
        cells = paired_cells(study.rates, arm, baseline)
        if panels := scatter_panels(study.rates, arm, baseline, roles, f"scatter-{i}"):
            counts = [*cells["n"], *cells["n_reference"]]
            figures.append(
                {
                    "arm": arm,
                    "baseline": baseline,
                    "panels": panels,
                    "cells": len(cells),
                    "n": (int(min(counts)), int(max(counts))),
                    "logs": log_numbers(study, [baseline, roles.rerun, arm]),
                }
            )
    return figures


def scatter_panels(rates: pd.DataFrame, arm: str, baseline: str, roles: Roles, name: str) -> list[Drawing]:
    """A panel for each outcome; the rerun lies behind in grey crosses. Empty when the arms share no condition."""
    cells = paired_cells(rates, arm, baseline)
    noise = paired_cells(rates, roles.rerun, roles.rerun_of)
    if cells.empty:
        return []
    with house_style():
        return [
            _panel(cells, noise, outcome, (arm, baseline), legend(rates), f"{name}-{outcome}")
            for outcome in SHOWN_OUTCOMES
        ]


def legend(rates: pd.DataFrame) -> tuple[dict[str, str], dict[str, str]]:
    """The colour of each belief and the shape of each benchmark."""
    beliefs = [str(level) for level in rates["belief"].unique() if level != ALL]
    benchmarks = [str(level) for level in rates["benchmark"].unique() if level != ALL]
    return coded(beliefs, COLOURS), coded(benchmarks, SHAPES)


def _panel(
    cells: pd.DataFrame,
    noise: pd.DataFrame,
    outcome: str,
    arms: tuple[str, str],
    codes: tuple[dict[str, str], dict[str, str]],
    name: str,
) -> Drawing:
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    figure = Figure(figsize=_INCHES)
    axes = figure.add_axes(_AXES)
    axes.plot([0, 1], [0, 1], color=RULE, linewidth=1, zorder=1)
    axes.plot(noise[f"{outcome}_reference"], noise[outcome], "x", color=FAINT, markersize=4.5, zorder=2)
    colours, shapes = codes
    cut = cells[["truncated", "truncated_reference"]].max(axis=1) > MAX_TRUNCATED
    alike = cells.assign(colour=cells["belief"].map(colours), shape=cells["benchmark"].map(shapes), cut=cut)
    for (colour, shape, hollow), points in alike.groupby(["colour", "shape", "cut"]):
        axes.plot(
            points[f"{outcome}_reference"],
            points[outcome],
            marker=shape,
            linestyle="none",
            markersize=6,
            markerfacecolor="none" if hollow else colour,
            markeredgecolor=colour,
            alpha=0.85,
            zorder=3,
        )
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel=arms[1], ylabel=arms[0], xticks=_TICKS, yticks=_TICKS)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    above = int((cells[outcome] > cells[f"{outcome}_reference"]).sum())
    below = int((cells[outcome] < cells[f"{outcome}_reference"]).sum())
    words = (
        f"Rates of {outcome} in {len(cells)} cells of benchmark and condition, {arms[0]} against {arms[1]}: "
        f"higher in {above}, lower in {below}, equal in {len(cells) - above - below}. "
        f"Mean {percent(cells[outcome].mean())} against {percent(cells[f'{outcome}_reference'].mean())}."
    )
    return drawing(figure, name, outcome, words)
