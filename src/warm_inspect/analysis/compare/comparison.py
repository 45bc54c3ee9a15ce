"""Two logs of any Inspect task, compared sample by sample: log B minus log A.

Epochs are averaged within a sample first. The interval is that of the mean paired difference with errors clustered by
the samples' clusters, as for every contrast (`contrasts.condition_means`). The P value that decides is the permutation
test's, which exchanges the two logs within each cluster, adjusted by Holm over the metrics of one comparison; all other
P values are sensitivity analyses, and a metric in which one of them falls on the other side of .05 has a note.
Source: open requests for paired statistics, UKGovernmentBEIS/inspect_ai issues 2176 and 1327.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan

import numpy as np
import pandas as pd

from warm_inspect.analysis.compare.pairs import Bounds, Pairs, comparable_metrics, difference_bounds, pair, pair_frame
from warm_inspect.analysis.contrasts import CellTable, Contrast, McNemar, SignFlips, estimate, mcnemar, sign_flips
from warm_inspect.analysis.estimates import (
    ALPHA,
    BENJAMINI_HOCHBERG,
    HOLM,
    Code,
    Estimate,
    Identity,
    Kind,
    Note,
    adjusted,
    detectable,
)
from warm_inspect.analysis.logs import Log, ValueMap, unlike_log_settings
from warm_inspect.analysis.observations import POSITIVE_CONTROL_ARMS, Cell, warmth_cautions
from warm_inspect.core.errors import PrerequisiteError

GROUPS = ("only_a", "only_b", "both", "neither", "equal")
"""Where a sample stands on a metric: higher in A, higher in B, 1 in both, 0 in both, or equal in between (epochs)."""

_A, _B = Cell("A", "", ""), Cell("B", "", "")
_B_MINUS_A = {_B: 1.0, _A: -1.0}
_DIFFERENCE = Contrast("compare", Identity(Kind.ARM_EFFECT, _B.arm, _A.arm), (_B_MINUS_A,), clusters="clusters")


@dataclass(frozen=True)
class MetricComparison:
    """One metric that two logs share: its values in each sample, their means, difference and tests."""

    metric: str
    """`scorer`, or `scorer.key` for a score that is a dict."""
    items: pd.DataFrame
    """One row per sample: sample_id, epoch (the first paired), epochs, cluster, a, b (means), group (of `GROUPS`)."""
    unscored_a: int
    """Pairs of samples in which A lacks the metric."""
    unscored_b: int
    mean_a: float
    """Mean over the paired samples, from 0 to 1."""
    mean_b: float
    difference: Estimate
    """Mean of B - A in percentage points; its P value is the t test's. Without variance an exact bound."""
    mcnemar: McNemar | None
    """None when it does not apply; `no_mcnemar` says why."""
    no_mcnemar: Note | None
    permutation: SignFlips
    p_holm: float = nan
    """The permutation test's P, adjusted over the metrics by Holm: the one that decides."""
    p_bh: float = nan
    """The same by Benjamini and Hochberg."""

    @property
    def detectable(self) -> float:
        """The smallest difference that this comparison would have found with 80 % chance, in points; NaN if unknown."""
        return detectable(self.difference)

    @property
    def counts(self) -> dict[str, int]:
        """Samples in each of `GROUPS`."""
        sizes = self.items["group"].value_counts()
        return {group: int(sizes.get(group, 0)) for group in GROUPS}


@dataclass(frozen=True)
class Comparison:
    """Two logs, every metric that could be compared, and what could not."""

    pairs: Pairs
    metrics: tuple[MetricComparison, ...]
    left_out: Mapping[str, Note]
    """Why a metric that both logs score was not compared."""
    notes: tuple[Note, ...]
    """What a reader must know before believing a number."""

    @property
    def complete(self) -> bool:
        """Whether both evaluations ran to their end."""
        return self.pairs.a.finished and self.pairs.b.finished


def compare_logs(
    a: Log, b: Log, *, scores: Sequence[str] = (), values: ValueMap | None = None, cluster: str = ""
) -> Comparison:
    """The comparison of two logs; deterministic.

    Args:
        a: the log that differences start from.
        b: the log that they lead to.
        scores: scorers or metrics (`scorer.key`) to compare; empty for all that can be.
        values: how score values become numbers, where Inspect's own conversion does not know them.
        cluster: the metadata field that says which samples belong together.

    Raises:
        PrerequisiteError: the two cannot be compared (see `pair`, `comparable_metrics`).
    """
    numbers = values or ValueMap()
    pairs = pair(a, b, cluster)
    names, left_out = comparable_metrics(pairs, scores, numbers)
    frames = {name: pair_frame(pairs, name, numbers) for name in names}
    compared = [
        _compare(name, frame, unscored, difference_bounds(pairs, name, numbers))
        for name, (frame, unscored) in frames.items()
        if len(frame)
    ]
    left_out |= {name: Note(Code.NO_SHARED_SCORE) for name, (frame, _) in frames.items() if frame.empty}
    if not compared:
        raise PrerequisiteError(
            f"No sample is scored in both {pairs.a.name} and {pairs.b.name}. Score them with: inspect score LOG"
        )
    return Comparison(pairs, tuple(_adjusted(compared)), left_out, tuple(_notes(pairs)))


def _compare(metric: str, frame: pd.DataFrame, unscored: tuple[int, int], bounds: Bounds) -> MetricComparison:
    items = _items(frame)
    clusters = (items["b"] - items["a"]).groupby(items["cluster"]).sum()
    binary = bool(items[["a", "b"]].isin([0.0, 1.0]).all(axis=None))
    groups = items["group"].value_counts()
    untested = None
    if not binary:
        untested = Note(Code.NOT_BINARY if (items["epochs"] == 1).all() else Code.EPOCHS_AVERAGED)
    elif len(clusters) < len(items):
        untested = Note(Code.SHARED_CLUSTERS, samples=len(items), clusters=len(clusters))
    return MetricComparison(
        metric=metric,
        items=items,
        unscored_a=unscored[0],
        unscored_b=unscored[1],
        mean_a=float(items["a"].mean()),
        mean_b=float(items["b"].mean()),
        difference=_difference(metric, items, bounds),
        mcnemar=None if untested else mcnemar(int(groups.get("only_a", 0)), int(groups.get("only_b", 0))),
        no_mcnemar=untested,
        permutation=sign_flips(clusters.to_list()),
    )


def _items(frame: pd.DataFrame) -> pd.DataFrame:
    """One row per sample, its epochs averaged, in the order of log A."""
    by_sample = frame.groupby("sample_id", sort=False)
    items = by_sample.agg(
        epoch=("epoch", "min"), epochs=("epoch", "size"), cluster=("cluster", "first"), a=("a", "mean"), b=("b", "mean")
    ).reset_index()
    gap = items["b"] - items["a"]
    # Means of equal values may differ in their last digit.
    same = gap.abs() < 1e-9
    conditions = [~same & (gap < 0), ~same & (gap > 0), same & (items["a"] > 1 - 1e-9), same & (items["a"] < 1e-9)]
    items["group"] = np.select(conditions, list(GROUPS[:4]), GROUPS[4])
    return items


def _difference(metric: str, items: pd.DataFrame, bounds: Bounds) -> Estimate:
    """The mean paired difference: the estimator of every contrast of the study, on one stratum."""
    missing = [Note(Code.MISSING_IN_LOG, **bounds._asdict())] if bounds.missing else []
    sides = [
        items.assign(arm=cell.arm, context=cell.context, belief=cell.belief, y=items[cell.arm.lower()])
        for cell in (_A, _B)
    ]
    frame = pd.concat(sides).assign(base_model="", benchmark="").rename(columns={"sample_id": "question_id"})
    (row,) = estimate(CellTable.build(frame, ["y"]), _DIFFERENCE)
    return replace(row, outcome=metric, notes=(*missing, *row.notes))


def _adjusted(metrics: Sequence[MetricComparison]) -> list[MetricComparison]:
    """The metrics with their P values adjusted; one without a discordant pair keeps its place."""
    p_values = [row.permutation.p_value for row in metrics]
    by_holm, by_bh = (adjusted(p_values, method) for method in (HOLM, BENJAMINI_HOCHBERG))
    return [_noted(replace(row, p_holm=p, p_bh=q)) for row, p, q in zip(metrics, by_holm, by_bh, strict=True)]


def _noted(row: MetricComparison) -> MetricComparison:
    """The metric with a note for each of its P values that is on the other side of .05 than the one that decides."""
    p = row.permutation.p_value
    others = {"the interval's t test": row.difference.p_value}
    if row.mcnemar:
        others["McNemar's test with mid-P"] = row.mcnemar.mid_p
    notes = [
        Note(Code.TESTS_DISAGREE, test=test, other=other, p=p)
        for test, other in others.items()
        if not isnan(p) and not isnan(other) and (other < ALPHA) != (p < ALPHA)
    ]
    if p < ALPHA <= row.p_holm:
        notes.append(Note(Code.ADJUSTED_AWAY, p=p, adjusted=row.p_holm))
    return replace(row, difference=replace(row.difference, notes=(*row.difference.notes, *notes)))


def _notes(pairs: Pairs) -> Iterator[Note]:
    a, b = pairs.a, pairs.b
    for letter, log in (("A", a), ("B", b)):
        if not log.finished:
            yield Note(Code.LOG_UNFINISHED, log=letter, status=log.status)
        # A task that is not ours writes no arm into its samples; the command may have named one.
        arms = {log.arm, *(str(sample.metadata.get("arm")) for sample in log.samples.values())}
        for arm in sorted(arms & POSITIVE_CONTROL_ARMS):
            yield Note(Code.POSITIVE_CONTROL_LOG, log=letter, arm=arm)
        yield from warmth_cautions(log.warmth_statuses, letter)
    unpaired = [(len(pairs.only_in_a), "A"), (len(pairs.only_in_b), "B")]
    for n, letter in unpaired:
        if n:
            yield Note(Code.ONLY_IN_ONE_LOG, n=n, log=letter)
    for n, letter in zip(pairs.errors, "AB", strict=True):
        if n:
            yield Note(Code.UNSCORED_IN_LOG, n=n, total=len(pairs.keys), log=letter)
    for name, in_a, in_b in unlike_log_settings(a, b):
        yield Note(Code.UNLIKE_LOGS, setting=name, a=in_a, b=in_b)
    samples = {id for id, _ in pairs.keys}
    clusters = {pairs.cluster_of(key) for key in pairs.keys}
    if len(clusters) < len(samples):
        yield Note(Code.CLUSTERED, cluster=pairs.cluster, samples=len(samples), clusters=len(clusters))
