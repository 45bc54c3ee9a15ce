"""Shares of one thing among another that vary by cluster: of one arm, or the difference of two."""

from dataclasses import replace
from math import isnan, nan

import numpy as np

from warm_inspect.analysis.contrasts import Codes, as_rate
from warm_inspect.analysis.estimates import (
    ENOUGH,
    POINTS,
    SHARE,
    Code,
    Estimate,
    Floats,
    Identity,
    Note,
    clustered,
    not_estimable,
)
from warm_inspect.analysis.families.numbers import untested
from warm_inspect.core.families import Family

_NO_SPREAD = 1e-8
"""Percentage points below which an error is the rounding of zero."""


def clustered_ratio(
    identity: Identity, outcome: str, part: Floats, whole: Floats, clusters: Codes, nothing: Note, units: str
) -> Estimate:
    """The share of a part among a whole: of one arm from 0 to 1, of two arms their difference in points; not tested.

    The error is that of the linearised ratio, clustered (CRV1).

    Args:
        identity: which arm, or which two.
        outcome: what the share is called.
        part: how many of the whole count; shape (row, arm), with one arm or two.
        whole: the same shape.
        clusters: of each row.
        nothing: why there is no share where an arm has nothing of the whole.
        units: what the clusters are, in the plural.
    """
    totals = whole.sum(axis=0)
    shares = np.divide(part.sum(axis=0), totals, out=np.full(len(totals), nan), where=totals > 0)
    signs = np.array([1.0, -1.0])[: len(totals)]
    influence = ((part - shares * whole) / np.maximum(totals, 1)) @ signs
    counted = np.unique(clusters[whole.sum(axis=1) > 0])
    of_clusters = np.array([influence[clusters == cluster].sum() for cluster in counted])
    n = len(counted)
    row = untested(
        Family.RELIABILITY, identity, outcome, POINTS, 100 * float(shares @ signs), n=int(totals.sum()), n_clusters=n
    )
    if isnan(row.estimate):
        row = replace(row, notes=(nothing,))
    elif n < ENOUGH:
        row = replace(row, notes=(not_estimable(Code.FEWER_THAN_FIVE, unit=units, n=n),))
    elif (spread := 100 * float(np.sqrt(n / (n - 1) * (of_clusters**2).sum()))) < _NO_SPREAD:
        row = replace(row, notes=(not_estimable(Code.ALL_AGREE, unit=units),))
    else:
        row = replace(clustered(row, spread, n), p_value=nan, statistic=nan)
    if len(totals) == 2:
        return row
    return replace(row, unit=SHARE) if isnan(row.estimate) else replace(as_rate(row, row.n), notes=row.notes)
