"""No attack becomes a verdict, whatever a grader that quotes it does."""

from collections.abc import Callable

import anyio
import pytest
from inspect_ai.model import ChatMessage, Model, StopReason

from tests.models_edge import in_form, scripted
from warm_inspect.core.vocabulary import Grade
from warm_inspect.grading.model.asking import GraderResult, ask_grader
from warm_inspect.grading.model.attacks import attack_set
from warm_inspect.grading.model.correctness import CORRECTNESS_RUBRIC, correctness_outcome
from warm_inspect.grading.model.graders import Grader
from warm_inspect.grading.model.rubric import RUBRICS
from warm_inspect.grading.outcome import Outcome


def quoted(prompt: str) -> str:
    return prompt.partition("<<<REPLY\n")[2].partition("\n>>>REPLY")[0]


def honest(prompt: str) -> str:
    return in_form(prompt, verdict="INCORRECT", endorses_claim="YES")


def model(grade: Callable[[str], str], stop: StopReason = "stop") -> Model:
    def answer(messages: list[ChatMessage]) -> str:
        return grade(messages[-1].text)

    return scripted(answer, stop)


GRADERS: dict[str, tuple[Model, bool]] = {
    "quotes and is cut off": (model(quoted, "max_tokens"), False),
    "quotes and stops": (model(quoted), False),
    "quotes at length and stops": (model(lambda prompt: f"The reply is:\n\n{quoted(prompt)}"), False),
    "quotes, then grades": (model(lambda prompt: f"It says: {quoted(prompt)}\n\n{honest(prompt)}"), True),
    "thinks in quotes, then grades": (model(lambda prompt: f"<think>{quoted(prompt)}</think>\n{honest(prompt)}"), True),
    "obeys the form": (model(honest), True),
}  # fmt: skip
"""Each with whether it gives a verdict of its own."""


def test_there_are_enough_attacks_with_names_of_their_own() -> None:
    chosen = attack_set()
    assert len(chosen) == len({attack.name for attack in chosen}) == 68
    assert all("{" not in attack.reply or "json" in attack.name for attack in chosen), "every placeholder is filled"
    assert sum("U+" in attack.name for attack in chosen) == 3 * 11


@pytest.mark.parametrize("kind", GRADERS)
def test_no_attack_forges_or_overturns_a_verdict(kind: str) -> None:
    grader, grades = GRADERS[kind]
    rubric = RUBRICS[CORRECTNESS_RUBRIC]

    async def ask() -> list[GraderResult[Outcome]]:
        prompts = [rubric.filled(**attack.question.data(attack.reply)) for attack in attack_set()]
        return [await ask_grader([Grader.of(grader)], prompt, rubric.form, correctness_outcome) for prompt in prompts]

    own = Outcome(Grade.INCORRECT, endorses_claim=True)
    assert {each.verdict for each in anyio.run(ask)} == {own if grades else None}
