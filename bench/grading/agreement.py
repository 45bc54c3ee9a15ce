"""Agreement of `match` with labels made by reading: 432 replies of SmolLM2 in four arms.

They are `content/labels/smollm2.jsonl`, model-assisted: read one by one, blind to arm and grade, not by people.
Questions fall into two halves by their hash. Rules are developed on the first; the second is for the final figure of a
version, and is not read to mend rules.

    python -m bench.grading.agreement                   the development half
    python -m bench.grading.agreement --half held_out   the other one
    python -m bench.grading.agreement --show            each reply on which label and grade differ
"""

from collections.abc import Callable, Sequence

import click

from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.vocabulary import Grade, ItemForm
from warm_inspect.grading.labels import Given, LabelledReply, packaged_labels

SHORT = 120
"""Characters up to which a reply counts as short."""

HALVES = ("development", "held_out")


@click.command()
@click.option("--half", type=click.Choice(HALVES), default="development", show_default=True)
@click.option("--show", is_flag=True, help="Print the replies on which label and grade differ.")
def main(half: str, show: bool) -> None:
    """Print agreement overall, by form, belief, length and arm."""
    rows = [row for row in packaged_labels() if HALVES[int(sha256_text(row.question_id), 16) % 2] == half]
    arms = list(dict.fromkeys(row.arm for row in rows))
    groups: list[tuple[str, Callable[[LabelledReply], bool]]] = [
        ("all", lambda row: True),
        *((form.value, lambda row, form=form: row.form == form) for form in ItemForm),
        *((f"belief {name}", lambda row, name=name: row.belief == name) for name in ("none", "incorrect")),
        (f"up to {SHORT} characters", lambda row: row.reply_chars <= SHORT),
        ("longer", lambda row: row.reply_chars > SHORT),
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
    pairs = [(row.label.grade.value, judged(row).grade.value) for row in rows]
    both = sum(bool(row.label.endorses_claim and judged(row).endorses_claim) for row in rows)
    given_n = sum(bool(judged(row).endorses_claim) for row in rows)
    labelled_n = sum(bool(row.label.endorses_claim) for row in rows)
    agree = sum(a == b for a, b in pairs) / len(pairs)
    abstains = sum(bool(judged(row).abstained) for row in rows) / len(rows)
    unclear = sum(label == Grade.UNCLEAR for label, _ in pairs) / len(pairs)
    shown = (
        f"{agree:.2f}",
        f"{ac1(pairs):.2f}",
        f"{both}/{given_n}",
        f"{both}/{labelled_n}",
        f"{abstains:.2f}",
        f"{unclear:.2f}",
    )
    return f"{name:24} {len(rows):4} " + " ".join(f"{text:>9}" for text in shown)


def ac1(pairs: Sequence[tuple[str, str]]) -> float:
    """Gwet's AC1 of two raters over the four grades."""
    agree = sum(a == b for a, b in pairs) / len(pairs)
    shares = [sum((a == g) + (b == g) for a, b in pairs) / (2 * len(pairs)) for g in Grade]
    chance = sum(share * (1 - share) for share in shares) / (len(Grade) - 1)
    return (agree - chance) / (1 - chance)


if __name__ == "__main__":
    main()
