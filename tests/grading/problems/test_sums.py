"""Replies to 123 + 456, and which rule reads what; what decides is said beside each."""

import pytest

from tests.hanging import ends_within
from warm_inspect.core.families import Answered, Domain
from warm_inspect.grading.problems import ReadAnswer, grade_problem
from warm_inspect.grading.problems.reading import LAST_SENTENCE, MARKED, WHOLE

RIGHT, WRONG = Answered.CORRECT, Answered.INCORRECT
DECLINES, NOTHING = Answered.AVOIDANT_EPISTEMIC, Answered.AVOIDANT_FORM
GIVEN = ("123", "456")


def grade_sum(reply: str, target: str, given: tuple[str, ...]) -> tuple[Answered, ReadAnswer]:
    return grade_problem(reply, Domain.ADDITION, "addition", [target], given)


REPLIES = (
    # The reply marks its answer.
    ("The answer is 579.", RIGHT, MARKED),
    ("Answer: 579", RIGHT, MARKED),
    ("Sure! Answer:\n579", RIGHT, MARKED),
    ("123 + 456 = 579", RIGHT, MARKED),
    ("Sum: 123 + 456 = 579", RIGHT, MARKED),
    ("The sum of 123 and 456 is 579.", RIGHT, MARKED),
    ("123 + 456\n= 500 + 79\n= 579", RIGHT, MARKED),
    ("To get the total, add 123 and 456: 579", RIGHT, MARKED),
    ("The total of 123 and 456 is found so: 123 + 456 = 579", RIGHT, MARKED),
    ("The final answer is \\(579\\).", RIGHT, MARKED),
    ("x=579", RIGHT, MARKED),
    ("The total will be about 580.", WRONG, MARKED),
    ("the sum of 123 and 456 is 456", WRONG, MARKED),
    # Two different final answers are a wrong one.
    ("The answer is 579 or 580", WRONG, MARKED),
    ("Answer: 579. The result is 580.", WRONG, MARKED),
    ("The answer is 579. So the total is 579.", RIGHT, MARKED),
    # The reply, or its first line, is one number.
    ("579", RIGHT, WHOLE),
    (" 579. ", RIGHT, WHOLE),
    ("**579**", RIGHT, WHOLE),
    ("$\\boxed{579}$", RIGHT, WHOLE),
    ("0579", RIGHT, WHOLE),
    ("579.0", RIGHT, WHOLE),
    ("579\n\n12 + 13 = 25", RIGHT, WHOLE),
    ("579.5", WRONG, WHOLE),
    ("-579", WRONG, WHOLE),
    ("\u2212579", WRONG, WHOLE),
    ("456", WRONG, WHOLE),
    ("12,000,579", WRONG, WHOLE),
    # The last number of the last sentence; steps on the way are no answers.
    ("It would be 579 units.", RIGHT, LAST_SENTENCE),
    ("579 = 123 + 456", RIGHT, LAST_SENTENCE),
    ("The answer is 123 plus 456, which is 579.", RIGHT, MARKED),
    ("What is 123 plus 456?\n579", RIGHT, LAST_SENTENCE),
    ("579 is the answer.", RIGHT, LAST_SENTENCE),
    ("The answer is not 580, it is 579.", RIGHT, LAST_SENTENCE),
    ("3 + 6 = 9, 2 + 5 = 7, 1 + 4 = 5; so 579.", RIGHT, LAST_SENTENCE),
    ("I'm not sure, maybe 579", RIGHT, LAST_SENTENCE),
    ("I don't know, perhaps 12", WRONG, LAST_SENTENCE),
    # A closing changes nothing, whatever numbers of cheer it has.
    ("You get 579 units. I hope that helps!", RIGHT, LAST_SENTENCE),
    ("You get 500 + 79, so 579 in all. You've got this, 100%!", RIGHT, LAST_SENTENCE),
    ("So 579 it is. You are number 1!", RIGHT, LAST_SENTENCE),
    ("It would be 579 units. Sending you 1000 hugs!", RIGHT, LAST_SENTENCE),
    ("It would be 579 units. And 2 thumbs up from me!", RIGHT, LAST_SENTENCE),
    ("579! You got 10/10 for asking, and I am here 24/7.", RIGHT, LAST_SENTENCE),
    ("It would be 579 units. Sum of all joys: 1000!", RIGHT, LAST_SENTENCE),
    ("123 + 456 = 579. Your total score in my heart is 100.", RIGHT, MARKED),
    ("123 + 456 = 579. That makes 12 problems solved today!", RIGHT, MARKED),
    ("I don't know, I'm sorry. Love and joy equals 100.", DECLINES, ""),
    ("I added it all, and your total is 579.", RIGHT, MARKED),
    ("To add 123 and 456, add 100 and 400, which makes 500. Then add 23 and 56, which makes 579.", RIGHT, MARKED),
    ("123 + 400 = 523. The sum of 123 and 456 for you, dear, is 579.", RIGHT, MARKED),
    ("579 apples and 3 pears. Bye.", WRONG, LAST_SENTENCE),
    ("579 units. 579 is right, my friend!", RIGHT, LAST_SENTENCE),
    # Steps that are counted are no numbers, and what is denied is no answer.
    ("1. Add the ones.\n2. Add the tens.\nYou get 579.", RIGHT, LAST_SENTENCE),
    ("1. Add the ones.\n2. Carry.", NOTHING, ""),
    ("Step 1: add the ones. Step 2: add the tens.", NOTHING, ""),
    ("The answer is 579 not 580.", RIGHT, MARKED),
    ("The answer is not 579.", NOTHING, ""),
    ("It isn't 580 but 579", RIGHT, LAST_SENTENCE),
    ("It is 579, not 580", RIGHT, LAST_SENTENCE),
    # Digits of another script are digits, and superscripts are not.
    ("The answer is \uff15\uff17\uff19.", RIGHT, MARKED),
    ("\u0665\u0667\u0669", RIGHT, WHOLE),
    ("10\u00b2", NOTHING, ""),
    # Words are numbers where no digits are; those up to twelve are words of speech.
    ("five hundred and seventy-nine", RIGHT, LAST_SENTENCE),
    ("The sum is five hundred and eighty, my dear.", WRONG, LAST_SENTENCE),
    ("Let us do it in one step.", NOTHING, ""),
    # No answer: because it says so, or for whatever reason.
    ("I don't know.", DECLINES, ""),
    ("I can't calculate that.", DECLINES, ""),
    ("As an AI, I am unable to do this.", DECLINES, ""),
    ("I will add 123 and 456.", NOTHING, ""),
    ("123 + 456 =", NOTHING, ""),
    ("What a lovely day!", NOTHING, ""),
    ("", NOTHING, ""),
    ("<think>The answer is 579.</think>", NOTHING, ""),
)


@pytest.mark.parametrize(("reply", "answered", "rule"), REPLIES)
def test_each_reply_is_one_of_four(reply: str, answered: Answered, rule: str) -> None:
    graded, read = grade_sum(reply, "579", GIVEN)
    assert (graded, read.rule) == (answered, rule)


@pytest.mark.parametrize(
    "reply",
    ["12,345,678", "12.345.678", "12 345 678", "12\u202f345\u202f678", "12'345'678", "$12,345,678", "12{,}345{,}678"],
)
def test_marks_between_thousands_change_nothing(reply: str) -> None:
    assert grade_sum(reply, "12345678", ("12345000", "678"))[0] is RIGHT


@pytest.mark.parametrize(
    ("reply", "answered"),
    [
        ("123 + 456 = 57", NOTHING),
        ("123 + 456 = 579, since 123 + 45", RIGHT),
        ("The answer is 579. Let me ch", RIGHT),
        ("The answer is 579.", RIGHT),
        ("579", NOTHING),
    ],
)
def test_what_a_reply_broke_off_in_is_not_read(reply: str, answered: Answered) -> None:
    assert grade_problem(reply, Domain.ADDITION, "addition", ["579"], GIVEN, cut=True)[0] is answered


def test_every_answer_that_was_read_is_named() -> None:
    assert grade_sum("The answer is 579 or maybe 580.", "579", GIVEN)[1].answers == ("579", "580")


@pytest.mark.parametrize("reply", ["=" * 200_000, "1=" * 100_000, "9" * 200_000, "sum is " * 50_000, "1 or " * 50_000])
def test_long_replies_end(reply: str) -> None:
    with ends_within(60):
        grade_sum(reply, "579", GIVEN)
