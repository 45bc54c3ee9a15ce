"""Whether replies give no answer more often where problems are harder."""

from dataclasses import replace
from math import nan

import numpy as np
import pandas as pd

from warm_inspect.analysis.estimates import LOG_ODDS, Code, Estimate, Identity, clustered, not_estimable
from warm_inspect.analysis.families.numbers import untested
from warm_inspect.analysis.families.reliability.rows import AVOIDANCE_SLOPE, AVOIDANT
from warm_inspect.core.families import Family


def avoidance_slope(rows: pd.DataFrame, identity: Identity) -> Estimate:
    """The log odds of no answer for a standard deviation of difficulty more, clustered by problem (CRV1)."""
    grouped = rows.groupby("cluster", observed=True).agg(
        level=("difficulty", "first"), n=(AVOIDANT, "size"), k=(AVOIDANT, "sum")
    )
    row = untested(Family.RELIABILITY, identity, AVOIDANCE_SLOPE, LOG_ODDS, n=len(rows), n_clusters=len(grouped))
    k, n, level = (grouped[name].to_numpy(dtype=np.float64) for name in ("k", "n", "level"))
    if k.sum() in (0, n.sum()):
        value = float(k.sum() > 0)
        return replace(row, notes=(not_estimable(Code.CONSTANT_OUTCOME, outcome=AVOIDANT, value=value),))
    avoided, not_avoided = level[k > 0], level[k < n]
    if len(np.unique(level)) < 2:
        return replace(row, notes=(not_estimable(Code.ONE_LEVEL, factor="difficulty"),))
    if avoided.min() >= not_avoided.max() or avoided.max() <= not_avoided.min():
        return replace(row, notes=(not_estimable(Code.SEPARATION, columns="difficulty"),))
    import statsmodels.api as sm

    standard = (level - np.average(level, weights=n)) / np.sqrt(np.cov(level, fweights=n.astype(int), ddof=0))
    model = sm.GLM(np.column_stack([k, n - k]), sm.add_constant(standard), family=sm.families.Binomial())
    fitted = model.fit(cov_type="cluster", cov_kwds={"groups": np.arange(len(k))})
    row = replace(row, estimate=float(fitted.params[1]))
    return replace(clustered(row, float(fitted.bse[1]), len(grouped)), p_value=nan, statistic=nan)
