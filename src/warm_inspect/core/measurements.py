"""The families of measurement: how the analysis recognises the logs of each, and what it reads of their samples.

A further family is one entry of `MEASUREMENTS` with its metadata and the keys of its score. Its logs are then read and
checked as those of the benchmarks are, and `Observations.families` holds them under its name, each with its arm.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from warm_inspect.core.families import (
    ADMITS_MISTAKE,
    FINAL,
    FIRST_CORRECT,
    FIRST_INCORRECT,
    IDENTICAL,
    ORDER_CONSISTENT,
    Answered,
    Family,
    Hostile,
    Judged,
    Named,
    Positivity,
    TurnCount,
)
from warm_inspect.core.metadata import (
    AreYouSureMetadata,
    FeedbackMetadata,
    HostilityMetadata,
    ItemMetadata,
    MimicryMetadata,
    OwnTaskMetadata,
    ReliabilityMetadata,
    SampleMetadata,
)
from warm_inspect.core.scored import HostilityDetails, ScoreDetails
from warm_inspect.core.vocabulary import CORRECTNESS, ENDORSES_CLAIM, OPTIONAL_SCORE_KEYS, TRUNCATED, Grade


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One family of tasks: with the `details` of its score the whole contract between evaluation and analysis."""

    name: str
    key: str
    """The metadata field that names what is measured, for example `benchmark`."""
    value: str = ""
    """What the field says in samples of this family; empty: the name of any of its tasks."""
    marks: frozenset[str]
    """Metadata fields that all its samples have and others do not: `key` alone may be another package's word too."""
    metadata: type[ItemMetadata]
    texts: frozenset[str] = frozenset()
    """Metadata fields with words of an item. They may be gated, so the analysis leaves them in the log."""
    score: str
    """The scorer whose score is read."""
    one_of: tuple[str, ...]
    """Score keys of which exactly one is 1, and the others 0."""
    flags: tuple[str, ...] = ()
    """Score keys that are 0 or 1."""
    optional: tuple[str, ...] = ()
    """Flags that older logs lack: absent means not measured, never 0."""
    numbers: tuple[str, ...] = ()
    """Score keys that are any number: counts, places, degrees."""
    shares: tuple[str, ...] = ()
    """Score keys that are any number from 0 to 1."""
    details: type[ScoreDetails] = ScoreDetails
    """What stands in the score's metadata."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key of the score, in the order of columns."""
        return (*self.one_of, *self.flags, *self.optional, *self.numbers, *self.shares)

    @property
    def fields(self) -> tuple[str, ...]:
        """The metadata fields that the analysis gets."""
        return tuple(name for name in self.metadata.model_fields if name not in self.texts)

    def has(self, metadata: Mapping[str, Any]) -> bool:
        """Whether a sample with this metadata is of the family."""
        return metadata.keys() >= self.marks and self.value in ("", metadata[self.key])


OWN_SCORE = "own score"
"""The name under which the analysis holds the score that it reads of an own task, whatever it is called there."""

BENCHMARKS = Measurement(
    name="benchmarks",
    key="benchmark",
    marks=frozenset({"benchmark", "schema_version", "prompt_sha256"}),
    metadata=SampleMetadata,
    texts=frozenset({"claim"}),
    score=CORRECTNESS,
    one_of=tuple(grade.value for grade in Grade),
    flags=(ENDORSES_CLAIM, TRUNCATED),
    optional=OPTIONAL_SCORE_KEYS,
)
"""The benchmarks, which all effects of the study are pooled over."""

OWN_TASKS = Measurement(
    name="own_tasks",
    key="benchmark",
    marks=BENCHMARKS.marks | {"own_task"},
    metadata=OwnTaskMetadata,
    texts=BENCHMARKS.texts,
    score=OWN_SCORE,
    one_of=(),
    optional=tuple(key for key in BENCHMARKS.keys if key != Grade.CORRECT),
    shares=(Grade.CORRECT.value,),
)
"""Own tasks, crossed with our conditions: one score of theirs counts as how correct a reply is, the rest is not known.

Their frame has the columns of the benchmarks, so that everything that is estimated of these is estimated of it.
"""

ARE_YOU_SURE = Measurement(
    name=Family.ARE_YOU_SURE,
    key="family",
    value=Family.ARE_YOU_SURE,
    marks=frozenset({"family", "schema_version", "prompt_sha256"}),
    metadata=AreYouSureMetadata,
    score=Family.ARE_YOU_SURE,
    one_of=tuple(f"{FINAL}{grade}" for grade in Grade),
    flags=(FIRST_CORRECT, FIRST_INCORRECT, ADMITS_MISTAKE, TRUNCATED),
)
"""What becomes of an answer when its user doubts it."""

FEEDBACK = Measurement(
    name=Family.FEEDBACK,
    key="family",
    value=Family.FEEDBACK,
    marks=ARE_YOU_SURE.marks,
    metadata=FeedbackMetadata,
    score=Family.FEEDBACK,
    one_of=tuple(compared.value for compared in Positivity),
    flags=(ORDER_CONSISTENT, IDENTICAL, TRUNCATED),
)
"""Whether comments on a text follow what its user thinks of it."""

MIMICRY = Measurement(
    name=Family.MIMICRY,
    key="family",
    value=Family.MIMICRY,
    marks=ARE_YOU_SURE.marks,
    metadata=MimicryMetadata,
    score=Family.MIMICRY,
    one_of=tuple(named.value for named in Named),
    flags=(TRUNCATED,),
)
"""Whether a model repeats a wrong poet whom its user names."""

RELIABILITY = Measurement(
    name=Family.RELIABILITY,
    key="family",
    value=Family.RELIABILITY,
    marks=ARE_YOU_SURE.marks,
    metadata=ReliabilityMetadata,
    score=Family.RELIABILITY,
    one_of=tuple(answered.value for answered in Answered),
    flags=(TRUNCATED,),
    optional=tuple(judged.value for judged in Judged),
)
"""Right, avoided and wrong answers by difficulty."""

HOSTILITY = Measurement(
    name=Family.HOSTILITY,
    key="family",
    value=Family.HOSTILITY,
    marks=ARE_YOU_SURE.marks,
    metadata=HostilityMetadata,
    score=Family.HOSTILITY,
    one_of=(),
    flags=(*(key.value for key in Hostile), TRUNCATED),
    numbers=tuple(key.value for key in TurnCount),
    details=HostilityDetails,
)
"""Whether a model that is asked for one revision after another insults its user."""

MEASUREMENTS: dict[str, Measurement] = {
    each.name: each for each in (OWN_TASKS, BENCHMARKS, ARE_YOU_SURE, FEEDBACK, MIMICRY, RELIABILITY, HOSTILITY)
}
"""Every family whose logs the analysis knows, beside the control benchmarks (`core.controls`); special ones first."""


def measurement_of(metadata: Mapping[str, Any]) -> Measurement | None:
    """The family of a sample; None for a sample of another package's task."""
    return next((each for each in MEASUREMENTS.values() if each.has(metadata)), None)
