"""Effects: the claims, every contrast of condition means with what noise gives beside it, and their forest plots."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from warm_inspect.analysis.contrasts import (
    ARM_EFFECT,
    BELIEF_EFFECT,
    COMPOUNDING,
    CONTEXT_EFFECT,
    EQUIVALENCE,
    NOISE,
    SECOND_DIFFERENCE,
)
from warm_inspect.analysis.estimates import CONTRAST, EXPLORATORY, SECONDARY, Identity, identities
from warm_inspect.analysis.study import FLIP_RATE, MINIMUM_DETECTABLE, AnalysedStudy
from warm_inspect.report.drawing import COLOURS, FAINT, RULE, SHAPES, Drawing, coded, drawing, house_style
from warm_inspect.report.estimate_rows import (
    BRACKETS,
    ID,
    INTERVAL,
    LIMITS,
    OUTCOME,
    P_ADJUSTED_BESIDE,
    P_BESIDE_ADJUSTED,
    Cases,
    Record,
    beside,
    cases_beside,
    clusters_column,
    compared,
    contrast_column,
    deciding_p,
    estimate_column,
    flips_between,
    if_missing_column,
    interval_of,
    known,
    minus,
    n_column,
    noise_beside,
    primary_first,
    records,
    value,
)
from warm_inspect.report.sections.answer_rows import in_short
from warm_inspect.report.sections.rates import SHOWN_OUTCOMES
from warm_inspect.tables import (
    UNKNOWN,
    Column,
    ColumnKind,
    Table,
    interval,
    p_value,
    percent,
    points,
    tabulate,
    text_column,
    whole,
)

LAYOUTS = ((ARM_EFFECT, "arm"), (CONTEXT_EFFECT, "context"), (BELIEF_EFFECT, "belief"), (SECOND_DIFFERENCE, "second"))
"""The analyses that are drawn, with the short name of each."""
_WIDTH = 4.4
_ROW = 0.62
_FOOT = 0.45
"""Inches: width of a panel, height of one row of it, and of the axis below."""
_STEP = 0.22
"""Distance of a row's label and intervals from each other, as a share of the row."""


def claims(study: AnalysedStudy) -> Table:
    """The headline, then the secondary rows, of each arm that is answered."""
    estimates = study.estimates
    contrasts = estimates[estimates["term"] == CONTRAST]
    numbers = dict(zip(zip(identities(contrasts), contrasts["outcome"], strict=True), records(contrasts), strict=True))
    asked = [
        ((each.identity, each.outcome), in_short(each))
        for design in study.designs
        for each in (*design.questions, *design.unanswered)
    ]
    rows = [numbers[key] | {"asked": words} for key, words in asked if key in numbers]
    # A headline is alone in its family: its P value needs no adjustment.
    adjusted = Column[Record](
        "P adj.", lambda row: deciding_p(row, "p_adjusted") if row["family"] == SECONDARY else UNKNOWN
    )
    equivalences = {
        (row["contrast"], row["outcome"]): p_value(row["p_value"])
        for row in records(estimates[estimates["term"] == EQUIVALENCE])
    }
    cases, noise = cases_beside(estimates), noise_beside(estimates)
    within = Column[Record](
        f"P within ±{study.equivalence_margin:g}",
        lambda row: equivalences.get((row["contrast"], row["outcome"]), UNKNOWN),
    )
    measured = Column[Record]("measured", lambda row: f"{row['outcome']} of {minus(row['contrast'])}", ColumnKind.WORDS)
    return tabulate(
        "claims",
        "The headline and the secondary rows",
        "Percentage points. The headline comes first and is one test, which its own P decides; of the others the P "
        f"that is adjusted by Holm decides. {BRACKETS} A row that the logs cannot answer keeps its place among them. "
        "n counts complete pairs."
        + (" “Rerun” is the same contrast between two runs of one model: what chance alone gives." if noise else "")
        + (" “If missing” is the number with every missing reply at its best and at its worst." if cases else "")
        + (" “P within” is of the two one-sided tests that an effect is smaller than that." if equivalences else ""),
        (
            text_column("asked", "what is asked"), estimate_column(), INTERVAL,
            if_missing_column(cases), P_BESIDE_ADJUSTED, adjusted, within, _noise(noise),
            n_column("pairs"), clusters_column("questions"), measured, ID, LIMITS,
        ),
        rows,
    )  # fmt: skip


def effects(estimates: pd.DataFrame) -> list[Table]:
    """A table for each comparison of arms, then of contexts, of beliefs, of second differences, and of grades."""
    rows = records(estimates[estimates["term"] == CONTRAST])
    between = [row for row in rows if row["analysis"] in (ARM_EFFECT, NOISE) and not row["versus"]]
    within = [row for row in rows if row["analysis"] in (CONTEXT_EFFECT, BELIEF_EFFECT)]
    second = [row for row in rows if row["analysis"] in (SECOND_DIFFERENCE, NOISE) and row["versus"]]
    pairs = _by(between, compared)
    titled = {f"Effects of {minus(name)}": pairs[name] for name in primary_first(pairs, estimates)}
    titled |= _by(within, lambda row: f"Effects of {minus(compared(row))} inside each arm")
    compounding = [row for row in rows if row["analysis"] == COMPOUNDING]
    titled |= _by(compounding, lambda row: "What a context adds to the effect of a stated wrong answer inside each arm")
    titled |= _by(second, lambda row: f"Second differences of {minus(compared(row))}")
    titled |= _by([row for row in rows if row["analysis"] == FLIP_RATE], lambda row: "Grades that differ between arms")
    noise, flips, cases = noise_beside(estimates), flips_between(estimates), cases_beside(estimates)
    runs = next((Identity.of(row).pair for row in noise.values()), "")
    return [
        _effects(f"effects-{i}", title, own, noise, cases, _changed(own[0], flips, runs))
        for i, (title, own) in enumerate(titled.items(), start=1)
    ]


def detectable(estimates: pd.DataFrame) -> Table:
    """What each comparison of arms could have found."""
    return tabulate(
        "detectable",
        "The smallest effects this study could have seen",
        "In percentage points: found in four studies like this out of five, at the two-sided 5% "
        "level. Smaller effects may be there unseen. n counts pairs.",
        (
            contrast_column(), OUTCOME, Column("smallest effect", lambda row: f"±{row['estimate']:.1f}"),
            n_column("pairs"), clusters_column("questions"), ID,
        ),
        records(estimates[estimates["term"] == MINIMUM_DETECTABLE]),
    )  # fmt: skip


def _effects(
    name: str,
    title: str,
    rows: Iterable[Record],
    noise: Mapping[tuple[str, str], Record],
    cases: Cases,
    notes: Iterable[str] = (),
) -> Table:
    """The outcomes of each contrast."""
    return tabulate(
        name,
        title,
        "Percentage points, errors clustered by question. “If missing”: missing replies at their best and worst. "
        f"{BRACKETS}",
        (
            Column("contrast", _heading, ColumnKind.WORDS), OUTCOME, estimate_column(), INTERVAL,
            if_missing_column(cases), P_BESIDE_ADJUSTED, P_ADJUSTED_BESIDE, _noise(noise), n_column("pairs"),
            clusters_column("questions"), ID, LIMITS,
        ),
        rows,
        grouped=True,
        notes=notes,
    )  # fmt: skip


def _heading(row: Record) -> str:
    return minus(row["contrast"]) + (" (exploratory)" if row["family"] == EXPLORATORY else "")


def _noise(noise: Mapping[tuple[str, str], Record]) -> Column[Record]:
    """The same contrast between two runs of one model."""

    def show(row: Record) -> str:
        rerun = beside(row, noise)
        return UNKNOWN if rerun is None else f"{value(rerun)} ({interval_of(rerun)})"

    return Column("rerun", show, detail=True)


def _changed(row: Record, flips: Mapping[str, Record], runs: str) -> list[str]:
    """How many grades changed between the arms of a comparison, and between the two runs of one model."""
    name = compared(row)
    if row["analysis"] not in (ARM_EFFECT, NOISE) or row["versus"] or name not in flips:
        return []
    said = f"Rate at which grades changed from arm to arm: {_rate(flips[name])}"
    if runs in flips and name != runs:
        said += f"; between two runs of one model, {minus(runs)}: {_rate(flips[runs])}"
    return [f"{said}. Benchmarks and conditions weigh equally."]


def _rate(row: Record) -> str:
    return f"{percent(row['estimate'] / 100)} (n = {whole(row['n'])} pairs)"


def _by(rows: Iterable[Record], name: Callable[[Record], str]) -> dict[str, list[Record]]:
    """Rows by name, in the order in which the names first come."""
    groups: dict[str, list[Record]] = {}
    for row in rows:
        groups.setdefault(name(row), []).append(row)
    return groups


@dataclass(frozen=True)
class _Line:
    """One line of labels with the interval of each outcome, and the rerun's interval of each."""

    label: str
    effects: Mapping[str, Record]
    noise: Mapping[str, Record]


def outcome_codes() -> tuple[dict[str, str], dict[str, str]]:
    """The colour and the shape of each outcome."""
    return coded(SHOWN_OUTCOMES, COLOURS), coded(SHOWN_OUTCOMES, SHAPES)


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
    """The lines of each panel; second differences and arm effects bring the rerun's contrast of the same condition."""
    noise = noise_beside(estimates) if analysis in (ARM_EFFECT, SECOND_DIFFERENCE) else {}
    rows = estimates[(estimates["analysis"] == analysis) & (estimates["term"] == CONTRAST)]
    rows = rows[rows["outcome"].isin(SHOWN_OUTCOMES) & (rows["benchmark"] == "")]
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
    return {title: list(panels[title].values()) for title in primary_first(panels, estimates)}


def _panel(title: str, lines: Sequence[_Line], limits: tuple[float, float], name: str) -> Drawing:
    from matplotlib.figure import Figure

    height = _ROW * len(lines) + _FOOT
    figure = Figure(figsize=(_WIDTH, height))
    axes = figure.add_axes((0.02, _FOOT / height, 0.96, 1 - _FOOT / height))
    axes.axvline(0, color=RULE, linewidth=1.2, zorder=1)
    colours, shapes = outcome_codes()
    for i, line in enumerate(lines):
        axes.text(limits[0], i, line.label.replace("=", " "), va="center", ha="left")
        for place, outcome in enumerate(SHOWN_OUTCOMES, start=1):
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
