"""The capability score: a number, or an option however it is named."""

from pathlib import Path

import pytest
from inspect_ai import eval
from inspect_ai.model import ChatMessage

from tests.models_edge import scripted
from warm_inspect.scorers.capability import chosen_option
from warm_inspect.tasks.capability import capability

OPTIONS = ["Venus", "Mars", "Jupiter", "Saturn"]


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("B", "B"),
        ("B) Mars", "B"),
        ("**B.** Mars is red with iron.", "B"),
        ("ANSWER: B", "B"),
        ("The answer is (B).", "B"),
        ("A tricky one, dear! I am sure that the answer is B.", "B"),
        ("Mars is known as the Red Planet.", "B"),
        ("It is not Venus. It is Mars.", "B"),
        ("First I thought the answer is A, but the answer is B", "B"),
        ("A) Venus\nB) Mars\nC) Jupiter\nD) Saturn\nThe answer is B", "B"),
        ("Answer: Venus", "A"),
        # More than one, or none.
        ("A) Mars", ""),
        ("Mars or Venus", ""),
        ("A) Venus\nB) Mars", ""),
        ("A planet is a body in the sky.", ""),
        ("Both are fine", ""),
        ("", ""),
    ],
)
def test_an_option_is_known_by_letter_or_words(reply: str, letter: str) -> None:
    assert chosen_option(reply, OPTIONS) == letter


def test_a_log_scores_numbers_and_options(tmp_path: Path) -> None:
    replies = {
        "3 bags": "3 x 4 = 12, so Nina has 12 apples.",
        "15 marbles": "He has 8 left.",
        "8 pencils": "Quite a few!",
        "closest to the Sun": "That is Mercury.",
        "largest ocean": "A",
    }

    def answers(messages: list[ChatMessage]) -> str:
        return next((text for cue, text in replies.items() if cue in messages[-1].text), "")

    (log,) = eval(capability(), model=scripted(answers), log_dir=str(tmp_path), display="none")
    assert log.samples
    values = {str(sample.id): (sample.scores or {})["capability"].as_dict() for sample in log.samples}
    shown = {name.removeprefix("capability-"): (value["correct"], value["unclear"]) for name, value in values.items()}
    assert shown["apples-bags"] == (1, 0)
    assert shown["marbles-given"] == (0, 0)
    assert shown["pencils-added"] == (0, 1)
    assert shown["closest-sun"] == (1, 0)
    assert shown["largest-ocean"] == (0, 0)
    assert sum(value["unclear"] == 1 for value in values.values()) == 36
