"""The control benchmarks: each arm's rates, their differences from the baseline, and whether they are equivalent."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isnan
from typing import TYPE_CHECKING

from warm_inspect.analysis.controls import ControlResults, ControlRow
from warm_inspect.analysis.estimates import in_words
from warm_inspect.core.controls import ControlBenchmark
from warm_inspect.report.drawing import COLOURS, FAINT, RULE, SHAPES, Drawing, coded, drawing, house_style
from warm_inspect.report.templates import arm_words
from warm_inspect.tables import UNKNOWN, Column, ColumnKind, Table, interval, p_value, percent, points, tabulate, whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 4.4
_ROW = 0.42
_FOOT = 0.45
"""Inches: width of a panel, height of one row of it, and of the axis below."""
_ARMS = ("original", "warm", "neutral", "cold", "unmodified")
"""Arms with a colour and shape of their own; the names stand beside the marks in any case."""


def controls(results: ControlResults) -> Table:
    """One row per arm on each control benchmark."""
    several = len({row.base_model for row in results.rows}) > 1
    base = [Column[ControlRow]("base model", lambda row: row.base_model, ColumnKind.WORDS)] if several else []
    return tabulate(
        "controls",
        "Control benchmarks by arm",
        "A dash under truncated or unclear: the task does not record it. The differences are exploratory: they say "
        "what the main results must be read against, and none is the study's hypothesis. No text of these samples is "
        "shown.",
        (*_COLUMNS[:2], *base, *_COLUMNS[2:9], _difference(results.baseline), *_COLUMNS[9:]),
        results.rows,
        grouped=True,
        source="controls.csv",
    )


def _difference(baseline: str) -> Column[ControlRow]:
    return Column(f"− {baseline}", lambda row: points(row.difference.estimate) if row.difference else UNKNOWN)


_COLUMNS: tuple[Column[ControlRow], ...] = (
    Column("control", lambda row: _heading(row), ColumnKind.WORDS),
    Column("arm", lambda row: row.arm, ColumnKind.WORDS),
    Column("n replies", lambda row: whole(row.rate.n)),
    Column("items", lambda row: whole(row.rate.n_clusters)),
    Column("no score", lambda row: whole(row.unscored)),
    Column("rate", lambda row: percent(row.rate.estimate)),
    Column("95% interval", lambda row: f"{percent(row.rate.conf_low)} to {percent(row.rate.conf_high)}"),
    Column("truncated", lambda row: percent(row.truncated), detail=True),
    Column("unclear", lambda row: percent(row.unclear), detail=True),
    Column(
        "95% interval of the difference",
        lambda row: interval(row.difference.conf_low, row.difference.conf_high) if row.difference else UNKNOWN,
    ),
    Column("P adj.", lambda row: p_value(row.difference.p_adjusted) if row.difference else UNKNOWN),
    Column(
        "90% interval",
        lambda row: interval(row.equivalence.conf_low, row.equivalence.conf_high) if row.equivalence else UNKNOWN,
        detail=True,
    ),
    Column("P equivalence, adj.", lambda row: p_value(row.equivalence.p_adjusted) if row.equivalence else UNKNOWN),
    Column("shown", lambda row: _shown(row), ColumnKind.NOTE),
)


def _heading(row: ControlRow) -> str:
    return f"{row.benchmark.title}: {row.benchmark.rate}; margin ±{row.benchmark.margin:g} points"


def _shown(row: ControlRow) -> str:
    limits = in_words(row.difference.notes) if row.difference else ""
    return "; ".join(filter(None, (conclusion(row), limits)))


@dataclass(frozen=True)
class ControlPanels:
    """One control benchmark of the report."""

    benchmark: ControlBenchmark
    rows: list[ControlRow]
    panels: list[Drawing]
    """The rates, and the differences where there are any."""


def control_panels(results: ControlResults) -> list[ControlPanels]:
    """The control benchmarks in their order, all differences on one scale; empty without control logs."""
    benchmarks = []
    limit = _limit(results.rows)
    with house_style():
        for i, (benchmark, members) in enumerate(groupby(results.rows, key=lambda row: row.benchmark)):
            rows = list(members)
            compared = [row for row in rows if row.difference]
            panels = [_rates(benchmark, rows, f"control-rate-{i}")]
            if compared:
                panels.append(_differences(benchmark, compared, limit, results.baseline, f"control-effect-{i}"))
            benchmarks.append(ControlPanels(benchmark, rows, panels))
    return benchmarks


def conclusion(row: ControlRow) -> str:
    """What was shown of an arm against the baseline, in words."""
    if row.difference is None:
        return "–"
    shown = "equivalent" if row.equivalent else "equivalence not shown"
    return f"differs; {shown}" if row.differs else shown


def _rates(benchmark: ControlBenchmark, rows: Sequence[ControlRow], name: str) -> Drawing:
    figure, axes = _panel(rows, name)
    for i, row in enumerate(rows):
        _interval(axes, i, row, 100 * row.rate.estimate, (100 * row.rate.conf_low, 100 * row.rate.conf_high), True)
    axes.set(xlim=(-2, 102), xlabel=f"{benchmark.rate}, %")
    said = "; ".join(
        f"{_label(row, rows)} {percent(row.rate.estimate)} ({percent(row.rate.conf_low)} to "
        f"{percent(row.rate.conf_high)}, n {row.rate.n})"
        for row in rows
    )
    return drawing(figure, name, f"{benchmark.title}: {benchmark.rate}", f"Rates with 95% intervals: {said}.")


def _limit(rows: Sequence[ControlRow]) -> float:
    """The largest difference to draw, in points."""
    ends = [row.benchmark.margin for row in rows]
    for row in rows:
        if effect := row.difference:
            ends += [abs(end) for end in (effect.estimate, effect.conf_low, effect.conf_high) if not isnan(end)]
    return 1.08 * max(ends, default=1.0)


def _differences(
    benchmark: ControlBenchmark, rows: Sequence[ControlRow], limit: float, baseline: str, name: str
) -> Drawing:
    """The differences on the band within which they count as equivalent; filled where equivalence was shown."""
    figure, axes = _panel(rows, name)
    axes.axvspan(-benchmark.margin, benchmark.margin, color=FAINT, linewidth=0, zorder=0)
    axes.axvline(0, color=RULE, linewidth=1.2, zorder=1)
    compared = [(row, row.difference) for row in rows if row.difference]
    for i, (row, effect) in enumerate(compared):
        _interval(axes, i, row, effect.estimate, (effect.conf_low, effect.conf_high), row.equivalent)
    axes.set(xlim=(-limit, limit), xlabel=f"arm − {baseline}, percentage points")
    said = "; ".join(
        f"{_label(row, rows)} {points(effect.estimate)} ({interval(effect.conf_low, effect.conf_high)}, "
        f"n {effect.n}; {conclusion(row)})"
        for row, effect in compared
    )
    words = f"Differences with 95% intervals; equivalence means within {benchmark.margin:g} points: {said}."
    return drawing(figure, name, f"{benchmark.title}: difference from {arm_words(baseline)}", words)


def _panel(rows: Sequence[ControlRow], name: str) -> "tuple[Figure, Axes]":
    from matplotlib.figure import Figure

    height = _ROW * len(rows) + _FOOT
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes((0.3, _FOOT / height, 0.67, 1 - _FOOT / height))
    axes.set(ylim=(len(rows) - 0.5, -0.5), yticks=range(len(rows)), yticklabels=[_label(row, rows) for row in rows])
    axes.tick_params(left=False)
    axes.spines["left"].set_visible(False)
    return figure, axes


def _interval(
    axes: "Axes", place: int, row: ControlRow, centre: float, ends: tuple[float, float], filled: bool
) -> None:
    arm = row.arm.split("+")[0]
    colour, shape = coded(_ARMS, COLOURS).get(arm, COLOURS[-1]), coded(_ARMS, SHAPES).get(arm, SHAPES[-1])
    axes.plot(ends, [place, place], color=colour, linewidth=1.5, zorder=3)
    face = colour if filled else "none"
    axes.plot([centre], [place], shape, markersize=6, markerfacecolor=face, markeredgecolor=colour, zorder=4)


def _label(row: ControlRow, rows: Sequence[ControlRow]) -> str:
    several = len({each.base_model for each in rows}) > 1
    return f"{row.arm}\n{row.base_model}" if several else row.arm.replace("+", "\n+")
