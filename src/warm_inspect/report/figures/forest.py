"""Forest plots: effects with their 95 % intervals in percentage points, the A/A noise behind them in grey."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from warm_inspect.analysis.contrasts.design import ARM_EFFECT, BELIEF_EFFECT, CONTEXT_EFFECT, SECOND_DIFFERENCE
from warm_inspect.analysis.identity import Identity
from warm_inspect.report.figures.palette import COLOURS, SHAPES, coded
from warm_inspect.report.figures.scatter import OUTCOMES
from warm_inspect.report.figures.svg import FAINT, RULE, Drawing, drawing, house_style
from warm_inspect.report.rows import Record, known, noise_beside, primary_first, records
from warm_inspect.tables import interval, points

LAYOUTS = ((ARM_EFFECT, "arm"), (CONTEXT_EFFECT, "context"), (BELIEF_EFFECT, "belief"), (SECOND_DIFFERENCE, "second"))
"""The analyses that are drawn, with the short name of each."""

_WIDTH = 4.4
_ROW = 0.62
_FOOT = 0.45
"""Inches: width of a panel, height of one row of it, and of the axis below."""
_STEP = 0.22
"""Distance of a row's label and intervals from each other, as a share of the row."""


@dataclass(frozen=True)
class _Line:
    """One line of labels with the interval of each outcome, and the A/A interval of each."""

    label: str
    effects: Mapping[str, Record]
    noise: Mapping[str, Record]


def outcome_codes() -> tuple[dict[str, str], dict[str, str]]:
    """The colour and the shape of each outcome."""
    return coded(OUTCOMES, COLOURS), coded(OUTCOMES, SHAPES)


def forest_panels(estimates: pd.DataFrame, analysis: str, name: str) -> list[Drawing]:
    """One panel per comparison; all panels of an analysis share their scale. Per-benchmark contrasts are left out."""
    panels = _panels(estimates, analysis)
    shown = [
        row for lines in panels.values() for line in lines for row in (*line.effects.values(), *line.noise.values())
    ]
    if not shown:
        return []
    low = min(0.0, *(row["conf_low"] for row in shown))
    high = max(0.0, *(row["conf_high"] for row in shown))
    margin = 0.04 * max(high - low, 1.0)
    limits = (low - margin, high + margin)
    with house_style():
        return [_panel(title, lines, limits, f"{name}-{i}") for i, (title, lines) in enumerate(panels.items())]


def _panels(estimates: pd.DataFrame, analysis: str) -> dict[str, list[_Line]]:
    """The lines of each panel; second differences and arm effects bring the A/A contrast of the same condition."""
    noise = noise_beside(estimates) if analysis in (ARM_EFFECT, SECOND_DIFFERENCE) else {}
    rows = estimates[(estimates["analysis"] == analysis) & (estimates["term"] == "contrast")]
    rows = rows[rows["outcome"].isin(OUTCOMES) & (rows["benchmark"] == "")]
    panels: dict[str, dict[str, _Line]] = {}
    for row in filter(known, records(rows)):
        identity = Identity.of(row)
        title, label = identity.compared, identity.condition or "overall"
        line = panels.setdefault(title, {}).setdefault(label, _Line(label, {}, {}))
        effects, beside = dict(line.effects), dict(line.noise)
        effects[row["outcome"]] = row
        again = noise.get((identity.condition, row["outcome"]))
        if again is not None and known(again):
            beside[row["outcome"]] = again
        panels[title][label] = _Line(label, effects, beside)
    return {title: list(panels[title].values()) for title in primary_first(panels)}


def _panel(title: str, lines: Sequence[_Line], limits: tuple[float, float], name: str) -> Drawing:
    from matplotlib.figure import Figure

    height = _ROW * len(lines) + _FOOT
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes((0.02, _FOOT / height, 0.96, 1 - _FOOT / height))
    axes.axvline(0, color=RULE, linewidth=1.2, zorder=1)
    colours, shapes = outcome_codes()
    for i, line in enumerate(lines):
        axes.text(limits[0], i, line.label.replace("=", " "), va="center", ha="left")
        for place, outcome in enumerate(OUTCOMES, start=1):
            level = i + 0.04 + _STEP * place
            if again := line.noise.get(outcome):
                ends = [again["conf_low"], again["conf_high"]]
                axes.plot(ends, [level, level], color=FAINT, linewidth=6, solid_capstyle="butt", zorder=2)
            if row := line.effects.get(outcome):
                ends = [row["conf_low"], row["conf_high"]]
                axes.plot(ends, [level, level], color=colours[outcome], linewidth=1.3, zorder=3)
                face = "none" if row["note"] else colours[outcome]
                axes.plot(
                    [row["estimate"]],
                    [level],
                    shapes[outcome],
                    markersize=5,
                    markerfacecolor=face,
                    markeredgecolor=colours[outcome],
                    zorder=4,
                )
    axes.set(xlim=limits, ylim=(len(lines) - 0.02, -0.3), xlabel="percentage points")
    axes.yaxis.set_visible(False)
    axes.spines["left"].set_visible(False)
    said = "; ".join(
        f"{line.label}, {outcome} {points(row['estimate'])} "
        f"({interval(row['conf_low'], row['conf_high'])}, n {row['n']})"
        for line in lines
        for outcome, row in line.effects.items()
    )
    return drawing(figure, name, title.replace(" - ", " − "), f"Effects in percentage points: {said}.")
