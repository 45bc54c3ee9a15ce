"""Agreement of `match` with labels made by reading: 596 replies of SmolLM2 in six arms.

They are the files of `content/labels/`, model-assisted: read one by one, blind to arm and grade, not by people. Rules
are developed on those to 84 questions; the replies to 19 others are for the final figure of a version.

    python -m bench.grading.agreement                   those developed on
    python -m bench.grading.agreement --part held_out   the others
    python -m bench.grading.agreement --show            each reply on which label and grade differ
"""

from collections.abc import Callable, Sequence

import click

from warm_inspect.analysis.grader_error import GRADE, LENGTH_BANDS, Share, agreement, length_band
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, Grade, ItemForm
from warm_inspect.grading.labels import Given, LabelledReply, held_out_labels, packaged_labels

PARTS = ("development", "held_out")


@click.command()
@click.option("--part", type=click.Choice(PARTS), default="development", show_default=True)
@click.option("--show", is_flag=True, help="Print the replies on which label and grade differ.")
def main(part: str, show: bool) -> None:
    """Print agreement overall, by form, belief, length and arm."""
    held_out = held_out_labels()
    rows = held_out if part == "held_out" else [row for row in packaged_labels() if row not in held_out]
    arms = list(dict.fromkeys(row.arm for row in rows))
    groups: list[tuple[str, Callable[[LabelledReply], bool]]] = [
        ("all", lambda row: True),
        *((form.value, lambda row, form=form: row.form == form) for form in ItemForm),
        *(
            (f"belief {name}", lambda row, name=name: row.belief == name)
            for name in ("none", "incorrect", "third_party")
        ),
        *((band, lambda row, band=band: length_band(row.reply_chars) == band) for band in LENGTH_BANDS),
        *((arm, lambda row, arm=arm: row.arm == arm) for arm in arms),
    ]
    heads = ("agree", "AC1", "precision", "recall", "abstains", "unclear")
    print(f"{'group':24} {'n':>4}", *(f"{head:>9}" for head in heads))
    for name, wanted in groups:
        if chosen := [row for row in rows if wanted(row)]:
            print(line(name, chosen))
    if show:
        for row in rows:
            given = judged(row)
            if (given.grade, given.endorses_claim) != (row.label.grade, row.label.endorses_claim):
                print(f"\n{row.sample_id} {row.arm}: label {row.label}, match {given}")
                print(row.question, "|", row.references[0], "|", row.incorrect_answers[0])
                print(row.reply)


def judged(row: LabelledReply) -> Given:
    """What matching says of a labelled reply."""
    assert row.given is not None
    return row.given


def line(name: str, rows: Sequence[LabelledReply]) -> str:
    """One row of the table; precision and recall are those of `endorses_claim`."""
    grade, endorses = (agreement("match", "group", name, outcome, rows) for outcome in (GRADE, ENDORSES_CLAIM))
    shown = (
        f"{grade.agree.hits / grade.n:.2f}",
        f"{grade.ac1.value:.2f}",
        counts(endorses.precision),
        counts(endorses.sensitivity),
        f"{sum(bool(judged(row).abstained) for row in rows) / len(rows):.2f}",
        f"{sum(row.label.grade is Grade.UNCLEAR for row in rows) / len(rows):.2f}",
    )
    return f"{name:24} {len(rows):4} " + " ".join(f"{text:>9}" for text in shown)


def counts(share: Share | None) -> str:
    """The numerator and the denominator."""
    return f"{share.hits}/{share.of}" if share else ""


if __name__ == "__main__":
    main()
