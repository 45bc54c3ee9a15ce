"""The scatter of an arm's rates against the original's: one point per benchmark and condition.

Source: study, figure 2, which draws rates of incorrect replies this way; ours shows both codings and endorsement.
"""

import pandas as pd

from warm_inspect.analysis.cautions import MAX_TRUNCATED
from warm_inspect.analysis.contrasts.design import REPEAT
from warm_inspect.analysis.rates import ALL
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.report.figures.palette import COLOURS, SHAPES, coded
from warm_inspect.report.figures.svg import FAINT, RULE, Drawing, drawing, house_style
from warm_inspect.tables import percent

OUTCOMES = ("endorses_claim", "incorrect", "not_correct")
"""One panel each."""

_CELL = ["benchmark", "context", "belief"]
_INCHES = (3.4, 3.3)
_AXES = (0.19, 0.15, 0.75, 0.77)
"""Left, bottom, width and height of the square that is drawn on, as shares of the figure."""
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def paired_cells(rates: pd.DataFrame, arm: str) -> pd.DataFrame:
    """One row per benchmark and condition of both: its rates and counts in the arm, and with `_original` those there.

    Columns: benchmark, context, belief, n, truncated and the outcomes, each also with the suffix.
    """
    detailed = rates[(rates[_CELL] != ALL).all(axis=1) & (rates["polarity"] == ALL)]
    columns = [*_CELL, "n", "truncated", *OUTCOMES]
    original = detailed.loc[detailed["arm"] == ORIGINAL, columns]
    return detailed.loc[detailed["arm"] == arm, columns].merge(original, on=_CELL, suffixes=("", "_original"))


def scatter_panels(rates: pd.DataFrame, arm: str, name: str) -> list[Drawing]:
    """A panel for each outcome; the A/A arm lies behind in grey crosses. Empty when the arms share no condition."""
    cells = paired_cells(rates, arm)
    noise = paired_cells(rates, REPEAT) if arm != REPEAT else cells.iloc[:0]
    if cells.empty:
        return []
    with house_style():
        return [_panel(cells, noise, outcome, arm, legend(rates), f"{name}-{outcome}") for outcome in OUTCOMES]


def legend(rates: pd.DataFrame) -> tuple[dict[str, str], dict[str, str]]:
    """The colour of each belief and the shape of each benchmark."""
    beliefs = [str(level) for level in rates["belief"].unique() if level != ALL]
    benchmarks = [str(level) for level in rates["benchmark"].unique() if level != ALL]
    return coded(beliefs, COLOURS), coded(benchmarks, SHAPES)


def _panel(
    cells: pd.DataFrame,
    noise: pd.DataFrame,
    outcome: str,
    arm: str,
    codes: tuple[dict[str, str], dict[str, str]],
    name: str,
) -> Drawing:
    from matplotlib.figure import Figure
    from matplotlib.ticker import PercentFormatter

    figure = Figure(figsize=_INCHES)
    axes = figure.add_axes(_AXES)
    axes.plot([0, 1], [0, 1], color=RULE, linewidth=1, zorder=1)
    axes.plot(noise[f"{outcome}_original"], noise[outcome], "x", color=FAINT, markersize=4.5, zorder=2)
    colours, shapes = codes
    cut = cells[["truncated", "truncated_original"]].max(axis=1) > MAX_TRUNCATED
    alike = cells.assign(colour=cells["belief"].map(colours), shape=cells["benchmark"].map(shapes), cut=cut)
    for (colour, shape, hollow), points in alike.groupby(["colour", "shape", "cut"]):
        axes.plot(
            points[f"{outcome}_original"],
            points[outcome],
            marker=shape,
            linestyle="none",
            markersize=6,
            markerfacecolor="none" if hollow else colour,
            markeredgecolor=colour,
            alpha=0.85,
            zorder=3,
        )
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xlabel=ORIGINAL, ylabel=arm, xticks=_TICKS, yticks=_TICKS)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    above = int((cells[outcome] > cells[f"{outcome}_original"]).sum())
    below = int((cells[outcome] < cells[f"{outcome}_original"]).sum())
    words = (
        f"Rates of {outcome} in {len(cells)} cells of benchmark and condition, {arm} against {ORIGINAL}: "
        f"higher in {above}, lower in {below}, equal in {len(cells) - above - below}. "
        f"Mean {percent(cells[outcome].mean())} against {percent(cells[f'{outcome}_original'].mean())}."
    )
    return drawing(figure, name, outcome, words)
