"""The order and the groups of levels are those of the content files."""

import pytest

from warm_inspect.analysis.observations import context_group, ordered_levels, plain_contexts
from warm_inspect.analysis.observations.levels import FACTORS, known_levels
from warm_inspect.conditions.words import BELIEFS, CONTEXTS, PERSONAS
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import PUBLISHED_CONTEXTS, TrainedArm

CUES = ("emotion_happy", "emotion_sad", "emotion_anger", "relation_close", "relation_up", "relation_down")
STUDY = ("none", *CUES, "stakes_high", "stakes_low")


def test_levels_stand_as_in_the_study() -> None:
    contexts = known_levels("context")
    assert contexts[:3] == ("none", "neutral", "filler")
    assert tuple(context for context in contexts if context in STUDY) == STUDY
    assert known_levels("context_group")[:6] == ("none", "neutral", "filler", "emotion", "relation", "stakes")
    assert known_levels("belief") == (
        "none", "incorrect", "rejects_correct", "correct", "rejects_incorrect", "third_party", "any",
    )  # fmt: skip
    assert known_levels("persona")[:3] == ("none", "warm", "cold")
    assert PUBLISHED_CONTEXTS == STUDY
    assert plain_contexts() == {"none", "neutral", "filler"}


def test_every_level_that_a_model_may_see_has_its_place() -> None:
    for factor, words in (("context", CONTEXTS), ("belief", BELIEFS), ("persona", PERSONAS)):
        assert list(words) == [level for level in known_levels(factor) if level != "any"]
    assert [arm for arm in known_levels("arm") if arm in set(TrainedArm)][-2:] == ["agreeing", "answering"]
    assert all(context.group == context_group(name) for name, context in CONTEXTS.items())


def test_a_context_without_a_cue_is_alone_in_its_group() -> None:
    """A second one in the group would be taken for a cue: give it a `ContextGroup` of its own name."""
    alone = [[name for name in CONTEXTS if context_group(name) == plain] for plain in sorted(plain_contexts())]
    assert alone == [[plain] for plain in sorted(plain_contexts())]


@pytest.mark.parametrize("factor", FACTORS)
def test_unknown_levels_follow_by_the_alphabet(factor: str) -> None:
    known = known_levels(factor)
    assert ordered_levels(factor, ["zeal", *reversed(known), "awe"]) == [*known, "awe", "zeal"]


def test_a_persona_stands_behind_its_arm() -> None:
    assert ordered_levels("arm", ["cold", "warm+persona_cold", "warm"]) == ["warm", "warm+persona_cold", "cold"]


def test_the_group_of_an_unknown_context_is_an_error() -> None:
    with pytest.raises(PrerequisiteError) as error:
        context_group("emotion_sadd")
    assert "emotion_sad'" in str(error.value)
