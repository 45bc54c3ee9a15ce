"""What a number is about, and the label made from it, whatever the arms are called."""

from dataclasses import replace
from itertools import permutations, product

import pytest

from tests.made_logs import grid, study_of
from warm_inspect.analysis.estimates import Identity, Kind, arm_effect, identities, second_difference
from warm_inspect.analysis.study import AnalysedStudy, headline_effects
from warm_inspect.report.estimate_rows import flips_between, minus, records
from warm_inspect.report.sections.effects import effects, forest_panels

SECOND = second_difference("warm", "original", "context", "emotion_sad", "filler")
INSIDE = Identity(Kind.CONTEXT_EFFECT, "warm", factor="context", level="emotion_sad", versus="filler")
CELL = Identity(
    Kind.CELL_EFFECT, "warm", "original", context="none", belief="any", benchmark="medqa", base_model="tiny"
)


@pytest.mark.parametrize(
    ("identity", "label"),
    [
        (arm_effect("warm", "original"), "warm - original"),
        (arm_effect("warm", "original", belief="incorrect"), "warm - original | belief=incorrect"),
        (
            arm_effect("warm", "original", context_group="emotion", belief="none", benchmark="medqa"),
            "warm - original | group=emotion, belief=none, benchmark=medqa",
        ),
        (
            arm_effect("warm", "original", benchmark="mmlu", base_model="tiny"),
            "warm - original | benchmark=mmlu, base_model=tiny",
        ),
        (arm_effect("warm", "original", training_seed="3"), "warm - original | seed=3"),
        (arm_effect("warm", "original", side="assertions"), "warm - original | assertions"),
        (INSIDE, "emotion_sad - filler | arm=warm"),
        (SECOND, "(warm - original | context=emotion_sad) - (warm - original | context=filler)"),
        (CELL, "warm - original | base_model=tiny, benchmark=medqa, context=none, belief=any"),
        (Identity(Kind.RATE, "warm", belief="correct"), "warm | belief=correct"),
        (Identity(Kind.FLIP_RATE, "warm", "original"), "warm vs original"),
        (
            Identity(Kind.ASSOCIATION, "warm", "original", factor="reply_chars", level="100"),
            "reply_chars + 100 | warm - original",
        ),
        (replace(INSIDE, fitted_with="cold"), "emotion_sad - filler | arm=warm, fitted_with=cold"),
        (Identity(Kind.LIMIT), ""),
    ],
)
def test_labels(identity: Identity, label: str) -> None:
    assert identity.label == label


@pytest.mark.parametrize(
    ("identity", "compared", "condition"),
    [
        (arm_effect("warm", "original"), "warm - original", ""),
        (arm_effect("warm", "original", belief="none"), "warm - original", "belief=none"),
        (INSIDE, "emotion_sad - filler", "arm=warm"),
        (SECOND, "warm - original", "context=emotion_sad − context=filler"),
    ],
)
def test_a_title_and_what_tells_its_rows_apart(identity: Identity, compared: str, condition: str) -> None:
    assert (identity.compared, identity.condition) == (compared, condition)


@pytest.mark.parametrize("noise", [True, False])
def test_a_comparison_is_noise_by_its_role_and_never_by_its_name(noise: bool) -> None:
    effect = arm_effect("original_repeat", "original", noise=noise)
    change = second_difference("original_repeat", "original", "belief", "incorrect", "none", noise=noise)
    kinds = (Kind.NOISE, Kind.NOISE) if noise else (Kind.ARM_EFFECT, Kind.SECOND_DIFFERENCE)
    assert (effect.kind, change.kind) == kinds


NAMES = (
    "a",
    "a - b",
    "b",
    "b - c",
    "c",
    "(v2)",
    "a | belief=none",
    "a vs b",
    "it's",
    "'a - b'",
    "x, seed=1",
    "warm v2",
)


def test_labels_differ_whatever_the_arms_are_called() -> None:
    numbers = [
        identity
        for arm, reference in permutations(NAMES, 2)
        for identity in (
            arm_effect(arm, reference),
            arm_effect(arm, reference, belief="none"),
            arm_effect(arm, reference, training_seed="1"),
            second_difference(arm, reference, "belief", "incorrect", "none"),
            Identity(Kind.FLIP_RATE, arm, reference),
        )
    ]
    numbers += [
        Identity(Kind.CONTEXT_EFFECT, arm, factor="context", level=level, versus="none")
        for arm, level in product(NAMES, ("filler", "emotion_sad"))
    ]
    numbers += [Identity(Kind.RATE, arm, belief="none") for arm in NAMES]
    assert len({identity.label for identity in numbers}) == len(numbers)


def named(arm: str) -> AnalysedStudy:
    """A study of the same replies, whatever the arm is called."""
    conditions = {"contexts": ("none", "filler", "emotion_sad"), "beliefs": ("none", "incorrect", "third_party")}
    return study_of(grid({"original": 0.3, arm: 0.7}, questions=6, **conditions))


@pytest.fixture(scope="module")
def plain() -> AnalysedStudy:
    return named("v")


@pytest.mark.parametrize("arm", ["a - b", "(v2)", "b | belief=incorrect", "warm vs cold"])
@pytest.mark.slow
def test_an_arm_of_any_name_is_filed_as_an_arm(plain: AnalysedStudy, arm: str) -> None:
    """The same replies under a plain name give the same numbers of the same kinds, in the same tables and figures."""
    odd = named(arm)
    columns = ["kind", "factor", "level", "versus", "context", "belief", "benchmark", "term", "outcome", "estimate"]
    assert odd.estimates[columns].equals(plain.estimates[columns])
    assert set(odd.estimates["arm"]) == {"original", arm}
    assert [Identity.of(row) for row in records(odd.estimates)] == list(identities(odd.estimates))
    assert len(headline_effects(odd.estimates)) == len(headline_effects(plain.estimates))
    tables, old = (effects(study.estimates) for study in (odd, plain))
    assert [len(table.rows) for table in tables] == [len(table.rows) for table in old]
    for kind in ("arm_effect", "second_difference"):
        assert len(forest_panels(odd.estimates, kind, "x")) == len(forest_panels(plain.estimates, kind, "x")) == 1
    name = Identity(Kind.ARM_EFFECT, arm, "original").pair
    assert tables[0].title == f"Effects of {minus(name)}"
    assert list(flips_between(odd.estimates)) == [name]
