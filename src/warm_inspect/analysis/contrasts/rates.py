"""What one arm does, as a share with an interval that allows for clusters.

The interval is Wilson's at the number of independent replies that has the clustered error.
Source: Wilson 1927, doi 10.1080/01621459.1927.10502953.
"""

from dataclasses import replace
from math import nan

import pandas as pd

from warm_inspect.analysis.contrasts.condition_means import CellTable, Contrast, estimate
from warm_inspect.analysis.estimates import CONFIDENCE, SHARE, Estimate

RATE = "rate"
"""The term of such estimates."""


def clustered_rate(rows: pd.DataFrame, outcome: str, contrast: Contrast) -> Estimate:
    """The mean of an outcome over the questions of one cell, from 0 to 1; it is not tested against zero.

    Args:
        rows: graded replies, all of the cell; at least one.
        outcome: their column of 0 and 1.
        contrast: the cell alone, with weight 1.
    """
    (row,) = estimate(CellTable.build(rows, [outcome]), contrast)
    return as_rate(row, len(rows))


def as_rate(row: Estimate, n: int) -> Estimate:
    """The estimate of one cell's mean, in points, as a share with Wilson's interval.

    Args:
        row: of `estimate`.
        n: graded replies behind it.
    """
    share = row.estimate / 100
    independent = share * (1 - share) / (row.std_error / 100) ** 2 if row.estimable else row.n_clusters
    low, high = _wilson(share, independent)
    return replace(
        row,
        term=RATE,
        estimate=share,
        unit=SHARE,
        std_error=row.std_error / 100,
        statistic=nan,
        df=nan,
        p_value=nan,
        conf_low=low,
        conf_high=high,
        n=n,
        notes=(),
    )


def _wilson(share: float, n: float) -> tuple[float, float]:
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(share * n, n, alpha=1 - CONFIDENCE, method="wilson")
    # Rounding may put an end beyond a share of 0 or 1.
    return min(float(low), share), max(float(high), share)
