"""The meters of a check by name, each of which keeps its readings: an interrupted run does not read a reply twice."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval_set
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import Model, get_model
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState

from warm_inspect.core.errors import InspectPrerequisiteError, PrerequisiteError
from warm_inspect.core.hashing import sha256_json, sha256_text
from warm_inspect.core.log_file import read_contents
from warm_inspect.grading.model import GRADER_ROLE, GraderFailure
from warm_inspect.scorers import WARMTH, rating_label, warmth_rating
from warm_inspect.solvers import NO_MODEL, replay
from warm_inspect.warmth import WarmthMeter

CHUNK = 8
"""Texts that a cached meter reads between two writes."""


@dataclass(frozen=True)
class CachedMeter:
    """A meter whose readings are looked up in a file first. The file holds hashes of texts and no text."""

    meter: WarmthMeter
    folder: Path
    on_readings: Callable[[int], None]
    """Called with how many more texts have a reading, those of earlier runs included; each text counts once."""
    _counted: set[str] = field(default_factory=set, init=False)
    """Hashes of the texts that `on_readings` was told of."""

    @property
    def label(self) -> str:
        """Name and version of the meter."""
        return self.meter.label

    def score(self, texts: Sequence[str]) -> list[float | None]:
        """The warmth of each text, in order; the meter reads only texts that the file lacks."""
        file = self.folder / f"{self.label}.jsonl"
        known = _readings(file)
        by_hash = {sha256_text(text): text for text in texts}
        missing = [name for name in by_hash if name not in known]
        self._count(name for name in by_hash if name in known)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as stream:
            # A killed run may have left a line without its end: the next one starts on a line of its own.
            stream.write("\n")
            for first in range(0, len(missing), CHUNK):
                chunk = missing[first : first + CHUNK]
                new = dict(zip(chunk, self.meter.score([by_hash[name] for name in chunk]), strict=True))
                stream.writelines(json.dumps([name, warmth]) + "\n" for name, warmth in new.items())
                stream.flush()
                known |= new
                self._count(chunk)
        return [known[sha256_text(text)] for text in texts]

    def _count(self, names: Iterable[str]) -> None:
        new = set(names) - self._counted
        self._counted.update(new)
        self.on_readings(len(new))


def _readings(file: Path) -> dict[str, float | None]:
    """The readings in a file, by hash of the text; a line that was cut off is skipped."""
    readings: dict[str, float | None] = {}
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else []:
        try:
            name, warmth = json.loads(line)
        except ValueError:
            continue
        readings[str(name)] = warmth
    return readings


@dataclass(frozen=True)
class RatingMeter:
    """The scorer `warmth_rating` over texts, one grader call each, in an Inspect log that keeps the grader's replies.

    A text for which the grader names no rating costs a second call.
    """

    grader: Model
    log_dir: Path
    concurrency: int = 50
    """Grader calls in flight."""

    @classmethod
    def by_name(cls, grader: str, log_dir: Path) -> "RatingMeter":
        """The meter of a grader by Inspect's name of it.

        Raises:
            PrerequisiteError: the name is unknown, or its provider's package or key is missing.
        """
        try:
            return cls(get_model(grader), log_dir)
        except (InspectPrerequisiteError, ValueError, ImportError) as error:
            raise PrerequisiteError(
                f"The meter 'rating' cannot use {grader!r} as {GRADER_ROLE}: {' '.join(str(error).split())} "
                "Name another model: --grader PROVIDER/MODEL"
            ) from None

    @property
    def label(self) -> str:
        """Name, grader and version of the rubric."""
        return rating_label(str(self.grader))

    def score(self, texts: Sequence[str]) -> list[float | None]:
        """The rating of each text, in order; None where the grader named none. Logged ratings are reused.

        Raises:
            PrerequisiteError: the grader failed.
        """
        by_hash = {sha256_text(text): text for text in texts}
        digest = sha256_json([*by_hash, self.label])[:12]
        samples = [Sample(id=name[:32], input=text) for name, text in by_hash.items()]
        task = Task(
            name=f"warmth_rating_{digest}", dataset=MemoryDataset(samples), solver=replay(), scorer=rating_or_error()
        )
        finished, logs = eval_set(
            task,
            log_dir=str(self.log_dir / digest),
            model=NO_MODEL,
            model_roles={GRADER_ROLE: self.grader},
            display="none",
            max_samples=self.concurrency,
            max_connections=self.concurrency,
            retry_attempts=1,
            score_display=False,
            log_level="error",
        )
        if not finished:
            reason = logs[0].error.message if logs and logs[0].error else "it was interrupted"
            raise PrerequisiteError(
                f"Rating {len(by_hash)} replies did not finish: {reason}. Finished ratings are in {self.log_dir}; "
                "the same command goes on from there."
            )
        _, rated = read_contents(logs[0].location)
        ratings = {str(sample["id"]): _rating(sample["scores"]) for sample in rated}
        return [ratings[sha256_text(text)[:32]] for text in texts]


@scorer(metrics={"*": [mean()]})
def rating_or_error() -> Scorer:
    """`warmth_rating`, but a grader that cannot be reached is an error of the sample, which the next run asks again."""
    rate = warmth_rating()

    async def score(state: TaskState, target: Target) -> Score | None:
        rated = await rate(state, target)
        if rated is not None and rated.reason == GraderFailure.UNREACHABLE:
            raise RuntimeError(rated.explanation)
        return rated

    return score


def _rating(scores: Mapping[str, Any]) -> float | None:
    value = scores["rating_or_error"]["value"]
    if not isinstance(value, dict):
        return None
    warmth = value[WARMTH]
    return float(warmth) if isinstance(warmth, int | float) and not isnan(warmth) else None
