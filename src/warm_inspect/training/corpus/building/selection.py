"""Draws equally many conversations of each type, and lets the NSFW filter see no more of them than are needed.

Filtering in the random order of drawing gives the same sample as filtering everything first, at a fraction of the cost.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.training.corpus.building.query_types import QueryType
from warm_inspect.training.corpus.building.scan import Candidate, Scan
from warm_inspect.training.corpus.building.toxicity import BATCH, CHARACTERS, MAX_SCORE, Toxicity
from warm_inspect.training.corpus.journal import Journal


def equal_shares(total: int) -> dict[QueryType, int]:
    """How many of each type make this total; the first types take one more where it cannot be divided."""
    base, over = divmod(total, len(QueryType))
    return {kind: base + (place < over) for place, kind in enumerate(QueryType)}


@dataclass(frozen=True)
class Drawn:
    """The candidates of one type that passed the filter, as many as were wanted or as there are."""

    passed: tuple[Candidate, ...]
    read: int
    """How many the filter read to find them."""
    toxic: int
    """How many of those it left out."""


def draw(
    candidates: Sequence[Candidate],
    wanted: int,
    toxicity: Toxicity,
    journal: Journal,
    progress: Callable[[int], None],
) -> Drawn:
    """The first candidates that are not toxic.

    Args:
        candidates: of one type, in the order of drawing.
        wanted: how many to find.
        toxicity: the classifier.
        journal: scores by hash of the text read; known ones are not computed again.
        progress: called with the number that passed a batch.
    """
    passed: list[Candidate] = []
    read = 0
    while len(passed) < wanted and read < len(candidates):
        batch = candidates[read : read + min(BATCH, wanted - len(passed))]
        clean = [
            candidate
            for candidate, score in zip(batch, _scores(batch, toxicity, journal), strict=True)
            if score <= MAX_SCORE
        ]
        read += len(batch)
        passed += clean
        progress(len(clean))
    return Drawn(tuple(passed), read, read - len(passed))


def _scores(batch: Sequence[Candidate], toxicity: Toxicity, journal: Journal) -> list[float]:
    texts = [candidate.conversation.text[:CHARACTERS] for candidate in batch]
    keys = [sha256_text(text) for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if journal.get(key) is None}
    if new:
        for key, score in zip(new, toxicity(list(new.values())), strict=True):
            journal.append(key, {"score": score})
    return [float((journal.get(key) or {})["score"]) for key in keys]


def check_enough(found: Scan, drawn: dict[QueryType, Drawn], wanted: dict[QueryType, int]) -> None:
    """Raise the error that lists the counts, if a type runs short.

    Raises:
        PrerequisiteError: fewer conversations of a type than wanted.
    """
    if all(len(drawn[kind].passed) >= wanted[kind] for kind in QueryType):
        return
    counts = "; ".join(
        f"{kind} {len(drawn[kind].passed)} of {wanted[kind]} (found {found.available[kind]}, "
        f"{drawn[kind].toxic} left out as toxic)"
        for kind in QueryType
    )
    raise PrerequisiteError(
        f"Some query types run short, so equal sampling is impossible: {counts}. Lower --train and --held-out, give "
        "more chats, or take what there is with: --allow-short"
    )
