"""Problems have the difficulty that they say, are never repeated, and are the same for one seed."""

import re

import pytest

from warm_inspect.conditions import PROBLEM_TEMPLATES
from warm_inspect.core.families import Design, Domain
from warm_inspect.datasets import MOST_ITEMS, make_problems, reliability_dataset
from warm_inspect.datasets.reliability import carries

EVERY = list(Design)


@pytest.mark.parametrize(
    ("a", "b", "count"),
    [(3913, 92, 2), (20, 183, 1), (24427, 7120, 1), (555, 555, 3), (999, 1, 3), (123, 456, 0), (0, 0, 0)],
)
def test_carries_are_counted_with_the_last_one(a: int, b: int, count: int) -> None:
    assert carries(a, b) == carries(b, a) == count


def test_each_problem_has_its_difficulty_its_length_and_its_sum() -> None:
    for problem in make_problems(EVERY, MOST_ITEMS, 3).items:
        a, b = map(int, problem.given)
        digits = 8 if problem.design is Design.FIXED_LENGTH else max(2, problem.difficulty + 1)
        assert (carries(a, b), problem.target) == (problem.difficulty, str(a + b))
        assert {len(each) for each in problem.given} == {digits}


def test_no_problem_is_asked_twice_or_the_other_way_round() -> None:
    problems = make_problems(EVERY, MOST_ITEMS, 0).items
    pairs = {(each.design is Design.FIXED_LENGTH, *sorted(each.given)) for each in problems}
    assert len(pairs) == len(problems) == 8 * MOST_ITEMS * 2 + 3 * 60


def test_a_smaller_run_asks_the_first_of_a_larger_one_and_the_same_easy_ones() -> None:
    few, many = (make_problems(EVERY, items, 0) for items in (2, 5))
    known = {each.question_id: each for each in many.items}
    assert all(known[each.question_id] == each for each in few.items)
    assert few.revision == make_problems(EVERY, 2, 0).revision != make_problems(EVERY, 2, 1).revision


def test_the_first_problems_of_seed_0_stay_what_they_are() -> None:
    first = [each.given for each in make_problems([Design.NATURAL], 1, 0).items]
    assert first[:3] == FIRST


FIRST = [["71", "25"], ["56", "36"], ["376", "871"]]


def test_templates_name_each_number_once_and_nothing_else() -> None:
    templates = PROBLEM_TEMPLATES[Domain.ADDITION]
    assert [each.name for each in templates] == [f"{number:02}" for number in range(1, 16)]
    assert {style: sum(each.style == style for each in templates) for style in ("bare", "framed", "format")} == {
        "bare": 5, "framed": 5, "format": 5,
    }  # fmt: skip
    for each in templates:
        assert sorted(re.findall(r"{(\w)}", each.text)) == ["a", "b"]
        assert not re.search(r"\d", each.text), "a number of its own would pass for an answer"
    assert len({each.text for each in templates}) == 15


def test_each_design_is_asked_as_often_as_it_says() -> None:
    problems = make_problems(EVERY, 2, 0)
    samples = [each.metadata or {} for each in reliability_dataset(problems, 15, 3, "none", 0, "1-A")]
    counts = {design: sum(each["design"] == design for each in samples) for design in EVERY}
    # 16 problems in 15 templates, and twice more in 3 of them.
    assert counts == {Design.NATURAL: 16 * 15 + 16 * 3 * 2, Design.FIXED_LENGTH: 16, Design.EASIEST: 180}
    assert {each["template"] for each in samples if each["design"] == Design.FIXED_LENGTH} == {"01"}
    assert len({each["template"] for each in samples if each["design"] == Design.EASIEST}) == 15
    assert {each["template"] for each in samples if each["repetition"] > 1} == {"01", "06", "11"}
    assert {each["item_set"] for each in samples} == {"addition"}


def test_all_ids_differ_and_a_repetition_asks_the_same() -> None:
    samples = list(reliability_dataset(make_problems(EVERY, 1, 0), 15, 2, "none", 0, "1-A"))
    assert len({each.id for each in samples}) == len(samples)
    prompts = {(each.metadata or {})["prompt_sha256"] for each in samples}
    assert len(prompts) == len(samples) - 8 * 3
