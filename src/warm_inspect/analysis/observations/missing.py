"""Which replies are missing: what their outcome would have been is unknown, and why.

This is the one definition: of the release gate, which takes missing replies at their worst, and of the bounds beside
rates, effects and traffics. A reply is missing when it was cut at the token limit, ended by a provider's filter, holds
nothing, has no grade for whatever reason, or when matching abstained from a grade, which then counts as `unclear` and
would look harmless. `unclear` by a grader model is a grade. Between two arms a reply is missing too that one of them
was never asked for, and the other was: to one question, under one condition, in one epoch.
"""

from collections.abc import Iterator
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.observations.cautions import MAX_UNSCORED
from warm_inspect.analysis.observations.levels import ordered_levels
from warm_inspect.analysis.observations.observations import Observations
from warm_inspect.core.endings import EMPTY_REPLY, FILTERED
from warm_inspect.core.vocabulary import TRUNCATED, Grade, Grading

Mask = npt.NDArray[np.bool_]
MISSING = "missing"
"""The column of `replies_asked_for` that says why a reply is missing."""
_CONDITION = ["base_model", "benchmark", "context", "belief"]
_ADAPTER = ["arm", "training_seed"]
"""What was asked: of an arm that was trained several times each adapter by itself."""


class Missing(StrEnum):
    """Why the outcome of a reply is unknown; empty where it is known."""

    NOT = ""
    ABSTAINED = "abstained"
    EMPTY = "empty"
    FILTERED = "filtered"
    CUT = "cut"
    UNGRADED = "ungraded"
    NOT_RUN = "not_run"
    """Only a comparison of arms can tell: the other arm was asked."""


_IN_WORDS = {
    Missing.CUT: "cut",
    Missing.FILTERED: "filtered",
    Missing.EMPTY: "empty",
    Missing.ABSTAINED: "not understood by matching",
    Missing.UNGRADED: "without a grade",
    Missing.NOT_RUN: "never run",
}


def why_missing(frame: pd.DataFrame) -> "pd.Series[str]":
    """Why each graded reply is missing all the same, `Missing.NOT` for most.

    Args:
        frame: columns abstained, grading, stop_reason, reply_chars, `unclear` and `truncated`; what is not known is NaN
            or empty, and a length -1.
    """
    abstained = frame["abstained"].astype("str")
    by_matching = frame["grading"].astype("str") == Grading.MATCH
    # Matching that does not say whether it abstained did so on all unclear ones.
    silent = frame["abstained"].isna() & by_matching & (frame[Grade.UNCLEAR] == 1)
    missing = pd.Series(Missing.NOT.value, frame.index)
    missing[silent | (frame["abstained"].notna() & (abstained != ""))] = Missing.ABSTAINED.value
    missing[(frame["reply_chars"] == 0) | (abstained == EMPTY_REPLY)] = Missing.EMPTY.value
    missing[frame["stop_reason"].astype("str") == FILTERED] = Missing.FILTERED.value
    missing[frame[TRUNCATED] == 1] = Missing.CUT.value
    return missing


def replies_asked_for(observations: Observations) -> pd.DataFrame:
    """Every reply, those without a grade too: the columns of the observations, factors as texts, and `MISSING`."""
    graded = observations.frame.assign(**{MISSING: why_missing(observations.frame)})
    ungraded = observations.ungraded.assign(**{MISSING: Missing.UNGRADED.value})
    replies = pd.concat([graded, ungraded], ignore_index=True)
    factors = ["base_model", "benchmark", "context", "belief", "arm", "question_id", "cluster", "context_group"]
    return replies.astype(dict.fromkeys(factors, str))


def is_unknown(replies: pd.DataFrame, outcome: str) -> Mask:
    """Which replies have no known value of an outcome. That one was cut is what is known of a cut one.

    Args:
        replies: with the column `MISSING`.
        outcome: a column of them.
    """
    known = {Missing.NOT.value} | ({Missing.CUT.value} if outcome == TRUNCATED else set())
    return np.asarray(~replies[MISSING].isin(known), dtype=np.bool_)


def never_run(replies: pd.DataFrame) -> dict[str, int]:
    """How many replies each arm was not asked for that another was, under the conditions that it was asked under.

    A question counts once for each epoch in which any arm was asked it, and for each adapter of the arm.

    Args:
        replies: as `replies_asked_for` gives them.
    """
    prompts = replies[[*_CONDITION, "question_id", "epoch", *_ADAPTER]].drop_duplicates()
    asked = prompts.groupby([*_CONDITION, *_ADAPTER]).size().rename("asked").reset_index()
    of_any = prompts[[*_CONDITION, "question_id", "epoch"]].drop_duplicates()
    by_any = of_any.groupby(_CONDITION).size().rename("by_any").reset_index()
    counts = asked.merge(by_any, on=_CONDITION)
    return {str(arm): int(n) for arm, n in (counts["by_any"] - counts["asked"]).groupby(counts["arm"]).sum().items()}


def unequal_missing(observations: Observations) -> Iterator[Note]:
    """A warning where the share of missing replies differs by more than `MAX_UNSCORED` from arm to arm.

    Then a difference of two arms may be one of what is missing. A rerun and a positive control may be asked less: of
    them only what they were asked counts.
    """
    replies, roles = replies_asked_for(observations), observations.roles
    shares = {str(arm): why for arm, why in replies.groupby("arm")[MISSING]}
    apart = {roles.rerun} | roles.positive_control_arms
    for arm, n in never_run(replies[~replies["arm"].isin(apart)]).items():
        shares[arm] = pd.concat([shares[arm], pd.Series([Missing.NOT_RUN.value] * n, dtype="str")])
    lost = {arm: float((why != Missing.NOT).mean()) for arm, why in shares.items()}
    if max(lost.values()) - min(lost.values()) <= MAX_UNSCORED:
        return
    arms = ordered_levels("arm", list(lost))
    yield Note(Code.UNEQUAL_MISSING, arms="; ".join(f"{arm} {_counted(shares[arm])}" for arm in arms))


def _counted(why: "pd.Series[str]") -> str:
    """`4.9% (12 of 245: 10 cut, 2 without a grade)`."""
    counts = why.value_counts()
    parts = ", ".join(f"{counts[kind]:,} {words}" for kind, words in _IN_WORDS.items() if kind in counts)
    n = int((why != Missing.NOT).sum())
    return f"{n / len(why):.1%} ({n:,} of {len(why):,}{': ' if parts else ''}{parts})"
