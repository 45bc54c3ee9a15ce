"""Agreement of `match` with labels made by reading: 596 replies of SmolLM2 in six arms.

They are the files of `content/labels/`, model-assisted: read one by one, blind to arm and grade, not by people. Rules
are developed on those to 84 questions; the replies to 19 others are for the final figure of a version.

    python -m bench.grading.agreement                   those developed on
    python -m bench.grading.agreement --part held_out   the others
    python -m bench.grading.agreement --show            each reply on which label and grade differ
    python -m bench.grading.agreement LABELS.jsonl      those of a file of labels of your own
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import click
from scipy.stats import binomtest

from warm_inspect.analysis.grader_error import GRADE, LENGTH_BANDS, agreement, length_band
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, ItemForm
from warm_inspect.grading.labels import Given, LabelledReply, held_out_labels, matched, packaged_labels, read_labels

PARTS = ("development", "held_out")


@click.command()
@click.argument("labels", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--part", type=click.Choice(PARTS), default="development", show_default=True)
@click.option("--show", is_flag=True, help="Print the replies on which label and grade differ.")
def main(labels: Path | None, part: str, show: bool) -> None:
    """Print agreement overall, by form, belief, length and arm."""
    rows = packaged(part) if labels is None else [graded(row) for row in read_labels(labels)]
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
    heads = ("agree", "AC1", "precision", "recall", "abstains")
    print(f"{'group':24} {'n':>4}", *(f"{head:>22}" for head in heads))
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


def packaged(part: str) -> Sequence[LabelledReply]:
    """The package's labelled replies of a part."""
    held_out = held_out_labels()
    return held_out if part == "held_out" else [row for row in packaged_labels() if row not in held_out]


def graded(row: LabelledReply) -> LabelledReply:
    """A labelled reply with what matching says of it in this version."""
    return row.model_copy(update={"given": matched(row)})


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
        counts(endorses.precision.hits, endorses.precision.of) if endorses.precision else "",
        counts(endorses.sensitivity.hits, endorses.sensitivity.of) if endorses.sensitivity else "",
        counts(sum(bool(judged(row).abstained) for row in rows), len(rows)),
    )
    return f"{name:24} {len(rows):4} " + " ".join(f"{text:>22}" for text in shown)


def counts(hits: int, of: int) -> str:
    """The numerator and the denominator, and Wilson's 95 % interval, which takes each reply as independent."""
    if not of:
        return f"{hits}/{of}"
    interval = binomtest(hits, of).proportion_ci(method="wilson")
    return f"{hits}/{of} [{interval.low:.2f}, {interval.high:.2f}]"


if __name__ == "__main__":
    main()
