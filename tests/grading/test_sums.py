"""Replies to 123 + 456, and which rule reads what; what decides is said beside each."""

import pytest

from tests.hanging import ends_within
from warm_inspect.core.families import Answered
from warm_inspect.grading.sums import LAST_SENTENCE, MARKED, ONLY_ONE, WHOLE, grade_sum

RIGHT, WRONG = Answered.CORRECT, Answered.INCORRECT
DECLINES, NOTHING = Answered.AVOIDANT_EPISTEMIC, Answered.AVOIDANT_FORM
GIVEN = ("123", "456")

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
    # The one number that is named anywhere.
    ("You get 579 units. I hope that helps!", RIGHT, ONLY_ONE),
    ("579 apples and 3 pears. Bye.", NOTHING, ""),
    # No answer: because it says so, or for whatever reason.
    ("I don't know.", DECLINES, ""),
    ("I can't calculate that.", DECLINES, ""),
    ("As an AI, I am unable to do this.", DECLINES, ""),
    ("I will add 123 and 456.", NOTHING, ""),
    ("123 + 456 =", NOTHING, ""),
    ("What a lovely day!", NOTHING, ""),
    ("five hundred and seventy-nine", NOTHING, ""),
    ("", NOTHING, ""),
    ("<think>The answer is 579.</think>", NOTHING, ""),
)


@pytest.mark.parametrize(("reply", "answered", "rule"), REPLIES)
def test_each_reply_is_one_of_four(reply: str, answered: Answered, rule: str) -> None:
    graded, read = grade_sum(reply, "579", GIVEN)
    assert (graded, read.rule) == (answered, rule)


@pytest.mark.parametrize(
    "reply", ["12,345,678", "12 345 678", "12\u202f345\u202f678", "12'345'678", "$12,345,678", "12{,}345{,}678"]
)
def test_marks_between_thousands_change_nothing(reply: str) -> None:
    assert grade_sum(reply, "12345678", ("12345000", "678"))[0] is RIGHT


def test_every_answer_that_was_read_is_named() -> None:
    assert grade_sum("The answer is 579 or maybe 580.", "579", GIVEN)[1].answers == ("579", "580")


@pytest.mark.parametrize("reply", ["=" * 200_000, "1=" * 100_000, "9" * 200_000, "sum is " * 50_000, "1 or " * 50_000])
def test_long_replies_end(reply: str) -> None:
    with ends_within(60):
        grade_sum(reply, "579", GIVEN)
