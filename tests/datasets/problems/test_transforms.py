"""Texts stand in eight equal levels, and become what their task says."""

from collections import Counter

import pytest

from warm_inspect.core.families import Design, Transform
from warm_inspect.datasets.problems.transforms import Text, difficulties, levenshtein, texts_by_level, transforms


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [("kitten", "sitting", 3), ("2026-03-09", "9 March 2026", 11), ("", "ab", 2), ("ab", "ab", 0)],
)
def test_the_least_number_of_changes(a: str, b: str, distance: int) -> None:
    assert levenshtein(a, b) == levenshtein(b, a) == distance


def test_difficulty_is_the_mean_of_two_ranks() -> None:
    # Words 2, 4, 4 rank 1/6 and 2/3; changes 1, 0, 3 rank 1/2, 1/6 and 5/6.
    made = [("a", "b"), ("a b", "a b"), ("a b", "c d e"[:3])]
    texts = [Text(Transform.DOMAIN, "", before, after) for before, after in made]
    assert difficulties(texts) == pytest.approx([(1 / 6 + 1 / 2) / 2, (2 / 3 + 1 / 6) / 2, (2 / 3 + 5 / 6) / 2])


def test_levels_are_equal_and_hold_every_kind_once() -> None:
    levels = texts_by_level(0)
    assert [len(level) for level in levels] == [85] * 8
    assert Counter(text.kind for level in levels for text in level) == dict.fromkeys(Transform, 85)
    assert len({(text.task, text.before) for level in levels for text in level}) == 680
    assert not [text for level in levels for text in level if text.before == text.after or "{" in text.task]


def test_the_easiest_are_fresh_and_there_is_none_of_fixed_length() -> None:
    natural, easiest = (list(transforms(design, 25, 0)) for design in (Design.NATURAL, Design.EASIEST))
    assert (len(natural), len(easiest)) == (200, 180)
    assert not {tuple(each.given) for each in natural} & {tuple(each.given) for each in easiest}
    assert not list(transforms(Design.FIXED_LENGTH, 25, 0))


def test_each_kind_becomes_what_its_task_says() -> None:
    drawn = {text.kind: text for level in texts_by_level(0) for text in level[:40]}
    shown = {kind: (drawn[kind].before, drawn[kind].after) for kind in Transform}
    assert shown == SHOWN


SHOWN = {
    Transform.DATE_ORDER: ("1987-05-11", "11/05/1987"),
    Transform.DATE_WORDS: ("1996-10-24", "24 October 1996"),
    Transform.INITIALS: ("Evans, Nadia Oscar Tessa Bruno", "N. O. T. B. E."),
    Transform.CONVERSION: ("6.73 hours", "403.8 minutes"),
    Transform.COLUMN: ("napkin,hammer,drawer,basket,Ulrich,umbrella,Zora,island", "drawer"),
    Transform.SORTING: (
        "lantern, magnet, engine, helmet, basket, desk, needle",
        "basket, desk, engine, helmet, lantern, magnet, needle",
    ),
    Transform.IDENTIFIER: ("total unit net per price", "TOTAL_UNIT_NET_PER_PRICE"),
    Transform.DOMAIN: ("xenia.castro@office.travel.bluebird.example.org", "office.travel.bluebird.example.org"),
}
