"""The figure that families of measurement share: numbers of arms with their intervals, in a panel each."""

from collections.abc import Sequence
from math import isnan

from warm_inspect.analysis.families import FamilyRow
from warm_inspect.report.drawing import COLOURS, RULE, SHAPES, Drawing, drawing
from warm_inspect.report.sections.family_tables import arm_or_pair, shown_interval, shown_value

_WIDTH, _ROW, _FOOT = 4.4, 0.42, 0.45
"""Inches: width of a panel, height of one row of it, and of the axis below."""


def interval_panel(
    ident: str,
    title: str,
    rows: Sequence[FamilyRow],
    outcome: str,
    axis: str,
    limits: tuple[float, float],
    scale: float = 1,
) -> Drawing:
    """A panel with a line for each number, one below the other; call it in the `house_style`.

    Args:
        ident: unique in the page.
        title: what is in it.
        rows: the numbers, of the same unit.
        outcome: what is measured, for those who do not see it.
        axis: what the axis shows of it.
        limits: the ends of the axis.
        scale: what the numbers are multiplied by: 100 for shares on an axis of percent.
    """
    from matplotlib.figure import Figure

    height = _ROW * len(rows) + _FOOT
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes((0.3, _FOOT / height, 0.67, 1 - _FOOT / height))
    labels = [arm_or_pair(row).replace("+", "\n+") for row in rows]
    axes.set(xlim=limits, ylim=(len(rows) - 0.5, -0.5), yticks=range(len(rows)), yticklabels=labels)
    axes.set_xlabel(axis)
    axes.tick_params(left=False)
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=RULE, linewidth=1.2, zorder=1)
    for place, row in enumerate(rows):
        value, low, high = (scale * getattr(row.estimate, name) for name in ("estimate", "conf_low", "conf_high"))
        colour = COLOURS[place % len(COLOURS)]
        if not isnan(low):
            axes.plot([low, high], [place, place], color=colour, linewidth=1.5, zorder=3)
        axes.plot([value], [place], SHAPES[place % len(SHAPES)], color=colour, markersize=6, zorder=4)
    said = "; ".join(
        f"{arm_or_pair(row)} {shown_value(row)} ({shown_interval(row)}, n {row.estimate.n_clusters})" for row in rows
    )
    return drawing(figure, ident, title, f"{outcome}, {axis}: {said}.")
