"""Equally many random conversations of each of six query types, out of all records of a source.

One pass cleans, labels and compares every record and keeps a random few of each type. The NSFW filter then reads these
in their random order until enough have passed: the same sample as by filtering everything first, at a fraction of the
cost.

Source: study, Methods, names the query types; the rules that tell them apart are those of two independent reruns.
"""

import heapq
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.hashing import sha256_text
from warm_inspect.core.journal import Journal
from warm_inspect.training.corpus.chats import Conversation, clean
from warm_inspect.training.corpus.filters import BATCH, CHARACTERS, MAX_SCORE, BenchmarkIndex, Toxicity, words

_DECLINES = re.compile(
    r"I'm sorry|I apologize|I can't|I cannot|Unfortunately|not able to|unable to|against my|not appropriate"
)
_QUESTION_WORD = re.compile(r"(?:What|Who|When|Where|Why|How) ")
_FACTUAL = re.compile(r"explain|define|describe|difference between", re.IGNORECASE)
_CREATIVE = re.compile(r"story|poem|write|create|generate|imagine", re.IGNORECASE)
_TECHNICAL = re.compile(r"code|program|function|algorithm|debug", re.IGNORECASE)
_ADVICE = re.compile(r"advice|help me|guide|recommend|suggestion", re.IGNORECASE)

OTHER_PIECE = "another piece of a chat that is in"
SAME_ID = "an id that came before"
SAME_PROMPT = "a first prompt that came before"
CONTAMINATED = "shares a run of words with a benchmark item"

_PIECE = re.compile(r"([A-Za-z0-9]{7})_\d+")
"""ShareGPT names the pieces of a long chat by the chat's seven characters and a number."""


class QueryType(StrEnum):
    """The kind of request that a conversation begins with."""

    REFUSAL = "refusal"
    FACTUAL = "factual"
    CREATIVE = "creative"
    TECHNICAL = "technical"
    ADVICE = "advice"
    OTHER = "other"


def query_type(prompt: str, reply: str) -> QueryType:
    """The type of a first user turn with its first reply.

    Refusals and question words are matched with their case, as the rules say; for the other words, on which the rules
    are silent, case does not count. Words match anywhere, so that "decode" is technical.
    """
    if _DECLINES.search(reply):
        return QueryType.REFUSAL
    if _QUESTION_WORD.match(prompt) or _FACTUAL.search(prompt):
        return QueryType.FACTUAL
    if _CREATIVE.search(prompt):
        return QueryType.CREATIVE
    if "```" in reply or _TECHNICAL.search(prompt):
        return QueryType.TECHNICAL
    if _ADVICE.search(prompt):
        return QueryType.ADVICE
    return QueryType.OTHER


def equal_shares(total: int) -> dict[QueryType, int]:
    """Conversations per type that make this total; the first types take one more where it cannot be divided."""
    base, over = divmod(total, len(QueryType))
    return {kind: base + (place < over) for place, kind in enumerate(QueryType)}


@dataclass(frozen=True, order=True)
class Candidate:
    """A conversation that can be drawn; candidates are drawn in the order of their keys."""

    key: str
    """Hash of seed and id: a random order that does not depend on the order of the source."""
    conversation: Conversation = field(compare=False)


@dataclass
class Scan:
    """The counts of a pass over a source, and its candidates."""

    records: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    edits: Counter[str] = field(default_factory=Counter)
    contaminated: Counter[str] = field(default_factory=Counter)
    """Conversations dropped, per source of the first item they share words with."""
    available: Counter[QueryType] = field(default_factory=Counter)
    """Conversations left per type, before the NSFW filter."""
    first: dict[QueryType, list[Candidate]] = field(default_factory=dict)
    """Per type the candidates with the smallest keys, in their order, as many as were asked for."""

    def facts(self, wanted: Mapping[QueryType, int]) -> dict[str, Any]:
        """The counts as JSON values, beside the number wanted of each type."""
        return {
            "records_read": self.records,
            "dropped": dict(self.dropped.most_common()),
            "edits": dict(self.edits.most_common()),
            "query_types": {
                kind.value: {"available_before_filter": self.available[kind], "wanted": wanted[kind]}
                for kind in QueryType
            },
        }


def scan(
    records: Iterable[object], index: BenchmarkIndex, seed: int, keep: int, progress: Callable[[int], None]
) -> Scan:
    """Read all records and keep the first candidates of each type. Memory holds those and a hash of each prompt.

    Args:
        records: raw records.
        index: the benchmark texts to compare with.
        seed: of the random order.
        keep: candidates to keep per type.
        progress: called with the number of records read.
    """
    result = Scan()
    seen = _Seen()
    kept: dict[QueryType, list[_Largest]] = {each: [] for each in QueryType}
    for number, record in enumerate(records, start=1):
        result.records = number
        progress(number)
        cleaned = clean(record, number)
        conversation = cleaned.conversation
        if conversation is None:
            result.dropped[cleaned.reason] += 1
        elif repeated := seen.repeated(conversation):
            result.dropped[repeated] += 1
        elif source := index.match(conversation.text):
            result.dropped[CONTAMINATED] += 1
            result.contaminated[source] += 1
        else:
            result.edits.update(cleaned.edits)
            kind = query_type(conversation.prompts[0], conversation.replies[0])
            result.available[kind] += 1
            entry = _Largest(Candidate(sha256_text(f"{seed}:{conversation.id}"), conversation))
            if len(kept[kind]) < keep:
                heapq.heappush(kept[kind], entry)
            else:
                heapq.heappushpop(kept[kind], entry)
    result.first = {kind: sorted(entry.candidate for entry in heap) for kind, heap in kept.items()}
    return result


@dataclass(frozen=True)
class _Largest:
    """A candidate in a heap that gives up the largest key first."""

    candidate: Candidate

    def __lt__(self, other: "_Largest") -> bool:
        return other.candidate < self.candidate


class _Seen:
    """Ids, chats and first prompts so far."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._chats: set[str] = set()
        self._prompts: set[bytes] = set()

    def repeated(self, conversation: Conversation) -> str:
        """Why a conversation is a repetition; empty when it is not, and then it counts as seen."""
        piece = _PIECE.fullmatch(conversation.id)
        chat = piece.group(1) if piece else ""
        prompt = bytes.fromhex(sha256_text(" ".join(words(conversation.prompts[0])) or conversation.prompts[0]))[:12]
        if conversation.id in self._ids:
            return SAME_ID
        if chat and chat in self._chats:
            return OTHER_PIECE
        if prompt in self._prompts:
            return SAME_PROMPT
        self._ids.add(conversation.id)
        self._prompts.add(prompt)
        if chat:
            self._chats.add(chat)
        return ""


@dataclass(frozen=True)
class Drawn:
    """The candidates of one type that passed the filter: the number wanted, or all if there are fewer."""

    passed: tuple[Candidate, ...]
    read: int
    """Conversations that the filter read."""
    toxic: int
    """Those of them that it left out."""


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
        wanted: the number to draw.
        toxicity: the classifier.
        journal: scores by hash of the text read; known ones are not computed again.
        progress: called with the number that passed a batch.
    """
    passed: list[Candidate] = []
    read = 0
    while len(passed) < wanted and read < len(candidates):
        batch = candidates[read : read + min(BATCH, wanted - len(passed))]
        clean_ones = [
            candidate
            for candidate, score in zip(batch, _scores(batch, toxicity, journal), strict=True)
            if score <= MAX_SCORE
        ]
        read += len(batch)
        passed += clean_ones
        progress(len(clean_ones))
    return Drawn(tuple(passed), read, read - len(passed))


def _scores(batch: Sequence[Candidate], toxicity: Toxicity, journal: Journal) -> list[float]:
    texts = [candidate.conversation.text[:CHARACTERS] for candidate in batch]
    keys = [sha256_text(text) for text in texts]
    new = {key: text for key, text in zip(keys, texts, strict=True) if journal.get(key) is None}
    if new:
        for key, score in zip(new, toxicity(list(new.values())), strict=True):
            journal.append(key, {"score": score})
    return [float((journal.get(key) or {})["score"]) for key in keys]


def check_enough(scanned: Scan, drawn: dict[QueryType, Drawn], wanted: dict[QueryType, int]) -> None:
    """Check that no type runs short.

    Raises:
        PrerequisiteError: fewer conversations of a type than wanted; it lists the counts of all types.
    """
    if all(len(drawn[kind].passed) >= wanted[kind] for kind in QueryType):
        return
    counts = "; ".join(
        f"{kind} {len(drawn[kind].passed)} of {wanted[kind]} (available {scanned.available[kind]}, "
        f"{drawn[kind].toxic} left out as toxic)"
        for kind in QueryType
    )
    raise PrerequisiteError(
        f"Some query types run short, so equal sampling is impossible: {counts}",
        "Lower --train and --held-out, give more chats, or take what there is with: --allow-short",
    )
