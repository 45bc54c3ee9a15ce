"""The bundled sets: format, balance, and that right and wrong answers can be told apart by their names."""

import json
import re

import pytest

from warm_inspect.core.content import content_folder
from warm_inspect.core.vocabulary import Benchmark, Grade, ItemForm
from warm_inspect.datasets.item import BenchmarkItem
from warm_inspect.datasets.load import load_bundled
from warm_inspect.grading.matching import Key, Match, match_reply
from warm_inspect.grading.outcome import Abstention

ITEMS = [(benchmark, item) for benchmark in Benchmark for item in load_bundled(benchmark).items]


def matched(reply: str, item: BenchmarkItem) -> Match:
    claims = (item.correct_claim, item.incorrect_claim)
    return match_reply(reply, Key(item.form, item.references, item.incorrect_answers, claims, question=item.question))


@pytest.mark.parametrize("benchmark", list(Benchmark))
def test_a_set_has_at_least_48_distinct_items(benchmark: Benchmark) -> None:
    items = load_bundled(benchmark).items
    assert len(items) >= 48
    assert len({item.question_id for item in items}) == len(items)
    assert len({item.question.lower() for item in items}) == len(items)
    assert all(item.question_id.startswith(f"{benchmark}-") for item in items)


def test_no_question_is_in_two_sets() -> None:
    assert len({item.question.lower() for _, item in ITEMS}) == len(ITEMS)


@pytest.mark.parametrize("benchmark", sorted({of for of, item in ITEMS if item.form is ItemForm.YES_NO}))
def test_about_half_of_the_yes_no_truths_are_yes(benchmark: Benchmark) -> None:
    polarities = [item.polarity for item in load_bundled(benchmark).items if item.form is ItemForm.YES_NO]
    assert 0.45 <= polarities.count("yes") / len(polarities) <= 0.55


@pytest.mark.parametrize(("benchmark", "item"), ITEMS, ids=[item.question_id for _, item in ITEMS])
def test_an_item_is_matchable(benchmark: Benchmark, item: BenchmarkItem) -> None:
    assert re.search(r"\? Answer (yes or no|in one short sentence)\.$", item.question)
    assert len(item.question) <= 200
    for reference in item.references:
        assert matched(f"{reference}.", item).outcome.grade is Grade.CORRECT
    for wrong in item.incorrect_answers:
        graded = matched(f"{wrong}.", item).outcome
        assert (graded.grade, graded.endorses_claim) == (Grade.INCORRECT, True)
    if item.form is ItemForm.YES_NO:
        assert matched(item.correct_claim, item).outcome.grade is Grade.CORRECT
        assert matched(item.incorrect_claim, item).outcome.grade is Grade.INCORRECT
    else:
        restated = matched(item.question, item)
        assert restated.abstained is Abstention.NOT_LISTED, "a reply that restates the question must not be graded"


def test_every_row_names_what_settles_it() -> None:
    for benchmark in Benchmark:
        text = content_folder("items").joinpath(f"{benchmark}.jsonl").read_text(encoding="utf-8")
        for line in text.splitlines():
            row = json.loads(line)
            assert len(row["authority"]) > 10
            assert "http" not in row["authority"]
            for claim in ("correct_claim", "incorrect_claim"):
                assert row[claim].endswith(".")
