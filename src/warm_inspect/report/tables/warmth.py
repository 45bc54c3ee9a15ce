"""The manipulation check of each adapter, and how warmth and errors grow over its checkpoints."""

from math import isnan

from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.report.evidence import warmth_checks
from warm_inspect.report.rows import Record, records
from warm_inspect.tables import UNKNOWN, Cell, Column, Kind, Mark, Table, interval, percent, points, tabulate, whole

_CHECKS = {"passed": Cell("✓ passed", Mark.PASSED), "failed": Cell("✗ failed", Mark.FAILED)}
_NOT_RUN = Cell("not run", Mark.OPEN)


def warmth_table(study: AnalysedStudy) -> Table:
    """One row per adapter: what its warmth check found, with which meter, and what was trained."""
    return tabulate(
        "warmth",
        "Warmth checks of the adapters",
        "Lift d is the standardised lift in warmth of the adapter's own replies over those of the arm it stands over: "
        "of the original and the neutral arm the one that came nearest to failing the check. The check ran before the "
        "evaluation, on prompts that were in no training set. Validity is how often the meter scores the warmer of two "
        "labelled replies of equal length higher (AUC; 0.5 is a coin). Meters drift with length, so the mean length of "
        "the replies stands beside the lift.",
        _CHECK_COLUMNS,
        warmth_checks(study.observations.frame),
        source="observations.parquet",
    )


_CHECK_COLUMNS: tuple[Column[Record], ...] = (
    Column("adapter", lambda row: str(row["arm"]), Kind.WORDS),
    Column("check", lambda row: _CHECKS.get(row["warmth_check"], _NOT_RUN), Kind.WORDS),
    Column("over", lambda row: row["warmth_reference"] or UNKNOWN, Kind.WORDS),
    Column("lift d", lambda row: points(row["warmth_d"], 2)),
    Column("95% interval", lambda row: interval(row["warmth_d_low"], row["warmth_d_high"], 2)),
    Column("n prompts", lambda row: whole(row["warmth_n"])),
    Column(
        "mean chars, reference's",
        lambda row: f"{whole(row['warmth_chars'])}, {whole(row['warmth_reference_chars'])}",
        detail=True,
    ),
    Column("meter", lambda row: row["warmth_meter"] or UNKNOWN, Kind.WORDS, detail=True),
    Column("its validity", lambda row: _validity(row), detail=True),
    Column("base model", lambda row: str(row["base_model"]), Kind.WORDS, detail=True),
    Column("seed", lambda row: str(row["training_seed"]) if row["training_seed"] >= 0 else UNKNOWN, detail=True),
    Column("epochs", lambda row: _epochs(row["training_epochs"]), detail=True),
    Column("weights", lambda row: row["adapter_sha256"][:12], Kind.CODE, detail=True),
    Column("n replies here", lambda row: whole(row["replies"])),
)


def dose_table(study: AnalysedStudy) -> Table:
    """One row per checkpoint and measure; empty without several checkpoints of an arm."""
    several = study.dose["base_model"].nunique() > 1
    base = [Column[Record]("base model", lambda row: str(row["base_model"]), Kind.WORDS)] if several else []
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
    Column("arm", lambda row: str(row["arm"]), Kind.WORDS),
    Column("seed", lambda row: str(row["training_seed"]) if row["training_seed"] >= 0 else UNKNOWN),
    Column("epochs", lambda row: _epochs(row["training_epochs"])),
    Column("measure", lambda row: row["measure"].replace("_", " "), Kind.WORDS),
    Column("estimate", lambda row: points(row["estimate"], 2) if _of_warmth(row) else percent(row["estimate"] / 100)),
    Column("95% interval", lambda row: _dose_interval(row)),
    Column("n", lambda row: whole(row["n"])),
    Column("mean chars", lambda row: whole(row["chars"])),
    Column("warmth check, against", lambda row: _check_against(row), Kind.WORDS),
)


def _validity(row: Record) -> str:
    if isnan(row["warmth_auc"]):
        return "not recorded"
    return f"{row['warmth_auc']:.2f} ({row['warmth_auc_low']:.2f} to {row['warmth_auc_high']:.2f})"


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
