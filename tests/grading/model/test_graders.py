"""The known graders: settings that their kind needs, and what a user is told of their end."""

from datetime import date

import pytest
from inspect_ai.model import GenerateConfig

from tests.errors import refused
from tests.models_edge import scripted
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.grading.model import graders
from warm_inspect.grading.model.graders import GRADERS, default_grader, grader_facts

DEFAULT = "openai/gpt-4o-2024-08-06"


@pytest.mark.parametrize(
    ("model", "facts", "config"),
    [
        (DEFAULT, "gpt-4o-2024-08-06", GenerateConfig(temperature=0, max_tokens=400)),
        ("openai/gpt-4o-mini-2024-07-18", "openai-2024", GenerateConfig(temperature=0, max_tokens=400)),
        ("openai/gpt-6-luna", "openai-reasoning", GenerateConfig(max_tokens=4000, reasoning_effort="low")),
        ("openai/gpt-5-mini", "openai-2025", GenerateConfig(max_tokens=4000, reasoning_effort="low")),
        ("openai/o4-mini", "openai-reasoning", GenerateConfig(max_tokens=4000, reasoning_effort="low")),
        ("peft/smollm2-135m", "other", GenerateConfig(temperature=0, max_tokens=400)),
    ],
)
def test_a_model_gets_the_settings_of_its_kind(model: str, facts: str, config: GenerateConfig) -> None:
    assert grader_facts(model) == GRADERS[facts]
    assert grader_facts(model).config == config


def test_every_grader_says_what_was_measured() -> None:
    assert default_grader() == DEFAULT
    assert all(facts.measured for facts in GRADERS.values())


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 11, 28), "leaves"),
        (date(2027, 1, 13), "leaves"),
        (date(2027, 1, 14), "left"),
        (date(2028, 1, 1), "left"),
    ],
)
def test_a_retirement_is_told_before_and_after_with_the_command_that_binds_another(today: date, said: str) -> None:
    notice = grader_facts(DEFAULT).retirement(DEFAULT, today)
    for part in (DEFAULT, said, "2027-01-14", "--model-role grader=openai/gpt-6-luna"):
        assert part in notice
    assert "--grader openai/gpt-6-luna" in grader_facts(DEFAULT).retirement(DEFAULT, today, "--grader ")
    assert grader_facts(DEFAULT).is_gone(today) is (said == "left")
    assert grader_facts("openai/gpt-6-luna").retirement("openai/gpt-6-luna", today) == ""


class After(date):
    @classmethod
    def today(cls) -> "After":
        return cls(2027, 1, 14)


def test_a_default_that_is_gone_stops_a_run_before_anything_is_paid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-unused")
    monkeypatch.setattr(graders, "model_roles", dict)
    monkeypatch.setattr(graders, "date", After)
    with refused("--model-role grader=", "-T grading=match"):
        graders.bound_graders()
    with pytest.raises(PrerequisiteError, match="--model-role grader=") as caught:
        graders.bound_graders(can_match=False)
    assert "grading=match" not in str(caught.value)


def test_who_binds_a_retiring_grader_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    retiring = GRADERS["openai-2024"]
    monkeypatch.setattr(graders, "grader_facts", lambda _: retiring)
    model = scripted(lambda _: '{"verdict": "CORRECT"}')
    monkeypatch.setattr(graders, "model_roles", lambda: {"grader": [model, model]})
    assert graders.check_graders() == 2
    assert sum("leaves" in record.message for record in caplog.records) == 2
