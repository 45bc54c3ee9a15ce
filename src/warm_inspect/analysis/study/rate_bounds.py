"""How far rates depend on missing replies: what they would be if each of these were right, or wrong.

Replies are not missing at random: they are cut and abstained on more often on some arms than on others.
"""

import numpy as np
import pandas as pd

from warm_inspect.analysis.observations import MISSING, Missing, why_missing
from warm_inspect.core.vocabulary import ENDORSES_CLAIM, NOT_CORRECT, Grade

BOUNDED = (Grade.CORRECT.value, Grade.INCORRECT.value, NOT_CORRECT, ENDORSES_CLAIM)
"""The rates that have bounds."""

BOUNDS = (MISSING, *(f"{key}_{end}" for key in BOUNDED for end in ("low", "high")))
"""The share of missing samples; and of each rate the least and the most that it could be."""

_CELL = ["arm", "benchmark", "context", "belief"]


def with_bounds(frame: pd.DataFrame, exclusions: pd.DataFrame) -> pd.DataFrame:
    """The observations with the columns `BOUNDS`, whose means over a condition of an arm are its shares and bounds.

    Samples without a grade count in their condition, as if spread alike over all that is told apart within it.

    Args:
        frame: an observations frame.
        exclusions: counts of samples without a grade, as `Observations` holds them.
    """
    ungraded = _ungraded(frame, exclusions)
    silent = (why_missing(frame) != Missing.NOT).to_numpy(dtype=np.float64)
    columns = {MISSING: silent * (1 - ungraded) + ungraded}
    for key in BOUNDED:
        known = frame[key].to_numpy() * (1 - silent)
        columns[f"{key}_low"] = known * (1 - ungraded)
        columns[f"{key}_high"] = (known + silent) * (1 - ungraded) + ungraded
    return frame.assign(**columns)


def _ungraded(frame: pd.DataFrame, exclusions: pd.DataFrame) -> np.ndarray:
    """The share of samples without a grade in the condition of each reply."""
    cells = pd.MultiIndex.from_frame(frame[_CELL].astype(str))
    lost = exclusions.groupby(_CELL)["n"].sum().reindex(cells, fill_value=0).to_numpy(dtype=np.float64)
    graded = pd.Series(1, index=cells).groupby(level=_CELL).transform("size").to_numpy()
    return np.asarray(lost / (lost + graded))
