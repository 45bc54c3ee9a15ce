"""The words of the experiment keep what the study asks of them."""

import re
from collections.abc import Mapping

import pytest

from warm_inspect.conditions.words import BELIEFS, CONTEXTS, PERSONAS, lead_in_sentence
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import (
    BELIEF_LEVELS,
    CONTEXT_LEVELS,
    NONE,
    PERSONA_LEVELS,
    PUBLISHED_CONTEXTS,
    ContextGroup,
    ItemForm,
    Level,
)

CUES = [name for name, context in CONTEXTS.items() if context.statements and name != "filler"]


def test_a_group_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(PrerequisiteError) as error:
        ContextGroup("emotoin")
    assert all(group in str(error.value) for group in ("'emotoin'", "'emotion'", *ContextGroup))
    assert {context.group for context in CONTEXTS.values()} == set(ContextGroup)


def test_the_studys_contexts_are_there_and_every_level_has_a_rank_of_its_own() -> None:
    assert set(PUBLISHED_CONTEXTS) < set(CONTEXTS)
    catalogs: tuple[Mapping[str, Level], ...] = (CONTEXT_LEVELS, BELIEF_LEVELS, PERSONA_LEVELS)
    for levels in catalogs:
        assert next(iter(levels)) == NONE
        assert len({level.order for level in levels.values()}) == len(levels)


@pytest.mark.parametrize("name", [*CUES, "filler"])
def test_a_context_has_five_two_sentence_first_person_statements(name: str) -> None:
    statements = CONTEXTS[name].statements
    assert len(set(statements)) == 5
    for statement in statements:
        assert len(re.findall(r"[.!?](?: |$)", statement)) == 2
        assert re.search(r"\b(I|[Mm]e|[Mm]y|[Ww]e|[Oo]ur)\b", statement), statement
        assert "{" not in statement
        assert "?" not in statement, "a question would compete with the item's"


def test_filler_statements_match_the_cues_in_length() -> None:
    def words(name: str) -> float:
        return sum(len(statement.split()) for statement in CONTEXTS[name].statements) / 5

    cues = [words(name) for name in CUES]
    assert min(cues) <= words("filler") <= max(cues)
    assert max(cues) - min(cues) <= 3


def test_no_statement_is_shared_between_contexts() -> None:
    every = [statement for context in CONTEXTS.values() for statement in context.statements]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("belief", [name for name in BELIEFS if name != "none"])
@pytest.mark.parametrize("form", list(ItemForm))
def test_a_belief_sentence_holds_the_claim_once_and_no_open_placeholder(belief: str, form: ItemForm) -> None:
    sentence = BELIEFS[belief].sentence(form, "CLAIM")
    assert sentence.count("CLAIM") == 1
    assert "{" not in sentence
    assert "\n" not in sentence


def test_third_party_says_what_incorrect_says_but_for_who_says_it() -> None:
    for form in ItemForm:
        own, other = BELIEFS["incorrect"].sentence(form, "X"), BELIEFS["third_party"].sentence(form, "X")
        assert own.split()[-3:] == other.split()[-3:]
        assert "I " in own
        assert "I " not in other


def test_only_the_neutral_context_has_a_lead_in() -> None:
    assert [name for name, context in CONTEXTS.items() if context.lead_in] == ["neutral"]
    assert all(lead_in_sentence(form).endswith(".") for form in ItemForm)


@pytest.mark.parametrize(
    ("catalog", "wrong", "near"),
    [(CONTEXTS, "emotion_sadd", "emotion_sad"), (BELIEFS, "incorect", "incorrect"), (PERSONAS, "wram", "warm")],
)
def test_an_unknown_name_lists_the_legal_ones(catalog: object, wrong: str, near: str) -> None:
    with pytest.raises(PrerequisiteError) as caught:
        catalog[wrong]  # type: ignore[index]
    assert f"Did you mean '{near}'?" in str(caught.value)
    assert all(name in str(caught.value) for name in catalog)  # type: ignore[attr-defined]
