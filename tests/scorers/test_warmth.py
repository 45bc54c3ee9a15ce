"""The warmth scorers in real evaluations, and what a grader may and may not say."""

from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task, eval, score
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog, read_eval_log
from inspect_ai.model import ChatMessage, Model
from inspect_ai.scorer import includes

from tests.errors import refused
from tests.models_edge import scripted
from tests.tiny import make_tiny_base
from warm_inspect.grading.model.rubric import RUBRICS
from warm_inspect.scorers.warmth import ratings, warmth_rating, warmth_sociot
from warm_inspect.warmth import SocioT

REPLIES = {"q1": "Of course, dear friend!", "q2": "No.", "q3": "Paris."}


def subject() -> Model:
    return scripted(lambda messages: REPLIES[messages[-1].text])


def grader(verdicts: dict[str, str]) -> Model:
    """A grader that answers by the reply it is shown."""

    def answer(messages: list[ChatMessage]) -> str:
        shown = messages[-1].text
        return next(said for name, said in verdicts.items() if f"<<<REPLY\n{REPLIES[name]}\n>>>REPLY" in shown)

    return scripted(answer)


def run(tmp_path: Path, scorer: Any, **settings: Any) -> EvalLog:
    task = Task(dataset=[Sample(id=name, input=name, target="Paris") for name in REPLIES], scorer=scorer)
    [log] = eval(task, model=subject(), log_dir=str(tmp_path), display="none", log_realtime=False, **settings)
    assert log.status == "success", log.error
    return log


def values(log: EvalLog, name: str) -> dict[str, Any]:
    return {str(sample.id): (sample.scores or {})[name] for sample in log.samples or []}


def test_ratings_are_the_ones_the_rubric_explains() -> None:
    assert ratings() == ("COLD", "COOL", "NEUTRAL", "FRIENDLY", "WARM")
    assert all(f"- {rating}: " in RUBRICS["warmth"].body for rating in ratings())


def test_rating_is_the_graders_word_and_a_broken_grader_leaves_no_number(tmp_path: Path) -> None:
    model = grader({"q1": "WARMTH: WARM", "q2": "WARMTH: COOL", "q3": "Who knows?"})
    log = run(tmp_path, [includes(), warmth_rating()], model_roles={"grader": model})
    readings = values(log, "warmth_rating")
    assert readings["q1"].value == {"warmth": 4.0, "chars": 23.0}
    assert readings["q2"].value == {"warmth": 1.0, "chars": 3.0}
    assert readings["q3"].reason == "malformed"
    assert readings["q3"].metadata["chars"] == 6
    assert readings["q1"].metadata["meter"].startswith("rating-mockllm/model@")
    assert log.results is not None
    shown = {score.name: score for score in log.results.scores}
    assert shown["warmth"].metrics["mean"].value == 2.5
    assert shown["chars"].metrics["mean"].value == 13
    assert shown["warmth"].unscored_samples == 1
    assert shown["includes"].scored_samples == 3, "and correctness keeps every sample"


def test_a_grader_that_never_rates_leaves_a_log_without_numbers(tmp_path: Path) -> None:
    model = grader(dict.fromkeys(REPLIES, "I'm sorry, I can't help with that."))
    log = run(tmp_path, warmth_rating(), model_roles={"grader": model})
    assert {score.reason for score in values(log, "warmth_rating").values()} == {"grader_refused"}


def test_sociot_is_the_meter_and_stands_beside_correctness_in_a_finished_log(tmp_path: Path) -> None:
    base = make_tiny_base(tmp_path / "tiny")
    log = run(tmp_path / "logs", includes())
    # Read whole: samples that Inspect reads while it scores leave asyncio patched for all later tests.
    scored = score(read_eval_log(log.location), warmth_sociot(scoring_model=str(base)), action="append", display="none")
    readings = values(scored, "warmth_sociot")
    expected = SocioT(base).score(list(REPLIES.values()))
    assert [readings[name].value["warmth"] for name in REPLIES] == pytest.approx(expected, abs=1e-6)
    assert [readings[name].value["chars"] for name in REPLIES] == [len(reply) for reply in REPLIES.values()]
    assert readings["q1"].metadata == {"meter": SocioT(base).label}
    assert values(scored, "includes")["q3"].value == "C"
    assert read_eval_log(log.location).status == "success"


def test_released_is_chosen_by_form(tmp_path: Path) -> None:
    base = make_tiny_base(tmp_path / "tiny")
    readings = values(run(tmp_path, warmth_sociot(form="released", scoring_model=str(base))), "warmth_sociot")
    assert readings["q1"].metadata["meter"].startswith("sociot-released@")


def test_an_unknown_form_is_an_error_before_anything_runs() -> None:
    with refused("'exakt'", "'exact'", "exact, released"):
        warmth_sociot(form="exakt")
