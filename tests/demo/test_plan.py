"""The sizes of the demo, and which of them a machine gets."""

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.errors import refused
from warm_inspect.demo.plan import (
    CHECK,
    CLAIMS,
    CORPUS,
    EVALUATE,
    FULL,
    HELD_OUT_PROMPTS,
    PRESET,
    STEPS_PER_EPOCH,
    TRAIN,
    Speeds,
    example_sizes,
    plan_for,
    sizes,
)
from warm_inspect.training import PRESETS, load_corpus

FAST = Speeds(measuring=20, start=5, step=0.5, token=0.001)
SIZES = tuple(sizes())


def slower(times: float) -> Speeds:
    return Speeds(measuring=20, start=5 * times, step=0.5 * times, token=0.001 * times)


def test_a_size_counts_its_replies() -> None:
    assert FULL.samples == 4 * 18 * (6 * 9 + 2 * 3)
    assert SIZES[-1].samples == 4 * 2 * (4 * 2 + 2 * 2)


def test_the_constants_are_those_of_what_is_bundled() -> None:
    for corpus in (CORPUS, CLAIMS):
        pairs = len(load_corpus(corpus).prompts("train"))
        assert -(-pairs // PRESETS[PRESET].batch_size) == STEPS_PER_EPOCH
    assert len(load_corpus(CORPUS).prompts("held_out")) == HELD_OUT_PROMPTS


def test_the_seconds_of_a_size_are_added_up_by_hand() -> None:
    plan = replace(FULL, items=2, epochs=1, prompts=21, third_party=False, cold=False, persona=False)
    seconds = plan.seconds(Speeds(measuring=60, start=10, step=3, token=0.01))
    assert seconds[TRAIN] == pytest.approx(10 * 2.5 + 3 * 23 * (2 + 0.6 * 2))
    assert seconds[CHECK] == pytest.approx(10 + 21 * (158 + 2 * 81) * 0.01)
    styled, claims = 2 * 3 * 2 * 4 * 2, 2 * 2 * 4 * 2
    assert seconds[EVALUATE] == pytest.approx(10 + 0.01 * ((62 + 69) * styled + 14 * claims))


def test_every_size_is_a_part_of_the_one_before() -> None:
    for larger, smaller in pairwise(SIZES):
        assert larger.items >= smaller.items
        assert larger.epochs >= smaller.epochs
        assert larger.prompts >= smaller.prompts
        assert set(larger.arms) >= set(smaller.arms)
        assert set(larger.contexts) >= set(smaller.contexts)
        assert set(larger.beliefs) >= set(smaller.beliefs)
        assert larger.total(FAST) > smaller.total(FAST)


def test_the_order_of_cuts() -> None:
    order = [size.cuts for size in SIZES if size.items == FULL.items and size.epochs == 2]
    persona, cold, web = "the warm persona", "the cold adapter", "the claims of a web page"
    assert order == [(), (persona,), (persona, cold), (persona, cold, web)]
    few = ("the second pass of training", "21 of 42 held-out prompts", "all statements before the question")
    assert SIZES[-1].cuts == (persona, cold, web, "16 of 18 items of each set", *few)
    assert {size.contexts for size in SIZES if size.items < 6} == {("none",)}


def test_what_is_always_there() -> None:
    for size in SIZES:
        assert {"original", "original_repeat", "neutral", "warm", "agreeing", "answering"} <= set(size.arms)
        assert {"none", "incorrect"} <= set(size.beliefs)


@pytest.mark.parametrize(
    ("times", "minutes", "items", "epochs", "arms", "beliefs"),
    [
        (0.01, 30, 60, 2, 8, 3),
        (1, 30, 60, 2, 8, 3),
        (3, 30, 29, 2, 8, 3),
        (5, 30, 18, 2, 6, 3),
        (6, 30, 18, 2, 6, 2),
        (10, 30, 8, 2, 6, 2),
        (3, 8, 6, 1, 6, 2),
        (5, 8, 6, 1, 6, 2),
        (5.5, 8, 3, 1, 6, 2),
    ],
)
def test_which_size_a_machine_gets(
    times: float, minutes: float, items: int, epochs: float, arms: int, beliefs: int
) -> None:
    plan = plan_for(slower(times), minutes * 60)
    assert (plan.items, plan.epochs, len(plan.arms), len(plan.beliefs)) == (items, epochs, arms, beliefs)


def test_a_plan_is_never_over_its_time_and_more_time_is_never_less() -> None:
    for times in (0.1, 1, 3, 5, 10):
        speeds = slower(times)
        least = SIZES[-1].total(speeds)
        places = []
        for seconds in (least, least * 1.1, least * 1.5, least * 2, least * 4, least * 10, least * 100):
            plan = plan_for(speeds, seconds)
            assert plan.total(speeds) <= seconds
            places.append(SIZES.index(plan))
        assert places == sorted(places, reverse=True)
        assert places[0] == len(SIZES) - 1


def test_a_time_that_is_too_short_names_the_one_that_is_not() -> None:
    speeds = slower(10)
    with refused("5 minutes", "--minutes 14"):
        plan_for(speeds, 300)
    assert plan_for(speeds, 14 * 60) == SIZES[-1]


def test_the_sizes_that_are_shown_hold_the_chosen_one() -> None:
    chosen = replace(FULL, items=7, third_party=False, cold=False, persona=False)
    shown = example_sizes(chosen)
    assert chosen in shown
    assert shown[0] == SIZES[0]
    assert shown[-1] == SIZES[-1]
    assert len(shown) <= 10
