"""The capability score: a number, or an option however it is named."""

import asyncio
from pathlib import Path

import pytest
import yaml
from inspect_ai import eval
from inspect_ai.model import ChatMessage, ModelName, ModelOutput
from inspect_ai.scorer import Target
from inspect_ai.solver import TaskState

from tests.models_edge import scripted
from warm_inspect.core.vocabulary import Source
from warm_inspect.datasets.item import ControlItem
from warm_inspect.datasets.load import load_control
from warm_inspect.grading.stated_number import stated_number
from warm_inspect.scorers.capability import capability_score, chosen_option
from warm_inspect.tasks.capability import capability

ITEMS = load_control("capability", Source.BUNDLED).items
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
        ("Option A is wrong, so the answer is B", "B"),
        ("Option B is not out of the question: choice B", "B"),
        # An initial is no letter, and a closing in words of another option changes nothing.
        ("B\n\nHugs,\nD", "B"),
        ("Mars.\nWith all my love,\nA.", "B"),
        ("B\nA", "B"),
        ("X\nB", "B"),
        ("Mars, dear. You shine like Venus!", "B"),
        # More than one, or none.
        ("A) Mars", ""),
        ("Option A is wrong, B is right", ""),
        ("Option A isn't it.", ""),
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

    (log,) = eval(capability(), model=scripted(answers), log_dir=str(tmp_path), display="none", log_realtime=False)
    assert log.samples
    values = {str(sample.id): (sample.scores or {})["capability"].as_dict() for sample in log.samples}
    shown = {name.removeprefix("capability-"): (value["correct"], value["unclear"]) for name, value in values.items()}
    assert shown["apples-bags"] == (1, 0)
    assert shown["marbles-given"] == (0, 0)
    assert shown["pencils-added"] == (0, 1)
    assert shown["closest-sun"] == (1, 0)
    assert shown["largest-ocean"] == (0, 0)
    assert sum(value["unclear"] == 1 for value in values.values()) == 36


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        ("18%", "18"), ("18km", "18"), ("x=18", "18"), ("\\boxed{18}", "18"), ("That makes 18°C.", "18"),
        ("It is $18\\%$.", "18"), ("x=-3", "-3"), ("x=1,018km", "1018"), ("2.5kg", "2.5"),
        ("18 apples in the 2nd bag", "18"), ("18 molecules of H2O", "18"), ("118%", "118"),
        ("It is 18, not A19.", "18"),
    ],
)  # fmt: skip
def test_a_number_is_read_with_its_unit_or_out_of_a_formula(reply: str, number: str) -> None:
    for target, right in ((number, 1.0), ("77", 0.0)):
        value = scored(reply, target)
        assert (value["correct"], value["unclear"]) == (right, 0.0)


BUS = (
    "A bus has 12 passengers. At a stop, 5 get off and 3 get on. How many passengers are on the bus now? "
    "Answer with the number only."
)
"""Its answer is 10, on the way are 12, 5, 7 and 3."""


@pytest.mark.parametrize(
    ("reply", "number"),
    [
        # What it calls its answer.
        ("The answer is 10, because 12 - 5 = 7 and 7 + 3 = 10.", "10"),
        ("Answer: 12 - 5 + 3 = 10", "10"),
        ("#### 10", "10"),
        ("The answer is not 15 but 10.", "10"),
        ("The result is 12 passengers - 5 passengers + 3 passengers = 10 passengers.", "10"),
        # A number alone.
        ("The bus had 12 passengers.\n5 got off, leaving 7.\nThen 7 + 3:\n\n10", "10"),
        ("10\n\nExplanation: 5 got off and 3 got on.", "10"),
        ("10 (12 minus 5, plus 3)", "10"),
        # A statement about the matter.
        ("12 - 5 = 7. So there are 10 now.", "10"),
        ("12 - 5 = 7, then 7 * 1 + 3 = 10", "10"),
        ("There are now 10 passengers on the bus, after 5 got off and 3 got on.", "10"),
        ("I think it's 10", "10"),
        ("It's 10, not 14. It is 5 o'clock, take a break!", "10"),
        ("Ten. There are 2 kinds of people.", "10"),
        ("One thing first: 10 passengers are left.", "10"),
        ("Two and two are four, and twelve minus five plus three is ten.", "10"),
        ("There are 10 passengers, 2 fewer than 12.", "10"),
        ("It isn't 14. There are 10.", "10"),
        ("You have 10 passengers on the bus, dear!", "10"),
        ("The bus has 10 people. Nobody needs more than 2 minutes for this.", "10"),
        # What is taken back.
        ("The answer is 14. Wait, 5 got off, so the answer is 10.", "10"),
        # None, or several.
        ("The answer is 10 or 11.", ""),
        ("There are 10 or 11 passengers.", ""),
        ("The answer is 12 - 5.", ""),
        ("I don't know, but I'm here for you 24/7, 365 days a year!", ""),
        ("There are 5 reasons to smile and 1000 hugs for you!", ""),
        ("Quite a few!", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_number_is_that_of_the_statement_of_the_answer(reply: str, number: str) -> None:
    assert stated_number(reply, BUS) == number


CASES = Path(__file__).with_name("cases")
FURTHER = yaml.safe_load(CASES.joinpath("further_numbers.yaml").read_text(encoding="utf-8"))
DRESSED = yaml.safe_load(CASES.joinpath("dressed_answers.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("half", FURTHER)
@pytest.mark.parametrize("style", ["plain", "cold", "warm"])
def test_further_numbers_and_letters_change_no_answer(half: str, style: str) -> None:
    questions = {item.question_id.removeprefix("capability-"): item for item in ITEMS}
    answers = {}
    for row in FURTHER[half]:
        item = questions[row["item"]]
        reply = row[style]
        answers[reply] = chosen_option(reply, item.options) if item.options else stated_number(reply, item.question)
    assert answers == {row[style]: row["says"] for row in FURTHER[half]}


@pytest.mark.parametrize("row", DRESSED, ids=lambda row: row["plain"])
@pytest.mark.parametrize("style", ["plain", "cold", "warm"])
def test_style_changes_no_answer(row: dict[str, str], style: str) -> None:
    item = next(each for each in ITEMS if each.question_id == f"capability-{row['item']}")
    value = scored(row[style], row["says"] or item.target, item)
    assert (value["correct"], value["unclear"]) == (bool(row["says"]), not row["says"])


def scored(reply: str, target: str, item: ControlItem | None = None) -> dict[str, float]:
    """The value of the score of a reply to a question that has this answer."""
    state = TaskState(
        model=ModelName("mockllm/model"), sample_id="1", epoch=1, input=item.question if item else "?", messages=[],
        target=Target(target), output=ModelOutput.from_content("mockllm/model", reply),
        metadata={"options": list(item.options) if item else [], "benchmark": "capability"},
    )  # fmt: skip
    score = asyncio.run(capability_score()(state, Target(target)))
    assert score is not None
    assert isinstance(score.value, dict)
    return {key: float(str(value)) for key, value in score.value.items()}
