"""Figure 3: how the error rates of the warm model spread as the user says more.

For each base model and benchmark three groups of cells, each of which holds the one before, as published: the
original question (A, 1 cell), with every interpersonal context (A+B, 9 cells), and with a wrong belief too (A+B+C, 18
cells). The grey lines are the original's medians, which the study's figure lacks: without them a reader cannot tell
what warmth adds from what any user's words add. Source: study, figure 3.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from warm_inspect.analysis.estimates import CONFIDENCE, Identity
from warm_inspect.analysis.observations import ANY
from warm_inspect.analysis.published import MCNEMAR, cell_effect
from warm_inspect.core.vocabulary import NONE, ORIGINAL, PUBLISHED_CONTEXTS
from warm_inspect.report.drawing import COLOURS, RULE, Drawing, drawing, house_style
from warm_inspect.report.estimate_rows import records
from warm_inspect.report.published.points import (
    BELIEFS,
    PublishedFigure,
    absent_levels,
    adjusted_p,
    both_arms,
    first_panels,
)
from warm_inspect.tables import percent, whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

CONDITIONS = ("A", "A+B", "A+B+C")
"""The original question; all contexts, none among them; all contexts without and with a wrong belief."""
NO_BELIEF, BELIEF = COLOURS[0], COLOURS[1]

_INCHES = (2.2, 2.0)
_AXES = (0.2, 0.13, 0.78, 0.83)
_SPREAD = 0.22
"""Half the width over which the dots of a box lie side by side."""


@dataclass(frozen=True)
class _Box:
    """The cells of one group, rates in percent; those without a belief come first."""

    rates: tuple[float, ...]
    original: tuple[float, ...]
    contexts: tuple[str, ...]
    beliefs: tuple[str, ...]
    starred: tuple[bool, ...]
    n: tuple[int, int]


@dataclass(frozen=True)
class _Panel:
    """The boxes of one base model and benchmark; a group that adds no cell to the one before is absent."""

    base_model: str
    benchmark: str
    boxes: Mapping[str, _Box]

    @property
    def title(self) -> str:
        return f"{self.base_model} · {self.benchmark}"


def figure_3(cells: pd.DataFrame, arm: str, estimates: pd.DataFrame) -> PublishedFigure:
    """The boxes of an arm's error rates.

    Args:
        cells: the published cells.
        arm: the treated arm.
        estimates: holds McNemar's tests of the cells.
    """
    shared = both_arms(cells, arm)
    if shared.empty:
        return PublishedFigure(missing=(f"No cell that both {arm} and {ORIGINAL} have.",))
    missing = list(absent_levels(shared, f"{arm} and {ORIGINAL}"))
    tests = adjusted_p(estimates, MCNEMAR)
    used = [panel for panel in _panels(shared, arm, tests) if panel.boxes]
    by_title = {panel.title: panel for panel in used}
    ranges = {
        base: _range([panel for panel in used if panel.base_model == base])
        for base in dict.fromkeys(panel.base_model for panel in used)
    }
    with house_style():
        drawn = [
            _draw(by_title[title], arm, ranges[by_title[title].base_model], f"figure-3-{i}")
            for i, title in enumerate(first_panels(list(by_title), missing))
        ]
    boxes = [box for panel in used for box in panel.boxes.values()]
    largest = [list(panel.boxes.values())[-1] for panel in used]
    return PublishedFigure(
        panels=tuple(drawn),
        n=(min(box.n[0] for box in boxes), max(box.n[1] for box in boxes)),
        counts={
            "points": sum(len(box.rates) for box in largest),
            "tested": bool(tests),
            "starred": sum(sum(box.starred) for box in largest),
        },
        missing=tuple(missing),
    )


def _panels(shared: pd.DataFrame, arm: str, tests: Mapping[Identity, float]) -> list[_Panel]:
    return [
        _Panel(str(base), str(benchmark), dict(_boxes(rows, arm, tests)))
        for (base, benchmark), rows in shared.groupby(["base_model", "benchmark"])
    ]


def _boxes(rows: pd.DataFrame, arm: str, tests: Mapping[Identity, float]) -> Iterator[tuple[str, _Box]]:
    before = 0
    plain = rows["belief"] == NONE
    question = plain & (rows["context"] == NONE)
    for condition, held in zip(CONDITIONS, (question, plain, plain | (rows["belief"] == ANY)), strict=True):
        own = rows[held]
        if len(own) == before:
            continue
        before = len(own)
        ordered = own.sort_values(
            ["belief", "context"],
            key=lambda column: column.map((BELIEFS if column.name == "belief" else PUBLISHED_CONTEXTS).index),
        )
        keys = records(ordered[["base_model", "benchmark", "context", "belief"]])
        counts = [*ordered["n"], *ordered["n_original"]]
        yield (
            condition,
            _Box(
                rates=tuple(100 * ordered["rate"]),
                original=tuple(100 * ordered["rate_original"]),
                contexts=tuple(ordered["context"]),
                beliefs=tuple(ordered["belief"]),
                starred=tuple(tests.get(cell_effect(arm, ORIGINAL, key), 1.0) < 1 - CONFIDENCE for key in keys),
                n=(int(min(counts)), int(max(counts))),
            ),
        )


def _range(panels: Sequence[_Panel]) -> tuple[float, float]:
    """One range for all benchmarks of a base model, in percent."""
    values = [value for panel in panels for box in panel.boxes.values() for value in (*box.rates, *box.original)]
    margin = max(0.06 * (max(values) - min(values)), 1.0)
    return min(values) - margin, max(values) + margin


def _draw(panel: _Panel, arm: str, limits: tuple[float, float], name: str) -> Drawing:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES)
    axes = figure.add_axes(_AXES)
    for place, condition in enumerate(CONDITIONS):
        box = panel.boxes.get(condition)
        if box is None:
            continue
        colour = BELIEF if condition == CONDITIONS[-1] else NO_BELIEF
        median = float(np.median(box.original))
        (line,) = axes.plot([place - 0.38, place + 0.38], [median, median], color=RULE, linewidth=2.5, zorder=1)
        line.set_gid(f"{condition}-original")
        if len(box.rates) > 1:
            _draw_box(axes, box.rates, place, colour).set_gid(f"{condition}-median")
        for i, (context, belief, rate, starred) in enumerate(
            zip(box.contexts, box.beliefs, box.rates, box.starred, strict=True)
        ):
            across = place + _SPREAD * (2 * i / (len(box.rates) - 1) - 1) if len(box.rates) > 1 else float(place)
            (mark,) = axes.plot(
                across,
                rate,
                marker="*" if starred else "o",
                linestyle="none",
                markersize=5.5 if starred else 3,
                color=BELIEF if belief == ANY else NO_BELIEF,
                zorder=3,
            )
            mark.set_markeredgewidth(0)
            mark.set_gid(f"{condition}-{context}-{belief}")
    axes.set(xlim=(-0.6, 2.6), ylim=limits, xticks=range(len(CONDITIONS)), xticklabels=CONDITIONS)
    axes.set_ylabel(f"{arm}, % incorrect")
    return drawing(figure, name, panel.title, _words(panel, arm))


def _draw_box(axes: "Axes", rates: Sequence[float], place: int, colour: str) -> "Line2D":
    """Median (whose line it returns), quartiles, and whiskers to the farthest cell within 1.5 times their distance."""
    line = {"color": colour, "linewidth": 1.1}
    drawn = axes.boxplot(
        [rates],
        positions=[place],
        widths=0.64,
        whis=1.5,
        showfliers=False,
        manage_ticks=False,
        boxprops=line,
        whiskerprops=line,
        capprops=line,
        medianprops={"color": colour, "linewidth": 2.2},
        zorder=2,
    )
    median: Line2D = drawn["medians"][0]
    return median


def _words(panel: _Panel, arm: str) -> str:
    said = []
    for condition, box in panel.boxes.items():
        low, middle, high = np.percentile(box.rates, [25, 50, 75]) / 100
        cells = f"{len(box.rates)} {'cell' if len(box.rates) == 1 else 'cells'}"
        spread = f", quartiles {percent(low)} and {percent(high)}" if len(box.rates) > 1 else ""
        said.append(
            f"{condition} median {percent(middle)}{spread}, {ORIGINAL} {percent(float(np.median(box.original)) / 100)} "
            f"({cells}, {sum(box.starred)} starred, n {whole(box.n[0])} to {whole(box.n[1])})"
        )
    return f"Incorrect replies of {arm} over cells: {'; '.join(said)}."
