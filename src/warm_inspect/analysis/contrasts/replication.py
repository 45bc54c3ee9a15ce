"""Effects over replicates: base models, or training seeds, as a random sample of what could have been used.

The replicates weigh equally and their spread is the error, so that no effect is stated more surely than it repeats.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import nan, sqrt

import numpy as np
from scipy import stats

from warm_inspect.analysis.estimates import CONFIDENCE, Estimate, wald
from warm_inspect.analysis.identity import Identity
from warm_inspect.analysis.notes import Code, not_estimable

MEAN = "random_effects_mean"
PREDICTION = "prediction_interval"


def mean_over(rows: Sequence[Estimate], identity: Identity, unit: str) -> Estimate:
    """The mean over replicates with t and replicates - 1 degrees of freedom.

    Args:
        rows: the same estimate in each replicate.
        identity: what the mean is about.
        unit: what a replicate is, in the plural, for notes.
    """
    values = np.array([row.estimate for row in rows])
    row = _template(rows, identity, float(values.mean()))
    if len(values) < 2:
        return replace(row, notes=(not_estimable(Code.FEWER_THAN_TWO, unit=unit),))
    std_error = float(values.std(ddof=1)) / sqrt(len(values))
    if std_error < 1e-10:
        return replace(row, notes=(not_estimable(Code.REPLICATES_AGREE, unit=unit),))
    return wald(row, std_error, len(values) - 1)


def prediction(rows: Sequence[Estimate], identity: Identity, unit: str) -> Estimate:
    """The interval in which the effect of one more replicate is expected, with the mean as its estimate.

    The spread of the estimates holds their own sampling error too: the interval is for one more study of this size.
    """
    mean = mean_over(rows, identity, unit)
    bare = replace(mean, term=PREDICTION, std_error=nan, statistic=nan, df=nan, p_value=nan)
    if not mean.estimable:
        return bare
    k = len(rows)
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, k - 1)) * mean.std_error * sqrt(k + 1)
    return replace(bare, df=k - 1.0, conf_low=mean.estimate - half, conf_high=mean.estimate + half)


def _template(rows: Sequence[Estimate], identity: Identity, value: float) -> Estimate:
    first = rows[0]
    return Estimate(
        analysis=first.analysis,
        term=MEAN,
        outcome=first.outcome,
        identity=identity,
        estimate=value,
        unit=first.unit,
        n=sum(row.n for row in rows),
        n_clusters=len(rows),
    )
