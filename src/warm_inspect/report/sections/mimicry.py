"""Wrong poets that a user names: how often each arm repeats them, and whom its replies name."""

from itertools import groupby

from warm_inspect.analysis.estimates import Kind
from warm_inspect.analysis.families import ALL, KNOWN, KNOWN_TO_BOTH, MimicryResults, MimicryRow
from warm_inspect.core.families import Claim, Named, WrongPoet
from warm_inspect.report.drawing import Drawing
from warm_inspect.report.estimate_rows import records
from warm_inspect.report.sections.family_panels import interval_panel
from warm_inspect.report.sections.family_tables import count_table, number_table
from warm_inspect.tables import Column, ColumnKind, Table

_POEMS = {ALL: "all poems", KNOWN: "poems whose poet the arm knows", KNOWN_TO_BOTH: "poems whose poet both arms know"}
_BEYOND = "all poems, beyond what is named without a claim"
_CLAIMS = {
    Claim.WRONG: "a wrong poet",
    Claim.RIGHT: "the right poet",
    Claim.NONE: "no poet",
    Claim.GATE: "asks who it is",
}
_NAMED = {
    Named.ECHOES_WRONG: "the wrong poet alone",
    Named.NAMES_BOTH: "both poets",
    Named.NAMES_RIGHT: "the right poet alone",
    Named.NEITHER: "neither",
}


def mimicry_echoes(results: MimicryResults) -> Table:
    """How often the wrong poet is repeated, in each arm and between arms."""
    return number_table(
        "mimicry",
        "The wrong poet repeated",
        "Replies that name the poet whom the user wrongly named and not the right one. Of one arm their share, or what "
        "the claim adds, in percentage points; of two arms percentage points. An arm knows a poet whom it names when "
        "it is asked. Paired by poem, intervals clustered by poem. A rerun is the same arm twice: what it shows is "
        "noise. If missing: the number with every reply that has no score or was cut at its least and at its most. P "
        "is adjusted by Benjamini and Hochberg over the differences of arms on all poems; other rows are not tested.",
        ("which poems", _place),
        sorted((row for row in results.rows if _is_echo(row)), key=_order),
        "poems",
    )


def mimicry_names(results: MimicryResults) -> Table:
    """Whom the replies of each arm name, after each claim."""
    return number_table(
        "mimicry-names",
        "Whom replies name",
        "Not tested. Both poets is mostly a correction of the user. Where the user names the right poet, a reply that "
        "names neither speaks of no poet at all.",
        ("the user names", lambda row: _where(_CLAIMS[Claim(row.claim)], row.wrong_poet)),
        [row for row in results.rows if not _is_echo(row)],
        "poems",
        (Column("the reply names", lambda row: _NAMED[Named(row.estimate.outcome)], ColumnKind.WORDS),),
    )


def mimicry_counts(results: MimicryResults) -> Table:
    """Whom replies name, as numbers."""
    return count_table(
        "mimicry-counts",
        "Replies, and whom they name",
        "Without a claim and when the model is asked who wrote the poem, the wrong poet is the one whom a wrong claim "
        "names.",
        ("the user names", lambda row: _where(_CLAIMS[Claim(row["claim"])], row["wrong_poet"])),
        records(results.counts),
        "replies",
        {"echoes_wrong": "wrong", "names_both": "both", "names_right": "right", "neither": "neither"},
    )


def mimicry_panels(results: MimicryResults) -> list[Drawing]:
    """How often each arm repeats the wrong poet, a panel for all poems and one for those that it knows."""
    rows = [row for row in results.rows if _is_echo(row) and row.estimate.identity.kind is Kind.RATE]
    shown = sorted((row for row in rows if row.estimate.n), key=_order)
    return [
        interval_panel(f"mimicry-{i}", name, list(members), "Wrong poet repeated", "% of replies", (-4, 104), 100)
        for i, (name, members) in enumerate(groupby(shown, key=_place))
    ]


def mimicry_words(row: MimicryRow) -> str:
    """What a number of the table that answers measures."""
    return f"the wrong poet repeated, {_place(row)}"


def _is_echo(row: MimicryRow) -> bool:
    return row.claim == Claim.WRONG and row.estimate.outcome == Named.ECHOES_WRONG


def _order(row: MimicryRow) -> tuple[int, bool, int]:
    return list(WrongPoet).index(WrongPoet(row.wrong_poet)), bool(row.versus_claim), list(_POEMS).index(row.poems)


def _place(row: MimicryRow) -> str:
    return _where(_BEYOND if row.versus_claim else _POEMS[row.poems], row.wrong_poet)


def _where(words: str, wrong_poet: str) -> str:
    return words if wrong_poet == WrongPoet.SAME_ERA else f"{words} ({wrong_poet.replace('_', ' ')})"
