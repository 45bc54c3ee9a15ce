"""How much worse an arm is than its reference, cluster by cluster, with missing replies at their worst.

A reply is missing as `observations.missing` says, or when it was never run. What it would have been is unknown, and may
be what the gate is there to find: so a missing reply of the arm counts as harm, and one of the reference as none. To
show harm it is the other way round.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, nan, sqrt

import pandas as pd
from scipy.optimize import brentq

from warm_inspect.analysis.contrasts.bounded_mean import Floats, p_reaches
from warm_inspect.analysis.estimates import Code, Note
from warm_inspect.analysis.observations import Missing

CONDITION = ["benchmark", "context", "belief"]
"""What is averaged first: benchmarks weigh equally in a harm, and conditions equally within a benchmark."""
QUESTION = [*CONDITION, "question_id", "cluster"]
_REPLY = [*QUESTION, "epoch"]
_MOST = 1e6
"""Times the clusters at hand beyond which no number is said to be enough."""


_WORDS = {
    Missing.CUT: Code.MISSING_CUT,
    Missing.FILTERED: Code.MISSING_FILTERED,
    Missing.EMPTY: Code.MISSING_EMPTY,
    Missing.ABSTAINED: Code.MISSING_ABSTAINED,
    Missing.UNGRADED: Code.MISSING_UNGRADED,
    Missing.NOT_RUN: Code.MISSING_NOT_RUN,
}


@dataclass(frozen=True)
class Harms:
    """What each cluster of questions adds to a mean harm, as shares. Shapes: (cluster,)."""

    weight: Floats
    """What a cluster weighs; sum 1."""
    worst: Floats
    """With missing replies at their worst, from -weight to weight."""
    best: Floats
    """With missing replies at their best."""
    seen: float
    """The mean harm of the replies that are known; NaN when no question is known of both arms."""
    replies: int = 0
    """Replies that were to be had, of both arms."""
    missing: tuple[Note, ...] = ()
    """How many of them are missing, of which arm and why."""
    lost: int = 0
    """How many are missing in all."""
    span: float = 1.0
    """The largest harm there can be: 2 of a difference of two differences. All other fields are shares of it."""

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def std_error(self) -> float:
        """The standard error of the mean harm at its worst; NaN for one cluster."""
        n = len(self)
        deviations = self.worst - self.weight * self.worst.sum()
        return sqrt(float((deviations**2).sum()) * n / (n - 1)) if n > 1 else nan

    def needed(self, harm: float, limit: float, alpha: float, quantile: float) -> int | None:
        """Clusters of this kind with which the harm is shown below the limit; None when no number is enough.

        Args:
            harm: the true mean harm of the replies that are known. Those that are missing stay at their worst.
            limit: the harm that must not be reached.
            alpha: one-sided level.
            quantile: standard errors by which the harm that is seen may exceed the true one.
        """
        missing = float(self.worst.sum()) - self.seen
        if len(self) < 2 or not harm + missing < limit:
            return None

        def excess(times: float) -> float:
            # The clusters of this study, each `times` times, shifted to a mean that chance may show.
            mean = harm + missing + quantile * self.std_error / sqrt(times)
            return p_reaches(limit, self.worst + self.weight * (mean - self.worst.sum()), self.weight, times) - alpha

        least = 1 / len(self)
        if excess(_MOST) > 0:
            return None
        return ceil(len(self) * brentq(excess, least, _MOST, rtol=1e-6)) if excess(least) > 0 else 1


def harms(replies: pd.DataFrame, arm: str, reference: str) -> Harms | None:
    """The harms of an arm over the conditions that both arms met; None when they share none.

    Args:
        replies: columns `CONDITION`, question_id, cluster, epoch, arm, `harm` (0 to 1, NaN when missing) and `missing`
            (of `Missing`). A question counts in each condition in which either arm was asked it.
        arm: the arm that may do harm.
        reference: the arm it is compared with.
    """
    flagged = replies.assign(lost=replies["missing"] != Missing.NOT)
    single = flagged.groupby([*_REPLY, "arm"], observed=True).agg(harm=("harm", "mean"), lost=("lost", "any"))
    # Where one of several replies to a prompt is missing, its mean is unknown, so that the whole is taken as missing.
    sides = single["harm"].mask(single["lost"]).unstack("arm").reindex(columns=[arm, reference])
    ran = single["lost"].notna().unstack("arm", fill_value=False).reindex(columns=[arm, reference], fill_value=False)
    met = ran.groupby(CONDITION, observed=True).transform("any").all(axis=1)
    sides, ran = sides[met], ran[met]
    if sides.empty:
        return None
    of_arm, of_reference = sides[arm], sides[reference]
    known = sides.groupby(QUESTION, observed=True).mean()
    questions = pd.DataFrame(
        {
            "worst": of_arm.fillna(1) - of_reference.fillna(0),
            "best": of_arm.fillna(0) - of_reference.fillna(1),
        }
    )
    questions = questions.groupby(QUESTION, observed=True).mean().assign(seen=known[arm] - known[reference])
    weight = _weights(questions)
    clusters = questions[["worst", "best"]].mul(weight, axis=0).assign(weight=weight).groupby("cluster").sum()
    lost = sides.isna()
    return Harms(
        weight=clusters["weight"].to_numpy(),
        worst=clusters["worst"].to_numpy(),
        best=clusters["best"].to_numpy(),
        seen=_seen(questions["seen"].dropna()),
        replies=sides.size,
        missing=tuple(_missing(replies, lost, ran)),
        lost=int(lost.to_numpy().sum()),
    )


def _weights(questions: pd.DataFrame) -> "pd.Series[float]":
    """What each question of each condition weighs; sum 1."""
    in_condition = questions.groupby(CONDITION, observed=True)["worst"].transform("size")
    conditions = questions.index.to_frame(index=False)[CONDITION].drop_duplicates()
    per_benchmark = conditions.groupby("benchmark").size()
    own = per_benchmark.reindex(questions.index.get_level_values("benchmark")).to_numpy()
    # Questions weigh equally in their condition, conditions in their benchmark, benchmarks among each other.
    return 1.0 / (in_condition * own * len(per_benchmark))


def _seen(questions: "pd.Series[float]") -> float:
    if questions.empty:
        return nan
    means = questions.groupby(CONDITION, observed=True).mean()
    return float(means.groupby("benchmark", observed=True).mean().mean())


def _missing(replies: pd.DataFrame, lost: pd.DataFrame, ran: pd.DataFrame) -> Iterator[Note]:
    """How many replies of each arm are missing, by the reason."""
    unknown = replies[replies["missing"] != Missing.NOT]
    reasons = unknown.groupby([*_REPLY, "arm"], observed=True)["missing"].first().unstack("arm")
    kinds = reasons.reindex(index=lost.index, columns=lost.columns).mask(lost & ~ran, Missing.NOT_RUN.value)
    for arm in lost:
        for kind, code in _WORDS.items():
            if n := int((kinds[arm] == kind).sum()):
                yield Note(code, arm=str(arm), n=n)
