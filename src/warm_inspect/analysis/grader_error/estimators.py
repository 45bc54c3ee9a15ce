"""Two estimators of what a reader would find, from the grades of all replies and the labels of some.

A grading is wrong in both directions, and not equally in every arm: where the replies of one arm are misread more
often, for example because they are longer, a difference of graded rates is partly one of misreadings.

- `rogan_gladen` inverts the misreading: with sensitivity and specificity estimated per arm, the true rate is
  (graded rate + specificity - 1) / (sensitivity + specificity - 1).
  Source: Rogan and Gladen 1978, Estimating prevalence from the results of a screening test, Am J Epidemiol 107:71.
- `prediction_powered` adds to the graded rate the mean of label - grade over the labelled replies, both weighed by a
  tuning parameter that makes the variance smallest.
  Source: Angelopoulos et al. 2023, Prediction-powered inference, Science 382:669; Angelopoulos, Duchi and Zrnic 2023,
  PPI++, arXiv:2311.01453, whose plug-in parameter this one equals where each question has one reply.

Errors are clustered by question. Both estimators are smooth functions of means, so that each is given by its value and
by the influence of each question on it; influences of arms are subtracted question by question, and whatever makes two
arms alike on a question cancels. Where the labels of an arm show no misreading at all, the error is as if one did.

Arrays have the shape (..., question), and leading axes are data sets that are computed at once.
"""

from dataclasses import dataclass
from math import nan

import numpy as np
from scipy import stats

from warm_inspect.analysis.estimates import CONFIDENCE, Floats


@dataclass(frozen=True)
class Estimated:
    """A rate or a difference of rates, as a share, with the parts of its standard error."""

    point: Floats
    """Shape: (...)."""
    influence: Floats
    """The influence of each question on the estimate; shape (..., question)."""
    unseen: Floats
    """Extra variance where the labels of an arm show no misreading: that of one such reply; shape (...)."""
    df: Floats
    """Degrees of freedom: the labelled questions of the arm that has fewest, less what was estimated; shape (...)."""

    def __sub__(self, other: "Estimated") -> "Estimated":
        return Estimated(
            self.point - other.point,
            self.influence - other.influence,
            self.unseen + other.unseen,
            np.minimum(self.df, other.df),
        )

    @property
    def std_error(self) -> Floats:
        """Clustered by question, with the CRV1 factor of the labelled questions; NaN below two of them."""
        few = np.where(self.df >= 1, self.df, nan)
        return np.asarray(np.sqrt((self.influence**2).sum(axis=-1) * (few + 1) / few + self.unseen))

    def interval(self, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
        """The ends of the t interval; those of a rate may lie beyond 0 and 1."""
        half = stats.t.ppf(0.5 + confidence / 2, np.maximum(self.df, 1)) * self.std_error
        return self.point - half, self.point + half


@dataclass(frozen=True)
class Labelled:
    """The labelled replies of one arm: how many of each question are of each kind.

    Counts are sums of the weights that replies have in the rate; they are whole numbers where all weigh the same.
    """

    true_positives: Floats
    """Shape, of this and the next three: (..., question)."""
    false_negatives: Floats
    """The outcome holds by the label, and not by the grade."""
    false_positives: Floats
    true_negatives: Floats
    n: Floats
    """Replies, or with unequal weights the number of equal ones that tell as much (Kish); shape (...)."""

    @property
    def positives(self) -> Floats:
        """Replies of which the outcome holds by the label; shape (..., question)."""
        return self.true_positives + self.false_negatives

    @property
    def negatives(self) -> Floats:
        """Replies of which it does not hold by the label; shape (..., question)."""
        return self.false_positives + self.true_negatives

    @property
    def all(self) -> Floats:
        """Every labelled reply; shape (..., question)."""
        return self.positives + self.negatives

    @property
    def df(self) -> Floats:
        """Questions with a labelled reply, less one; shape (...)."""
        return np.asarray((self.all > 0).sum(axis=-1) - 1.0)


def sensitivity(labelled: Labelled) -> Estimated:
    """How often the grading sees the outcome where the label has it; NaN without such a reply."""
    return _proportion(labelled.true_positives, labelled.positives, labelled)


def specificity(labelled: Labelled) -> Estimated:
    """How often the grading sees no outcome where the label has none; NaN without such a reply."""
    return _proportion(labelled.true_negatives, labelled.negatives, labelled)


def rogan_gladen(graded: Estimated, labelled: Labelled) -> Estimated:
    """The rate of one arm, its misreading inverted; the influences by the delta method.

    NaN unless sensitivity + specificity is above 1 with 95 % confidence: grades that may say nothing of the labels
    cannot be inverted.

    Args:
        graded: the rate over all graded replies.
        labelled: some of these replies, or others that the grading misreads as often.
    """
    hits, false_alarms = sensitivity(labelled), _proportion(labelled.false_positives, labelled.negatives, labelled)
    informed = hits - false_alarms
    scale = np.where(informed.interval()[0] > 0, informed.point, nan)
    point = (graded.point - false_alarms.point) / scale
    share = point[..., None]
    # With g graded, h hits and f false alarms: d[(g - f) / (h - f)] = (dg - p dh - (1 - p) df) / (h - f), p the point.
    moved = graded.influence - share * hits.influence - (1 - share) * false_alarms.influence
    unseen = point**2 * hits.unseen + (1 - point) ** 2 * false_alarms.unseen
    return Estimated(point, moved / scale[..., None], unseen / scale**2, labelled.df)


def prediction_powered(graded: Estimated, labelled: Labelled, tuning: float | None = None) -> Estimated:
    """The rate of one arm: tuning x graded rate + mean of (label - tuning x grade) over the labelled replies.

    Args:
        graded: the rate over all graded replies; it may or may not count the labelled ones.
        labelled: a random draw of the arm's replies, weighed by how unlikely each was to be drawn.
        tuning: how much the grades count: 1 for plain prediction-powered inference, 0 for the labels alone; by
            default from 0 to 1 what makes the clustered variance smallest.
    """
    by_label = _proportion(labelled.positives, labelled.all, labelled)
    by_grade = _proportion(labelled.true_positives + labelled.false_positives, labelled.all, labelled)
    powered = graded - by_grade
    chosen = _tuned(by_label.influence, powered.influence) if tuning is None else np.full_like(by_label.point, tuning)
    differs = (labelled.false_negatives + labelled.false_positives).sum(axis=-1) > 0
    return Estimated(
        by_label.point + chosen * powered.point,
        by_label.influence + chosen[..., None] * powered.influence,
        np.where(differs, by_label.unseen, 1 / labelled.n**2),
        # The tuning was estimated from the same labels.
        labelled.df - (tuning is None),
    )


def _proportion(part: Floats, whole: Floats, labelled: Labelled) -> Estimated:
    total = whole.sum(axis=-1)
    total = np.where(total > 0, total, nan)
    point = part.sum(axis=-1) / total
    influence = (part - point[..., None] * whole) / total[..., None]
    n = labelled.n * total / labelled.all.sum(axis=-1)
    constant = (point == 0) | (point == 1)
    return Estimated(point, influence, np.where(constant, 1 / n**2, 0.0), labelled.df)


def _tuned(by_label: Floats, powered: Floats) -> Floats:
    """The tuning parameter that makes the sum of squared influences smallest; 0 where grades move nothing."""
    squares = (powered**2).sum(axis=-1)
    best = -(by_label * powered).sum(axis=-1) / np.where(squares > 0, squares, 1.0)
    return np.asarray(np.clip(best, 0.0, 1.0))
