"""Figure 5: each arm's difference in performance from the original, by context: warm against cold, persona and others.

Performance is the share of replies that are not incorrect, as the published rules count them. The study shows warm and
cold fine-tuning and the warm system prompt; other arms of the input are drawn beside them. Source: study, figure 5.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from warm_inspect.analysis.estimates import CONFIDENCE
from warm_inspect.analysis.published import MCNEMAR, MCNEMAR_POOLED
from warm_inspect.core.arm_names import with_persona
from warm_inspect.core.vocabulary import NONE, ORIGINAL, PUBLISHED_CONTEXTS, TrainedArm
from warm_inspect.report.drawing import COLOURS, GLYPHS, RULE, SHAPES, Drawing, coded, drawing, house_style
from warm_inspect.report.published.points import (
    BELIEFS,
    Point,
    PublishedFigure,
    adjusted_p,
    first_panels,
    mean_points,
    replies,
    short_context,
    was_tested,
)
from warm_inspect.tables import points as signed
from warm_inspect.tables import whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

PUBLISHED_ARMS = (TrainedArm.WARM.value, TrainedArm.COLD.value, with_persona(ORIGINAL, "warm"))
"""The arms of the study's figure."""

_WIDTH = 3.6
_ROW = 0.42
_FOOT = 0.5
"""Inches: width of a panel, height of a context's row, and of the axis below."""

ArmPoints = dict[str, list[Point]]


def figure_5(cells: pd.DataFrame, arm: str, compared: Sequence[str], estimates: pd.DataFrame) -> PublishedFigure:
    """How each arm performs against the original, in the base models that have a treated arm besides `arm`.

    Args:
        cells: the published cells.
        arm: the treated arm that the others stand beside.
        compared: the arms that are compared with the original, in order.
        estimates: holds McNemar's tests of the points.
    """
    treated = [each for each in compared if each in set(cells["arm"])]
    arms = [
        *(each for each in PUBLISHED_ARMS if each in treated),
        *(each for each in treated if each not in PUBLISHED_ARMS),
    ]
    missing = [f"No arm {each}, which the study's figure shows." for each in PUBLISHED_ARMS if each not in arms]
    tests = adjusted_p(estimates, MCNEMAR_POOLED)
    by_arm: ArmPoints = {}
    for each in arms:
        by_arm[each], lacking = mean_points(cells, each, tests)
        missing += lacking
    bases = {point.base_model for each in arms if each != arm for point in by_arm[each]}
    if not bases:
        return PublishedFigure(
            missing=(f"No arm but {arm} shares a cell with {ORIGINAL}: there is nothing to compare it with.", *missing)
        )
    if alone := sorted({point.base_model for point in by_arm.get(arm, [])} - bases):
        missing.append(f"Not drawn, because {arm} is their only arm: {', '.join(alone)}.")
    points = [point for own in by_arm.values() for point in own if point.base_model in bases]
    colours, shapes = coded(arms, COLOURS), coded(arms, SHAPES)
    with house_style():
        panels = [
            _panel(
                base, {each: [p for p in own if p.base_model == base] for each, own in by_arm.items()}, f"figure-5-{i}"
            )
            for i, base in enumerate(first_panels(sorted(bases), missing))
        ]
    return PublishedFigure(
        panels=tuple(panels),
        legend=tuple((each, GLYPHS[shapes[each]], colours[each]) for each in arms),
        n=replies(points),
        counts={"tested": was_tested(points), "starred": sum(p.starred for p in points), "points": len(points)}
        | warm_against_cold(estimates),
        missing=tuple(missing),
    )


def warm_against_cold(estimates: pd.DataFrame) -> dict[str, int]:
    """In how many cells McNemar's test was made of the warm arm against the cold one, and in how many it is worse."""
    rows = estimates[(estimates["analysis"] == MCNEMAR) & (estimates["term"] == "difference")]
    rows = rows[(rows["arm"] == TrainedArm.WARM) & (rows["reference"] == TrainedArm.COLD) & rows["p_adjusted"].notna()]
    worse = (rows["p_adjusted"] < 1 - CONFIDENCE) & (rows["estimate"] > 0)
    return {"cold_cells": len(rows), "worse_than_cold": int(worse.sum())}


def _panel(base: str, by_arm: ArmPoints, name: str) -> Drawing:
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    drawn = {point.context for own in by_arm.values() for point in own}
    shown = [context for context in PUBLISHED_CONTEXTS if context in drawn]
    height = _ROW * len(shown) * max(1.0, len(by_arm) / 4) + _FOOT
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes((0.28, _FOOT / height, 0.69, 1 - (_FOOT + 0.05) / height))
    axes.axvline(0, color=RULE, linewidth=1.2, zorder=1)
    colours, shapes = coded(list(by_arm), COLOURS), coded(list(by_arm), SHAPES)
    for place, context in enumerate(shown):
        if place % 2:
            axes.axhspan(place - 0.5, place + 0.5, color=RULE, alpha=0.15, linewidth=0, zorder=0)
        for i, (arm, own) in enumerate(by_arm.items()):
            level = place + 0.7 * ((i + 0.5) / len(by_arm) - 0.5)
            for point in own:
                if point.context == context:
                    _mark(axes, point, level, colours[arm], shapes[arm]).set_gid(f"{i}-{context}-{point.belief}")
    axes.set(ylim=(len(shown) - 0.5, -0.5), yticks=range(len(shown)), yticklabels=[c.replace("_", " ") for c in shown])
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("performance against original, points")
    return drawing(figure, name, base, _words(by_arm))


def _mark(axes: "Axes", point: Point, level: float, colour: str, shape: str) -> "Line2D":
    """One point: hollow with a belief of the user, with a star where the arms differ."""
    face = colour if point.belief == NONE else "none"
    value = _performance(point)
    (mark,) = axes.plot(
        value,
        level,
        marker=shape,
        linestyle="none",
        markersize=4.6,
        markerfacecolor=face,
        markeredgecolor=colour,
        zorder=3,
    )
    if point.starred:
        axes.annotate(
            "*", (value, level), (3.2, -1.2), textcoords="offset points", fontsize=8, color=colour, va="center"
        )
    return mark


def _performance(point: Point) -> float:
    """How many more replies than the original's are not incorrect, in percentage points."""
    return 100 * (point.original - point.rate)


def _words(by_arm: ArmPoints) -> str:
    said = []
    for arm, own in by_arm.items():
        for belief in BELIEFS:
            values = [
                f"{short_context(point.context)} {signed(_performance(point))}{'*' if point.starred else ''} "
                f"(n {whole(point.n)} and {whole(point.n_original)})"
                for point in own
                if point.belief == belief
            ]
            if values:
                said.append(f"{arm}{'' if belief == NONE else ' with wrong belief'}: {', '.join(values)}")
    return f"Percentage points against {ORIGINAL}, negative where more replies are incorrect. {'; '.join(said)}."
