"""The warmth of arms on the terminal."""

from rich.console import Console

from warm_inspect.manipulation import ArmLift, Calibration, MeterValidation, WarmthReading, WarmthReport
from warm_inspect.tables import UNKNOWN, Column, ColumnKind, Table, escape, interval, points, print_table, tabulate


def print_report(console: Console, report: WarmthReport) -> None:
    """Print validity, readings, lifts and checks, each number beside the length of the replies."""
    print_table(console, validity_table(report.calibrations))
    print_table(console, readings_table(report))
    if report.lifts:
        print_table(console, lifts_table(report))
    console.print()
    for arm, check in report.checks.items():
        word = "[green]passed[/]" if check.passed else "[red bold]FAILED[/]"
        should = {1: "warmer than", -1: "colder than", 0: "as warm as"}[check.direction]
        console.print(
            f"{escape(arm)} {word}: should be {should} {escape(check.reference_arm)}, is at d = {check.d:+.2f} "
            f"({check.d_low:+.2f} to {check.d_high:+.2f}) on {check.n_prompts} prompts, by {escape(check.meter)}"
        )
    if report.why_undecided:
        console.print(f"[yellow]Not checked:[/] {escape(report.why_undecided)}")
    for note in report.notes:
        console.print(f"[yellow]Note:[/] {escape(note)}")


def validity_table(calibrations: tuple[Calibration, ...]) -> Table:
    """How well each meter orders labelled replies, by contrast."""
    return tabulate(
        "validity",
        "Validity on labelled replies",
        "How often the meter scores the warmer of two replies higher (AUC; 0.5 is chance), with 95% intervals. A meter "
        "decides checks only where replies of equal length leave no doubt.",
        _VALIDITY,
        [pair for calibration in calibrations for pair in calibration.contrasts.items()],
        grouped=True,
    )


_VALIDITY: tuple[Column[tuple[str, MeterValidation]], ...] = (
    Column("meter", lambda pair: _short(pair[1].meter), ColumnKind.WORDS),
    Column("contrast", lambda pair: pair[0], ColumnKind.WORDS),
    Column("all pairs", lambda pair: _auc(pair[1].auc, pair[1].auc_low, pair[1].auc_high)),
    Column(
        "equal length",
        lambda pair: _auc(pair[1].auc_length_matched, pair[1].auc_length_matched_low, pair[1].auc_length_matched_high),
    ),
    Column("n pairs of equal length", lambda pair: f"{pair[1].n_matched} of {pair[1].n}"),
    Column("r with length", lambda pair: _two(pair[1].length_correlation)),
    Column("can decide", lambda pair: "yes" if pair[1].beats_chance else "no", ColumnKind.WORDS),
)


def readings_table(report: WarmthReport) -> Table:
    """Each arm by each meter."""
    return tabulate(
        "readings",
        "Warmth of each arm",
        "Each meter in its own unit, with the length of the replies.",
        _READINGS,
        report.readings,
        grouped=True,
    )


_READINGS: tuple[Column[WarmthReading], ...] = (
    Column("arm", lambda row: row.arm, ColumnKind.WORDS),
    Column("meter", lambda row: _short(row.meter), ColumnKind.WORDS),
    Column("n", lambda row: f"{row.n:,}"),
    Column("unscored", lambda row: f"{row.unscored:,}"),
    Column("mean", lambda row: f"{row.mean:.4f}"),
    Column("SD", lambda row: UNKNOWN if row.sd is None else f"{row.sd:.4f}"),
    Column("mean chars", lambda row: f"{row.mean_chars:.0f}"),
    Column("r with length", lambda row: _two(row.length_correlation)),
)


def lifts_table(report: WarmthReport) -> Table:
    """How far each arm lies from its references by each meter."""
    return tabulate(
        "lifts",
        "Lifts on shared prompts",
        "Standardised lifts d, in standard deviations of replies.",
        (*_LIFTS, Column("role", lambda row: _role(row, report), ColumnKind.WORDS)),
        report.lifts,
        grouped=True,
    )


_LIFTS: tuple[Column[ArmLift], ...] = (
    Column("comparison", lambda row: f"{row.arm} over {row.reference}", ColumnKind.WORDS),
    Column("meter", lambda row: _short(row.meter), ColumnKind.WORDS),
    Column("d", lambda row: points(row.lift.d, 2) if row.lift else UNKNOWN),
    Column("95% interval", lambda row: interval(row.lift.d_low, row.lift.d_high, 2) if row.lift else UNKNOWN),
    Column("n", lambda row: f"{row.lift.n:,}" if row.lift else UNKNOWN),
)


def _role(row: ArmLift, report: WarmthReport) -> str:
    """Why there is no lift, or whether it is the one that the check is about."""
    if row.lift is None:
        return row.note
    return "decides" if row.meter == report.deciding_meter and not report.why_undecided else "beside"


def _short(label: str) -> str:
    """A meter's name without its version, which the JSON report holds."""
    return label.rpartition("@")[0]


def _two(value: float | None) -> str:
    return UNKNOWN if value is None else points(value, 2)


def _auc(value: float | None, low: float | None, high: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f} ({low:.2f} to {high:.2f})"
