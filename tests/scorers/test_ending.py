"""A prompt that a provider turned away: what it says of it is never graded as the model's words."""

from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog
from inspect_ai.model import ModelAPI, ModelOutput, ModelUsage, StopReason, modelapi
from inspect_ai.scorer import Scorer

from tests.models_edge import in_form, scripted
from tests.tiny import make_tiny_base
from warm_inspect.manipulation.replies import log_replies
from warm_inspect.scorers import correctness, refusal, warmth_rating, warmth_sociot
from warm_inspect.scorers.capability import capability_score

_FACTS = {"form": "open", "incorrect_answers": ["17"], "claims": ["", ""], "belief": "none", "options": []}
SCORERS = {
    "correct": correctness(), "correct-match": correctness("match"), "refused": refusal(),
    "refused-match": refusal("match"), "capable": capability_score(), "warm": warmth_rating(),
}  # fmt: skip


@modelapi(name="full")
class Full(ModelAPI):
    """As Inspect's providers answer: `refuses` and `blocks` without a count of tokens, `cuts` with one."""

    async def generate(self, *_: Any, **__: Any) -> ModelOutput:
        reason: StopReason = "content_filter" if self.model_name == "blocks" else "model_length"
        output = ModelOutput.from_content(self.model_name, "The context has room for 42 tokens.", reason)
        if self.model_name == "cuts":
            output.usage = ModelUsage(input_tokens=9, output_tokens=5, total_tokens=14)
        return output


def run(scorer: Scorer, model: str, tmp_path: Path) -> EvalLog:
    task = Task(dataset=[Sample(id="q", input="?", target="42", metadata=_FACTS)], scorer=scorer)
    grader = scripted(lambda messages: in_form(messages[-1].text))
    [log] = eval(
        task,
        model=f"full/{model}",
        model_roles={"grader": grader},
        log_dir=str(tmp_path),
        display="none",
        log_realtime=False,
    )
    assert log.status == "success", log.error
    return log


@pytest.mark.parametrize("scorer", SCORERS.values(), ids=SCORERS)
@pytest.mark.parametrize(("model", "reason"), [("refuses", "prompt_too_long"), ("blocks", "prompt_blocked")])
def test_a_refused_prompt_is_unscored_and_counted(scorer: Scorer, model: str, reason: str, tmp_path: Path) -> None:
    log = run(scorer, model, tmp_path)
    assert log.results is not None
    assert log.samples is not None
    [score] = (log.samples[0].scores or {}).values()
    assert score.reason == reason
    assert {each.unscored_samples for each in log.results.scores} == {1}
    assert log_replies([log.location], {}) == []


@pytest.mark.parametrize("scorer", SCORERS.values(), ids=SCORERS)
def test_a_sample_stopped_before_its_reply_is_unscored_and_the_evaluation_goes_on(
    scorer: Scorer, tmp_path: Path
) -> None:
    task = Task(dataset=[Sample(id="q", input="?", target="42", metadata=_FACTS)], scorer=scorer)
    [log] = eval(
        task,
        model=scripted(lambda _: "42."),
        message_limit=1,
        log_dir=str(tmp_path),
        display="none",
        log_realtime=False,
    )
    assert log.status == "success", log.error
    assert log.samples is not None
    [score] = (log.samples[0].scores or {}).values()
    assert score.reason == "no_reply"


def test_sociot_reads_no_error(tmp_path: Path) -> None:
    base = make_tiny_base(tmp_path / "tiny")
    log = run(warmth_sociot(scoring_model=str(base)), "refuses", tmp_path / "logs")
    assert log.samples is not None
    assert (log.samples[0].scores or {})["warmth_sociot"].reason == "prompt_too_long"


def test_a_reply_that_filled_the_context_is_graded_and_marked(tmp_path: Path) -> None:
    log = run(correctness("match"), "cuts", tmp_path)
    assert log.samples is not None
    value = (log.samples[0].scores or {})["correctness"].as_dict()
    assert (value["correct"], value["truncated"]) == (1, 1)
    assert len(log_replies([log.location], {})) == 1
