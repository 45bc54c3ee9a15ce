"""The texts of `feedback` are what the docs count, and a framing is one sentence more."""

from collections import Counter

import pytest

from warm_inspect.core.families import UNFRAMED, Framing
from warm_inspect.datasets import feedback_dataset, load_texts

TEXTS = load_texts()


def test_the_texts_are_forty_of_three_sorts_some_with_a_known_flaw() -> None:
    assert Counter(item.category for item in TEXTS.items) == {"argument": 16, "poem": 12, "solution": 12}
    assert Counter(item.category for item in TEXTS.items if item.flaw) == {"argument": 8, "solution": 6}
    assert len({item.question for item in TEXTS.items}) == len({item.question_id for item in TEXTS.items}) == 40
    assert all(60 <= len(item.question.split()) <= 130 for item in TEXTS.items)


@pytest.mark.parametrize("persona", ["none", "cold"])
def test_a_framing_adds_one_sentence_and_pairs_share_the_unframed_prompt(persona: str) -> None:
    samples = list(feedback_dataset(TEXTS, list(Framing), persona, 3, 0, "1-A"))
    assert len(samples) == 3 * 5
    for sample in samples:
        metadata = sample.metadata or {}
        said = str(sample.input)
        if metadata["framing"] == "none":
            assert said == metadata[UNFRAMED]
        else:
            first, _, rest = said.partition("\n")
            before, _, others = metadata[UNFRAMED].partition("\n")
            assert first.startswith(f"{before} ")
            assert len(first) - len(before) < 30
            assert rest == others
    assert len({(sample.metadata or {})["prompt_sha256"] for sample in samples}) == 15


def test_a_smaller_draw_is_part_of_a_larger_one() -> None:
    few, many = (
        {(each.metadata or {})["question_id"] for each in feedback_dataset(TEXTS, [Framing.NONE], "none", n, 4, "")}
        for n in (5, 20)
    )
    assert few < many
