"""How many replies must be labelled, when grades are corrected for the grader's errors.

The prediction-powered difference of two arms has the variance that the study would have if every reply were labelled,
and for each arm sigma^2 (1 - rho^2) (1/n - 1/N) more: n of its N replies are labelled, sigma^2 is the variance of the
true outcome, and rho its correlation with the grade, which follows from rate, sensitivity and specificity.
Source: Angelopoulos, Duchi and Zrnic 2023, PPI++, arXiv:2311.01453, for labels that are a part of the graded replies.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, nan, sqrt

from scipy import stats

from warm_inspect.analysis.estimates import ALPHA, POWER, power, smallest_effect
from warm_inspect.analysis.power.power import Spread, StudySize, first_reaching, standard_error
from warm_inspect.core.errors import PrerequisiteError


@dataclass(frozen=True)
class GraderAccuracy:
    """How a grader errs, as shares; alike in every arm, which is what planning can assume before labels are there."""

    sensitivity: float
    specificity: float

    def unexplained(self, rate: float) -> float:
        """The variance of an outcome of this rate that its grades leave unexplained: sigma^2 (1 - rho^2)."""
        graded = rate * self.sensitivity + (1 - rate) * (1 - self.specificity)
        variance, informed = rate * (1 - rate), self.sensitivity + self.specificity - 1
        return variance - ((variance * informed) ** 2 / (graded * (1 - graded)) if 0 < graded < 1 else 0.0)


@dataclass(frozen=True)
class LabelPlan:
    """The precision that a number of labels per arm gives. Widths and effects are in percentage points."""

    purpose: str
    """What these labels are for, in words."""
    labels: int | None
    """Labelled replies of each arm; None when labelling every reply is not enough."""
    half_width: float = nan
    """Half the width of the 95 % interval of the corrected difference."""
    smallest_effect: float = nan
    """The smallest true difference that is found with the target power."""


@dataclass(frozen=True)
class Labelling:
    """A study of two arms of which some replies are labelled. Rates and the effect are shares."""

    grader: GraderAccuracy
    reference_rate: float
    """True rate of the outcome in the reference arm."""
    effect: float
    """True difference of the arm."""
    spread: Spread
    """How the true paired differences vary."""
    design: StudySize

    @property
    def replies(self) -> int:
        """Replies of each arm."""
        return self.design.items * self.design.conditions

    def error(self, labels: int) -> tuple[float, float]:
        """The standard error of the corrected difference, as a share, and its degrees of freedom."""
        known, df = standard_error(self.spread, self.design, "items")
        rates = (self.reference_rate, self.reference_rate + self.effect)
        lacking = max(1 / labels - 1 / self.replies, 0.0)
        variance = known**2 + lacking * sum(map(self.grader.unexplained, rates))
        return sqrt(variance), min(df, labels - 1)


def plan_labels(
    labelling: Labelling,
    labels: int | None = None,
    width: float | None = None,
    alpha: float = ALPHA,
    target: float = POWER,
) -> list[LabelPlan]:
    """What the given labels show, how many are needed, and what labelling every reply would give.

    Args:
        labelling: the study, its true effect and its grader.
        labels: labelled replies of each arm, to ask what they show.
        width: the wanted width of the 95 % interval in percentage points, to ask how many labels it takes.
        alpha: two-sided level, divided among the design's arms.
        target: chance at which an effect should be found.

    Raises:
        PrerequisiteError: more labels than an arm has replies, or an effect that its rate does not allow.
    """
    every, level = labelling.replies, alpha / labelling.design.arms
    if labels is not None and not 2 <= labels <= every:
        raise PrerequisiteError(
            f"--labels {labels} of each arm: an arm has {every} replies here, of which 2 or more can be labelled. Plan "
            f"more replies with: --items {ceil(max(labels, 2) / labelling.design.conditions)}"
        )
    treated = labelling.reference_rate + labelling.effect
    if not 0 <= treated <= 1:
        raise PrerequisiteError(
            f"A rate of {labelling.reference_rate:.1%} and an effect of {100 * labelling.effect:+.1f} points give "
            f"{treated:.1%}: rates lie between 0 and 100 %. Give another --effect."
        )

    def plan(purpose: str, n: int | None) -> LabelPlan:
        if n is None:
            return LabelPlan(purpose, None)
        error, df = labelling.error(n)
        return LabelPlan(purpose, n, 100 * _half_width(error, df), 100 * smallest_effect(error, df, level, target))

    def fewest(reached: Callable[[float, float], bool]) -> int | None:
        # The search tries numbers beyond the replies that there are, which show no more than all of these.
        n = first_reaching(lambda count: reached(*labelling.error(min(count, every))))
        return n if n is not None and n <= every else None

    plans = [] if labels is None else [plan("as designed", labels)]
    if width is not None:
        n = fewest(lambda error, df: 200 * _half_width(error, df) <= width)
        plans.append(plan(f"for an interval {width:g} points wide", n))
    if labelling.effect:
        n = fewest(lambda error, df: power(labelling.effect, error, df, level) >= target)
        plans.append(plan(f"to find {100 * labelling.effect:+g} points", n))
    return [*plans, plan("every reply", every)]


def _half_width(error: float, df: float) -> float:
    return float(stats.t.isf(ALPHA / 2, df)) * error
