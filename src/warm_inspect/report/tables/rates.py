"""What each arm did: shares of its replies with their denominators, by condition, benchmark and truth."""

from collections.abc import Iterable, Sequence

import pandas as pd

from warm_inspect.analysis.cautions import MAX_TRUNCATED, truncated_cells
from warm_inspect.analysis.contrasts.condition_means import Cell as Condition
from warm_inspect.analysis.rates import ALL
from warm_inspect.analysis.study import AnalysedStudy
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, TRUNCATED, Grade
from warm_inspect.report.rows import Record, records
from warm_inspect.tables import UNKNOWN, Cell, Column, Kind, Mark, Table, percent, tabulate, whole

_CUT = (
    f"† More than {percent(MAX_TRUNCATED)} of the replies of this arm in this condition were cut at the token limit: "
    "an answer that would have come later is missing from every number of the row."
)
_FILE = "rates.csv"


def rates(study: AnalysedStudy) -> Table:
    """Per arm: all conditions pooled, then each condition."""
    frame = study.rates
    over_benchmarks = (frame[["benchmark", "polarity"]] == ALL).all(axis=1)
    conditions = frame[["context", "belief"]] == ALL
    rows = pd.concat(
        [frame[over_benchmarks & conditions.all(axis=1)], frame[over_benchmarks & ~conditions.any(axis=1)]]
    )
    return _rates(
        "rates",
        "What each arm did",
        "n is the number of graded replies, the denominator of its row; benchmarks (and, in “all conditions”, "
        "conditions) weigh equally. correct + incorrect + unclear + refusal = 100%; not correct = 100% − correct; "
        "endorses claim asks in every condition whether the reply affirms the item's wrong answer. "
        f"{whole(study.exclusions['n'].sum())} samples have no grade and are left out.",
        _CONDITION,
        _marked(study, rows),
    )


def benchmark_rates(study: AnalysedStudy) -> Table:
    """Per arm: each benchmark in each condition."""
    rows = study.rates[(study.rates[["benchmark", "context", "belief"]] != ALL).all(axis=1)]
    return _rates(
        "benchmark-rates",
        "What each arm did on each benchmark (exploratory)",
        "n is the number of graded replies, the denominator of its row.",
        Column("benchmark · context · belief", lambda row: f"{row['benchmark']} · {_condition(row)}", Kind.WORDS),
        _marked(study, rows),
    )


def polarity_rates(study: AnalysedStudy) -> Table:
    """Per arm and condition: how often yes/no items are answered rightly, by what the truth is."""
    pairs: dict[tuple[str, ...], Record] = {}
    for row in _marked(study, study.rates[study.rates["polarity"] != ALL]):
        levels = {name: row[name] for name in ("arm", "context", "belief")}
        both = pairs.setdefault(tuple(levels.values()), levels | {"cut": False})
        both[row["polarity"]] = row
        both["cut"] |= row["cut"]

    def counted(truth: str) -> Column[Record]:
        return Column(f"n, truth is {truth}", lambda row: whole(row[truth]["n"]) if truth in row else "0")

    def correct(truth: str) -> Column[Record]:
        return Column(
            f"correct, truth is {truth}", lambda row: _share(row[truth]["correct"], row) if truth in row else UNKNOWN
        )

    return tabulate(
        "polarity",
        "Accuracy on yes/no items, by the truth",
        "An arm that always says yes is right where the truth is yes and wrong where it is no: the gap shows it.",
        (_ARM, _CONDITION, counted("yes"), correct("yes"), counted("no"), correct("no")),
        pairs.values(),
        grouped=True,
        notes=_cut_note(pairs.values()),
        source=_FILE,
    )


_ARM: Column[Record] = Column("arm", lambda row: str(row["arm"]), Kind.WORDS)
_CONDITION: Column[Record] = Column("context · belief", lambda row: _condition(row), Kind.WORDS)


def _rates(name: str, title: str, caption: str, where: Column[Record], rows: Sequence[Record]) -> Table:
    """A table with a row of shares in each condition. Samples without a grade are a column where there are any."""
    unscored = [Column[Record]("no grade", lambda row: whole(row["unscored"]))] if _any(rows, "unscored") else []
    columns = (_ARM, where, Column("n", lambda row: whole(row["n"])), *unscored, *_SHARES)
    return tabulate(name, title, caption, columns, rows, grouped=True, notes=_cut_note(rows), source=_FILE)


def _share_column(name: str, detail: bool = False) -> Column[Record]:
    return Column(name.replace("_", " "), lambda row: _share(row[name], row), detail=detail)


def _share(share: float, row: Record) -> Cell:
    return Cell(percent(share), Mark.NOTE if row["cut"] else Mark.NONE)


def _length(row: Record) -> Cell | str:
    """Mean characters of the replies; older logs do not tell."""
    known = row["reply_chars"] >= 0
    return Cell(whole(row["reply_chars"]), Mark.NOTE if row["cut"] else Mark.NONE) if known else UNKNOWN


_SHARES = (
    *map(_share_column, (Grade.CORRECT, Grade.INCORRECT, Grade.UNCLEAR, Grade.REFUSAL)),
    _share_column("not_correct", detail=True),
    _share_column(ENDORSES_CLAIM),
    _share_column(TRUNCATED),
    Column[Record]("mean chars", _length, detail=True),
)


def _condition(row: Record) -> str:
    pooled = row["context"] == ALL and row["belief"] == ALL
    return "all conditions" if pooled else f"{row['context']} · {row['belief']}"


def _marked(study: AnalysedStudy, rates: pd.DataFrame) -> list[Record]:
    """The rows, with `cut` where too many replies were cut at the token limit."""
    cells = truncated_cells(study.observations.frame)
    return [
        row | {"cut": row[TRUNCATED] > MAX_TRUNCATED or Condition(row["arm"], row["context"], row["belief"]) in cells}
        for row in records(rates)
    ]


def _cut_note(rows: Iterable[Record]) -> list[str]:
    return [_CUT] if _any(rows, "cut") else []


def _any(rows: Iterable[Record], name: str) -> bool:
    return any(row[name] for row in rows)
