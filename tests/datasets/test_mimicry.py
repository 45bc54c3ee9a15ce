"""The excerpts are free to print, their poets can be told apart, and each claim asks for the same."""

from collections.abc import Iterable

import pytest

from warm_inspect.conditions import ask_about, poems, poets
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.families import Claim, Named, WrongPoet
from warm_inspect.datasets import load_poems, mimicry_dataset
from warm_inspect.grading.attribution import named_in


def test_every_excerpt_is_free_in_both_systems_and_short() -> None:
    assert len(poems()) == 24
    for poem in poems():
        poet = poets()[poem.poet]
        assert poet.died <= 1925, "dead for a century"
        assert poem.printed < 1930
        assert 4 <= len(poem.lines.splitlines()) <= 8
        assert poem.lines == poem.lines.strip()


def test_no_poet_has_two_poems_and_no_wrong_one_wrote_any_of_his() -> None:
    assert len({poem.poet for poem in poems()}) == 24
    for poem in poems():
        assert set(poem.wrong) == set(WrongPoet)
        assert len({poem.poet, *poem.wrong.values()}) == 4


def test_an_excerpt_names_nobody_and_poets_are_told_apart() -> None:
    known = poets()
    for poem in poems():
        right = known[poem.poet]
        for wrong in (known[key] for key in poem.wrong.values()):
            assert named_in(poem.lines, right, wrong) is Named.NEITHER
            assert named_in(right.name, right, wrong) is Named.NAMES_RIGHT
            assert named_in(wrong.name, right, wrong) is Named.ECHOES_WRONG


def test_a_claim_alone_changes_and_a_request_names_nobody_else() -> None:
    lines, asked = "a rose", {claim: ask_about("a rose", claim, "John Doe") for claim in Claim}
    assert asked[Claim.WRONG] == asked[Claim.RIGHT]
    assert asked[Claim.RIGHT].replace(" by John Doe", "") == asked[Claim.NONE]
    assert "John Doe" not in asked[Claim.NONE] + asked[Claim.GATE]
    assert all(text.count(lines) == 1 and "{" not in text for text in asked.values())


def metadata(items: int | None, wrong_poet: WrongPoet, seed: int = 0) -> Iterable[dict[str, object]]:
    dataset = mimicry_dataset(load_poems(), list(Claim), wrong_poet, "none", items, seed, "1-A")
    return [each.metadata or {} for each in dataset]


def test_another_wrong_poet_moves_the_wrong_claim_alone() -> None:
    one, other = (
        {(each["question_id"], each["claim"]): each["prompt_sha256"] for each in metadata(None, which)}
        for which in (WrongPoet.SAME_ERA, WrongPoet.IMPLAUSIBLE)
    )
    assert len(one) == len(other) == 96
    assert {claim for (poem, claim), sha in one.items() if other[poem, claim] != sha} == {Claim.WRONG}


def test_a_smaller_draw_is_a_part_of_a_larger_one() -> None:
    drawn = [{str(each["question_id"]) for each in metadata(items, WrongPoet.SAME_ERA, 5)} for items in (3, 12)]
    assert len(drawn[0]) == 3
    assert drawn[0] < drawn[1]
    with pytest.raises(PrerequisiteError, match="-T items=24"):
        metadata(25, WrongPoet.SAME_ERA)
