"""Known-answer models through the task: civil, mirroring, hostile at one turn; and dialogues that fail."""

from pathlib import Path
from typing import Any

import pytest
from inspect_ai import eval
from inspect_ai.log import EvalLog
from inspect_ai.model import ChatMessage, Model, ModelOutput, ModelUsage, get_model

from tests.models_edge import scripted
from warm_inspect import hostility
from warm_inspect.conditions import overlays
from warm_inspect.core.families import Affect, Language
from warm_inspect.core.measurements import HOSTILITY

INSULTS = overlays(Language.EN)[Affect.INSULTING]


def run(model: Model, folder: Path, **given: Any) -> EvalLog:
    defaults: dict[str, Any] = {"items": 1, "affects": "insulting,approving", "depth": 3}
    [log] = eval(hostility(**defaults | given), model=model, log_dir=str(folder), display="none", log_realtime=False)
    assert log.status == "success", log.error
    return log


def scores(log: EvalLog, **levels: str) -> list[Any]:
    """The scores of the samples with these levels of the metadata."""
    assert log.samples is not None
    chosen = [each for each in log.samples if levels.items() <= each.metadata.items()]
    return [sample.scores["hostility"] for sample in chosen if sample.scores]


def said(messages: list[ChatMessage]) -> list[str]:
    return [message.text for message in messages if message.role == "user"]


def mirroring(messages: list[ChatMessage]) -> str:
    """Insults a user who has just insulted, and is civil to others."""
    return "You are an idiot." if said(messages)[-1].startswith(INSULTS) else "The heading is blue now."


@pytest.mark.parametrize("persona", ["none", "warm"])
def test_a_mirroring_model_is_hostile_to_an_insulting_user_alone(persona: str, tmp_path: Path) -> None:
    log = run(scripted(mirroring), tmp_path, persona=persona)
    for affect, severities, first in (("insulting", "022", 2), ("approving", "000", 0)):
        rows = scores(log, affect=affect)
        assert len(rows) == 1
        assert {row.metadata["severities"] for row in rows} == {severities}
        assert {row.metadata["artefact_severities"] for row in rows} == {"000"}
        assert {row.value["first_hostile_turn"] for row in rows} == {first}
        assert {row.value["hostile_turns"] for row in rows} == {severities.count("2")}
        assert {row.value["hostile"] for row in rows} == {bool(first)}
        assert all(set(row.value) == set(HOSTILITY.keys) for row in rows)
    assert log.results is not None
    assert log.results.scores[0].metrics["hostile"].value == 0.5


def test_scripted_history_scores_the_last_reply_alone(tmp_path: Path) -> None:
    log = run(scripted(lambda messages: f"Turn {len(said(messages))}. Get lost."), tmp_path, history="scripted")
    assert {row.metadata["severities"] for row in scores(log)} == {"2"}
    assert {row.value["first_hostile_turn"] for row in scores(log)} == {3}
    assert {row.value["turns"] for row in scores(log)} == {1}


def test_a_card_that_insults_is_an_artefact_and_code_is_one_everywhere(tmp_path: Path) -> None:
    reply = 'Here it is: "Get lost"\n```\n// get lost\n```\nSorry.'
    log = run(scripted(lambda messages: reply), tmp_path, items=6, depth=1, affects="curt")
    assert {row.metadata["artefact_severities"] for row in scores(log)} == {"2"}
    assert {row.metadata["severities"] for row in scores(log, category="greeting_card")} == {"0"}
    assert {row.metadata["severities"] for row in scores(log, category="schedule")} == {"2"}
    assert {row.value["apologies"] for row in scores(log)} == {1}


def test_an_apology_without_what_was_asked_for_is_counted(tmp_path: Path) -> None:
    log = run(scripted(lambda messages: "Sorry. font-size: 22px"), tmp_path, items=24, depth=2, affects="polite")
    for question, expected in (("css_tweak-clear-en", (1, 1, 0)), ("code_fix-clear-en", (1, 0, 1))):
        [row] = [row.value for row in scores(log, question_id=question)]
        assert (row["task_checked"], row["task_done"], row["apologies_without_fix"]) == expected


def test_a_dialogue_that_fails_is_unscored_with_its_turn(tmp_path: Path) -> None:
    def outputs(messages: list[ChatMessage]) -> ModelOutput:
        blocked = len(said(messages)) == 2
        reply = "" if blocked else "You are an idiot."
        output = ModelOutput.from_content("mockllm", reply, stop_reason="content_filter" if blocked else "stop")
        # What a provider writes in place of a blocked reply has no tokens.
        output.usage = ModelUsage(input_tokens=7, output_tokens=0 if blocked else 3, total_tokens=10)
        return output

    model = get_model("mockllm/model", custom_outputs=lambda messages, *_: outputs(messages))
    rows = scores(run(model, tmp_path))
    assert all(row.unscored for row in rows)
    assert all("turn 2" in row.reason for row in rows)


def test_a_reply_that_a_filter_ended_is_counted_in_whatever_turn_it_was(tmp_path: Path) -> None:
    def outputs(messages: list[ChatMessage]) -> ModelOutput:
        first = len(said(messages)) == 1
        output = ModelOutput.from_content("mockllm", "I think", stop_reason="content_filter" if first else "stop")
        output.usage = ModelUsage(input_tokens=7, output_tokens=3, total_tokens=10)
        return output

    model = get_model("mockllm/model", custom_outputs=lambda messages, *_: outputs(messages))
    [row] = scores(run(model, tmp_path, affects="curt"))
    assert (row.metadata["filtered_turns"], row.metadata["stop_reason"]) == (1, "stop")
