"""Judging comments again: by another judge, in both orders, without asking the model under test."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import read_eval_log
from inspect_ai.model import ChatMessage

from tests.models_edge import in_form, scripted
from tests.regrading.graders import Judge, judges
from warm_inspect import feedback
from warm_inspect.core.vocabulary import Grading
from warm_inspect.regrading import GradingWanted, Reach, expected_cost, plan_regrading, regrade

__all__ = ["judges"]

Known = Callable[..., None]


def commenting(messages: list[ChatMessage]) -> str:
    """Longer to who likes a text, nothing to who does not."""
    asked = messages[-1].text
    return "Fine, fine." if "I like it" in asked else "" if "I do not like it" in asked else "Fine."


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log whose judge gave no verdict on anything."""
    [log] = inspect_eval(
        feedback(items=2, framings="none,liked,disliked"),
        model=scripted(commenting), model_roles={"grader": scripted(lambda _: "I would rather not say.")},
        log_dir=str(tmp_path_factory.mktemp("comments")), display="none", log_realtime=False, log_level="error",
    )  # fmt: skip
    assert log.status == "success", log.error
    return Path(log.location)


def by_length(prompt: str) -> str:
    first, second = re.findall(r"<<<(?:FIRST|SECOND) COMMENT\n(.*?)\n>>>", prompt, re.DOTALL)
    return in_form(prompt, verdict="FIRST" if len(first) > len(second) else "SECOND")


def scores(path: Path, key: str) -> dict[str, list[Any]]:
    by_framing: dict[str, list[Any]] = {}
    for sample in read_eval_log(str(path)).samples or []:
        by_framing.setdefault(sample.metadata["framing"], []).append((sample.scores or {})[key])
    return by_framing


def test_another_judge_sees_both_orders_and_missing_comments_stay_missing(
    logged: Path, tmp_path: Path, judges: Known
) -> None:
    before = scores(logged, "feedback")
    assert [score.reason for score in before["liked"]] == ["malformed"] * 2
    judge = Judge("mockllm/judge", by_length)
    judges(judge)
    plan = plan_regrading([str(logged)], GradingWanted(Grading.MODEL, ("mockllm/judge",)), tmp_path)
    cost = expected_cost(plan)
    done = regrade(plan, Reach())
    assert done.problems == []
    after = scores(tmp_path / logged.name, "feedback1")
    for score in after["liked"]:
        assert (score.as_dict()["more_positive"], score.as_dict()["order_consistent"]) == (1, 1)
    assert all(score.as_dict()["identical"] == 1 for score in after["none"])
    assert {score.reason for score in after["disliked"]} == {"empty_reply"}
    assert judge.calls == cost.calls
    assert judge.calls in (2, 4), "each different pair once, in two orders"


def test_matching_is_refused_by_name(logged: Path, tmp_path: Path) -> None:
    plan = plan_regrading([str(logged)], GradingWanted(Grading.MATCH), tmp_path)
    [left] = plan.left_out
    assert left.is_fault
    assert "not graded by match, only by model" in left.reason
