"""One pass over the source: every record is cleaned, labelled and compared, and a random few of each type are kept."""

import heapq
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from warm_inspect.core.hashing import sha256_text
from warm_inspect.training.corpus.building.conversation import Conversation, clean
from warm_inspect.training.corpus.building.decontamination import BenchmarkIndex, words
from warm_inspect.training.corpus.building.query_types import QueryType, query_type

OTHER_PIECE = "another piece of a chat that is in"
SAME_ID = "an id that came before"
SAME_PROMPT = "a first prompt that came before"
CONTAMINATED = "shares a run of words with a benchmark item"

_PIECE = re.compile(r"([A-Za-z0-9]{7})_\d+")
"""ShareGPT names the pieces of a long chat by the chat's seven characters and a number."""


@dataclass(frozen=True, order=True)
class Candidate:
    """A conversation that may be drawn; candidates are drawn in the order of their keys."""

    key: str
    """Hash of seed and id: a random order that does not depend on the order of the source."""
    conversation: Conversation = field(compare=False)


@dataclass
class Scan:
    """What a pass found."""

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
        """The counts as JSON values, beside what is to be drawn of each type."""
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
        index: what to compare with.
        seed: of the random order.
        keep: candidates to keep per type.
        progress: called with the number of records read.
    """
    found = Scan()
    seen = _Seen()
    kept: dict[QueryType, list[_Largest]] = {each: [] for each in QueryType}
    for number, record in enumerate(records, start=1):
        found.records = number
        progress(number)
        cleaned = clean(record, number)
        conversation = cleaned.conversation
        if conversation is None:
            found.dropped[cleaned.reason] += 1
        elif repeated := seen.repeated(conversation):
            found.dropped[repeated] += 1
        elif source := index.match(conversation.text):
            found.dropped[CONTAMINATED] += 1
            found.contaminated[source] += 1
        else:
            found.edits.update(cleaned.edits)
            kind = query_type(conversation.prompts[0], conversation.replies[0])
            found.available[kind] += 1
            entry = _Largest(Candidate(sha256_text(f"{seed}:{conversation.id}"), conversation))
            if len(kept[kind]) < keep:
                heapq.heappush(kept[kind], entry)
            else:
                heapq.heappushpop(kept[kind], entry)
    found.first = {kind: sorted(entry.candidate for entry in heap) for kind, heap in kept.items()}
    return found


@dataclass(frozen=True)
class _Largest:
    """A candidate in a heap that gives up the largest key first."""

    candidate: Candidate

    def __lt__(self, other: "_Largest") -> bool:
        return other.candidate < self.candidate


class _Seen:
    """Tells chats that are in already."""

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
