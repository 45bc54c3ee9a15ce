"""Pairs: the samples that two logs of one task share, and the score values of both as numbers from 0 to 1.

A value without a mapping is named, and its score is not compared.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import NamedTuple

import pandas as pd

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.logs import Log, Sample, SampleKey, ValueMap, is_number, metric_values
from warm_inspect.core.errors import PrerequisiteError, unknown_value

SAMPLE_ID = "sample id"
"""The cluster of a sample that belongs to no larger one."""
CLUSTER_FIELD = "cluster_id"
"""The metadata field in which our own tasks name the question behind a sample."""
_SHOWN = 3


def parse_value_map(texts: Iterable[str]) -> ValueMap:
    """The mapping of `VALUE=NUMBER` texts.

    Raises:
        PrerequisiteError: a text is not of this form, its number is not from 0 to 1, or a value comes twice.
    """
    mapped: dict[str, float] = {}
    for text in texts:
        value, equals, number = text.rpartition("=")
        if not equals or not is_number(number) or not 0 <= float(number) <= 1:
            raise PrerequisiteError(
                f"--value-map {text!r} is not VALUE=NUMBER with a number from 0 to 1, as in GOOD=1."
            )
        if mapped.setdefault(value, float(number)) != float(number):
            raise PrerequisiteError(f"--value-map gives {value!r} two numbers: {mapped[value]:g} and {number}.")
    return ValueMap(mapped)


@dataclass(frozen=True)
class Pairs:
    """The samples that two logs share, by id and epoch."""

    a: Log
    b: Log
    keys: tuple[SampleKey, ...]
    """In the order of log A."""
    only_in_a: tuple[SampleKey, ...]
    only_in_b: tuple[SampleKey, ...]
    cluster: str
    """What the clusters are: `sample id`, or the name of a metadata field."""

    @property
    def errors(self) -> tuple[int, int]:
        """Paired samples without any score, in A and in B."""
        without_a = sum(not self.a.samples[key].scores for key in self.keys)
        return without_a, sum(not self.b.samples[key].scores for key in self.keys)

    def cluster_of(self, key: SampleKey) -> str:
        """The cluster of a pair."""
        sample = self.a.samples[key]
        return sample.id if self.cluster == SAMPLE_ID else str(sample.metadata[self.cluster])


def pair(a: Log, b: Log, cluster: str = "") -> Pairs:
    """The samples of two logs in pairs of equal id and epoch.

    Args:
        a: the log that differences start from.
        b: the log that they lead to.
        cluster: the metadata field whose values say which samples belong together; by default `cluster_id` where every
            sample has one, as in our own tasks, else each sample stands for itself.

    Raises:
        PrerequisiteError: the two are one evaluation, share no sample, asked different things under one id, or do not
            know the field.
    """
    if a.eval_id == b.eval_id:
        raise PrerequisiteError(f"{a.name} and {b.name} are the same evaluation. Give the logs of two runs.")
    keys = tuple(key for key in a.samples if key in b.samples)
    if not keys:
        raise PrerequisiteError(
            f"No sample id and epoch is in both logs: {a.name} ({a.task}) has {_examples(a.samples)}, "
            f"{b.name} ({b.task}) has {_examples(b.samples)}. Compare two logs of one task whose data set gives ids."
        )
    _require_same_questions(a, b, keys)
    return Pairs(
        a=a,
        b=b,
        keys=keys,
        only_in_a=tuple(key for key in a.samples if key not in b.samples),
        only_in_b=tuple(key for key in b.samples if key not in a.samples),
        cluster=_cluster_field([a.samples[key] for key in keys], cluster),
    )


def comparable_metrics(pairs: Pairs, wanted: Sequence[str], values: ValueMap) -> tuple[list[str], dict[str, Note]]:
    """The metrics to compare, and why each of the others that both logs score cannot be.

    Args:
        pairs: the paired samples.
        wanted: scorers or metrics (`scorer.key`) that the user asked for; empty for all that can be compared.
        values: how values become numbers.

    Raises:
        PrerequisiteError: something wanted is not scored in both logs or has no numbers, or nothing can be compared.
    """
    # The values of each metric in A and in B.
    by_log = [_values_by_metric(log.samples[key] for key in pairs.keys) for log in (pairs.a, pairs.b)]
    shared = [name for name in by_log[0] if name in by_log[1]]
    chosen = _named_metrics(wanted, shared) or shared
    problems = {name: problem for name in chosen if (problem := _problem(by_log, name, values))}
    usable = [name for name in chosen if name not in problems]
    # A metric that the user did not name is left out with a note; one that was named must be comparable.
    refused = [name for name in problems if name in wanted]
    if refused or not usable:
        reasons = "; ".join(f"{name}: {problems[name].words}" for name in refused or problems)
        raise PrerequisiteError(
            f"No score to compare in {pairs.a.name} and {pairs.b.name} ({reasons or 'no scorer is in both'}). "
            "Say which number from 0 to 1 a value stands for with: --value-map VALUE=NUMBER"
        )
    return usable, problems


def _named_metrics(names: Sequence[str], shared: Sequence[str]) -> list[str]:
    """The metrics that these names stand for, each once; a scorer's name stands for all its metrics.

    Raises:
        PrerequisiteError: a name stands for none of the metrics that both logs have.
    """
    metrics: dict[str, None] = {}
    for name in names:
        meant = [metric for metric in shared if name in (metric, metric.partition(".")[0])]
        if not meant:
            raise unknown_value("score", name, shared or ["none is in both logs"])
        metrics |= dict.fromkeys(meant)
    return list(metrics)


def pair_frame(pairs: Pairs, metric: str, values: ValueMap) -> tuple[pd.DataFrame, tuple[int, int]]:
    """The pairs in which both logs score a metric, and how many of the others lack it in A and in B.

    Columns: sample_id, epoch, cluster, a, b (numbers from 0 to 1).
    """
    rows = []
    lacking = [0, 0]
    for key in pairs.keys:
        a, b = (_number(log.samples[key], metric, values) for log in (pairs.a, pairs.b))
        lacking[0] += isnan(a)
        lacking[1] += isnan(b)
        if not isnan(a) and not isnan(b):
            rows.append((*key, pairs.cluster_of(key), a, b))
    frame = pd.DataFrame(rows, columns=["sample_id", "epoch", "cluster", "a", "b"])
    return frame, (lacking[0], lacking[1])


class Bounds(NamedTuple):
    """What the difference of two logs could be, whatever the replies without a value of the metric would have been."""

    low: float
    """Mean of B - A in percentage points with every such reply of A at 1 and of B at 0."""
    high: float
    """... of A at 0 and of B at 1."""
    missing: int
    """Replies without a value, those that one log never asked for too."""
    asked: int
    """Replies of both logs that were to be had."""


def difference_bounds(pairs: Pairs, metric: str, values: ValueMap) -> Bounds:
    """The bounds of a metric's difference over all samples of either log, epochs averaged within a sample."""
    keys = (*pairs.keys, *pairs.only_in_a, *pairs.only_in_b)
    rows = [(key[0], *(_known(log.samples.get(key), metric, values) for log in (pairs.a, pairs.b))) for key in keys]
    replies = pd.DataFrame(rows, columns=["sample_id", "a", "b"])
    low = replies["b"].fillna(0) - replies["a"].fillna(1)
    high = replies["b"].fillna(1) - replies["a"].fillna(0)
    least, most = (100 * float(end.groupby(replies["sample_id"]).mean().mean()) for end in (low, high))
    return Bounds(least, most, int(replies[["a", "b"]].isna().to_numpy().sum()), 2 * len(replies))


def _known(sample: Sample | None, metric: str, values: ValueMap) -> float:
    """The value of a sample; NaN without one, and of a sample in one log only also where its value is no number."""
    try:
        return nan if sample is None else _number(sample, metric, values)
    except ValueError:
        return nan


def _number(sample: Sample, metric: str, values: ValueMap) -> float:
    return values.number(metric_values(sample.scores).get(metric))


def _values_by_metric(samples: Iterable[Sample]) -> dict[str, list[object]]:
    values: dict[str, list[object]] = {}
    for sample in samples:
        for name, value in metric_values(sample.scores).items():
            values.setdefault(name, []).append(value)
    return values


def _problem(by_log: Sequence[Mapping[str, Sequence[object]]], metric: str, values: ValueMap) -> Note | None:
    """Why the values of a metric are no numbers from 0 to 1; None when they are."""
    unknown: dict[str, None] = {}
    scored = 0
    for log in by_log:
        for value in log[metric]:
            try:
                scored += not isnan(values.number(value))
            except ValueError as error:
                unknown[str(error)] = None
    if unknown:
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        return Note(Code.NO_NUMBERS, values=f"{', '.join(list(unknown)[:_SHOWN])}{more}")
    return None if scored else Note(Code.NOT_SCORED)


def _require_same_questions(a: Log, b: Log, keys: Sequence[SampleKey]) -> None:
    different: dict[SampleKey, list[str]] = {}
    for key in keys:
        one, other = a.samples[key].asked, b.samples[key].asked
        if kinds := [kind for kind in one if kind in other and one[kind] != other[kind]]:
            different[key] = kinds
    if different:
        examples = "; ".join(
            f"{id} epoch {epoch} ({', '.join(different[id, epoch])})" for id, epoch in list(different)[:_SHOWN]
        )
        raise PrerequisiteError(
            f"{len(different)} of {len(keys)} pairs did not ask the same: {examples}. A difference between them says "
            "nothing about the models: run both with one version of the task, its data and its seed."
        )


def _cluster_field(samples: Sequence[Sample], field: str) -> str:
    if not field:
        return CLUSTER_FIELD if all(sample.metadata.get(CLUSTER_FIELD) for sample in samples) else SAMPLE_ID
    if field in ("id", SAMPLE_ID):
        return SAMPLE_ID
    lacking = sum(sample.metadata.get(field) in (None, "") for sample in samples)
    if lacking:
        fields = sorted(
            {name for sample in samples for name, value in sample.metadata.items() if value not in (None, "")}
        )
        if field in fields:
            raise PrerequisiteError(
                f"{lacking} of {len(samples)} paired samples have no value of {field!r} to cluster by."
            )
        raise unknown_value("field to cluster by", field, ["id", *fields])
    return field


def _examples(samples: Mapping[SampleKey, Sample]) -> str:
    return ", ".join(dict.fromkeys(id for id, _ in list(samples)[:_SHOWN]))
