"""The compare page: two logs side by side in one HTML file that loads nothing, with a few lines of script to filter."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from warm_inspect.analysis.compare.paired import GROUPS, Comparison, MetricComparison
from warm_inspect.analysis.logs.log import LoggedScore, Sample, SampleKey
from warm_inspect.report.comparison import DISCORDANT, ViewerLinks, differences, group_words
from warm_inspect.report.environment import environment

MAX_ROWS = 2_000
"""Samples on the page, those on which the logs differ first; `items.csv` holds them all."""
MAX_CHARACTERS = 400
"""Length to which texts are cut on the page."""


def write_compare_page(comparison: Comparison, path: Path, *, viewer: str, include_text: bool) -> None:
    """Write the page. The same comparison gives the same bytes.

    Args:
        comparison: what to show.
        path: the HTML file.
        viewer: where Inspect's viewer is served, for links to the samples.
        include_text: show questions and answers too, also those of gated rows.
    """
    path.write_text(render_comparison(comparison, viewer, include_text), encoding="utf-8", newline="\n")


def render_comparison(comparison: Comparison, viewer: str, include_text: bool) -> str:
    """The page's HTML."""
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
    return {
        "question": _cut(a.input),
        "target": _cut(a.target),
        "A": _cut(_answer(a.scores.get(scorer))),
        "B": _cut(_answer(b.scores.get(scorer))),
    }


def _answer(score: LoggedScore | None) -> str:
    return score.answer if score else ""


def _cut(text: str) -> str:
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
