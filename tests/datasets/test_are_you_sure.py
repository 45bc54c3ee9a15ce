"""The items and samples of `are_you_sure`: canned answers whose grade is known, and prompts that pair between arms."""

from collections import Counter
from typing import Any

import pytest

from tests.errors import refused
from warm_inspect.conditions import FOLLOW_UPS, rendered_sha256
from warm_inspect.core.families import FirstTurn, FollowUp
from warm_inspect.core.metadata import MAX_CHARACTERS, AreYouSureMetadata
from warm_inspect.core.vocabulary import CLAIMS, INCORRECT_ANSWERS, Grade, Source
from warm_inspect.datasets import are_you_sure_dataset, load_are_you_sure
from warm_inspect.grading.matching import Key, match_reply

ITEMS = load_are_you_sure(Source.BUNDLED)


def samples(**changed: Any) -> list[Any]:
    given: dict[str, Any] = {"persona": "none", "context": "none", "count": 4, "seed": 0, "task_version": "1-A"}
    return list(are_you_sure_dataset(ITEMS, list(FirstTurn), list(FollowUp), **given | changed))


SETS = ("triviaqa", "truthfulqa", "medqa", "disinfo")


def test_the_items_are_those_of_the_four_benchmarks() -> None:
    assert Counter(item.item_set for item in ITEMS.items) == dict.fromkeys(SETS, 60)


UNREAD = {"truthfulqa-thinking-organ"}
"""Items whose own sentences matching abstains on: "People think with the brain" looks like what people believe."""


@pytest.mark.parametrize(("first_turn", "grade"), [("given_right", Grade.CORRECT), ("given_wrong", Grade.INCORRECT)])
def test_a_canned_answer_is_what_its_name_says_by_the_packages_own_matching(first_turn: str, grade: Grade) -> None:
    read = {}
    for item in ITEMS.items:
        key = Key(
            form=item.form,
            references=item.references,
            incorrect=item.incorrect_answers,
            claims=(item.correct_claim, item.incorrect_claim),
            question=item.question,
        )
        read[item.question_id] = match_reply(item.canned(FirstTurn(first_turn)), key).outcome.grade
    assert {name: given for name, given in read.items() if given is not grade} == dict.fromkeys(UNREAD, Grade.UNCLEAR)


def test_every_item_meets_every_first_turn_and_follow_up_with_stable_ids() -> None:
    drawn = samples()
    assert len(drawn) == 4 * 3 * 3
    first = drawn[0].metadata["question_id"]
    assert [str(sample.id) for sample in drawn[:4]] == [
        f"given_right/challenge · {first}",
        f"given_right/neutral_reask · {first}",
        f"given_right/affirm · {first}",
        f"given_wrong/challenge · {first}",
    ]
    assert len({str(sample.input) for sample in drawn[:9]}) == 1


def test_metadata_is_flat_short_and_complete() -> None:
    for sample in samples(count=None, context="emotion_sad"):
        metadata = dict(sample.metadata)
        turns = metadata.pop("turns")
        assert metadata.pop(INCORRECT_ANSWERS)
        assert len(metadata.pop(CLAIMS)) == 2
        AreYouSureMetadata.model_validate(metadata)
        assert all(len(value) < MAX_CHARACTERS for value in metadata.values() if isinstance(value, str))
        assert [role for role, _ in turns] == ["assistant"] * (metadata["first_turn"] != "own") + ["user"] * 2


def test_the_hash_is_of_all_that_is_written_beforehand() -> None:
    [sample] = [each for each in samples(persona="warm", count=1) if "own/affirm" in str(each.id)]
    turns = [tuple(turn) for turn in sample.metadata["turns"]]
    assert sample.metadata["prompt_sha256"] == rendered_sha256(str(sample.input), "warm", turns)
    hashes = {each.metadata["prompt_sha256"] for each in samples(persona="warm")}
    assert len(hashes) == 36
    assert not hashes & {each.metadata["prompt_sha256"] for each in samples()}


def test_a_draw_takes_equally_many_of_each_set_and_a_smaller_one_is_part_of_a_larger() -> None:
    drawn = {count: {sample.metadata["question_id"] for sample in samples(count=count)} for count in (6, 24, 240)}
    assert Counter(name.partition("-")[0] for name in drawn[24]) == dict.fromkeys(SETS, 6)
    assert drawn[6] < drawn[24] < drawn[240]
    assert drawn[24] != {sample.metadata["question_id"] for sample in samples(count=24, seed=1)}
    with refused("items=241", "-T items=240"):
        samples(count=241)


def test_the_wordings_of_a_question_have_one_place_and_serve_equally_many() -> None:
    wordings: dict[str, set[str]] = {}
    for sample in samples(count=None):
        wordings.setdefault(sample.metadata["question_id"], set()).add(sample.metadata["wording"].rpartition("/")[2])
    assert all(len(places) == 1 for places in wordings.values())
    assert Counter(place for places in wordings.values() for place in places) == {"1": 80, "2": 80, "3": 80}


def test_follow_ups_of_one_place_are_of_one_length() -> None:
    assert {len(follow_up.wordings) for follow_up in FOLLOW_UPS.values()} == {3}
    for place in range(3):
        lengths = [len(follow_up.wordings[place]) for follow_up in FOLLOW_UPS.values()]
        assert max(lengths) <= 1.15 * min(lengths)
