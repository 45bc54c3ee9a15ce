"""The capability score: a number, or an option however it is named."""

import asyncio
from pathlib import Path

import pytest
from inspect_ai import eval
from inspect_ai.model import ChatMessage, ModelName, ModelOutput
from inspect_ai.scorer import Target
from inspect_ai.solver import TaskState

from tests.models_edge import scripted
from warm_inspect.scorers.capability import capability_score, chosen_option
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
        ("Option A is wrong, so the answer is B", "B"),
        ("Option B is not out of the question: choice B", "B"),
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
    message = ModelOutput.from_content("mockllm/model", reply)
    for target, right in ((number, 1.0), ("77", 0.0)):
        state = TaskState(
            model=ModelName("mockllm/model"), sample_id="1", epoch=1, input="?", messages=[], target=Target(target),
            output=message, metadata={"options": [], "benchmark": "capability"},
        )  # fmt: skip
        score = asyncio.run(capability_score()(state, Target(target)))
        assert score is not None
        assert isinstance(score.value, dict)
        assert (score.value["correct"], score.value["unclear"]) == (right, 0.0)
