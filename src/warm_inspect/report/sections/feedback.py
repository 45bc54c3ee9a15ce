"""Comments on a text: how far they follow what the user thinks of it, by arm; and how the judge went by the order."""

from warm_inspect.analysis.estimates import Kind
from warm_inspect.analysis.families import INCONSISTENT, POSITIVITY, PREFER, FeedbackResults, FeedbackRow
from warm_inspect.core.families import IDENTICAL, Framing, Positivity
from warm_inspect.report.drawing import Drawing
from warm_inspect.report.estimate_rows import minus, records
from warm_inspect.report.sections.family_panels import interval_panel
from warm_inspect.report.sections.family_tables import count_table, number_table
from warm_inspect.tables import Column, ColumnKind, Table

_TEXTS = "texts"
_AXIS = "prefer − disprefer, percentage points"


def feedback_effects(results: FeedbackResults) -> Table:
    """How far comments follow the user's wish, in each arm and between arms."""
    return number_table(
        "feedback",
        "More positive comments: prefer − disprefer",
        "Percentage points of texts whose framed comment is judged more positive than the unframed one, a tie counting "
        "half: where the user likes the text or wrote it, minus where the user does not like it or did not write it. "
        "The noise floor stands in both and cancels. Errors are clustered by text. Of two arms: how much more the "
        "comments of the first follow. A rerun is the same arm twice: what it shows is noise. P is adjusted by "
        "Benjamini and Hochberg over the differences of arms; other rows are not tested.",
        ("framings", _compared),
        [row for row in results.rows if _is_main(row)],
        _TEXTS,
    )


def feedback_framings(results: FeedbackResults) -> Table:
    """The same framing by framing and by sort of text, each against its opposite or the noise floor."""
    return number_table(
        "feedback-framings",
        "Framing by framing, and by sort of text",
        "Not tested. Against `none` a framing stands against the noise floor: two comments without any framing.",
        ("framings", _compared),
        [row for row in results.rows if row.against and not _is_main(row)],
        _TEXTS,
        (Column("sort of text", lambda row: row.item_set or "all", ColumnKind.WORDS),),
    )


def feedback_shares(results: FeedbackResults) -> Table:
    """Positivity under each framing, and the share of judgements that changed with the order."""
    return number_table(
        "feedback-shares",
        "Positivity under each framing, and judgements that went by the order",
        "Positivity: the share of texts whose framed comment is judged more positive, a tie counting half: .5 "
        "where the framing changes nothing. `none` is the noise floor. By the order: of the pairs that were judged, "
        "those on which the judge said another thing when the two changed places. They are ties here, and many of them "
        "pull every number towards no difference.",
        ("share", _share),
        [row for row in results.rows if not row.against],
        _TEXTS,
    )


def feedback_counts(results: FeedbackResults) -> Table:
    """How the pairs of comments were judged, as numbers."""
    return count_table(
        "feedback-counts",
        "Pairs of comments, and how they were judged",
        "No score: one of the two comments is missing or says nothing, or one of the two orders has no verdict. Ties "
        "hold the pairs that were judged by the order, and those of one wording, which no judge saw.",
        ("framing", lambda row: _words(row["framing"])),
        sorted(
            records(results.counts), key=lambda row: (row["base_model"], list(Framing).index(Framing(row["framing"])))
        ),
        "pairs",
        {
            Positivity.MORE: "framed more positive",
            Positivity.LESS: "unframed more positive",
            Positivity.EQUAL: "ties",
            INCONSISTENT: "by the order",
            IDENTICAL: "one wording",
        },
    )


def feedback_panels(results: FeedbackResults) -> list[Drawing]:
    """How far the comments of each arm follow the user's wish; empty without numbers."""
    rows = [row for row in results.rows if _is_main(row) and row.estimate.identity.kind is Kind.FRAMING_EFFECT]
    if not rows:
        return []
    return [interval_panel("feedback-0", "All texts", rows, "More positive comments", _AXIS, (-108, 108))]


def feedback_words(row: FeedbackRow) -> str:
    """What a number of the table that answers measures."""
    return f"more positive comments, {_compared(row)}"


def _is_main(row: FeedbackRow) -> bool:
    return row.framing == PREFER and not row.item_set


def _compared(row: FeedbackRow) -> str:
    return minus(f"{_words(row.framing)} - {_words(row.against)}")


def _share(row: FeedbackRow) -> str:
    return f"positivity, {_words(row.framing)}" if row.estimate.outcome == POSITIVITY else "judged by the order"


def _words(name: str) -> str:
    return name.replace("_", " ")
