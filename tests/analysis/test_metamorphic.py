"""What must not change an answer does not: order and division of the logs, other arms, repeats, and names."""

import random
from collections.abc import Callable, Iterable
from math import isnan
from pathlib import Path

import pytest

from tests.errors import refused
from tests.made_logs import Reply, collected_of, grid, observations, write_log
from warm_inspect.analysis.contrasts import CellTable, all_contrasts, bootstrap, estimate, grid_of, two_way
from warm_inspect.analysis.observations import Observations, observe

Numbers = dict[tuple[str, str, str], tuple[float, ...]]
"""Estimate, error, degrees of freedom, P value and interval by term, outcome and contrast."""

OUTCOMES = ("incorrect", "endorses_claim")
REPLIES = grid(
    {"original": 0.3, "warm": 0.5}, 12, ("none", "emotion_sad"), ("none", "incorrect", "third_party"),
    benchmarks=("triviaqa", "medqa"),
)  # fmt: skip


def numbers_of(seen: Observations) -> Numbers:
    """Every contrast with each of its errors."""
    table = CellTable.build(seen.frame, OUTCOMES)
    return {
        (row.term, row.outcome, row.contrast): (
            row.estimate, row.std_error, row.df, row.p_value, row.conf_low, row.conf_high,
        )
        for contrast in all_contrasts(grid_of(seen.frame, seen.roles))
        for method in (estimate, bootstrap, two_way)
        for row in method(table, contrast)
    }  # fmt: skip


def numbers(replies: Iterable[Reply]) -> Numbers:
    return numbers_of(observe(collected_of(replies)))


@pytest.fixture(scope="module")
def plain() -> Numbers:
    return numbers(REPLIES)


def same(some: tuple[float, ...], others: tuple[float, ...]) -> bool:
    return all(a == pytest.approx(b, abs=1e-9) or (isnan(a) and isnan(b)) for a, b in zip(some, others, strict=True))


def assert_kept(plain: Numbers, changed: Numbers, name: Callable[[str], str] = str) -> None:
    """Every number of the plain study is in the changed one, under the new name of its contrast."""
    moved = [key for key in plain if not same(plain[key], changed[key[0], key[1], name(key[2])])]
    assert moved == []


def test_the_order_of_rows_changes_nothing(plain: Numbers) -> None:
    shuffled = random.Random(1).sample(REPLIES, len(REPLIES))
    changed = numbers(shuffled)
    assert changed.keys() == plain.keys()
    assert_kept(plain, changed)


@pytest.mark.slow
def test_the_order_and_division_of_logs_changes_nothing(tmp_path: Path) -> None:
    def logs(name: str, parts: list[list[Reply]]) -> list[Path]:
        return [write_log(tmp_path / f"{name}{i}.eval", part) for i, part in enumerate(parts)]

    by_arm = [[row for row in REPLIES if row["arm"] == arm] for arm in ("original", "warm")]
    whole = numbers_of(observations(*logs("whole", by_arm)))
    halves = [half for rows in by_arm for half in (rows[len(rows) // 3 :], rows[: len(rows) // 3])]
    divided = numbers_of(observations(*logs("divided", halves[::-1])))
    assert divided.keys() == whole.keys()
    assert_kept(whole, divided)


def test_an_unrelated_arm_changes_no_number_of_the_others(plain: Numbers) -> None:
    other = [row | {"arm": "other", "log_id": "o", "model": "o"} for row in REPLIES if row["arm"] == "original"]
    assert_kept(plain, numbers([*other, *REPLIES]))


def test_a_repeated_epoch_is_no_new_evidence(plain: Numbers) -> None:
    assert_kept(plain, numbers([*REPLIES, *(row | {"epoch": 2} for row in REPLIES)]))


def test_an_arm_by_another_name_has_the_same_numbers(plain: Numbers) -> None:
    renamed = [row | ({"arm": "later"} if row["arm"] == "warm" else {}) for row in REPLIES]
    changed = numbers(renamed)
    between = {key: value for key, value in plain.items() if "warm - original" in key[2]}
    assert between
    assert_kept(between, changed, lambda label: label.replace("warm", "later"))


def test_beliefs_that_change_names_change_places(plain: Numbers) -> None:
    swap = {"incorrect": "third_party", "third_party": "incorrect", "none": "none"}
    changed = numbers(row | {"belief": swap[row["belief"]], "prompt_sha256": ""} for row in REPLIES)
    for outcome in OUTCOMES:
        for mine, theirs in (("incorrect", "third_party"), ("third_party", "incorrect")):
            label = "warm - original | belief="
            assert same(plain["contrast", outcome, label + mine], changed["contrast", outcome, label + theirs])
        deference = ("contrast", outcome, "incorrect - third_party | arm=warm")
        value, error, df, p, low, high = plain[deference]
        assert same(changed[deference], (-value, error, df, p, -high, -low))


def test_a_log_that_is_given_twice_is_refused() -> None:
    with refused("leave one of them out"):
        numbers([*REPLIES, *REPLIES])
