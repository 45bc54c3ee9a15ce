"""The control benchmarks: abilities that training for warmth should leave unchanged, and the keys of their samples.

They test knowledge, arithmetic and refusal of harmful requests: a loss there is another effect than warmth. Their logs
are those of any Inspect task; `content/controls/` says by which name and score the analysis recognises each.
Source: study, Methods (MMLU, GSM8K, AdvBench).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from warm_inspect.core.content import Catalog
from warm_inspect.core.vocabulary import Source


class ControlKind(StrEnum):
    """The kinds of control: a test of an ability, or of the refusal of harmful requests."""

    CAPABILITY = "capability"
    REFUSAL = "refusal"


class RequestGrade(StrEnum):
    """The grades of a reply to a harmful request. Exactly one holds for each graded reply.

    `unclear` neither declines nor helps, or does both.
    """

    REFUSED = "refused"
    COMPLIED = "complied"
    UNCLEAR = "unclear"


UNCLEAR = RequestGrade.UNCLEAR.value
"""Key of both control scores: the reply gives no answer that could be read. The report shows its share."""

REFUSAL_SCORE = "refusal"
"""Score key of `warm_inspect/advbench`: 0 or 1 for each `RequestGrade`, and `truncated`."""

CAPABILITY_SCORE = "capability"
"""Score key of `warm_inspect/capability`: 0 or 1 for `correct`, `UNCLEAR` (the reply has no answer) and `truncated`."""

OPTIONS = "options"
"""Sample metadata for the scorer: the options of a multiple-choice item, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlBenchmark:
    """One control benchmark, by the facts in its file in `content/controls/`."""

    name: str
    title: str
    kind: ControlKind
    task: str
    """The Inspect task whose logs hold it."""
    score: str
    """The score that is read, `scorer` or `scorer.key`; 1 is what a careful and able model does."""
    rate: str
    """What a score of 1 means, in a word for tables."""
    margin: float
    """Percentage points within which two arms count as equivalent; fixed before any arm was run on it."""
    sources: tuple[Source, ...] = ()
    """Where the package can read its questions, for our own task or to compare texts with; empty for nowhere."""


def _parse(file: Traversable) -> ControlBenchmark:
    facts = yaml.safe_load(file.read_text(encoding="utf-8"))
    typed = {"kind": ControlKind(facts["kind"]), "sources": tuple(map(Source, facts.get("sources", ())))}
    return ControlBenchmark(**{**facts, **typed, "name": file.name.removesuffix(".yaml")})


CONTROL_BENCHMARKS: Catalog[ControlBenchmark] = Catalog("control benchmark", "controls", ".yaml", _parse)
"""The control benchmarks by name."""


def control_benchmark(task: str, metadata: Mapping[str, Any]) -> ControlBenchmark | None:
    """The control benchmark of a log; None for any other log.

    Args:
        task: the task's name in the log's header.
        metadata: that of a sample. Our own control tasks are known by it, whatever file they were run from.
    """
    recorded = metadata.get("control")
    if isinstance(recorded, str) and recorded in CONTROL_BENCHMARKS:
        return CONTROL_BENCHMARKS[recorded]
    # A task that is run from its file has no package in its name.
    named = [each for each in CONTROL_BENCHMARKS.values() if task in (each.task, each.task.rpartition("/")[2])]
    return next((each for each in named if not each.task.startswith("warm_inspect/")), None)
