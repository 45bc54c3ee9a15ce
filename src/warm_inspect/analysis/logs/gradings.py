"""Which gradings a log holds, and the one of them that is read: grades of two gradings are never pooled.

A log that was graded again keeps the older scores. Inspect names the scores of one scorer `correctness`,
`correctness1`, `correctness2`, in the order in which they came.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from warm_inspect.analysis.logs.log import Log, Sample
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.measurements import Measurement
from warm_inspect.core.scored import ScoreDetails


def held_gradings(log: Log) -> dict[str, ScoreDetails]:
    """The grading behind each score of what the log measures, by the score's key, the oldest first.

    Only the fields that name a grading are read; they are empty where no sample says which it was.
    """
    # Inspect adds a number to the name of each further score of one scorer.
    key_of_ours = re.compile(rf"{re.escape(scorer_of(log))}\d*")
    held: dict[str, ScoreDetails] = {}
    for sample in log.samples.values():
        for key, score in sample.scores.items():
            # A cascade names its model only on the samples for which that was asked.
            if (key not in held or not held[key].grader) and key_of_ours.fullmatch(key):
                said = _grading(score.metadata)
                held[key] = said if said.grading or key not in held else held[key]
    return dict(sorted(held.items(), key=lambda entry: (len(entry[0]), entry[0])))


def with_one_grading(log: Log, asked: str = "") -> Log:
    """The log reduced to one of its gradings, whose score is stored under the name of the family's scorer.

    Args:
        log: of a family or a control benchmark.
        asked: the grading to read: the score's key, `match`, `model`, `cascade`, or the grader's name; empty where the
            log holds but one. A control benchmark's log that holds but one is read by that.

    Raises:
        PrerequisiteError: several gradings and none is asked for, or not one of them is what is asked for.
    """
    held = held_gradings(log)
    # The name of a grading need not fit a control benchmark, whose only scorer may know no gradings.
    must_fit = asked and isinstance(log.holds, Measurement)
    if len(held) <= 1 and not must_fit:
        return log
    chosen = _chosen(log.name, held, asked)
    samples = {place: _with_one(sample, held, scorer_of(log), chosen) for place, sample in log.samples.items()}
    return replace(log, samples=samples)


def _chosen(log: str, held: Mapping[str, ScoreDetails], asked: str) -> str:
    """The key of the one grading that is asked for."""
    fitting = [key for key, details in held.items() if asked in (key, details.grading, details.grader, details.by)]
    if asked and len(fitting) == 1:
        return fitting[0]
    shown = "; ".join(f"{key}: {details.by}" for key, details in held.items()) or "none"
    raise PrerequisiteError(
        f"{log} holds {len(held)} gradings ({shown})"
        + (f", and {len(fitting)} of them go by {asked!r}" if asked else ""),
        "Name the one to read with --grading: its score, its grader, match, model or cascade",
    )


def scorer_of(log: Log) -> str:
    """The name of the scorer whose score is read; empty for a log of another package's task."""
    return log.holds.score.partition(".")[0] if log.holds else ""


def _with_one(sample: Sample, held: Collection[str], scorer: str, chosen: str) -> Sample:
    """The sample with the chosen score under the scorer's name, without the other gradings."""
    others = {key: score for key, score in sample.scores.items() if key not in held}
    read = {scorer: sample.scores[chosen]} if chosen in sample.scores else {}
    return replace(sample, scores=read | others)


def _grading(metadata: Mapping[str, Any]) -> ScoreDetails:
    names = ("grading", "grader", "grader_prompt_sha256")
    return ScoreDetails.model_validate({name: str(metadata.get(name) or "") for name in names})
