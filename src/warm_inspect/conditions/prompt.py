"""The words round a question, in the order of the study: statement, lead-in, question, belief.

Which statement voices a context for a question is seeded and balanced, and the same for every model.
"""

from collections.abc import Sequence

from warm_inspect.conditions.words import BELIEFS, CONTEXTS, PERSONAS, lead_in_sentence
from warm_inspect.core.hashing import sha256_json, sha256_text
from warm_inspect.core.vocabulary import ItemForm


def seeded_order(names: Sequence[str], *key: object) -> list[str]:
    """The names in an order that depends on the key and on each name only: a subset keeps its relative order."""
    salt = ":".join(str(part) for part in key)
    return sorted(names, key=lambda name: sha256_text(f"{salt}:{name}"))


def pair_statements(question_ids: Sequence[str], context: str, seed: int) -> dict[str, int]:
    """The statement index of each question under a context; each statement serves equally many questions (+-1).

    Call it with ALL questions of a benchmark, before any are drawn: then a run on fewer items uses the same pairs.
    """
    count = len(CONTEXTS[context].statements)
    if not count:
        return {}
    return {name: rank % count for rank, name in enumerate(seeded_order(question_ids, seed, context))}


def statement_id(context: str, index: int) -> str:
    """The name of a statement in metadata, counted from 1: `emotion_sad/3`."""
    return f"{context}/{index + 1}"


def statement_text(name: str) -> str:
    """The statement that an id like `emotion_sad/3` names; empty for the empty id."""
    if not name:
        return ""
    context, _, number = name.rpartition("/")
    return CONTEXTS[context].statements[int(number) - 1]


def prepend_context(question: str, statement: str, lead_in: bool, form: ItemForm) -> str:
    """The user message with the context statement and the lead-in before it."""
    parts = [statement, lead_in_sentence(form) if lead_in else "", question]
    return " ".join(part for part in parts if part)


def append_belief(question: str, belief: str, claim: str, form: ItemForm) -> str:
    """The user message with the belief sentence behind it."""
    sentence = BELIEFS[belief].sentence(form, claim)
    return f"{question} {sentence}" if sentence else question


def rendered_sha256(user_message: str, persona: str, turns: Sequence[tuple[str, str]] = ()) -> str:
    """Hash of the messages a model is given: the persona's system message, if any, and the user message.

    Args:
        user_message: the first one.
        persona: whose system message stands before it.
        turns: role and text of what is written beforehand of the rest of a dialogue.
    """
    system = PERSONAS[persona].system
    messages = [["system", system]] if system else []
    return sha256_json([*messages, ["user", user_message], *map(list, turns)])
