"""A comparison of two logs as records: the JSON of the command, and what its page shows."""

from collections.abc import Sequence
from math import isnan
from typing import Any
from urllib.parse import quote

import pandas as pd

from warm_inspect.analysis.compare.paired import GROUPS, Comparison, MetricComparison
from warm_inspect.analysis.logs.log import Log, SampleKey
from warm_inspect.analysis.notes import Code, Note, in_words
from warm_inspect.core.errors import PrerequisiteError
from warm_inspect.core.vocabulary import Grade
from warm_inspect.tables import UNKNOWN, Column, Kind, Table, interval, p_value, percent, points, tabulate, whole

DISCORDANT = ("only_a", "only_b")


def differences(comparison: Comparison) -> Table:
    """What each metric says of the two logs."""
    return tabulate(
        "differences",
        "B − A",
        "Percentage points over n samples, epochs averaged within a sample first. Interval: mean paired difference, "
        f"errors clustered by {comparison.pairs.cluster}. Could have seen: the smallest difference that would have "
        "been found 8 times in 10. P: permutation test that exchanges A and B within each cluster; Holm and "
        f"Benjamini-Hochberg (BH) over the {len(comparison.metrics)} metrics above. A dash stands where there is no "
        "test: without a differing sample the interval is an exact bound.",
        _DIFFERENCES,
        comparison.metrics,
        notes=[f"{', '.join(names)}: {limit}." for limit, names in limits(comparison).items()],
        source="compare.json",
    )


_DIFFERENCES: tuple[Column[MetricComparison], ...] = (
    Column("metric", lambda metric: metric.metric, Kind.WORDS),
    Column("A", lambda metric: percent(metric.mean_a)),
    Column("B", lambda metric: percent(metric.mean_b)),
    Column("B − A, points", lambda metric: points(metric.difference.estimate)),
    Column("95% interval", lambda metric: interval(metric.difference.conf_low, metric.difference.conf_high)),
    Column("could have seen", lambda metric: points(metric.detectable).replace("+", "±"), detail=True),
    Column("P", lambda metric: p_value(metric.permutation.p_value)),
    Column("P Holm", lambda metric: p_value(metric.p_holm)),
    Column("P BH", lambda metric: p_value(metric.p_bh), detail=True),
    Column("McNemar P (mid-P)", lambda metric: _mcnemar(metric), detail=True),
    Column("n", lambda metric: whole(metric.difference.n)),
    Column("clusters", lambda metric: whole(metric.difference.n_clusters), detail=True),
    Column("unscored A, B", lambda metric: f"{whole(metric.unscored_a)}, {whole(metric.unscored_b)}", detail=True),
)


def _mcnemar(metric: MetricComparison) -> str:
    if metric.mcnemar is None or not metric.difference.estimable:
        return UNKNOWN
    return f"{p_value(metric.mcnemar.p_value)} ({p_value(metric.mcnemar.mid_p)})"


def group_words(metric: MetricComparison) -> dict[str, str]:
    """What each group of samples is called: by right and wrong where 1 means right, else by the metric's name."""
    name = metric.metric.rpartition(".")[2]
    equal = {"equal": "equal, in between"}
    if not metric.items[["a", "b"]].isin([0.0, 1.0]).all(axis=None):
        return {"only_a": "higher in A", "only_b": "higher in B", "both": "1 in both", "neither": "0 in both"} | equal
    if "." in metric.metric and name != Grade.CORRECT:
        words = {
            group: f"{who} {name}" for group, who in zip(GROUPS, ("only A", "only B", "both", "neither"), strict=False)
        }
        return words | equal
    return {"only_a": "only B wrong", "only_b": "only A wrong", "both": "both right", "neither": "both wrong"} | equal


def comparison_record(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON values without any text of a sample; what cannot be estimated is null."""
    pairs = comparison.pairs
    return {
        "a": _log_record(pairs.a),
        "b": _log_record(pairs.b),
        "paired_samples": len(pairs.keys),
        "only_in_a": _keys(pairs.only_in_a),
        "only_in_b": _keys(pairs.only_in_b),
        "cluster": pairs.cluster,
        "metrics": [_metric_record(metric) for metric in comparison.metrics],
        "limits": limits(comparison),
        "left_out": {name: reason.words for name, reason in comparison.left_out.items()},
        "notes": [note.sentence for note in comparison.notes],
    }


def discordant(metric: MetricComparison) -> dict[str, list[str]]:
    """The samples that are higher in one log only, by group."""
    groups = metric.items["group"]
    return {group: metric.items.loc[groups == group, "sample_id"].to_list() for group in DISCORDANT}


def limits(comparison: Comparison) -> dict[str, list[str]]:
    """What limits the numbers, and of which metrics."""
    found: dict[str, list[str]] = {}
    for metric in comparison.metrics:
        untested = [Note(Code.NO_MCNEMAR, reason=metric.no_mcnemar)] if metric.no_mcnemar else []
        for text in filter(None, (in_words(metric.difference.notes), in_words(untested))):
            found.setdefault(text, []).append(metric.metric)
    return found


def items_frame(comparison: Comparison) -> pd.DataFrame:
    """One row per metric and sample: metric, sample_id, epoch (the first paired), epochs, cluster, a, b, group."""
    parts = [metric.items.assign(metric=metric.metric) for metric in comparison.metrics]
    frame = pd.concat(parts, ignore_index=True)
    return frame[["metric", *(name for name in frame.columns if name != "metric")]]


class ViewerLinks:
    """Addresses of samples in Inspect's viewer, which serves the folder that holds all the logs."""

    def __init__(self, viewer: str, paths: Sequence[str]) -> None:
        if not viewer.startswith(("http://", "https://", "./", "../", "/")):
            raise PrerequisiteError(
                f"--viewer {viewer!r} is no web address. Give where `inspect view start` or a bundle of "
                "`inspect view bundle` is served, for example http://127.0.0.1:7575"
            )
        self._viewer = viewer.rstrip("/")
        folders = [path.replace("\\", "/").split("/")[:-1] for path in paths]
        shared = 0
        while all(len(folder) > shared and folder[shared] == folders[0][shared] for folder in folders):
            shared += 1
        self._shared = shared

    def sample(self, path: str, sample_id: str, epoch: int) -> str:
        """The address of one sample in the log at a path."""
        parts = [*path.replace("\\", "/").split("/")[self._shared :]]
        path = "/".join(quote(part) for part in parts)
        return f"{self._viewer}/#/logs/{path}/samples/sample/{quote(sample_id, safe='')}/{epoch}"


def _log_record(log: Log) -> dict[str, Any]:
    return {
        "file": log.name,
        "eval_id": log.eval_id,
        "task": log.task,
        "model": log.model,
        "created": log.created,
        "status": log.status,
        "warmth_checks": log.warmth_statuses,
    }


def _keys(keys: Sequence[SampleKey]) -> list[list[str | int]]:
    return [[id, epoch] for id, epoch in keys]


def _metric_record(metric: MetricComparison) -> dict[str, Any]:
    row, test = metric.difference, metric.mcnemar
    return {
        "metric": metric.metric,
        "n": row.n,
        "n_clusters": row.n_clusters,
        "unscored_a": metric.unscored_a,
        "unscored_b": metric.unscored_b,
        "mean_a": _known(metric.mean_a),
        "mean_b": _known(metric.mean_b),
        "difference": {
            name: _known(getattr(row, name))
            for name in ("estimate", "std_error", "statistic", "df", "p_value", "conf_low", "conf_high")
        }
        | {"unit": row.unit},
        "detectable": _known(metric.detectable),
        "permutation": {"p_value": _known(metric.permutation.p_value), "exact": metric.permutation.exact},
        "mcnemar": {"p_value": _known(test.p_value), "mid_p": _known(test.mid_p)} if test else None,
        "p_holm": _known(metric.p_holm),
        "p_bh": _known(metric.p_bh),
        "groups": group_words(metric),
        "counts": metric.counts,
        "discordant": discordant(metric),
    }


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)
