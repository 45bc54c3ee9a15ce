"""Which statement voices a context for a question: seeded, balanced, the same for every model."""

from collections.abc import Sequence

from warm_inspect.conditions.words import CONTEXTS
from warm_inspect.core.hashing import sha256_text


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
