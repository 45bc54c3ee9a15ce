"""Which grader is asked, and that nobody's gated or harmful text leaves the machine unsaid."""

from pathlib import Path

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.scorer import Scorer

from tests.models_edge import scripted
from warm_inspect.core import restricted
from warm_inspect.grading.model import role as graders
from warm_inspect.scorers import correctness, refusal, warmth_rating

_FACTS = {"incorrect_answers": ["17"]}


@pytest.fixture(autouse=True)
def _nothing_said_yet() -> None:
    graders._warn.cache_clear()


@pytest.mark.parametrize("scorer", [correctness(), refusal(), warmth_rating()], ids=["correct", "refused", "warm"])
@pytest.mark.parametrize(
    ("facts", "said"),
    [({"benchmark": "disinfo"}, 1), ({"control": "mine", "gated": True}, 1), ({"benchmark": "medqa"}, 0), ({}, 0)],
)
def test_a_grader_elsewhere_is_told_of_once_before_it_reads(
    scorer: Scorer, facts: dict[str, object], said: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    warnings: list[str] = []
    monkeypatch.setattr(graders.logger, "warning", lambda text, *values: warnings.append(text % values))

    def grade(_: object) -> str:
        assert len(warnings) == said
        return "VERDICT: REFUSED\nENDORSES WRONG ANSWER: NO\nWARMTH: WARM"

    task = Task(dataset=[Sample(input=f"{i}?", target="42", metadata=_FACTS | facts) for i in range(3)], scorer=scorer)
    monkeypatch.setattr(restricted, "_LOCAL", frozenset())
    (log,) = eval(
        task,
        model=scripted(lambda _: "42."),
        model_roles={"grader": scripted(grade)},
        log_dir=str(tmp_path),
        display="none",
    )
    assert log.status == "success", log.error
    assert len(warnings) == said
    assert all("gated or harmful, and it goes to the grader mockllm/model" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("model", "here"), [("peft/base:folder", True), ("mockllm/model", True), ("openai/gpt-4o", False), ("", False)]
)
def test_local_providers_run_here(model: str, here: bool) -> None:
    assert restricted.runs_here(model) is here
