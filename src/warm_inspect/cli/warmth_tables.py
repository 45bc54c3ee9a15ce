"""The warmth of arms on the terminal."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from warm_inspect.manipulation import Calibration, WarmthReport


def print_report(console: Console, report: WarmthReport) -> None:
    """Print validity, readings, lifts and verdicts, each number beside the length of the replies."""
    console.print(_validity(report.calibrations))
    console.print(_readings(report))
    if report.lifts:
        console.print(_lifts(report))
    for arm, check in report.checks.items():
        word = "[green]passed[/]" if check.passed else "[red bold]FAILED[/]"
        should = {1: "warmer than", -1: "colder than", 0: "as warm as"}[check.direction]
        console.print(
            f"{escape(arm)} {word}: should be {should} {escape(check.reference_arm)}, is at d = {check.d:+.2f} "
            f"({check.d_low:+.2f} to {check.d_high:+.2f}) on {check.n_prompts} prompts, by {escape(check.meter)}"
        )
    if report.refusal:
        console.print(f"[yellow]No verdict:[/] {escape(report.refusal)}")
    for note in report.notes:
        console.print(f"[yellow]Note:[/] {escape(note)}")


def _table(title: str, *columns: str | Column) -> Table:
    return Table(*columns, title=title, title_justify="left", box=SIMPLE_HEAD)


def _number(name: str) -> Column:
    return Column(name, justify="right")


def _validity(calibrations: tuple[Calibration, ...]) -> Table:
    table = _table(
        "Validity on labelled replies: how often the warmer one scores higher (AUC; 0.5 is chance)",
        Column("meter", overflow="fold"), "contrast", _number("all pairs"), _number("equal length"), _number("pairs"),
        _number("r with length"), "can decide",
    )  # fmt: skip
    for calibration in calibrations:
        for name, found in calibration.contrasts.items():
            can = "yes" if found.beats_chance else "no"
            equal = _interval(found.auc_length_matched, found.auc_length_matched_low, found.auc_length_matched_high)
            table.add_row(
                _short(found.meter), name, _interval(found.auc, found.auc_low, found.auc_high), equal,
                f"{found.n_matched} of {found.n}", _two(found.length_correlation), can,
            )  # fmt: skip
    return table


def _readings(report: WarmthReport) -> Table:
    table = _table(
        "Warmth of each arm, each meter in its own unit, and the length of the replies",
        Column("arm", overflow="fold"), Column("meter", overflow="fold"), _number("n"), _number("unscored"),
        _number("mean"), _number("sd"), _number("mean chars"), _number("r with length"),
    )  # fmt: skip
    for row in report.readings:
        spread = "-" if row.sd is None else f"{row.sd:.4f}"
        table.add_row(
            escape(row.arm), _short(row.meter), str(row.n), str(row.unscored), f"{row.mean:.4f}", spread,
            f"{row.mean_chars:.0f}", _two(row.length_correlation),
        )  # fmt: skip
    return table


def _lifts(report: WarmthReport) -> Table:
    table = _table(
        "Lifts on shared prompts, in standard deviations of replies, with 95 % intervals",
        Column("arm", overflow="fold"), "over", Column("meter", overflow="fold"), _number("d"), _number("interval"),
        _number("n"), "",
    )  # fmt: skip
    for row in report.lifts:
        lift = row.lift
        if lift is None:
            table.add_row(escape(row.arm), escape(row.reference), _short(row.meter), "-", "-", "-", escape(row.note))
        else:
            role = "decides" if row.meter == report.gate and not report.refusal else "beside"
            table.add_row(
                escape(row.arm), escape(row.reference), _short(row.meter), f"{lift.d:+.2f}",
                f"{lift.d_low:+.2f} to {lift.d_high:+.2f}", str(lift.n), role,
            )  # fmt: skip
    return table


def _short(label: str) -> str:
    """A meter's name without its version, which the JSON report holds."""
    return escape(label.rpartition("@")[0])


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:+.2f}"


def _interval(value: float | None, low: float | None, high: float | None) -> str:
    return "-" if value is None else f"{value:.2f} ({low:.2f} to {high:.2f})"
