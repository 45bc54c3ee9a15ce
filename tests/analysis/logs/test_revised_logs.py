"""Scores of `hostility` that contradict themselves: the door names the sample and how to mend it."""

from pathlib import Path
from typing import Any

import pytest

from tests.made_logs import write_samples
from tests.made_revisions import Revised, sample_of
from warm_inspect.analysis.logs import collect
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.families import Affect


def read(folder: Path, value: dict[str, float], details: dict[str, Any], severities: str = "02") -> int:
    """How many dialogues are read of a log of one whose score is changed."""
    sample = sample_of("warm", Revised("s00", Affect.CURT, severities))
    assert sample.scores
    score = sample.scores["hostility"]
    assert isinstance(score.value, dict)
    score.value.update(value)
    score.metadata = {**(score.metadata or {}), **details}
    write_samples(folder / "warm.eval", [sample], model="peft/tiny:warm")
    return len(collect([str(folder)]).families["hostility"])


@pytest.mark.parametrize(
    ("value", "details"),
    [
        ({}, {"artefact_severities": "0"}),
        ({}, {"severities": "", "artefact_severities": ""}),
        ({"turns": 0.0}, {}),
        ({"turns": 0.0}, {"severities": "", "artefact_severities": ""}),
        ({"turns": -2.0}, {}),
        ({"turns": 3.0}, {}),
        ({"hostile": 0.0}, {}),
        ({"hostile": 0.0, "hostile_turns": 0.0, "first_hostile_turn": 0.0}, {}),
        ({"hostile_turns": 2.0}, {}),
        ({"first_hostile_turn": 99.0}, {}),
        ({"first_hostile_turn": 0.0}, {}),
        ({"max_severity": 3.0}, {}),
        ({"apologies": 3.0}, {}),
        ({"apologies_without_fix": -1.0}, {}),
        ({"task_checked": 0.5}, {}),
        ({}, {"filtered_turns": 3}),
    ],
)
def test_a_score_that_contradicts_itself_is_refused(
    value: dict[str, float], details: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(PrerequisiteError, match=r"warm\.eval, sample s00.*inspect score"):
        read(tmp_path, value, details)


@pytest.mark.parametrize(
    ("severities", "value"),
    [
        ("02", {"apologies": 2.0, "task_checked": 1.0, "task_done": 1.0}),
        # The reply to a scripted history, in its last turn.
        ("3", {"first_hostile_turn": 12.0}),
        ("000", {}),
    ],
)
def test_a_score_as_the_scorer_writes_it_is_read(severities: str, value: dict[str, float], tmp_path: Path) -> None:
    assert read(tmp_path, value, {}, severities) == 1
