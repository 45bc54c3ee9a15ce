"""The comparison of two logs: as a table, as JSON values, and as one page with a few lines of script to filter it."""

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from importlib.resources import files
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd

from warm_inspect.analysis.compare import GROUPS, Comparison, MetricComparison, compare_logs, parse_value_map
from warm_inspect.analysis.estimates import ALPHA, Code, Note, in_words
from warm_inspect.analysis.logs import Log, LoggedScore, Sample, SampleKey, read_samples
from warm_inspect.core.csv_file import write_frame
from warm_inspect.core.files import staged
from warm_inspect.core.vocabulary import Grade
from warm_inspect.report.templates import ViewerLinks, environment, shortened
from warm_inspect.tables import (
    UNKNOWN,
    Column,
    ColumnKind,
    Mark,
    Table,
    TableCell,
    bracketed,
    interval,
    p_value,
    percent,
    points,
    tabulate,
    whole,
)

DISCORDANT = ("only_a", "only_b")
"""The groups of samples that are higher in one log only."""
MAX_ROWS = 2_000
"""Samples on the page, those on which the logs differ first; `items.csv` holds them all."""
MAX_CHARACTERS = 400
"""Length to which texts are cut on the page."""


def compare_files(
    a: str, b: str, *, scores: Sequence[str] = (), value_map: Sequence[str] = (), cluster: str = ""
) -> Comparison:
    """Two logs of any Inspect task compared sample by sample, B minus A.

    Args:
        a: path or URL of the first log.
        b: path or URL of the second log.
        scores: the scorers, or `scorer.key`, to compare; empty for all that both logs have.
        value_map: `VALUE=NUMBER` texts, the number from 0 to 1 that a score value stands for.
        cluster: field of the samples' metadata that says which samples belong together; empty for the task's own.

    Raises:
        PrerequisiteError: a log cannot be read, or the logs cannot be compared.
    """
    logs = read_samples(a), read_samples(b)
    return compare_logs(*logs, scores=scores, values=parse_value_map(value_map), cluster=cluster)


def write_comparison(comparison: Comparison, out: Path, *, viewer: str, include_text: bool) -> None:
    """Write `compare.html`, `items.csv` and `compare.json` into a folder: all or nothing.

    Args:
        comparison: what to write.
        out: the folder; made if need be.
        viewer: where Inspect's viewer is served, for links to the samples.
        include_text: show questions and answers on the page too, also those of gated rows.

    Raises:
        PrerequisiteError: the folder cannot be written, or the viewer is no web address.
    """
    with staged(out) as scratch:
        page = render_comparison(comparison, viewer, include_text)
        (scratch / "compare.html").write_text(page, encoding="utf-8", newline="\n")
        write_frame(scratch / "items.csv", items_frame(comparison))
        (scratch / "compare.json").write_text(comparison_json(comparison) + "\n", encoding="utf-8")


def comparison_json(comparison: Comparison) -> str:
    """The comparison as JSON text without any text of a sample."""
    return json.dumps(comparison_record(comparison), indent=2, ensure_ascii=False)


def differences(comparison: Comparison) -> Table:
    """The difference of the two logs, its interval and its tests, for each metric."""
    return tabulate(
        "differences",
        "B − A",
        "Percentage points over n samples, epochs averaged within a sample first. Interval: mean paired difference, "
        f"errors clustered by {comparison.pairs.cluster}. Could have seen: the smallest difference that would have "
        "been found 8 times in 10. P: permutation test that exchanges A and B within each cluster; Holm, which "
        f"decides, and Benjamini-Hochberg (BH) over the {len(comparison.metrics)} metrics above. What is in "
        "brackets, or has a dagger, falls on the other side of 5% than Holm and does not decide. A dash stands where "
        "there is no test: without a differing sample the interval is an exact bound.",
        _DIFFERENCES,
        comparison.metrics,
        notes=[f"{', '.join(names)}: {limit}." for limit, names in limits(comparison).items()],
        source="compare.json",
    )


_DIFFERENCES: tuple[Column[MetricComparison], ...] = (
    Column("metric", lambda metric: metric.metric, ColumnKind.WORDS),
    Column("A", lambda metric: percent(metric.mean_a)),
    Column("B", lambda metric: percent(metric.mean_b)),
    Column("B − A, points", lambda metric: points(metric.difference.estimate)),
    Column("95% interval", lambda metric: _interval(metric)),
    Column("could have seen", lambda metric: points(metric.detectable).replace("+", "±"), detail=True),
    Column("P", lambda metric: _beside_holm(metric, metric.permutation.p_value)),
    Column("P Holm", lambda metric: p_value(metric.p_holm)),
    Column("P BH", lambda metric: _beside_holm(metric, metric.p_bh), detail=True),
    Column("McNemar P (mid-P)", lambda metric: _mcnemar(metric), detail=True),
    Column("n", lambda metric: whole(metric.difference.n)),
    Column("clusters", lambda metric: whole(metric.difference.n_clusters), detail=True),
    Column("unscored A, B", lambda metric: f"{whole(metric.unscored_a)}, {whole(metric.unscored_b)}", detail=True),
)


def _contradicts(metric: MetricComparison, p: float) -> bool:
    """Whether a P value falls on the other side of the level than the one that decides."""
    return not isnan(metric.p_holm) and not isnan(p) and (p < ALPHA) != (metric.p_holm < ALPHA)


def _beside_holm(metric: MetricComparison, p: float) -> str:
    return bracketed(p, _contradicts(metric, p))


def _interval(metric: MetricComparison) -> TableCell:
    """The interval, with a dagger where its t test contradicts the test that decides."""
    row = metric.difference
    mark = Mark.NOTE if _contradicts(metric, row.p_value) else Mark.NONE
    return TableCell(interval(row.conf_low, row.conf_high), mark)


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
    metrics: dict[str, list[str]] = {}
    for metric in comparison.metrics:
        untested = [Note(Code.NO_MCNEMAR, reason=metric.no_mcnemar)] if metric.no_mcnemar else []
        for text in filter(None, (in_words(metric.difference.notes), in_words(untested))):
            metrics.setdefault(text, []).append(metric.metric)
    return metrics


def items_frame(comparison: Comparison) -> pd.DataFrame:
    """One row per metric and sample: metric, sample_id, epoch (the first paired), epochs, cluster, a, b, group."""
    parts = [metric.items.assign(metric=metric.metric) for metric in comparison.metrics]
    frame = pd.concat(parts, ignore_index=True)
    return frame[["metric", *(name for name in frame.columns if name != "metric")]]


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
        "decides": "p_holm",
        "groups": group_words(metric),
        "counts": metric.counts,
        "discordant": discordant(metric),
    }


def _known(value: float) -> float | None:
    return None if isnan(value) else float(value)


def render_comparison(comparison: Comparison, viewer: str, include_text: bool) -> str:
    """The page's HTML, which loads nothing. The same comparison gives the same bytes."""
    script = files("warm_inspect").joinpath("content", "report", "compare.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    pairs = comparison.pairs
    # The first paired epoch of each sample stands for it.
    first = list({id: (id, epoch) for id, epoch in reversed(pairs.keys)}.values())[::-1]
    links = ViewerLinks(viewer, (pairs.a.path, pairs.b.path))
    contents = {
        "comparison": comparison,
        "pairs": pairs,
        "groups": GROUPS,
        "words": {metric.metric: group_words(metric) for metric in comparison.metrics},
        "differences": differences(comparison),
        "rows": list(_rows(comparison, links, first, include_text)),
        "samples": len(first),
        "include_text": include_text,
        "script": script,
        "script_digest": digest,
    }
    return environment().get_template("compare.html.j2").render(contents) + "\n"


def _rows(
    comparison: Comparison, links: ViewerLinks, keys: Sequence[SampleKey], include_text: bool
) -> Iterator[dict[str, Any]]:
    """One record per sample; first those on which the first metric differs, then any metric, then the rest."""
    pairs = comparison.pairs
    by_metric = [metric.items.set_index("sample_id")[["group", "a", "b"]].T.to_dict() for metric in comparison.metrics]

    def rank(key: SampleKey) -> tuple[bool, bool]:
        differs = [key[0] in items and items[key[0]]["group"] in DISCORDANT for items in by_metric]
        return (not differs[0], not any(differs))

    for key in sorted(keys, key=rank)[:MAX_ROWS]:
        a, b = pairs.a.samples[key], pairs.b.samples[key]
        yield {
            "id": a.id,
            "cluster": pairs.cluster_of(key),
            # None where it is not scored in both logs.
            "cells": [items.get(a.id) for items in by_metric],
            "links": (links.sample(pairs.a.path, *key), links.sample(pairs.b.path, *key)),
            "text": _texts(comparison.metrics, a, b) if include_text else None,
        }


def _texts(metrics: Sequence[MetricComparison], a: Sample, b: Sample) -> dict[str, str]:
    """The question and the answers that the scorer recorded."""
    scorer = metrics[0].metric.partition(".")[0]
    texts = {
        "question": a.input,
        "target": a.target,
        "A": _answer(a.scores.get(scorer)),
        "B": _answer(b.scores.get(scorer)),
    }
    return {name: shortened(text, MAX_CHARACTERS) for name, text in texts.items()}


def _answer(score: LoggedScore | None) -> str:
    return score.answer if score else ""
