"""The dose curve: warmth and errors against epochs of training, one line per arm and seed."""

import pandas as pd

from warm_inspect.analysis.checkpoints import EPOCHS
from warm_inspect.analysis.dose import WARMTH
from warm_inspect.core.vocabulary import ORIGINAL
from warm_inspect.report.figures.palette import COLOURS, SHAPES, coded
from warm_inspect.report.figures.svg import RULE, Drawing, drawing, house_style
from warm_inspect.report.rows import Record, records
from warm_inspect.tables import interval, percent, points, whole

PANELS = {WARMTH: "warmth lift d over the original", "incorrect": "incorrect, %", "not_correct": "not correct, %"}
"""The measures that are drawn, with the label of their axis. Errors are shown under both codings."""

_INCHES = (3.4, 2.7)
_AXES = (0.17, 0.18, 0.79, 0.74)


def dose_codes(dose: pd.DataFrame) -> tuple[dict[str, str], dict[str, str]]:
    """The colour and the shape of each arm that was trained, of each base model apart where there are several."""
    trained = list(dict.fromkeys(_series(dose)[dose["arm"] != ORIGINAL]))
    return coded(trained, COLOURS), coded(trained, SHAPES)


def _series(dose: pd.DataFrame) -> "pd.Series[str]":
    """The arm of each row, with its base model where there are several."""
    arms = dose["arm"].astype(str)
    return arms + " of " + dose["base_model"].astype(str) if dose["base_model"].nunique() > 1 else arms


def dose_panels(dose: pd.DataFrame) -> list[Drawing]:
    """One panel per measure; each line starts at the original, epoch 0. Empty without checkpoints."""
    if dose.empty:
        return []
    with house_style():
        return [_panel(dose, measure, label) for measure, label in PANELS.items()]


def undrawn(dose: pd.DataFrame) -> list[str]:
    """The checkpoints without a lift over the original, whose warmth cannot be drawn, in words."""
    lacking = dose[(dose["measure"] == WARMTH) & dose["estimate"].isna()]
    names = _series(dose)
    return [
        f"{names[index]}, seed {row['training_seed']}, epoch {row[EPOCHS]:g}"
        for index, row in zip(lacking.index, records(lacking), strict=True)
    ]


def _panel(dose: pd.DataFrame, measure: str, label: str) -> Drawing:
    from matplotlib.figure import Figure

    figure = Figure(figsize=_INCHES)
    axes = figure.add_axes(_AXES)
    if measure == WARMTH:
        axes.axhline(0, color=RULE, linewidth=1, zorder=1)
    rows = dose[dose["measure"] == measure]
    colours, shapes = dose_codes(dose)
    original = rows[rows["arm"] == ORIGINAL]
    said = []
    trained = rows[rows["arm"] != ORIGINAL].groupby(["base_model", "arm", "training_seed"], sort=False)
    for (base, _, seed), own in trained:
        name = _series(dose)[own.index[0]]
        line = pd.concat([original[original["base_model"] == base], own]).sort_values(EPOCHS)
        colour, shape = colours[name], shapes[name]
        axes.plot(line[EPOCHS], line["estimate"], color=colour, linewidth=1.3, zorder=2)
        axes.vlines(line[EPOCHS], line["conf_low"], line["conf_high"], color=colour, linewidth=1, alpha=0.6, zorder=2)
        for passed, drawn in own.groupby(own["warmth_check"] == "passed"):
            axes.plot(
                drawn[EPOCHS],
                drawn["estimate"],
                shape,
                markersize=5,
                markerfacecolor=colour if passed else "none",
                markeredgecolor=colour,
                zorder=3,
            )
        said.append(f"{name}, seed {seed}: " + "; ".join(_point(row) for row in records(line)))
    axes.set(xlabel="epochs of training", ylabel=label)
    axes.set_xlim(left=-0.03 * float(rows[EPOCHS].max()))
    words = f"Against epochs of training, with 95% intervals. {'. '.join(said)}."
    return drawing(figure, f"dose-{measure}", label, words)


def _point(row: Record) -> str:
    low, high = row["conf_low"], row["conf_high"]
    if row["measure"] == WARMTH:
        shown = f"{points(row['estimate'], 2)} ({interval(low, high, 2)})"
    else:
        shown = f"{percent(row['estimate'] / 100)} ({percent(low / 100)} to {percent(high / 100)})"
    return f"epoch {row[EPOCHS]:g} {shown}, n {whole(row['n'])}"
