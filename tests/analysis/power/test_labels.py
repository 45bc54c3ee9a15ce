"""How many labels a corrected difference takes."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from scipy import stats

from warm_inspect.analysis.grader_error.estimators import Estimated, Labelled, prediction_powered
from warm_inspect.analysis.power import GraderAccuracy, Labelling, StudySize, plan_labels, spread_from_rates
from warm_inspect.core.errors import PrerequisiteError


def labelling(sensitivity: float = 0.8, specificity: float = 0.9, effect: float = 0.0, items: int = 300) -> Labelling:
    design = StudySize(items=items)
    return Labelling(GraderAccuracy(sensitivity, specificity), 0.3, effect, spread_from_rates(0.3, effect), design)


@pytest.mark.parametrize(
    ("sensitivity", "specificity", "expected"),
    [
        (1.0, 1.0, 0.0),  # a grade is the label
        (0.0, 0.0, 0.0),  # or its opposite
        (0.5, 0.5, 0.21),  # it says nothing: .3 x .7
        # Graded yes .3 x .8 + .7 x .1 = .31; the covariance is .21 x .7.
        (0.8, 0.9, 0.21 - 0.147**2 / (0.31 * 0.69)),
    ],
)
def test_what_grades_leave_unexplained(sensitivity: float, specificity: float, expected: float) -> None:
    assert GraderAccuracy(sensitivity, specificity).unexplained(0.3) == pytest.approx(expected)


def test_the_error_is_that_of_the_study_and_of_what_is_not_labelled() -> None:
    plan = labelling()
    error, df = plan.error(100)
    unexplained = 0.21 - 0.147**2 / (0.31 * 0.69)
    assert error == pytest.approx(sqrt(2 * 0.21 / 300 + 2 * unexplained * (1 / 100 - 1 / 300)))
    assert df == 99
    assert plan.error(300)[0] == pytest.approx(sqrt(2 * 0.21 / 300))


def test_the_planned_error_is_the_one_that_the_estimator_has() -> None:
    rng = np.random.default_rng(5)
    shape = (2_000, 300)
    arms = []
    for _ in range(2):
        label = rng.random(shape) < 0.3
        grade = np.where(rng.random(shape) < np.where(label, 0.8, 0.9), label, ~label)
        chosen = np.arange(300) < 100
        kinds = (label & grade, label & ~grade, ~label & grade, ~label & ~grade)
        hits, misses, false_alarms, spared = ((chosen & kind).astype(float) for kind in kinds)
        point = grade.mean(axis=1)
        graded = Estimated(point, (grade - point[:, None]) / 300, np.zeros(2_000), np.full(2_000, 299.0))
        arms.append(prediction_powered(graded, Labelled(hits, misses, false_alarms, spared, np.full(2_000, 100.0))))
    assert labelling().error(100)[0] == pytest.approx(float((arms[0] - arms[1]).point.std()), rel=0.05)


def test_the_labels_needed_are_the_fewest_that_reach_the_width() -> None:
    plan = labelling()
    designed, wide, every = plan_labels(plan, labels=100, width=20.0)
    assert (designed.labels, every.labels) == (100, 300)
    assert wide.labels is not None
    assert wide.half_width <= 10.0
    error, df = plan.error(wide.labels - 1)
    assert 100 * error * stats.t.isf(0.025, df) > 10.0
    assert designed.half_width > every.half_width


def test_an_effect_takes_more_labels_of_a_worse_grader() -> None:
    better, worse = (plan_labels(labelling(hits, 0.95, effect=0.15))[0] for hits in (0.95, 0.7))
    assert better.labels is not None
    assert worse.labels is not None
    assert better.labels < worse.labels


def test_a_width_that_all_labels_do_not_reach_has_no_number() -> None:
    assert plan_labels(labelling(), width=1.0)[0].labels is None


def test_an_effect_beyond_all_replies_is_refused() -> None:
    plan = replace(labelling(), effect=0.8)
    with pytest.raises(PrerequisiteError, match=r"30\.0%.*110\.0%.*--effect"):
        plan_labels(plan)


def test_more_labels_than_replies_are_refused() -> None:
    with pytest.raises(PrerequisiteError, match=r"500.*300.*--items 500"):
        plan_labels(labelling(), labels=500)
