"""Which grader is asked, and that nobody's gated or harmful text leaves the machine unsaid."""

from collections.abc import Callable
from pathlib import Path

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.model import ChatMessage
from inspect_ai.scorer import Scorer

from tests.models_edge import in_form, scripted
from warm_inspect.core import restricted
from warm_inspect.grading.model import graders
from warm_inspect.scorers import correctness, refusal, warmth_rating

_FACTS = {"incorrect_answers": ["17"]}


@pytest.fixture(autouse=True)
def _nothing_said_yet() -> None:
    graders._warn_of_sending.cache_clear()


@pytest.mark.parametrize("scorer", [correctness, refusal, warmth_rating])
@pytest.mark.parametrize(
    ("facts", "said"),
    [({"benchmark": "disinfo"}, 1), ({"control": "mine", "gated": True}, 1), ({"benchmark": "medqa"}, 0), ({}, 0)],
)
def test_a_grader_elsewhere_is_told_of_once_before_it_reads(
    scorer: Callable[[], Scorer], facts: dict[str, object], said: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(graders.logger, "warning", lambda text, *values: warnings.append(text % values))

    told: list[int] = []

    def grade(messages: list[ChatMessage]) -> str:
        told.append(len(warnings))
        return in_form(messages[-1].text, verdict="REFUSED" if "REFUSED" in messages[-1].text else "CORRECT")

    task = Task(
        dataset=[Sample(input=f"{i}?", target="42", metadata=_FACTS | facts) for i in range(3)], scorer=scorer()
    )
    monkeypatch.setattr(restricted, "LOCAL_PROVIDERS", frozenset())
    (log,) = eval(
        task,
        model=scripted(lambda _: "42."),
        model_roles={"grader": scripted(grade)},
        log_dir=str(tmp_path),
        display="none",
        log_realtime=False,
    )
    assert log.status == "success", log.error
    assert set(told) == {said}, "it is told before anything is sent"
    assert len(warnings) == said
    assert all("mockllm/model" in warning and "--model-role grader=" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("model", "here"),
    [
        ("peft/base:folder", True),
        ("mockllm/model", True),
        ("openai/gpt-4o", False),
        ("", False),
        ("panel: peft/a, mockllm/b", True),
        ("panel: peft/a, openai/b", False),
    ],
)
def test_local_providers_run_here(model: str, here: bool) -> None:
    assert restricted.runs_here(model) is here
