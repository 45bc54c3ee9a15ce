from collections import Counter

import pytest

from warm_inspect.conditions.prompt import pair_statements, seeded_order, statement_id, statement_text
from warm_inspect.conditions.words import CONTEXTS

QUESTIONS = [f"question-{number}" for number in range(63)]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_every_statement_serves_equally_many_questions(seed: int) -> None:
    counts = Counter(pair_statements(QUESTIONS, "emotion_sad", seed).values())
    assert sorted(counts) == [0, 1, 2, 3, 4]
    assert max(counts.values()) - min(counts.values()) <= 1


def test_the_pairing_depends_on_seed_and_context_but_not_on_order() -> None:
    pairs = pair_statements(QUESTIONS, "emotion_sad", 0)
    assert pairs == pair_statements(QUESTIONS[::-1], "emotion_sad", 0)
    assert pairs != pair_statements(QUESTIONS, "emotion_sad", 1)
    assert pairs != pair_statements(QUESTIONS, "emotion_happy", 0)


def test_a_subset_keeps_its_relative_order() -> None:
    order = seeded_order(QUESTIONS, 0, "draw")
    assert seeded_order(order[:10], 0, "draw") == order[:10]


def test_statement_ids_count_from_one() -> None:
    assert statement_text(statement_id("filler", 0)) == CONTEXTS["filler"].statements[0]
    assert statement_text("") == ""
    assert pair_statements(QUESTIONS, "none", 0) == {}
