"""Additions have the carries and the length that they say, and none is repeated."""

import pytest

from warm_inspect.core.families import Design
from warm_inspect.datasets.problems.additions import additions, carries
from warm_inspect.datasets.problems.problem import Problem


def made(items: int, seed: int) -> list[Problem]:
    return [problem for design in Design for problem in additions(design, items, seed)]


@pytest.mark.parametrize(
    ("a", "b", "count"),
    [(3913, 92, 2), (20, 183, 1), (24427, 7120, 1), (555, 555, 3), (999, 1, 3), (123, 456, 0), (0, 0, 0)],
)
def test_carries_are_counted_with_the_last_one(a: int, b: int, count: int) -> None:
    assert carries(a, b) == carries(b, a) == count


def test_each_problem_has_its_difficulty_its_length_and_its_sum() -> None:
    for problem in made(50, 3):
        a, b = map(int, problem.given)
        digits = 8 if problem.design is Design.FIXED_LENGTH else max(2, problem.difficulty + 1)
        assert (carries(a, b), problem.targets) == (problem.difficulty, (str(a + b),))
        assert {len(each) for each in problem.given} == {digits}


def test_no_problem_is_asked_twice_or_the_other_way_round() -> None:
    problems = made(50, 0)
    pairs = {(each.design is Design.FIXED_LENGTH, *sorted(each.given)) for each in problems}
    assert len(pairs) == len(problems) == 8 * 50 * 2 + 3 * 60
