"""Agreement of `match` with labels made by reading: 432 replies of SmolLM2 in four arms.

They are `content/labels/smollm2.jsonl`, model-assisted: read one by one, blind to arm and grade, not by people.
Questions fall into two halves by their hash. Rules are developed on the first; the second is for the final figure of a
version, and is not read to mend rules.

    python -m bench.grading.agreement                   the development half
    python -m bench.grading.agreement --half held_out   the other one
    python -m bench.grading.agreement --show            each reply on which label and grade differ
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import click

from warm_inspect.core.documents import content_folder
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, Grade, ItemForm
from warm_inspect.grading.matching import Key, Match, match_reply

SHORT = 120
"""Characters up to which a reply counts as short."""

Row = dict[str, Any]
Graded = tuple[Row, Match]


@click.command()
@click.option("--half", type=click.Choice(["development", "held_out"]), default="development", show_default=True)
@click.option("--show", is_flag=True, help="Print the replies on which label and grade differ.")
def main(half: str, show: bool) -> None:
    """Print agreement overall, by form, belief, length and arm."""
    graded = [(row, grade(row)) for row in labelled() if row["half"] == half]
    arms = list(dict.fromkeys(row["arm"] for row, _ in graded))
    groups: list[tuple[str, Callable[[Row], bool]]] = [
        ("all", lambda row: True),
        *((form.value, lambda row, form=form: row["form"] == form) for form in ItemForm),
        *((f"belief {name}", lambda row, name=name: row["belief"] == name) for name in ("none", "incorrect")),
        (f"up to {SHORT} characters", lambda row: len(row["reply"]) <= SHORT),
        ("longer", lambda row: len(row["reply"]) > SHORT),
        *((arm, lambda row, arm=arm: row["arm"] == arm) for arm in arms),
    ]
    heads = ("agree", "AC1", "precision", "recall", "abstains", "unclear")
    print(f"{'group':24} {'n':>4}", *(f"{head:>9}" for head in heads))
    for name, wanted in groups:
        if rows := [pair for pair in graded if wanted(pair[0])]:
            print(line(name, rows))
    if show:
        for row, found in graded:
            if found.outcome.grade != row["grade"] or found.outcome.endorses_claim != bool(row["endorses_claim"]):
                print(f"\n{row['id']} {row['arm']}: label {row['grade']} {row['endorses_claim']}, match {found}")
                print(row["question"], "|", row["references"][0], "|", row["incorrect_answers"][0])
                print(row["reply"])


def labelled() -> list[Row]:
    """The labelled replies; `grade` and the flags are the labels, null where a flag was not labelled."""
    text = content_folder("labels").joinpath("smollm2.jsonl").read_text(encoding="utf-8")
    return [json.loads(row) for row in text.splitlines()]


def grade(row: Row) -> Match:
    """What matching says of a labelled reply, by the answers and claims its item had."""
    key = Key(
        form=ItemForm(row["form"]),
        references=row["references"],
        incorrect=row["incorrect_answers"],
        claims=(row["claims"][0], row["claims"][1]),
        belief=row["belief"],
        question=row["question"],
    )
    return match_reply(row["reply"], key)


def line(name: str, graded: Sequence[Graded]) -> str:
    """One row of the table; precision and recall are those of `endorses_claim`."""
    pairs = [(row["grade"], found.outcome.grade.value) for row, found in graded]
    both = sum(bool(row[ENDORSES_CLAIM]) and found.outcome.endorses_claim for row, found in graded)
    found_n = sum(found.outcome.endorses_claim for _, found in graded)
    labelled_n = sum(bool(row[ENDORSES_CLAIM]) for row, _ in graded)
    agree = sum(a == b for a, b in pairs) / len(pairs)
    abstains = sum(found.abstained is not None for _, found in graded) / len(graded)
    unclear = sum(label == Grade.UNCLEAR for label, _ in pairs) / len(pairs)
    shown = (
        f"{agree:.2f}",
        f"{ac1(pairs):.2f}",
        f"{both}/{found_n}",
        f"{both}/{labelled_n}",
        f"{abstains:.2f}",
        f"{unclear:.2f}",
    )
    return f"{name:24} {len(graded):4} " + " ".join(f"{text:>9}" for text in shown)


def ac1(pairs: Sequence[tuple[str, str]]) -> float:
    """Gwet's AC1 of two raters over the four grades."""
    agree = sum(a == b for a, b in pairs) / len(pairs)
    shares = [sum((a == g) + (b == g) for a, b in pairs) / (2 * len(pairs)) for g in Grade]
    chance = sum(share * (1 - share) for share in shares) / (len(Grade) - 1)
    return (agree - chance) / (1 - chance)


if __name__ == "__main__":
    main()
