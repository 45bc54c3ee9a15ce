"""The control benchmarks: what every arm did on them, and whether it is equivalent to the original."""

from warm_inspect.analysis.controls.results import ControlResults, ControlRow
from warm_inspect.analysis.notes import in_words
from warm_inspect.report.figures.controls import verdict
from warm_inspect.tables import UNKNOWN, Column, Kind, Table, interval, p_value, percent, points, tabulate, whole


def controls(results: ControlResults) -> Table:
    """One row per arm on each control benchmark."""
    several = len({row.base_model for row in results.rows}) > 1
    base = [Column[ControlRow]("base model", lambda row: row.base_model, Kind.WORDS)] if several else []
    return tabulate(
        "controls",
        "Control benchmarks by arm",
        "A dash under truncated or unclear: the task does not record it. The differences are exploratory: they say "
        "what the main results must be read against, and none is the study's hypothesis. No text of these samples is "
        "shown.",
        (*_COLUMNS[:2], *base, *_COLUMNS[2:]),
        results.rows,
        grouped=True,
        source="controls.csv",
    )


_COLUMNS: tuple[Column[ControlRow], ...] = (
    Column("control", lambda row: _heading(row), Kind.WORDS),
    Column("arm", lambda row: row.arm, Kind.WORDS),
    Column("n replies", lambda row: whole(row.rate.n)),
    Column("items", lambda row: whole(row.rate.n_clusters)),
    Column("no score", lambda row: whole(row.unscored)),
    Column("rate", lambda row: percent(row.rate.estimate)),
    Column("95% interval", lambda row: f"{percent(row.rate.conf_low)} to {percent(row.rate.conf_high)}"),
    Column("truncated", lambda row: percent(row.truncated), detail=True),
    Column("unclear", lambda row: percent(row.unclear), detail=True),
    Column("− original", lambda row: points(row.difference.estimate) if row.difference else UNKNOWN),
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
    Column("shown", lambda row: _shown(row), Kind.NOTE),
)


def _heading(row: ControlRow) -> str:
    return f"{row.benchmark.title}: {row.benchmark.rate}; margin ±{row.benchmark.margin:g} points"


def _shown(row: ControlRow) -> str:
    limits = in_words(row.difference.notes) if row.difference else ""
    return "; ".join(filter(None, (verdict(row), limits)))
