"""The warmth of the adapters: their manipulation checks, and the curves of warmth and errors over their checkpoints."""

from math import isnan
from typing import Any

import pandas as pd

from warm_inspect.analysis.observations import EPOCHS
from warm_inspect.analysis.study import WARMTH, AnalysedStudy
from warm_inspect.core.vocabulary import NOT_CORRECT, ORIGINAL, Grade
from warm_inspect.report.drawing import COLOURS, GLYPHS, RULE, SHAPES, Drawing, coded, drawing, house_style
from warm_inspect.report.estimate_rows import Record, records
from warm_inspect.tables import (
    UNKNOWN,
    Column,
    ColumnKind,
    Mark,
    Table,
    TableCell,
    interval,
    percent,
    points,
    tabulate,
    whole,
)

_ADAPTER = ["arm", "base_model", "adapter_sha256", "training_seed", "warmth_check", "warmth_reference", "warmth_meter"]
_LIFT = [
    "training_epochs", "warmth_n", "warmth_d", "warmth_d_low", "warmth_d_high", "warmth_chars",
    "warmth_reference_chars", "warmth_auc", "warmth_auc_low", "warmth_auc_high",
]  # fmt: skip
_CHECKS = {"passed": TableCell("✓ passed", Mark.PASSED), "failed": TableCell("✗ failed", Mark.FAILED)}
_NOT_RUN = TableCell("not in these logs", Mark.OPEN)
_NOT_ASKED = TableCell("not asked")
"""Of the positive control, which is not meant to be warm."""
PANELS = {
    WARMTH: "warmth lift d over the original",
    Grade.INCORRECT.value: "incorrect, %",
    NOT_CORRECT: "not correct, %",
}
"""The measures that are drawn, with the label of their axis. Errors are shown under both codings."""
_INCHES = (3.4, 2.7)
_AXES = (0.17, 0.18, 0.79, 0.74)


def warmth_checks(frame: pd.DataFrame) -> list[Record]:
    """One row per adapter or checked model: what its warmth check says, and how many replies of it are in the logs."""
    trained = frame[(frame["adapter_sha256"] != "") | frame["warmth_check"].isin(list(_CHECKS))]
    lifts = {name: pd.to_numeric(trained[name]) for name in _LIFT}
    groups = trained.assign(**lifts).groupby([*_ADAPTER, *_LIFT], observed=True, dropna=False)
    return records(groups.size().reset_index(name="replies"))


def warmth_table(study: AnalysedStudy) -> Table:
    """One row per adapter: what its warmth check found, with which meter, and what was trained."""
    return tabulate(
        "warmth",
        "Warmth checks of the adapters",
        "Lift d is the standardised lift in warmth of the adapter's own replies over those of the arm it stands over: "
        "of the original and the neutral arm the one that came nearest to failing the check. The check ran on prompts "
        "that were in no training set. Validity is how often the meter scores the warmer of two "
        "labelled replies of equal length higher (AUC; 0.5 is a coin). Meters drift with length, so the mean length of "
        "the replies stands beside the lift.",
        _CHECK_COLUMNS,
        [
            row | {"asked": row["arm"] not in study.observations.roles.positive_control_arms}
            for row in warmth_checks(study.observations.frame)
        ],
        source="observations.parquet",
    )


_CHECK_COLUMNS: tuple[Column[Record], ...] = (
    Column("adapter", lambda row: str(row["arm"]), ColumnKind.WORDS),
    Column(
        "check",
        lambda row: _CHECKS.get(row["warmth_check"], _NOT_RUN if row["asked"] else _NOT_ASKED),
        ColumnKind.WORDS,
    ),
    Column("over", lambda row: row["warmth_reference"] or UNKNOWN, ColumnKind.WORDS),
    Column("lift d", lambda row: points(row["warmth_d"], 2)),
    Column("95% interval", lambda row: interval(row["warmth_d_low"], row["warmth_d_high"], 2)),
    Column("n prompts", lambda row: whole(row["warmth_n"])),
    Column(
        "mean chars, reference's",
        lambda row: _chars(row),
        detail=True,
    ),
    Column("meter", lambda row: row["warmth_meter"] or UNKNOWN, ColumnKind.WORDS, detail=True),
    Column("its validity", lambda row: _validity(row), detail=True),
    Column("base model", lambda row: str(row["base_model"]), ColumnKind.WORDS, detail=True),
    Column("seed", lambda row: str(row["training_seed"]) if row["training_seed"] >= 0 else UNKNOWN, detail=True),
    Column("epochs", lambda row: _epochs(row["training_epochs"]), detail=True),
    Column("weights", lambda row: row["adapter_sha256"][:12], ColumnKind.CODE, detail=True),
    Column("n replies here", lambda row: whole(row["replies"])),
)


def dose_table(study: AnalysedStudy) -> Table:
    """One row per checkpoint and measure; empty without several checkpoints of an arm."""
    several = study.dose["base_model"].nunique() > 1
    base = [Column[Record]("base model", lambda row: str(row["base_model"]), ColumnKind.WORDS)] if several else []
    return tabulate(
        "dose",
        "Warmth and errors of every checkpoint",
        "Warmth in standard deviations of replies, errors in percent of replies. n counts prompts for warmth and "
        "replies for errors.",
        (_DOSE_COLUMNS[0], *base, *_DOSE_COLUMNS[1:]),
        records(study.dose),
        source="dose.csv",
    )


_DOSE_COLUMNS: tuple[Column[Record], ...] = (
    Column("arm", lambda row: str(row["arm"]), ColumnKind.WORDS),
    Column("seed", lambda row: str(row["training_seed"]) if row["training_seed"] >= 0 else UNKNOWN),
    Column("epochs", lambda row: _epochs(row["training_epochs"])),
    Column("measure", lambda row: row["measure"].replace("_", " "), ColumnKind.WORDS),
    Column("estimate", lambda row: points(row["estimate"], 2) if _of_warmth(row) else percent(row["estimate"] / 100)),
    Column("95% interval", lambda row: _dose_interval(row)),
    Column("n", lambda row: whole(row["n"])),
    Column("mean chars", lambda row: whole(row["chars"])),
    Column("warmth check, against", lambda row: _check_against(row), ColumnKind.WORDS),
)


def _validity(row: Record) -> str:
    if isnan(row["warmth_auc"]):
        return "not recorded"
    return f"{row['warmth_auc']:.2f} ({row['warmth_auc_low']:.2f} to {row['warmth_auc_high']:.2f})"


def _chars(row: Record) -> str:
    if isnan(row["warmth_chars"]):
        return UNKNOWN
    return f"{whole(row['warmth_chars'])}, {whole(row['warmth_reference_chars'])}"


def _epochs(epochs: float) -> str:
    return UNKNOWN if isnan(epochs) else f"{epochs:g}"


def _of_warmth(row: Record) -> bool:
    return bool(row["measure"] == "warmth")


def _dose_interval(row: Record) -> str:
    if _of_warmth(row):
        return interval(row["conf_low"], row["conf_high"], 2)
    return f"{percent(row['conf_low'] / 100)} to {percent(row['conf_high'] / 100)}"


def _check_against(row: Record) -> str:
    check = row["warmth_check"].replace("_", " ") or UNKNOWN
    return f"{check}, {row['warmth_reference']}" if row["warmth_reference"] else check


def dose_figure(dose: pd.DataFrame) -> dict[str, Any]:
    """The dose curve: its panels, its legend, and the checkpoints whose warmth cannot be drawn."""
    colours, shapes = dose_codes(dose)
    return {
        "panels": dose_panels(dose),
        "undrawn": undrawn(dose),
        "legend": [(arm, colours[arm], GLYPHS[shapes[arm]]) for arm in colours],
    }


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
