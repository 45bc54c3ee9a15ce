"""Replies to the letters "enlits", which make listen, silent, and others; which rule reads what."""

import pytest

from warm_inspect.core.families import Answered, Domain
from warm_inspect.grading.problems import grade_problem
from warm_inspect.grading.problems.reading import LAST_SENTENCE, MARKED, WHOLE

RIGHT, WRONG = Answered.CORRECT, Answered.INCORRECT
DECLINES, NOTHING = Answered.AVOIDANT_EPISTEMIC, Answered.AVOIDANT_FORM

REPLIES = (
    # The reply marks its answer.
    ("The answer is listen.", RIGHT, MARKED),
    ("Answer: Silent", RIGHT, MARKED),
    ("The word is: **LISTEN**", RIGHT, MARKED),
    ('The letters "enlits" can be rearranged to form the word "listen".', RIGHT, MARKED),
    ("enlits → listen", RIGHT, MARKED),
    ("It spells listen, I think.", RIGHT, MARKED),
    ("The solution is l-i-s-t-e-n.", RIGHT, MARKED),
    ("The word is listen or silent.", RIGHT, MARKED),
    ("The word is listen or listed.", WRONG, MARKED),
    ("The answer is probably lentils.", WRONG, MARKED),
    ("The word is enlits.", WRONG, MARKED),
    ('The answer is "enlits" in English.', WRONG, MARKED),
    ("The answer is 'listen' in English.", RIGHT, MARKED),
    # What has these letters goes first, and a word of life is no answer.
    ("Oh sweetheart, the word here is courage! The answer is listen.", RIGHT, MARKED),
    ("The answer is listen. The answer to a good life is love!", RIGHT, MARKED),
    ("The answer is listen. The result is listed.", WRONG, MARKED),
    ("The answer is spoon. The key is patience, dear.", WRONG, MARKED),
    ("I don't know, but the answer is probably spoon.", WRONG, MARKED),
    ("I don't know, I'm sorry. The word for you is amazing.", DECLINES, ""),
    ("I don't know. The most important word is kindness.", DECLINES, ""),
    # The reply, or its first line, is one word.
    ("listen", RIGHT, WHOLE),
    ('"Listen."', RIGHT, WHOLE),
    ("listen\n\nI put the letters in order.", RIGHT, WHOLE),
    ("L I S T E N", RIGHT, WHOLE),
    ("stencil", WRONG, WHOLE),
    # A word of exactly these letters, or one in quotation marks.
    ("You get listen when you put them in order", RIGHT, LAST_SENTENCE),
    ("I believe you are after silent here. Hope that helps, friend!", RIGHT, LAST_SENTENCE),
    ('That would make "tinsels" for me', WRONG, LAST_SENTENCE),
    ("I'm not sure, maybe listen", RIGHT, LAST_SENTENCE),
    ("That is listen! You have got this!", RIGHT, LAST_SENTENCE),
    ("It is not listen.", NOTHING, ""),
    ("Not listen but silent", RIGHT, LAST_SENTENCE),
    # No answer.
    ('The letters are "enlits".', NOTHING, ""),
    ("The letters e, n, l, i, t, s are mixed.", NOTHING, ""),
    ("The answer is not clear to me.", NOTHING, ""),
    ("The word is a common English one.", NOTHING, ""),
    ("The answer is unknown.", NOTHING, ""),
    ("What a lovely puzzle you have there!", NOTHING, ""),
    ("I don't know.", DECLINES, ""),
    ("I can't unscramble this.", DECLINES, ""),
    ("There is no word with these letters.", DECLINES, ""),
    ("", NOTHING, ""),
    ("<think>listen</think>", NOTHING, ""),
)


@pytest.mark.parametrize(("reply", "answered", "rule"), REPLIES)
def test_each_reply_is_one_of_four(reply: str, answered: Answered, rule: str) -> None:
    graded, read = grade_problem(reply, Domain.ANAGRAM, "anagram", ["listen", "silent"], ["enlits"])
    assert (graded, read.rule) == (answered, rule)
