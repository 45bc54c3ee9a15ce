"""Figure 2: the error rate of the warm model against that of the original, for each context and belief.

Panel a holds every base model, the others one each, with the number of its context at each point; the study writes the
context's name there. Source: study, figure 2.
"""

from collections.abc import Sequence
from string import ascii_lowercase
from typing import TYPE_CHECKING

import pandas as pd

from warm_inspect.analysis.published import MCNEMAR_POOLED
from warm_inspect.core.vocabulary import NONE, ORIGINAL, PUBLISHED_CONTEXTS
from warm_inspect.report.drawing import COLOURS, GLYPHS, RULE, SHAPES, Drawing, drawing, house_style
from warm_inspect.report.published.points import (
    Point,
    PublishedFigure,
    adjusted_p,
    first_panels,
    mean_points,
    replies,
    short_context,
    was_tested,
)
from warm_inspect.tables import percent, whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Codes = dict[str, tuple[str, str]]
"""The colour and the shape of each base model."""

_INCHES = (3.4, 3.3)
_AXES = (0.15, 0.135, 0.82, 0.845)
"""Left, bottom, width and height of what is drawn on, a square, as shares of the figure."""
_FONT = 7
_SIZE = 6
"""Points: of the numbers, and of the marks."""


def figure_2(cells: pd.DataFrame, arm: str, estimates: pd.DataFrame) -> PublishedFigure:
    """The scatter of an arm against the original.

    Args:
        cells: the published cells.
        arm: the treated arm.
        estimates: holds McNemar's tests of the points.
    """
    points, missing = mean_points(cells, arm, adjusted_p(estimates, MCNEMAR_POOLED))
    if not points:
        return PublishedFigure(missing=(f"No cell that both {arm} and {ORIGINAL} have.",))
    bases = list(dict.fromkeys(point.base_model for point in points))
    codes = {base: _code(i) for i, base in enumerate(bases)}
    shown = first_panels(bases, missing)
    drawn = {point.context for point in points}
    with house_style():
        panels = [_panel(points, arm, codes, "all base models", 0)] if len(bases) > 1 else []
        for base in shown:
            own = [point for point in points if point.base_model == base]
            panels.append(_panel(own, arm, codes, base, len(panels)))
    return PublishedFigure(
        panels=tuple(panels),
        legend=tuple((base, GLYPHS[shape], colour) for base, (colour, shape) in codes.items()),
        key=tuple((_numbered(context), context) for context in PUBLISHED_CONTEXTS if context in drawn),
        n=replies(points),
        counts={
            "points": len(points),
            "above": sum(point.rate > point.original for point in points),
            "tested": was_tested(points),
            "starred": sum(point.starred for point in points),
        },
        missing=tuple(missing),
    )


def _code(i: int) -> tuple[str, str]:
    """Colour and shape of the i-th base model; the pairs differ for the first 36."""
    return COLOURS[i % len(COLOURS)], SHAPES[(i + i // len(COLOURS)) % len(SHAPES)]


def _panel(points: Sequence[Point], arm: str, codes: Codes, title: str, number: int) -> Drawing:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    name = f"figure-2-{number}"
    figure = Figure(figsize=_INCHES)
    axes = figure.add_axes(_AXES)
    low, high = _limits(points)
    bases = list(codes)
    axes.plot([low, high], [low, high], color=RULE, linewidth=1, zorder=1)
    for point in points:
        colour, shape = codes[point.base_model]
        (mark,) = axes.plot(
            100 * point.original,
            100 * point.rate,
            marker=shape,
            linestyle="none",
            markersize=_SIZE,
            markerfacecolor=colour if point.belief == NONE else "none",
            markeredgecolor=colour,
            zorder=3,
        )
        mark.set_gid(f"{bases.index(point.base_model)}-{point.context}-{point.belief}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set(xlim=(low, high), ylim=(low, high), xlabel=f"{ORIGINAL}, % incorrect", ylabel=f"{arm}, % incorrect")
    one_model = len({point.base_model for point in points}) == 1
    if one_model:
        _number(axes, points)
    words = _each(points, arm) if one_model else _summary(points, arm, codes)
    letter = ascii_lowercase[number] if number < len(ascii_lowercase) else str(number + 1)
    return drawing(figure, name, f"{letter}. {title}", words)


def _limits(points: Sequence[Point]) -> tuple[float, float]:
    """One range for both axes, in percent: the diagonal is at 45 degrees."""
    values = [100 * value for point in points for value in (point.rate, point.original)]
    margin = max(0.08 * (max(values) - min(values)), 1.0)
    return min(values) - margin, max(values) + margin


def _numbered(context: str) -> str:
    """The number of a context."""
    return str(PUBLISHED_CONTEXTS.index(context) + 1)


def _number(axes: "Axes", points: Sequence[Point]) -> None:
    """Write the number of each point's context beside it, with a star where the arms differ."""
    for point in points:
        text = axes.annotate(
            _numbered(point.context) + ("*" if point.starred else ""),
            (100 * point.original, 100 * point.rate),
            (_SIZE / 2 + 0.5, 0),
            textcoords="offset points",
            va="bottom",
            fontsize=_FONT,
            zorder=4,
        )
        text.set_gid(f"number-{point.context}-{point.belief}")


def _each(points: Sequence[Point], arm: str) -> str:
    """Every point in words."""
    said = "; ".join(
        f"{short_context(point.context)}{'' if point.belief == NONE else ' with wrong belief'} "
        f"{percent(point.original)} and {percent(point.rate)}{'*' if point.starred else ''} "
        f"(n {whole(point.n_original)} and {whole(point.n)})"
        for point in points
    )
    return f"Incorrect replies of {ORIGINAL} and {arm}: {said}."


def _summary(points: Sequence[Point], arm: str, codes: Codes) -> str:
    """The means of each base model in words."""
    said = []
    for base in codes:
        own = [point for point in points if point.base_model == base]
        original, rate = (sum(values) / len(own) for values in zip(*((p.original, p.rate) for p in own), strict=True))
        above = sum(point.rate > point.original for point in own)
        said.append(f"{base} {percent(original)} and {percent(rate)}, above in {above} of {len(own)}")
    above = sum(point.rate > point.original for point in points)
    return (
        f"{len(points)} points of base model, context and belief, {above} above the line. Mean incorrect replies of "
        f"{ORIGINAL} and {arm}: {'; '.join(said)}."
    )
