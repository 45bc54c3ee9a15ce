"""The one score of an own task that is read, as a number from 0 to 1: how correct a reply is by that task's scorer."""

from dataclasses import replace
from math import isnan, nan

from warm_inspect.analysis.logs.log import Log, LoggedScore, Sample
from warm_inspect.analysis.logs.score_values import ValueMap, metric_scorers, metric_values
from warm_inspect.core.errors import PrerequisiteError, unknown_value
from warm_inspect.core.measurements import BENCHMARKS, OWN_TASKS
from warm_inspect.core.vocabulary import Grade

_VALUES = ValueMap()


def with_own_score(log: Log, asked: str = "") -> Log:
    """The log of an own task with one of its scores; the log of a benchmark too, where a score is asked for.

    Logs of other families of measurement stay as they are: no score of theirs says how correct a reply is.

    Args:
        log: of any task.
        asked: `NAME`, or `NAME.key` of a score that is a dict; may be empty for an own task with one score.

    Raises:
        PrerequisiteError: several scores and none is asked for, an unknown one, a value that is no number from 0 to 1,
            or samples whose condition may not have reached the model.
    """
    if log.holds not in (OWN_TASKS, BENCHMARKS) or (log.holds == BENCHMARKS and not asked):
        return log
    if log.holds == OWN_TASKS:
        _require_cues(log)
    name, scorer = _chosen(log, asked)
    samples = {place: _with_score(log, sample, name, scorer) for place, sample in log.samples.items()}
    return replace(log, holds=OWN_TASKS, samples=samples)


def _require_cues(log: Log) -> None:
    for sample in log.samples.values():
        if sample.scores and not sample.metadata.get("cue_reached"):
            raise PrerequisiteError(
                f"{log.name}, sample {sample.id}: nothing shows that the words of its condition reached the model. "
                "Run it again with the task's own solver, without --solver."
            )


def _chosen(log: Log, asked: str) -> tuple[str, str]:
    """The score that is read, `NAME` or `NAME.key`, and its scorer.

    Raises:
        PrerequisiteError: not one of the log's scores, or one of several and which is not said.
    """
    held = {name: scorer for sample in log.samples.values() for name, scorer in metric_scorers(sample.scores).items()}
    # A score with keys is a bare NaN on the samples that it lacks.
    keyed = {scorer for name, scorer in held.items() if name != scorer}
    names = [name for name in held if name not in keyed]
    fitting = [name for name in names if asked in ("", name, held[name])]
    exact = [name for name in fitting if name == asked] or fitting
    if asked and not exact:
        raise unknown_value(f"score of {log.name}", asked, names or ["it has none"])
    if len(exact) != 1:
        raise PrerequisiteError(
            f"{log.name} holds {len(exact)} scores",
            f"Name the one to read with --score: {', '.join(exact) or 'none is there'}",
        )
    return exact[0], held[exact[0]]


def _with_score(log: Log, sample: Sample, name: str, scorer: str) -> Sample:
    if scorer not in sample.scores:
        return replace(sample, scores={})
    try:
        number = _VALUES.number(metric_values(sample.scores).get(name))
    except ValueError as error:
        raise PrerequisiteError(
            f"{log.name}, sample {sample.id}: the score {name} is {error}, no number from 0 to 1, C, I, P or N. "
            "Name another score with --score NAME.key"
        ) from None
    details = {"grading": OWN_TASKS.score, "grader": name}
    read = nan if isnan(number) else {Grade.CORRECT.value: number}
    return replace(sample, scores={OWN_TASKS.score: LoggedScore(read, "", sample.scores[scorer].reason, details)})
