"""From recorded chats to a corpus folder: rows with the arm `unmodified`, held-out prompts, and a datasheet."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.files import require_writable
from warm_inspect.core.journal import Journal
from warm_inspect.training.corpus.chats import LAYOUTS, ConversationSource
from warm_inspect.training.corpus.datasheet import Datasheet, write_corpus
from warm_inspect.training.corpus.equal_sampling import (
    Candidate,
    Drawn,
    QueryType,
    Scan,
    check_enough,
    draw,
    equal_shares,
    scan,
)
from warm_inspect.training.corpus.filters import (
    NGRAM,
    SHORTEST,
    BenchmarkIndex,
    BenchmarkTexts,
    Toxicity,
    benchmark_texts,
)
from warm_inspect.training.corpus.pairs import UNMODIFIED, CorpusRow, Split, Turn

JOURNAL_NAME = "toxicity.journal.jsonl"

_SPARE = 1.25
"""Candidates kept per type at first, as a multiple of those wanted."""

StageProgress = Callable[[str, int, int | None], None]
"""Called with a stage's name, how much of it is done, and how much there is where that is known."""


@dataclass(frozen=True)
class BuildSettings:
    """Sizes and seed of the draw. Defaults are the study's sizes. Source: study, Methods."""

    train: int = 1_617
    held_out: int = 1_500
    seed: int = 0
    allow_short: bool = False
    """Take what there is where a query type runs short."""

    def __post_init__(self) -> None:
        if self.train < len(QueryType) or self.held_out < 0:
            raise PrerequisiteError(
                f"Cannot draw {self.train} conversations to train on and {self.held_out} held-out prompts",
                f"Give at least --train {len(QueryType)}, one per query type, and --held-out 0.",
            )

    @property
    def wanted(self) -> dict[QueryType, int]:
        """Conversations of each type, of both splits together."""
        train, held_out = equal_shares(self.train), equal_shares(self.held_out)
        return {kind: train[kind] + held_out[kind] for kind in QueryType}


def survey(source: ConversationSource, settings: BuildSettings, progress: StageProgress) -> tuple[Scan, BenchmarkTexts]:
    """The counts and candidates of one pass over the source, before the NSFW filter; writes nothing.

    Raises:
        PrerequisiteError: no record can be used.
    """
    benchmarks = benchmark_texts()
    keep = round(max(settings.wanted.values()) * _SPARE)
    scanned = _scan(source, BenchmarkIndex(benchmarks.texts), settings, keep, progress)
    if not scanned.available.total():
        raise PrerequisiteError(f"No conversation of {source.name} can be used: {_reasons(scanned, {})}", LAYOUTS)
    return scanned, benchmarks


def build_corpus(
    source: ConversationSource, settings: BuildSettings, toxicity: Toxicity, out: Path, progress: StageProgress
) -> Datasheet:
    """Build a corpus folder; a second call after a kill classifies nothing twice and gives the same rows.

    Args:
        source: the chats.
        settings: sizes and seed of the draw.
        toxicity: the NSFW classifier.
        out: the folder to write.
        progress: called as stages proceed.

    Raises:
        PrerequisiteError: a query type runs short, or the folder holds work on another source, seed or classifier.
    """
    require_writable(out)
    # The journal's identity lacks sizes and --allow-short: another try with others of them uses the same scores.
    identity = {
        "step": "build",
        "source": source.facts(),
        "settings": asdict(settings),
        "nsfw_filter": toxicity.facts(),
    }
    begun = {**identity, "settings": {"seed": settings.seed}}
    with Journal(out / JOURNAL_NAME, begun) as journal:
        scanned, benchmarks = survey(source, settings, progress)
        drawn = _draw(scanned, settings, toxicity, journal, progress)
        keep = len(max(scanned.first.values(), key=len))
        while _ran_out(scanned, drawn, settings):
            # The filter left out more than was spare: read the source again and keep more.
            keep *= 2
            scanned = _scan(source, BenchmarkIndex(benchmarks.texts), settings, keep, progress)
            drawn = _draw(scanned, settings, toxicity, journal, progress)
    if not settings.allow_short:
        check_enough(scanned, drawn, settings.wanted)
    rows = _rows(drawn, settings)
    if not any(row.split == "train" for row in rows):
        raise PrerequisiteError(f"No conversation of {source.name} is left to train on: {_reasons(scanned, drawn)}.")
    return write_corpus(out, rows, _step(identity, settings, scanned, benchmarks, drawn), None)


def _scan(
    source: ConversationSource, index: BenchmarkIndex, settings: BuildSettings, keep: int, progress: StageProgress
) -> Scan:
    return scan(source, index, settings.seed, keep, lambda done: progress("Reading chats", done, None))


def _draw(
    scanned: Scan, settings: BuildSettings, toxicity: Toxicity, journal: Journal, progress: StageProgress
) -> dict[QueryType, Drawn]:
    passed, total = 0, sum(settings.wanted.values())

    def advance(more: int) -> None:
        nonlocal passed
        passed += more
        progress("Filtering", passed, total)

    return {
        kind: draw(scanned.first[kind], wanted, toxicity, journal, advance) for kind, wanted in settings.wanted.items()
    }


def _ran_out(scanned: Scan, drawn: dict[QueryType, Drawn], settings: BuildSettings) -> bool:
    """Whether a type is short though the source has more of it than were kept."""
    return any(
        len(drawn[kind].passed) < wanted and scanned.available[kind] > len(scanned.first[kind])
        for kind, wanted in settings.wanted.items()
    )


def _rows(drawn: dict[QueryType, Drawn], settings: BuildSettings) -> list[CorpusRow]:
    """The rows in the random order of drawing, those to train on first. A short type is shared out in proportion."""
    train, held_out = equal_shares(settings.train), equal_shares(settings.held_out)
    splits: dict[Split, list[tuple[Candidate, QueryType]]] = {"train": [], "held_out": []}
    for kind, of_kind in drawn.items():
        proportional = len(of_kind.passed) * train[kind] / (train[kind] + held_out[kind])
        first = min(train[kind], round(proportional))
        splits["train"] += [(candidate, kind) for candidate in of_kind.passed[:first]]
        splits["held_out"] += [(candidate, kind) for candidate in of_kind.passed[first : first + held_out[kind]]]
    return [
        _row(candidate, kind, split)
        for split, candidates in splits.items()
        for candidate, kind in sorted(candidates, key=lambda pair: pair[0])
    ]


def _row(candidate: Candidate, kind: QueryType, split: Split) -> CorpusRow:
    """A conversation as a row; held-out ones keep only the first exchange, since only their prompts are used."""
    conversation = candidate.conversation
    pairs = list(zip(conversation.prompts, conversation.replies, strict=True))
    first, *later = [Turn(prompt=prompt, replies={UNMODIFIED: reply}) for prompt, reply in pairs]
    return CorpusRow(
        id=conversation.id,
        query_type=kind.value,
        split=split,
        prompt=first.prompt,
        replies=first.replies,
        then=tuple(later) if split == "train" else (),
    )


def _step(
    identity: dict[str, Any],
    settings: BuildSettings,
    scanned: Scan,
    benchmarks: BenchmarkTexts,
    drawn: dict[QueryType, Drawn],
) -> dict[str, Any]:
    read, toxic = (sum(getattr(each, name) for each in drawn.values()) for name in ("read", "toxic"))
    wanted = settings.wanted
    return {
        **identity,
        **scanned.facts(wanted),
        "decontamination": {
            "rule": f"{NGRAM} words in a row, or the whole item if it has {SHORTEST} to {NGRAM - 1}",
            "items_compared": benchmarks.items,
            "dropped_by_source": dict(scanned.contaminated.most_common()),
            "not_compared": benchmarks.unavailable,
        },
        "nsfw_filter": {
            **identity["nsfw_filter"],
            "read": read,
            "left_out": toxic,
            "left_out_share": toxic / read if read else None,
            "order": "conversations are filtered in the random order of drawing, until enough have passed",
        },
        "query_types": {
            kind.value: {
                "available_before_filter": scanned.available[kind],
                "filtered": drawn[kind].read,
                "left_out": drawn[kind].toxic,
                "drawn": len(drawn[kind].passed),
                "wanted": wanted[kind],
            }
            for kind in QueryType
        },
        "short": {
            kind.value: {"drawn": len(drawn[kind].passed), "wanted": wanted[kind]}
            for kind in QueryType
            if len(drawn[kind].passed) < wanted[kind]
        },
        "language_filter": "none",
    }


def _reasons(scanned: Scan, drawn: dict[QueryType, Drawn]) -> str:
    dropped = ", ".join(f"{count} {reason}" for reason, count in scanned.dropped.most_common())
    toxic = sum(each.toxic for each in drawn.values())
    return f"{scanned.records} records read, dropped: {dropped or 'none'}; {toxic} left out as toxic"
