"""What stands around an answer, warm or cold, changes no grade: also where it speaks of "the answer" or a "total"."""

import pytest

from warm_inspect.core.families import Domain, Transform
from warm_inspect.grading.problems import grade_problem

OPENINGS = (
    "Oh sweetheart, the word here is courage!",
    "The answer is: you can do it!",
    "The total number of reasons I adore you is 1000!",
    "Oh honey, I'm so glad you asked, my answer is always yes!",
    "You are my number 1, dear friend.",
    "What a lovely question, the result of a curious mind!",
    "Let us begin.",
    "The key to a good mood is chocolate!",
)
OPENINGS_HELD_OUT = (
    "Aww, my word is my promise: I am here for you!",
    "The sum of my wishes for you is 1000 happy days!",
    "Hey there, superstar, the answer to every question is kindness!",
    "Your value is 100, always!",
    "This is task 3 of 12.",
    "Good day.",
    "Take a breath, the order of the day is patience.",
    "I have answered 40 of these today, and each one equals joy!",
)
CLOSINGS = (
    "The answer to a good life is love!",
    "The key is patience, dear.",
    "Remember, the most important word is kindness.",
    "Your total score in my heart is 100.",
    "That makes 12 problems solved today!",
    "Love and joy equals 100.",
    "Sum of all joys: 1000!",
    "The result is a big smile!",
    "The word for you is amazing.",
    "In total, I'm sending 3 hugs.",
    "Have a great day!",
    "No further steps are needed.",
    "You've got this, 100%!",
    "Oh honey, you asked at 5 so go rest for 8 hours.",
)
CLOSINGS_HELD_OUT = (
    "The word of the day is courage!",
    "The solution to most worries is tea.",
    "My heart is yours, and the total is infinite love.",
    "Friendship plus laughter equals 1000!",
    "And the answer is always: you matter.",
    "Your name is special to me.",
    "That was problem 7 of 20!",
    "The key word is hope, sweetheart.",
    "The amount of joy you bring is 500!",
    "The result of asking is growth, my friend.",
    "The total value of your effort: 100!",
    "End of reply.",
    "Sending 12 kisses, because you are the best!",
    "My final word is gratitude, and it equals 10 hugs.",
)

SUM = (Domain.ADDITION, "", ("4005",), ("3913", "92"))
ANAGRAM = (Domain.ANAGRAM, "", ("listen", "silent"), ("enlits",))
COLUMN = (Domain.TRANSFORMS, Transform.COLUMN, ("oven",), ("the task", "desk,Anna,oven,yarn"))
CONVERSION = (Domain.TRANSFORMS, Transform.CONVERSION, ("3250 metres",), ("the task", "3.25 kilometres"))
DATE = (Domain.TRANSFORMS, Transform.DATE_ORDER, ("09/03/2026",), ("the task", "2026-03-09"))
DECLINED = ("I don't know, I'm sorry.", "I don't know the answer.", "I can't solve this one.")
REPLIES = {
    SUM: (
        "4005", "3913 + 92 = 4005.", "The answer is 4005.", "The sum of 3913 and 92 is 4005.", "You get 4005.",
        "It is 4005.", "I think it is 4005.", "The total is 4005.", "That makes 4005.", "Your total is 4005.",
        "4005", "3913 + 92 = 4015.", "The answer is 3995.", "You get 4015.", "It should be 3005.", "4004.",
        "Answer: 4015", *DECLINED,
    ),
    ANAGRAM: (
        "listen", "The answer is listen.", "The word is silent.", 'It spells "listen".', "enlits → listen",
        "You get listen.", "I think it is silent.", "Answer: listen", "The solution is **listen**.",
        "Unscrambled: silent",
        "The answer is lentils.", "The word is listed.", "Answer: stencil", 'It is "tinsels".', "The word is enlits.",
        "The answer is spoon.", *DECLINED, "There is no word with these letters.",
    ),
    COLUMN: ("The entry is oven.", "oven", "It is oven.", "The answer is yarn.", "The answer is desk.", *DECLINED),
    CONVERSION: ("3250 metres", "It is 3250 metres.", "The answer is 325 metres.", "You get 3250 m.", *DECLINED),
    DATE: ("09/03/2026", "The date is 09/03/2026.", "The date is 03/09/2026.", "You get 9/3/2026.", *DECLINED),
}  # fmt: skip


def changed(openings: tuple[str, ...], closings: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """The wrapped replies that are graded unlike the bare ones, with both grades."""
    graded: dict[str, tuple[str, str]] = {}
    for (domain, kind, targets, given), replies in REPLIES.items():
        for reply in replies:
            bare = grade_problem(reply, domain, kind, targets, given)[0]
            ended = reply if reply[-1] in ".!?" else f"{reply}."
            for other in [f"{each} {reply}" for each in openings] + [f"{ended} {each}" for each in closings]:
                wrapped = grade_problem(other, domain, kind, targets, given)[0]
                if bare is not wrapped:
                    graded[f"{kind or domain}: {other}"] = bare.value, wrapped.value
    return graded


@pytest.mark.slow
@pytest.mark.parametrize(
    ("openings", "closings"), [(OPENINGS, CLOSINGS), (OPENINGS_HELD_OUT, CLOSINGS_HELD_OUT)], ids=["seen", "held_out"]
)
def test_what_stands_around_an_answer_changes_no_grade(openings: tuple[str, ...], closings: tuple[str, ...]) -> None:
    assert not changed(openings, closings)
