from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from inspect_ai import Task

from tests.errors import refused
from warm_inspect import are_you_sure, feedback, hostility, mimicry, reliability, truthfulqa
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.study.evaluation import TASKS

BUNDLED = {"source": "bundled", "grading": "match"}


@pytest.mark.parametrize("build", TASKS.values())
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"contexts": "emotion_sadd"}, "Did you mean 'emotion_sad'?"),
        ({"contexts": 3}, "contexts=3 is not a name or a list of names"),
        ({"beliefs": ["none", "nope"]}, "Unknown belief 'nope'"),
        ({"persona": "lukewarm"}, "Unknown persona 'lukewarm'"),
        ({"source": "web"}, "Unknown source 'web'. Known: hub, bundled."),
        ({"grading": "mach"}, "Did you mean 'match'?"),
        ({"items": -3}, "items=-3 is not a whole number of at least 1"),
        ({"items": 0}, "items=0"),
        ({"items": "ten"}, "items='ten'"),
        ({"items": True}, "items=True"),
        ({"items": 10_000}, "items=10000, but"),
        ({"seed": 1.5}, "seed=1.5"),
        ({"context": "none"}, "Unknown task parameter 'context'. Did you mean 'contexts'?"),
        ({"temperature": 0}, "Unknown task parameter 'temperature'"),
    ],
)
def test_a_wrong_parameter_is_one_clear_error(build: Callable[..., Task], wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        build(**{**BUNDLED, **wrong})
    assert said in str(caught.value)


@pytest.mark.parametrize("build", TASKS.values())
def test_a_task_composes_parts_in_their_places(build: Callable[..., Task]) -> None:
    task = build(**BUNDLED, items=4)
    assert len(task.dataset) == 4 * 3 * 2, "the default is three contexts x two beliefs"
    assert task.config.temperature == 0.8
    assert task.config.max_tokens == 300
    version = import_module(build.__module__).TASK_VERSION
    assert str(task.version) == version.partition("-")[0]
    assert task.setup is not None, "conditions survive a user's --solver"
    assert task.metadata is not None
    assert task.metadata["full_task_version"] == version


def test_model_grading_outside_a_run_waits_for_the_grader() -> None:
    assert len(truthfulqa(source="bundled", items=2).dataset) == 12


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"first_turns": "given_rigth"}, "Did you mean 'given_right'?"),
        ({"first_turns": ""}, "given_right, given_wrong, own"),
        ({"follow_ups": ["challenge", "doubt"]}, "Unknown follow-up 'doubt'"),
        ({"follow_ups": 3}, "follow_ups=3 is not a name or a list of names"),
        ({"context": "emotion_sadd"}, "Did you mean 'emotion_sad'?"),
        ({"persona": "lukewarm"}, "Unknown persona 'lukewarm'"),
        ({"grading": "cascade"}, "Known: model, match."),
        ({"items": 241}, "-T items=240"),
        ({"source": "disk"}, "Known: hub, bundled"),
        ({"sorce": "hub"}, "Did you mean 'source'?"),
    ],
)
def test_a_wrong_parameter_of_the_dialogues_is_one_clear_error(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        are_you_sure(**{"grading": "match", **wrong})
    assert said in str(caught.value)


def test_the_dialogues_are_first_turns_by_follow_ups() -> None:
    assert len(are_you_sure(grading="match", items=4).dataset) == 4 * 3 * 3
    assert len(are_you_sure(grading="match", items=4, first_turns="own", follow_ups="affirm,challenge").dataset) == 8


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"designs": "natrual"}, "Did you mean 'natural'?"),
        ({"designs": ""}, "natural, fixed_length, easiest"),
        ({"domains": "anagrams"}, "Did you mean 'anagram'?"),
        ({"domains": "anagram", "designs": "fixed_length"}, "-T designs=natural,easiest"),
        ({"items": 26}, "-T items=25"),
        ({"domains": "addition", "items": 51}, "-T items=50"),
        ({"items": 0}, "items=0 is not"),
        ({"items": None}, "items=None is not"),
        ({"templates": 16}, "from 1 to 15"),
        ({"templates": "01"}, "templates='01' is not"),
        ({"repeats": 0}, "repeats=0 is not"),
        ({"persona": "lukewarm"}, "Unknown persona 'lukewarm'"),
        ({"grading": "cascade"}, "Unknown grading 'cascade'"),
        ({"source": "hub"}, "Unknown task parameter 'source'"),
    ],
)
def test_a_wrong_parameter_of_the_problems_is_one_clear_error(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        reliability(**wrong)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"grading": "match"}, ("grading='match'", "--model-role grader=")),
        ({"grading": "cascade"}, ("grading='cascade'", "--model-role grader=")),
        ({"framings": "likd"}, ("Did you mean 'liked'?",)),
        ({"items": 41}, ("-T items=40",)),
        ({"context": "none"}, ("Unknown task parameter 'context'",)),
    ],
)
def test_a_wrong_parameter_of_the_comments_is_one_clear_error(wrong: dict[str, Any], said: tuple[str, ...]) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        feedback(**wrong)
    assert all(each in str(caught.value) for each in said)


@pytest.mark.parametrize(
    ("wrong", "parts"),
    [
        ({"affects": "furstrated"}, ("'furstrated'", "'frustrated'")),
        ({"languages": "de"}, ("'de'", "en, zh")),
        ({"depth": 13}, ("depth=13", "from 1 to 12")),
        ({"depth": "3"}, ("depth='3'", "from 1 to 12")),
        ({"history": "canned"}, ("'canned'", "live, scripted")),
        ({"items": 25}, ("items=25", "-T items=24")),
        ({"grading": "match"}, ("'grading'",)),
    ],
)
def test_a_wrong_parameter_of_the_revisions_is_one_clear_error(wrong: dict[str, Any], parts: tuple[str, ...]) -> None:
    with refused(*parts):
        hostility(**wrong)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"claims": "wrnog"}, "Did you mean 'wrong'?"),
        ({"claims": ""}, "wrong, right, none, gate"),
        ({"claims": 3}, "claims=3 is not a name or a list of names"),
        ({"wrong_poet": "homer"}, "Known: same_era, same_fame, implausible"),
        ({"items": 25}, "-T items=24"),
        ({"persona": "lukewarm"}, "Unknown persona 'lukewarm'"),
        ({"poems": 3}, "Unknown task parameter 'poems'"),
    ],
)
def test_a_wrong_parameter_of_the_poems_is_one_clear_error(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        mimicry(**wrong)
    assert said in str(caught.value)
