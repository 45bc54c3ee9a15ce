"""Whether a grader that does not see the answer takes wrong replies for right ones, and those of an arm more often.

Its denominator is wrong replies, by rule, that the grader judged. How often it takes right ones for right stands
beside, since a grader that passes everything, or nothing, tells no reply from another. A model grades, and no person.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from warm_inspect.analysis.estimates import Code, Identity, Kind, not_estimable
from warm_inspect.analysis.families.numbers import ArmPair, arms_in
from warm_inspect.analysis.families.reliability.ratios import clustered_ratio
from warm_inspect.analysis.families.reliability.rows import (
    CORRECT,
    INCORRECT,
    RIGHT_PASSED,
    WRONG_PASSED,
    About,
    ReliabilityRow,
)
from warm_inspect.core.families import Judged

_OF = {WRONG_PASSED: INCORRECT, RIGHT_PASSED: CORRECT}


def supervision_of_arms(frame: pd.DataFrame, about: About) -> Iterator[ReliabilityRow]:
    """Of each arm, over all levels and at each; nothing where no grader was asked.

    Args:
        frame: first replies.
        about: what they are of.
    """
    judged = _judged(frame)
    for arm in arms_in(judged):
        own = judged[judged["arm"] == arm]
        for outcome in _OF:
            yield _number(own, (arm,), outcome, Identity(Kind.RATE, arm, base_model=about.base), about)
        for level, of_level in own.groupby("difficulty", observed=True):
            identity = Identity(Kind.RATE, arm, base_model=about.base)
            yield _number(of_level, (arm,), WRONG_PASSED, identity, about, str(level))


def supervision_between(frame: pd.DataFrame, pair: ArmPair, about: About) -> Iterator[ReliabilityRow]:
    """Of two arms on the prompts that both answered; each arm's own wrong replies count."""
    judged = _judged(frame)
    if set(pair.names) <= set(arms_in(judged)):
        for outcome in _OF:
            yield _number(judged, pair.names, outcome, pair.identity, about)


def _judged(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame[Judged.CORRECT.value].notna()]


def _number(
    rows: pd.DataFrame, arms: tuple[str, ...], outcome: str, identity: Identity, about: About, level: str = ""
) -> ReliabilityRow:
    of_arm = np.column_stack([rows["arm"] == arm for arm in arms]).astype(float)
    whole = of_arm * rows[[_OF[outcome]]].to_numpy(dtype=np.float64)
    part = whole * rows[[Judged.CORRECT.value]].to_numpy(dtype=np.float64)
    clusters = pd.factorize(rows["cluster"])[0]
    nothing = not_estimable(Code.NONE_JUDGED, outcome=_OF[outcome])
    number = clustered_ratio(identity, outcome, part, whole, clusters, nothing, "problems")
    return about.row(number, int(part.sum()) if len(arms) == 1 else None, level)
