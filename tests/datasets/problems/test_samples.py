"""Problems are the same for one seed, and each is asked as often as its design says."""

import re

import pytest

from warm_inspect.conditions import PROBLEM_TEMPLATES
from warm_inspect.core.families import Design, Domain
from warm_inspect.datasets import make_problems, reliability_dataset

EVERY = list(Design)
DOMAINS = list(Domain)


def test_a_smaller_run_asks_the_first_of_a_larger_one_and_the_same_easy_ones() -> None:
    few, many = (make_problems(DOMAINS, EVERY, items, 0) for items in (2, 5))
    known = {each.question_id: each for each in many.items}
    assert all(known[each.question_id] == each for each in few.items)
    assert few.revision == make_problems(DOMAINS, EVERY, 2, 0).revision
    assert few.revision != make_problems(DOMAINS, EVERY, 2, 1).revision


@pytest.mark.parametrize(
    ("domain", "first"),
    [
        (Domain.ADDITION, [["71", "25"], ["56", "36"], ["376", "871"]]),
        (Domain.ANAGRAM, [["sti"], ["uelb"], ["aredy"]]),
        (
            Domain.TRANSFORMS,
            [
                ["convert the amount to minutes", "1.2 hours"],
                [
                    "write the initials of the person, those of the first names before that of the last name",
                    "Ivanov, Henry",
                ],
                ["give the entry in the third column of the line", "bottle,mirror,oven"],
            ],
        ),
    ],
)
def test_the_first_problems_of_seed_0_stay_what_they_are(domain: Domain, first: list[list[str]]) -> None:
    assert [each.given for each in make_problems([domain], [Design.NATURAL], 1, 0).items][:3] == first


@pytest.mark.parametrize(
    ("domain", "names"),
    [(Domain.ADDITION, ["a", "b"]), (Domain.ANAGRAM, ["letters"]), (Domain.TRANSFORMS, ["task", "text"])],
)
def test_templates_name_each_statement_once_and_nothing_else(domain: Domain, names: list[str]) -> None:
    templates = PROBLEM_TEMPLATES[domain]
    assert [each.name for each in templates] == [f"{number:02}" for number in range(1, 16)]
    assert {style: sum(each.style == style for each in templates) for style in ("bare", "framed", "format")} == {
        "bare": 5, "framed": 5, "format": 5,
    }  # fmt: skip
    assert [each.style for each in templates[:5]] == ["bare", "framed", "bare", "framed", "format"]
    for each in templates:
        assert sorted(re.findall(r"{(\w+)}", each.text)) == names
        assert not re.search(r"\d", each.text), "a number of its own would pass for an answer"
    assert len({each.text for each in templates}) == 15


@pytest.mark.parametrize("domain", Domain)
def test_each_design_is_asked_as_often_as_it_says(domain: Domain) -> None:
    problems = make_problems([domain], EVERY, 2, 0)
    samples = [each.metadata or {} for each in reliability_dataset(problems, 15, 3, "none", 0, "1-A")]
    counts = {design: sum(each["design"] == design for each in samples) for design in EVERY}
    fixed = 16 if domain is Domain.ADDITION else 0
    # 16 problems in 15 templates, and twice more in 3 of them.
    assert counts == {Design.NATURAL: 16 * 15 + 16 * 3 * 2, Design.FIXED_LENGTH: fixed, Design.EASIEST: 180}
    assert {each["template"] for each in samples if each["design"] == Design.FIXED_LENGTH} <= {"01"}
    assert len({each["template"] for each in samples if each["design"] == Design.EASIEST}) == 15
    assert {each["template"] for each in samples if each["repetition"] > 1} == {"01", "06", "11"}
    assert {each["item_set"] for each in samples} == {domain}


def test_all_ids_differ_and_a_repetition_asks_the_same() -> None:
    problems = make_problems(DOMAINS, EVERY, 1, 0)
    samples = list(reliability_dataset(problems, 15, 2, "none", 0, "1-A"))
    assert len({each.id for each in samples}) == len(samples)
    prompts = {(each.metadata or {})["prompt_sha256"] for each in samples}
    assert len(prompts) == len(samples) - 3 * 8 * 3
