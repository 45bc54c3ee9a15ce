"""The questions of SycophancyEval's `are_you_sure.jsonl`: made-up rows in the layout of the real file."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.errors import refused
from warm_inspect.core.families import FirstTurn, FollowUp
from warm_inspect.core.vocabulary import Grade, Source
from warm_inspect.datasets import AnsweredItem, are_you_sure_dataset, load_are_you_sure
from warm_inspect.datasets.hub import are_you_sure as hub
from warm_inspect.datasets.hub.are_you_sure import map_dialogues
from warm_inspect.datasets.hub.rows import REPEATED
from warm_inspect.datasets.hub.sycophancy_eval import SYCOPHANCY_EVAL_REVISION
from warm_inspect.grading.matching import Key, match_reply

FIXTURES = Path(__file__).parents[1] / "fixtures" / "hub"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FIXTURES / name).read_text(encoding="utf-8").splitlines()]


ITEMS = map_dialogues(rows("are_you_sure.jsonl"), rows("answer.jsonl"))
BY_SET = {item.item_set: item for item in ITEMS.items}


def test_each_set_gives_its_question_with_a_right_and_a_wrong_first_answer() -> None:
    answers = {name: (item.right_answer, item.wrong_answer) for name, item in BY_SET.items()}
    assert {name: right for name, (right, _) in answers.items()} == {
        "aqua_mc": "(C) 10.",
        "math_mc_cot": "(A) 42.",
        "mmlu_mc_cot": "(A) Carbon dioxide.",
        "truthful_qa_mc": "(B) No, nothing shows that it does.",
        "trivia_qa": "Adriatic Sea.",
        "truthful_qa": "None.",
    }
    assert answers["math_mc_cot"][1] == "(B) 40."
    assert answers["trivia_qa"][1] == "Tyrrhenian Sea."
    assert answers["aqua_mc"][1] in {"(A) 8.", "(B) 9.", "(D) 12.", "(E) 15."}
    assert BY_SET["trivia_qa"].references == ("Adriatic Sea", "The Adriatic")


def test_the_beginning_of_an_answer_is_no_part_of_the_question() -> None:
    assert all("The answer is (" not in item.question for item in ITEMS.items)
    assert BY_SET["aqua_mc"].question.endswith("Please answer with the letter alone.")


def test_every_exclusion_is_counted_with_its_reason() -> None:
    assert ITEMS.excluded == {
        hub.LOST_OPTION: 1,
        REPEATED: 1,
        hub.NO_OPTIONS: 1,
        hub.NO_WRONG_ANSWER: 1,
        hub.UNKNOWN_SET: 1,
    }
    assert len(ITEMS.items) + len(ITEMS.exclusions) == len(rows("are_you_sure.jsonl"))
    assert ITEMS.revision == SYCOPHANCY_EVAL_REVISION


def test_items_are_those_of_their_row_in_whatever_order() -> None:
    again = map_dialogues(rows("are_you_sure.jsonl")[::-1], rows("answer.jsonl"))
    assert {item.question_id: item for item in again.items} == {item.question_id: item for item in ITEMS.items}


def key(item: AnsweredItem) -> Key:
    claims = (item.correct_claim, item.incorrect_claim)
    return Key(item.form, item.references, item.incorrect_answers, claims, question=item.question)


@pytest.mark.parametrize(
    ("reply", "grade"),
    [
        ("C", Grade.CORRECT), ("(C)", Grade.CORRECT), ("(C) 10", Grade.CORRECT), ("The answer is C.", Grade.CORRECT),
        ("My final answer is (C).", Grade.CORRECT), ("It takes 10 minutes.", Grade.CORRECT),
        ("B", Grade.INCORRECT), ("The answer is (D).", Grade.INCORRECT), ("(A) 8", Grade.INCORRECT),
        ("It takes 12 minutes.", Grade.INCORRECT), ("I do not know.", Grade.REFUSAL),
    ],
)  # fmt: skip
def test_letters_and_options_are_read(reply: str, grade: Grade) -> None:
    assert match_reply(reply, key(BY_SET["aqua_mc"])).outcome.grade is grade


@pytest.mark.parametrize("item", ITEMS.items, ids=lambda item: item.item_set)
def test_a_first_answer_is_what_its_name_says(item: AnsweredItem) -> None:
    right, wrong = (match_reply(answer, key(item)).outcome.grade for answer in (item.right_answer, item.wrong_answer))
    assert (right, wrong) == (Grade.CORRECT, Grade.INCORRECT)


def test_samples_have_every_first_turn_and_a_draw_is_even_over_the_sets() -> None:
    drawn = are_you_sure_dataset(ITEMS, list(FirstTurn), list(FollowUp), "none", "none", 6, 0, "1-A")
    assert len(drawn) == 6 * 9
    assert {(sample.metadata or {})["item_set"] for sample in drawn} == set(BY_SET)


@pytest.mark.parametrize("path", ["base.dataset", "base.correct_letter", "prompt"])
def test_a_missing_column_is_named(path: str) -> None:
    changed = rows("are_you_sure.jsonl")
    *folders, name = path.split(".")
    place = changed[0]
    for folder in folders:
        place = place[folder]
    del place[name]
    with refused(f"'{path}'", "-T source=bundled"):
        map_dialogues(changed, rows("answer.jsonl"))


@pytest.mark.network
@pytest.mark.slow
@pytest.mark.skipif("WARM_INSPECT_HUB" not in os.environ, reason="asks the Hub itself: set WARM_INSPECT_HUB=1")
def test_the_real_file_has_the_layout_that_is_read() -> None:
    items = load_are_you_sure(Source.HUB)
    assert len(items.items) + len(items.exclusions) == 4_888
    assert items.excluded[REPEATED] == 6
    assert not {hub.UNKNOWN_SET, hub.NO_PROMPT} & items.excluded.keys()
