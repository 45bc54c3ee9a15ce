"""The indicators of `reliability`, as functions of arrays and of how often each problem is drawn.

A row of an array is one problem, and a column one template; NaN where there is no reply. `draws` says how often each
problem counts, one line for each resample, so that one call gives an indicator of all resamples. What is undefined in a
draw is NaN there.
"""

from math import nan

import numpy as np

from warm_inspect.analysis.estimates import Floats


def pair_agreement(successes: Floats, replies: Floats) -> Floats:
    """The share of pairs of replies that agree, unbiased: [k(k-1) + (n-k)(n-k-1)] / [n(n-1)]; NaN below two replies."""
    k, n = successes, replies
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(n >= 2, (k * (k - 1) + (n - k) * (n - k - 1)) / (n * (n - 1)), nan))


def mean_over(values: Floats, draws: Floats) -> Floats:
    """The mean over the problems that have a value; shape (resample,)."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(draws @ np.where(known, values, 0.0) / (draws @ known.astype(float)))


def template_agreement(outcome: Floats, draws: Floats) -> Floats:
    """The chance that a problem keeps its outcome from one template to another: the mean of `pair_agreement`."""
    return mean_over(_agreement_of_rows(outcome), draws)


def chance_corrected(outcome: Floats, draws: Floats) -> Floats:
    """Fleiss' kappa: agreement beyond that of replies with the same rate, (S - E) / (1 - E), E = P^2 + (1 - P)^2."""
    several = np.isfinite(_agreement_of_rows(outcome))
    rate = mean_over(np.where(several, _mean_of_rows(outcome), nan), draws)
    expected = rate**2 + (1 - rate) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        kappa = (template_agreement(outcome, draws) - expected) / (1 - expected)
    return np.asarray(np.where(np.isclose(expected, 1), nan, kappa))


def repeat_agreement(repeated: Floats, draws: Floats) -> Floats:
    """The chance that a prompt keeps its outcome when it is asked again.

    Args:
        repeated: shape (problem, template, repetition).
        draws: shape (resample, problem).
    """
    known = ~np.isnan(repeated)
    agreement = pair_agreement(np.nansum(repeated, axis=2), known.sum(axis=2).astype(float))
    return mean_over(_mean_of_rows(agreement), draws)


def concordance(outcome: Floats, difficulty: Floats, draws: Floats) -> Floats:
    """The chance that a failure is harder than a success, ties half (AUC), in each template, then their mean.

    A template in which all succeed or all fail has none.
    """
    levels = np.unique(difficulty)
    known = ~np.isnan(outcome)
    member = [difficulty == level for level in levels]
    # Shape: (level, resample, template).
    succeeded = np.array([draws[:, rows] @ np.where(known, outcome, 0.0)[rows] for rows in member])
    failed = np.array([draws[:, rows] @ np.where(known, 1 - outcome, 0.0)[rows] for rows in member])
    easier = np.cumsum(succeeded, axis=0) - succeeded / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        areas = (failed * easier).sum(axis=0) / (failed.sum(axis=0) * succeeded.sum(axis=0))
    return _mean_of_rows(areas)


def ultracrepidarian(wrong: Floats, avoided: Floats, draws: Floats) -> Floats:
    """Wrong answers among all replies that are not right: N_wrong / (N_avoided + N_wrong)."""
    errors, silences = (draws @ np.nansum(each, axis=1) for each in (wrong, avoided))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(errors / (errors + silences))


def _agreement_of_rows(outcome: Floats) -> Floats:
    return pair_agreement(np.nansum(outcome, axis=1), (~np.isnan(outcome)).sum(axis=1).astype(float))


def _mean_of_rows(values: Floats) -> Floats:
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.nansum(values, axis=1) / np.where(known.any(axis=1), known.sum(axis=1), nan))
