"""How far rates depend on replies without a verdict: what they would be if each of these were right, or wrong.

A sample has no verdict when the grading abstained, which counts as `unclear`, or when it has no grade at all. Neither
is missing at random: a grading abstains more often on some arms than on others.
"""

import numpy as np
import pandas as pd

from warm_inspect.core.vocabulary import ENDORSES_CLAIM, Grade, Grading

BOUNDED = (Grade.CORRECT.value, Grade.INCORRECT.value, "not_correct", ENDORSES_CLAIM)
"""The rates that have bounds."""

NO_VERDICT = "no_verdict"
BOUNDS = (NO_VERDICT, *(f"{key}_{end}" for key in BOUNDED for end in ("low", "high")))
"""The share of samples without a verdict; and of each rate the least and the most that it could be."""

_CELL = ["arm", "benchmark", "context", "belief"]


def with_bounds(frame: pd.DataFrame, exclusions: pd.DataFrame) -> pd.DataFrame:
    """The observations with the columns `BOUNDS`, whose means over a condition of an arm are its shares and bounds.

    Samples without a grade count in their condition, as if spread alike over all that is told apart within it.

    Args:
        frame: an observations frame.
        exclusions: counts of samples without a grade, as `Observations` holds them.
    """
    ungraded = _ungraded(frame, exclusions)
    silent = abstained(frame)
    columns = {NO_VERDICT: silent * (1 - ungraded) + ungraded}
    for key in BOUNDED:
        known = frame[key].to_numpy() * (1 - silent)
        columns[f"{key}_low"] = known * (1 - ungraded)
        columns[f"{key}_high"] = (known + silent) * (1 - ungraded) + ungraded
    return frame.assign(**columns)


def abstained(frame: pd.DataFrame) -> np.ndarray:
    """1 for replies that the grading abstained on, else 0; matching that does not say so abstained on all unclear ones.

    Unclear by a grader model is a verdict.
    """
    said = frame["abstained"].astype("str")
    silent = frame["abstained"].isna() & (frame["grading"] == Grading.MATCH) & (frame[Grade.UNCLEAR] == 1)
    return (silent | (frame["abstained"].notna() & (said != ""))).to_numpy(dtype=np.float64)


def _ungraded(frame: pd.DataFrame, exclusions: pd.DataFrame) -> np.ndarray:
    """The share of samples without a grade in the condition of each reply."""
    cells = pd.MultiIndex.from_frame(frame[_CELL].astype(str))
    lost = exclusions.groupby(_CELL)["n"].sum().reindex(cells, fill_value=0).to_numpy(dtype=np.float64)
    graded = pd.Series(1, index=cells).groupby(level=_CELL).transform("size").to_numpy()
    return np.asarray(lost / (lost + graded))
