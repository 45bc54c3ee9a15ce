"""The variance of a mean of means, and its degrees of freedom, where some of the means rest on few clusters.

A part is a stratum, or a condition that less than half as many units completed as another of its stratum. Cluster g has
the share f of the replies of its part, which has G clusters. With u for its influence on the estimate, the variance is
the sum over clusters of the square of

    sum over parts of sqrt((G - 1) / G) u / (1 - f)

the delete-one-cluster jackknife of each part, taken at the full estimate (CV3). For clusters of equal size it is the
unbiased variance, s^2 / n for one mean of n.

A sample in which nothing deviates has no variance, though the population may have one, so something is added: a part
without a deviation counts as if one of its clusters had one, and large clusters that all agree as if the replies within
each agreed always and the clusters varied as the other replies of their part do. For example, of two benchmarks of ten
questions, which weigh 1/2 each, one shows no difference between two arms: it adds (1/2 / 10)^2. The degrees of freedom
below are not adapted to what is added, which rests on no cluster that deviates.

Under a working model in which questions are independent and the conditions of one question vary together, that sum is
a quadratic form with the matrix Q of the covariances of its terms; the degrees of freedom are tr(Q)^2 / tr(Q^2). They
depend on the design alone and are n - 1 for one mean of n clusters of equal size.

Source: Bell and McCaffrey 2002, Survey Methodology 28, 169-181; MacKinnon, Nielsen and Webb 2023, doi
10.1016/j.jeconom.2022.04.001.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from warm_inspect.analysis.estimates import ENOUGH, FEW, Code, Note, not_estimable

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

# A condition of few units would else be taken to vary as the many do, whose mean it is averaged with.
_SMALL = 0.5
"""A condition with less than this share of the units of its stratum's largest condition is a part of its own."""
# By simulation: at this size few clusters that happen to agree made intervals too short (docs/simulation.md).
_LARGE = 4
"""Times the median size from which a cluster is large."""
_ROUNDING = 1e-12
"""Influences are differences of means, which rounding keeps from vanishing."""


class PartErrors(NamedTuple):
    """What is known of the error of an estimate."""

    variance: Floats
    """Shape: (outcome,)."""
    adjusted: Floats
    """What each cluster adds to the estimate, over 1 minus its share of its part; shape (outcome, cluster)."""
    unseen: Floats
    """What is added to the variance for parts and sizes that show none; shape (outcome,)."""
    df: float
    smallest: int
    """Clusters of the part, or units of a condition in a stratum, that has fewest."""
    condition: int
    """Clusters of the condition that has fewest, over all strata."""
    constant: Mask
    """Parts in which no unit deviates while one deviates elsewhere; shape (outcome, part)."""
    stratum: Codes
    """The stratum of each part; shape (part,)."""
    agreeing_clusters: Codes
    """How many large clusters agree with all others of their size, over all parts; shape (outcome,)."""

    @property
    def equal(self) -> float:
        """The number of clusters of equal size that the clusters are worth."""
        return round(self.df + 1, 6)

    def too_few(self, unit: str) -> Note | None:
        """Why there is no interval; None where there is one.

        Args:
            unit: what a cluster is, for the note.
        """
        if self.condition < ENOUGH:
            return not_estimable(Code.FEWER_THAN_FIVE, unit=unit, n=self.condition)
        if self.smallest < 2:
            return not_estimable(Code.SINGLE_IN_PART, unit=unit)
        if self.equal < ENOUGH:
            return not_estimable(Code.TOO_UNEQUAL, unit=unit, n=self.equal)
        return None

    def limits(self, unit: str) -> list[Note]:
        """What a reader must know of an interval with few clusters."""
        if self.condition < FEW:
            return [Note(Code.FEW_CLUSTERS, n=self.condition, unit=unit)]
        return [Note(Code.UNEQUAL_CLUSTERS, n=self.equal, unit=unit)] if self.equal < FEW else []


def part_errors(influences: Floats, complete: Mask, weight: Floats, stratum: Codes, cluster: Codes) -> PartErrors:
    """The error of a weighted mean of condition means.

    A constant part adds the error that it would have if one of its clusters deviated: a small part in which nothing
    happened to differ is not known without error. So do large clusters, of which there are few (`_agreeing_sizes`).

    Args:
        influences: what each reply moves the estimate by; shape (outcome, unit, block).
        complete: which replies there are; shape (unit, block).
        weight: what each mean weighs; shape (stratum, block).
        stratum: shape (unit,).
        cluster: codes from 0; shape (unit,).
    """
    counts = np.stack([np.bincount(stratum, column, len(weight)) for column in complete.T], axis=1)
    main = (counts > 0) & (counts >= _SMALL * counts.max(axis=1, keepdims=True))
    small = np.argwhere((counts > 0) & ~main)
    # The parts: which units are in each, how many replies of each unit, and the unit's influence through it.
    by_unit = influences.sum(axis=2) if not len(small) else (influences * main[stratum]).sum(axis=2)
    replies = complete.sum(axis=1) if not len(small) else (complete & main[stratum]).sum(axis=1)
    used = np.flatnonzero(main.any(axis=1))
    parts = [(code, stratum == code, replies, by_unit, float(weight[code, main[code]].sum())) for code in used]
    parts += [
        (code, stratum == code, complete[:, block].astype(np.intp), influences[:, :, block], float(weight[code, block]))
        for code, block in small
    ]
    groups = int(cluster.max()) + 1
    adjusted = np.zeros((len(influences), groups))
    own, other = np.zeros((groups, len(parts))), np.zeros((groups, len(parts)))
    diagonal = np.zeros(groups)
    spread, total, sizes = np.zeros(len(parts)), np.zeros(len(parts)), np.zeros(len(parts), dtype=np.intp)
    unseen, agreeing = np.zeros(len(influences)), np.zeros(len(influences), dtype=np.intp)
    deviates = np.zeros((len(influences), len(parts)), dtype=bool)
    for p, (_, member, n, moved, weighs) in enumerate(parts):
        rows = np.flatnonzero(member & (n > 0))
        of, n = cluster[rows], n[rows].astype(np.float64)
        size, square = np.bincount(of, n, groups), np.bincount(of, n**2, groups)
        total[p], spread[p], sizes[p] = size.sum(), square.sum(), np.count_nonzero(size)
        # The replies without the cluster. None are left where a part has one cluster, and `too_few` refuses that.
        left = np.maximum(total[p] - size, 1)
        # CV3: leaving a cluster out moves the mean by what the cluster adds times total / left, and the jackknife's
        # variance is (G - 1) / G times the sum of the squared moves.
        factor = np.sqrt((sizes[p] - 1) / sizes[p]) * total[p] / left
        taken = moved[:, rows]
        deviates[:, p] = np.abs(taken).sum(axis=1) > _ROUNDING
        own_adjusted = np.stack([factor * np.bincount(of, values, groups) for values in taken])
        adjusted += own_adjusted
        variance, clusters = _agreeing_sizes(taken / n, own_adjusted, of, size.astype(np.float64))
        unseen += variance
        agreeing += clusters
        scale = weighs / total[p] * factor
        own[:, p], other[:, p] = scale * size, scale * square
        diagonal += scale**2 * square
    constant = ~deviates & deviates.any(axis=1, keepdims=True)
    weights = np.array([weighs for *_, weighs in parts])
    # One cluster of G that deviates moves the mean of its part by 1 / G.
    unseen += (np.where(constant, weights / sizes, 0.0) ** 2).sum(axis=1)
    return PartErrors(
        variance=(adjusted**2).sum(axis=1) + unseen,
        adjusted=adjusted,
        unseen=unseen,
        df=_satterthwaite(diagonal, own, other, spread, total),
        smallest=int(min(sizes.min(), counts[counts > 0].min())),
        condition=min(np.unique(cluster[column]).size for column in complete.T if column.any()),
        constant=constant,
        stratum=np.array([code for code, *_ in parts], dtype=np.intp),
        agreeing_clusters=agreeing,
    )


def _agreeing_sizes(moved: Floats, adjusted: Floats, cluster: Codes, size: Floats) -> tuple[Floats, Codes]:
    """What large clusters that all agree add to the variance of each outcome, and how many they are.

    Clusters of at least `_LARGE` times the median size are looked at by size, doubled from step to step.

    Args:
        moved: what each reply of a unit moves the estimate by, on average; shape (outcome, unit).
        adjusted: what each cluster has in the variance, before it is squared; shape (outcome, cluster).
        cluster: shape (unit,).
        size: the replies of each cluster, 0 where it has none in the part; shape (cluster,).
    """
    least = _LARGE * np.median(size[size > 0])
    # Steps from 0; -1 for clusters that are not large.
    step = np.floor(np.log2(np.maximum(size / least, 0.5))).astype(np.intp)
    added, agreeing = np.zeros(len(moved)), np.zeros(len(moved), dtype=np.intp)
    of_unit = step[cluster]
    kinds = np.unique(step[step >= 0])
    agree = {kind: np.ptp(moved[:, of_unit == kind], axis=1) < _ROUNDING for kind in kinds}
    for outcome, values in enumerate(moved):
        quiet = [kind for kind in kinds if agree[kind][outcome]]
        others = values[~np.isin(of_unit, quiet)]
        if not quiet or not len(others):
            continue
        spread = float((others**2).mean())
        for kind in quiet:
            alike = step == kind
            # What they would add if their replies deviated together as far as the others' do, less what they have.
            more = spread * float((size[alike] ** 2).sum()) - float((adjusted[outcome, alike] ** 2).sum())
            if more > 0:
                added[outcome] += more
                agreeing[outcome] += np.count_nonzero(alike)
    return added, agreeing


def _satterthwaite(diagonal: Floats, own: Floats, other: Floats, spread: Floats, total: Floats) -> float:
    """tr(Q)^2 / tr(Q^2) for Q = diag(diagonal) + left right', without making Q.

    Args:
        diagonal: the working variance of each cluster's own replies; shape (cluster,).
        own: each cluster's weight through its part's mean; shape (cluster, part).
        other: its covariance with that mean, times the part's replies; shape (cluster, part).
        spread: the working variance of each part's sum; shape (part,).
        total: the replies of each part; shape (part,).
    """
    # With D for the diagonal, L for left and R for right: tr(Q) = tr(D) + tr(L R'), and
    # tr(Q^2) = tr(D^2) + 2 tr(D L R') + tr(R' L R' L), in which R' L has twice as many rows as there are parts.
    left = np.hstack([own, other])
    right = np.hstack([own * spread / total**2 - other / total, -own / total])
    both = (left * right).sum(axis=1)
    inner = right.T @ left
    trace = float(diagonal.sum() + both.sum())
    squares = float((diagonal**2).sum() + 2 * (diagonal * both).sum() + (inner * inner.T).sum())
    return trace**2 / squares if squares > 0 else 0.0
