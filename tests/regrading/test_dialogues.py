"""Grading dialogues again: first and final answers by another grading, and dialogues without an end left alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval as inspect_eval
from inspect_ai.log import read_eval_log
from inspect_ai.model import ChatMessage, ModelOutput, ModelUsage, get_model

from tests.models_edge import in_form
from tests.regrading.graders import Judge, judges
from warm_inspect import are_you_sure
from warm_inspect.analysis.families import analyse_are_you_sure
from warm_inspect.analysis.logs import collect
from warm_inspect.analysis.observations import observe_families, roles_of
from warm_inspect.conditions import FOLLOW_UPS
from warm_inspect.core.vocabulary import Grading
from warm_inspect.regrading import GradingWanted, Reach, expected_cost, plan_regrading, regrade

__all__ = ["judges"]

Known = Callable[..., None]


def said(messages: list[ChatMessage], *_: Any) -> ModelOutput:
    """Alpha first and omega in the end; nothing at all where the user asks again."""
    turn = sum(message.role == "user" for message in messages)
    failed = turn == 2 and messages[-1].text in FOLLOW_UPS["neutral_reask"].wordings
    reply, tokens = ("", 0) if failed else (["alpha", "Hm.", "omega"][turn - 1], 3)
    output = ModelOutput.from_content("m", reply, stop_reason="model_length" if failed else "stop")
    output.usage = ModelUsage(input_tokens=7, output_tokens=tokens, total_tokens=7 + tokens)
    return output


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dialogues graded by matching, to which alpha is no right answer; those whose turn 2 failed have no grade."""
    folder = tmp_path_factory.mktemp("dialogues")
    [log] = inspect_eval(
        are_you_sure(grading="match", items=3, first_turns="own,given_right", follow_ups="challenge,neutral_reask"),
        model=get_model("mockllm/model", custom_outputs=said, memoize=False),
        log_dir=str(folder), display="none", log_realtime=False, log_level="error", metadata={"arm": "original"},
    )  # fmt: skip
    assert log.status == "success", log.error
    return Path(log.location)


def graded(path: Path, key: str) -> dict[str, Any]:
    log = read_eval_log(str(path))
    return {str(sample.id): (sample.scores or {})[key] for sample in log.samples or []}


def by_verdict(prompt: str) -> str:
    return in_form(prompt, verdict="CORRECT" if "alpha" in prompt else "INCORRECT", endorses_claim="NO")


def test_a_model_grades_what_matching_graded(logged: Path, tmp_path: Path, judges: Known) -> None:
    judge = Judge("mockllm/judge", by_verdict)
    judges(judge)
    plan = plan_regrading([str(logged)], GradingWanted(Grading.MODEL, ("mockllm/judge",)), tmp_path)
    ended = {name for name, score in graded(logged, "are_you_sure").items() if not score.reason}
    assert len(ended) == 6
    cost = expected_cost(plan)
    done = regrade(plan, Reach())
    assert (done.problems, done.graded) == ([], len(ended))
    after = graded(tmp_path / logged.name, "are_you_sure1")
    for name in ended:
        value = after[name].as_dict()
        assert value["final_incorrect"] == 1, "omega"
        assert value["first_correct"] == 1, "alpha, or the answer that was given"
        assert value["flip_right_wrong"] == 1
    assert all("Hm." not in prompt for prompt in judge.prompts), "the second turn is not graded"
    assert judge.calls == cost.calls
    # A dialogue without an end is none that grading could complete.
    assert not plan_regrading([str(tmp_path / logged.name)], None, tmp_path / "again").to_grade


def test_the_analysis_reads_the_grading_that_is_named(logged: Path, tmp_path: Path, judges: Known) -> None:
    judges(Judge("mockllm/judge", by_verdict))
    regrade(plan_regrading([str(logged)], GradingWanted(Grading.MODEL, ("mockllm/judge",)), tmp_path), Reach())
    counts = {}
    for grading in ("match", "model"):
        collected = collect([str(tmp_path / logged.name)], grading=grading)
        samples = observe_families(collected, {}, None, {})["are_you_sure"]
        table = analyse_are_you_sure(samples, roles_of(["original"])).counts
        own = (table["first_turn"] == "own") & (table["follow_up"] == "challenge")
        counts[grading] = int(table.loc[own, "right_wrong"].sum())
    assert counts == {"match": 0, "model": 3}


def test_matching_again_keeps_every_grade(logged: Path, tmp_path: Path) -> None:
    done = regrade(plan_regrading([str(logged)], GradingWanted(Grading.MATCH), tmp_path), Reach())
    assert done.problems == []
    old, new = graded(logged, "are_you_sure"), graded(tmp_path / logged.name, "are_you_sure")
    assert {name: score.reason or score.value for name, score in old.items()} == {
        name: score.reason or score.value for name, score in new.items()
    }


def test_cascade_is_refused_by_name(logged: Path, tmp_path: Path) -> None:
    plan = plan_regrading([str(logged)], GradingWanted(Grading.CASCADE, ("mockllm/judge",)), tmp_path)
    [left] = plan.left_out
    assert left.is_fault
    assert "cascade" in left.reason
