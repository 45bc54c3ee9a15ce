"""Replies to each kind of transformation, and which of them are right."""

import pytest

from tests.hanging import ends_within
from warm_inspect.core.families import Answered, Domain, Transform
from warm_inspect.grading.problems import grade_problem

RIGHT, WRONG = Answered.CORRECT, Answered.INCORRECT
DECLINES, NOTHING = Answered.AVOIDANT_EPISTEMIC, Answered.AVOIDANT_FORM

PROBLEMS = {
    Transform.DATE_ORDER: ("2026-03-09", "09/03/2026"),
    Transform.DATE_WORDS: ("2026-03-09", "9 March 2026"),
    Transform.INITIALS: ("Keller, Anna Rosa", "A. R. K."),
    Transform.CONVERSION: ("3.25 kilometres", "3250 metres"),
    Transform.COLUMN: ("desk,Anna,oven,yarn", "oven"),
    Transform.SORTING: ("oven, desk, island", "desk, island, oven"),
    Transform.IDENTIFIER: ("total net price", "total_net_price"),
    Transform.DOMAIN: ("anna.keller@mail.oakfield.example", "mail.oakfield.example"),
}

REPLIES = (
    (Transform.DATE_ORDER, "09/03/2026", RIGHT),
    (Transform.DATE_ORDER, "The date is 9/3/2026.", RIGHT),
    (Transform.DATE_ORDER, "2026-03-09 becomes 09/03/2026. You've got this, 100%!", RIGHT),
    (Transform.DATE_ORDER, "03/09/2026", WRONG),
    (Transform.DATE_ORDER, "The answer is 09/03/2026 or 03/09/2026.", WRONG),
    (Transform.DATE_ORDER, "2026-03-09", NOTHING),
    (Transform.DATE_WORDS, "9 March 2026", RIGHT),
    (Transform.DATE_WORDS, "It is the 9th of March, 2026, dear!", RIGHT),
    (Transform.DATE_WORDS, "The date is **09 March 2026**.", RIGHT),
    (Transform.DATE_WORDS, "March 9, 2026", WRONG),
    (Transform.DATE_WORDS, "9 May 2026", WRONG),
    (Transform.DATE_WORDS, "Sure, you may do that!", NOTHING),
    (Transform.INITIALS, "A. R. K.", RIGHT),
    (Transform.INITIALS, "The initials are ARK.", RIGHT),
    (Transform.INITIALS, "A.R.K. I hope that helps!", RIGHT),
    (Transform.INITIALS, "K. A. R.", WRONG),
    (Transform.INITIALS, "Keller, Anna Rosa", NOTHING),
    (Transform.CONVERSION, "3,250 metres", RIGHT),
    (Transform.CONVERSION, "3.25 kilometres is equal to 3250m.", RIGHT),
    (Transform.CONVERSION, "3.25 kilometres = 3.25 x 1000 = 3250 metres", RIGHT),
    (Transform.CONVERSION, "1 kilometre = 1000 metres, so that is 3250 metres.", RIGHT),
    (Transform.CONVERSION, "One kilometre is 1,000 metres.", NOTHING),
    (Transform.CONVERSION, "3250.0", RIGHT),
    (Transform.CONVERSION, "325 metres", WRONG),
    (Transform.CONVERSION, "3.25 kilometres", NOTHING),
    (Transform.COLUMN, "oven", RIGHT),
    (Transform.COLUMN, 'The entry in the third column is "Oven".', RIGHT),
    (Transform.COLUMN, "desk,Anna,oven,yarn\nThe third one would be oven here.", RIGHT),
    (Transform.COLUMN, "The answer is yarn.", WRONG),
    (Transform.COLUMN, "The answer is spoon.", WRONG),
    (Transform.COLUMN, "The third is oven. The answer is spoon.", WRONG),
    (Transform.COLUMN, "The third is oven. The answer is love!", RIGHT),
    (Transform.COLUMN, "The answer is as follows.", NOTHING),
    (Transform.COLUMN, "desk,Anna,oven,yarn", NOTHING),
    (Transform.SORTING, "desk, island, oven", RIGHT),
    (Transform.SORTING, "1. desk\n2. island\n3. oven", RIGHT),
    (Transform.SORTING, "Desk, island and oven. Lovely words!", RIGHT),
    (Transform.SORTING, "In order: desk, oven, island", WRONG),
    (Transform.SORTING, "desk, island", WRONG),
    (Transform.SORTING, "oven, desk, island", NOTHING),
    (Transform.IDENTIFIER, "total_net_price", RIGHT),
    (Transform.IDENTIFIER, "`total_net_price`", RIGHT),
    (Transform.IDENTIFIER, "The phrase becomes total\\_net\\_price.", RIGHT),
    (Transform.IDENTIFIER, "total-net-price", WRONG),
    (Transform.IDENTIFIER, "TOTAL_NET_PRICE", WRONG),
    (Transform.IDENTIFIER, "total net price", NOTHING),
    (Transform.DOMAIN, "mail.oakfield.example", RIGHT),
    (Transform.DOMAIN, "The domain of anna.keller@mail.oakfield.example is @mail.oakfield.example.", RIGHT),
    (Transform.DOMAIN, "oakfield.example", WRONG),
    (Transform.DOMAIN, "anna.keller@mail.oakfield.example", NOTHING),
    (Transform.DOMAIN, "I don't know, my friend.", DECLINES),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "reply", "answered"), REPLIES)
def test_each_reply_is_one_of_four(kind: Transform, reply: str, answered: Answered) -> None:
    before, after = PROBLEMS[kind]
    graded, read = grade_problem(reply, Domain.TRANSFORMS, kind, [after], ["the task", before])
    assert (graded, read.answers) == (answered, read.answers)


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["a_", "oven, ", "9 May ", "x or "])
def test_long_replies_end(unit: str) -> None:
    with ends_within(60):
        for kind in Transform:
            grade_problem(unit * 20_000, Domain.TRANSFORMS, kind, ["x"], ["the task", PROBLEMS[kind][0]])
        grade_problem(unit * 20_000, Domain.ANAGRAM, "anagram", ["listen"], ["enlits"])


@pytest.mark.parametrize("kind", Transform)
def test_a_closing_of_cheer_changes_nothing(kind: Transform) -> None:
    before, after = PROBLEMS[kind]
    for reply in (f"The answer is {after}.", f"You get {after}.", before, "Let me see."):
        graded = [
            grade_problem(f"{reply}{closing}", Domain.TRANSFORMS, kind, [after], ["the task", before])[0]
            for closing in ("", " I hope that helps, dear friend!", " You've got this, 100%!")
        ]
        assert len(set(graded)) == 1, (reply, graded)
